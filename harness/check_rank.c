// SPDX-License-Identifier: MIT
/*
 * The order of points, as the first report's own task dump tells it: of the workers named, each must stand
 * before the next. Others may stand between.
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
	bool wrong = false;
	size_t nr = 0;

	check_saw(b, c, "[");
	for (size_t i = 0; i < k->nr_eligible; i++) {
		const struct ev_worker *w = evidence_worker_by_pid(b->e, k->entries[i].task->pid);

		if (!w || !is_named(x, w->name))
			continue;
		check_saw(b, c, "%s%s", nr ? ", " : "", w->name);
		/* A log may tell of a task twice. */
		wrong |= nr >= x->nr_names || !str_eq(w->name, x->names[nr]);
		nr++;
	}
	check_saw(b, c, "]");
	if (wrong || nr != x->nr_names)
		check_fail(c);
}

void row_rank(struct bench *b, const struct case_expect *x)
{
	struct check *c = check_new(b, "rank");
	const struct oom_report *r = first_kill(b);
	struct badness_verdict v;
	int err;

	for (size_t i = 0; i < x->nr_names; i++)
		check_want(b, c, "%s%s", i ? ", " : "[", x->names[i]);
	check_want(b, c, "]");
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
