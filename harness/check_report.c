// SPDX-License-Identifier: MIT
/*
 * Expectations about what an OOM report says, asked of the case's first, or of its N-th kill's. A kill whose report is not in
 * the log (the kernel prints 10 in 5 s, over all cgroups) leaves the row unanswered.
 */
#include "harness/check.h"
#include "lib/nodemask.h"

enum answer { ANSWER_YES, ANSWER_NO, ANSWER_NOT_TOLD };

/* One row against one report; what was seen goes into buf. */
typedef enum answer (*answer_fn)(const struct bench *b, const struct case_expect *x,
				 const struct oom_report *r, char *buf, size_t len);

static enum answer constraint(const struct bench *b, const struct case_expect *x,
			      const struct oom_report *r, char *buf, size_t len)
{
	(void)b;
	str_copy(buf, len, r->constraint);
	if (!*r->constraint)
		return ANSWER_NOT_TOLD;
	return str_eq(r->constraint, x->text) ? ANSWER_YES : ANSWER_NO;
}

/* The row names a cgroup of the case; the log prints it below our root, from the hierarchy's root.
 */
static void full_path(const struct bench *b, const char *path, char *buf, size_t len)
{
	if (*path == '/')
		str_copy(buf, len, path);
	else
		snprintf(buf, len, "%s%s%s", b->e->root, *path ? "/" : "", path);
}

static enum answer memcg(const struct bench *b, const struct case_expect *x,
			 const struct oom_report *r, char *buf, size_t len)
{
	const char *seen = x->kind == EXPECT_OOM_MEMCG ? r->oom_memcg : r->task_memcg;
	char want[2 * CASE_PATH_LEN];

	full_path(b, x->text, want, sizeof(want));
	if (seen) {
		str_copy(buf, len, seen);
		return str_eq(seen, want) ? ANSWER_YES : ANSWER_NO;
	}
	/* A global OOM has none, which is an answer; a report without its summary gives none. */
	if (!*r->constraint && r->kind != OOM_KIND_GLOBAL)
		return ANSWER_NOT_TOLD;
	str_copy(buf, len, "none");
	return ANSWER_NO;
}

static enum answer nodes(const struct bench *b, const struct case_expect *x,
			 const struct oom_report *r, char *buf, size_t len)
{
	const char *seen = x->kind == EXPECT_NODEMASK ? r->nodemask : r->mems_allowed;
	struct nodemask want, have;

	(void)b;
	if (!seen)
		return ANSWER_NOT_TOLD;
	str_copy(buf, len, seen);
	if (str_eq(seen, x->text))
		return ANSWER_YES;
	return nodemask_parse(x->text, &want) == 0 && nodemask_parse(seen, &have) == 0 &&
			       nodemask_equal(&want, &have)
		       ? ANSWER_YES
		       : ANSWER_NO;
}

/* v2 tells swap alone, v1 memory and swap together; a global OOM what of all swap is free. */
static int64_t swap_usage_kb(const struct oom_report *r)
{
	if (r->swap.usage_kb != OOM_ABSENT)
		return r->swap.usage_kb;
	if (r->memsw.usage_kb != OOM_ABSENT && r->memory.usage_kb != OOM_ABSENT)
		return r->memsw.usage_kb - r->memory.usage_kb;
	if (r->swap_total_kb != OOM_ABSENT && r->swap_free_kb != OOM_ABSENT)
		return r->swap_total_kb - r->swap_free_kb;
	return OOM_ABSENT;
}

static enum answer size_kb(const struct bench *b, const struct case_expect *x,
			   const struct oom_report *r, char *buf, size_t len)
{
	int64_t v = x->kind == EXPECT_LIMIT   ? r->memory.limit_kb
		    : x->kind == EXPECT_USAGE ? r->memory.usage_kb
					      : swap_usage_kb(r);

	(void)b;
	if (v == OOM_ABSENT) {
		str_copy(buf, len, "none");
		return r->kind == OOM_KIND_MEMCG || r->kind == OOM_KIND_UNKNOWN ? ANSWER_NOT_TOLD
										: ANSWER_NO;
	}
	snprintf(buf, len, "%lld kB", (long long)v);
	return v >= x->range.lo && v <= x->range.hi ? ANSWER_YES : ANSWER_NO;
}

static int64_t watermark(const struct oom_zone *z, const char *name)
{
	if (str_eq(name, "min"))
		return z->min_kb;
	if (str_eq(name, "low"))
		return z->low_kb;
	return str_eq(name, "high") ? z->high_kb : OOM_ABSENT;
}

