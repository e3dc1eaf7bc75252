// SPDX-License-Identifier: MIT
/*
 * Points, as the first report's own task dump tells them. Their order: of the workers named, each must stand
 * before the next, and others may stand between. That some are equal.
 */
#include "harness/check.h"

static const struct oom_report *first_kill(const struct bench *b)
{
	for (size_t i = 0; i < b->e->nr_reports; i++)
		if (report_is_ours(b, b->e->reports[i]) && b->e->reports[i]->nr_victims)
			return b->e->reports[i];
	return NULL;
}

static bool is_named(const struct case_expect *x, const char *name)
{
	for (size_t i = 0; i < x->nr_names; i++)
		if (str_eq(x->names[i], name))
			return true;
	return false;
}

static void compare(struct bench *b, struct check *c, const struct case_expect *x,
		    const struct badness_ranking *k)
{
	bool wrong = false, equal = x->kind == EXPECT_SAME_POINTS;
	int64_t points = 0;
	size_t nr = 0;

	check_saw(b, c, "[");
	for (size_t i = 0; i < k->nr_eligible; i++) {
		const struct badness_entry *e = &k->entries[i];
		const struct ev_worker *w = evidence_worker_by_pid(b->e, e->task->pid);

		if (!w || !is_named(x, w->name))
			continue;
		check_saw(b, c, "%s%s", nr ? ", " : "", w->name);
		if (equal)
			check_saw(b, c, " %lld", (long long)e->points);
		/* A log may tell of a task twice. */
		wrong |= nr >= x->nr_names ||
			 (equal ? nr && e->points != points : !str_eq(w->name, x->names[nr]));
		points = e->points;
		nr++;
	}
	check_saw(b, c, "]");
	if (wrong || nr != x->nr_names)
		check_fail(c);
}

static void check_points(struct bench *b, struct check *c, const struct case_expect *x)
{
	const struct oom_report *r = first_kill(b);
	struct badness_verdict v;
	int err;

	for (size_t i = 0; i < x->nr_names; i++)
		check_want(b, c, "%s%s", i ? ", " : "[", x->names[i]);
	check_want(b, c, x->kind == EXPECT_SAME_POINTS ? "] equal" : "]");
	if (!r) {
		check_saw(b, c, "no kill");
		check_fail(c);
		return;
	}
	err = badness_judge_report(r, &v);
	if (err) {
		check_saw(b, c, "a report that does not say: %s", v.why);
		check_unsure(c);
		return;
	}
	compare(b, c, x, &v.ranking);
	badness_verdict_free(&v);
}

void row_rank(struct bench *b, const struct case_expect *x)
{
	check_points(b, check_new(b, "rank"), x);
}

void row_same_points(struct bench *b, const struct case_expect *x)
{
	check_points(b, check_new(b, "same points"), x);
}