/* Some zone is under its watermark; else the zone that came nearest is what was seen. */
static enum answer zone_below(const struct bench *b, const struct case_expect *x,
			      const struct oom_report *r, char *buf, size_t len)
{
	int64_t nearest = INT64_MAX;

	(void)b;
	str_copy(buf, len, "no zone");
	for (size_t i = 0; i < r->nr_zones; i++) {
		const struct oom_zone *z = &r->zones[i];
		int64_t mark = watermark(z, x->text), over;

		if (z->free_kb == OOM_ABSENT || mark == OOM_ABSENT)
			continue;
		over = z->free_kb - mark;
		if (over >= nearest)
			continue;
		nearest = over;
		snprintf(buf, len, "node %d %s free %lld kB, %s %lld kB", z->node, z->name,
			 (long long)z->free_kb, x->text, (long long)mark);
	}
	if (nearest == INT64_MAX)
		return r->kind == OOM_KIND_MEMCG ? ANSWER_NO : ANSWER_NOT_TOLD;
	return nearest < 0 ? ANSWER_YES : ANSWER_NO;
}

/* The table's header line is what vm.oom_dump_tasks decides on; a kill without its report has neither. */
static enum answer task_dump(const struct bench *b, const struct case_expect *x,
			     const struct oom_report *r, char *buf, size_t len)
{
	(void)b;
	str_copy(buf, len, r->has_task_table ? "true" : "false");
	return str_eq(buf, x->text) ? ANSWER_YES : ANSWER_NO;
}

static const struct report_row {
	const char *name;
	answer_fn answer;
} report_rows[] = {
	[EXPECT_CONSTRAINT] = { "constraint", constraint },
	[EXPECT_OOM_MEMCG] = { "oom_memcg", memcg },
	[EXPECT_TASK_MEMCG] = { "task_memcg", memcg },
	[EXPECT_NODEMASK] = { "nodemask", nodes },
	[EXPECT_MEMS_ALLOWED] = { "mems_allowed", nodes },
	[EXPECT_LIMIT] = { "limit", size_kb },
	[EXPECT_USAGE] = { "usage", size_kb },
	[EXPECT_SWAP_USAGE] = { "swap usage", size_kb },
	[EXPECT_ZONE_BELOW] = { "zone below", zone_below },
	[EXPECT_TASK_DUMP] = { "task dump", task_dump },
};

static void want_row(struct bench *b, struct check *c, const struct case_expect *x)
{
	char path[2 * CASE_PATH_LEN];

	switch (x->kind) {
	case EXPECT_LIMIT:
	case EXPECT_USAGE:
	case EXPECT_SWAP_USAGE:
		check_want_range(b, c, &x->range, " kB");
		return;
	case EXPECT_OOM_MEMCG:
	case EXPECT_TASK_MEMCG:
		full_path(b, x->text, path, sizeof(path));
		check_want(b, c, "%s", path);
		return;
	case EXPECT_ZONE_BELOW:
		check_want(b, c, "a zone with free below %s", x->text);
		return;
	default:
		check_want(b, c, "%s", x->text);
	}
}

/* The n-th with a kill; where nobody was killed, a panic's or a "no killable processes" report is the first. */
static const struct oom_report *nth_report(const struct bench *b, unsigned int n)
{
	const struct oom_report *first = NULL;
	unsigned int kills = 0;

	for (size_t i = 0; i < b->e->nr_reports; i++) {
		const struct oom_report *r = b->e->reports[i];

		if (!report_is_ours(b, r))
			continue;
		if (r->nr_victims && ++kills == n)
			return r;
		first = first ? first : r;
	}
	return n == 1 ? first : NULL;
}

void row_report(struct bench *b, const struct case_expect *x)
{
	struct check *c =
		check_new(b, "%s%s%s", report_rows[x->kind].name, *x->key ? " of " : "", x->key);
	const struct oom_report *r;
	unsigned int n = 1;
	char seen[512] = "";
	enum answer a;

	sscanf(x->key, "report %u", &n);
	r = nth_report(b, n);
	want_row(b, c, x);
	if (!r) {
		check_saw(b, c, "no OOM report%s", n > 1 ? " of so many kills" : "");
		check_fail(c);
		return;
	}
	if (r->headless) {
		check_saw(b, c, "a kill without its report (rate-limited or cut)");
		check_unsure(c);
		return;
	}
	a = report_rows[x->kind].answer(b, x, r, seen, sizeof(seen));
	check_saw(b, c, "%s", a == ANSWER_NOT_TOLD ? "a report that does not say" : seen);
	if (a == ANSWER_NO)
		check_fail(c);
	else if (a == ANSWER_NOT_TOLD)
		check_unsure(c);
}
