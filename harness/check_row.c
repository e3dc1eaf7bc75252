// SPDX-License-Identifier: MIT
/* The case's own expectations about who died and who lived. One row of the table for each kind. */
#include "harness/check.h"

static void want_names(struct bench *b, struct check *c, const struct case_expect *x)
{
	check_want(b, c, "[");
	for (size_t i = 0; i < x->nr_names; i++)
		check_want(b, c, "%s%s", i ? ", " : "", x->names[i]);
	check_want(b, c, "]");
}

struct line_up { /* the kills as they come, against the names as they stand */
	struct bench *b;
	const struct case_expect *x;
	struct check *c;
	size_t nr;
	bool wrong, any_order;
};

static bool name_is_at(const struct line_up *l, const char *name)
{
	if (!l->any_order)
		return l->nr < l->x->nr_names && str_eq(l->x->names[l->nr], name);
	for (size_t i = 0; i < l->x->nr_names; i++)
		if (str_eq(l->x->names[i], name))
			return true;
	return false;
}

static void see_kill(void *ctx, const struct oom_report *r, const struct oom_victim *v)
{
	struct line_up *l = ctx;
	const struct ev_worker *w = evidence_worker_by_pid(l->b->e, v->pid);

	(void)r;
	check_saw_victim(l->b, l->c, v);
	if (!w || !name_is_at(l, w->name))
		l->wrong = true;
	l->nr++;
}

/* No pid is told twice, so that as many kills as names, each of them named, are all of them. */
static void row_victims(struct bench *b, const struct case_expect *x)
{
	struct line_up l = { .b = b,
			     .x = x,
			     .c = check_new(b, "victims"),
			     .any_order = x->kind == EXPECT_VICTIMS_ANY_ORDER };

	want_names(b, l.c, x);
	bench_each_kill(b, see_kill, &l);
	if (!l.nr)
		check_saw(b, l.c, "none");
	if (l.wrong || l.nr != x->nr_names)
		check_fail(l.c);
}

static const char *fate(const struct ev_worker *w)
{
	if (!w)
		return "never started";
	return w->alive_at_end ? "alive" : death_name(w->death);
}

static void row_survivors(struct bench *b, const struct case_expect *x)
{
	struct check *c = check_new(b, "survivors");

	want_names(b, c, x);
	for (size_t i = 0; i < x->nr_names; i++) {
		const struct ev_worker *w = evidence_worker(b->e, x->names[i]);

		check_saw(b, c, "%s%s %s", i ? ", " : "", x->names[i], fate(w));
		if (!w || !w->alive_at_end || w->death != DEATH_NONE)
			check_fail(c);
	}
}

static void row_taken_along(struct bench *b, const struct case_expect *x)
{
	struct check *c = check_new(b, "taken along");

	want_names(b, c, x);
	for (size_t i = 0; i < x->nr_names; i++) {
		const struct ev_worker *w = evidence_worker(b->e, x->names[i]);

		check_saw(b, c, "%s%s %s", i ? ", " : "", x->names[i], fate(w));
		if (!w || w->death != DEATH_TAKEN_ALONG)
			check_fail(c);
	}
}

static void row_enomem(struct bench *b, const struct case_expect *x)
{
	struct check *c = check_new(b, "enomem");

	want_names(b, c, x);
	for (size_t i = 0; i < x->nr_names; i++) {
		const struct ev_worker *w = evidence_worker(b->e, x->names[i]);
		bool told = w && w->failed && str_eq(w->failed_what, "enomem");

		check_saw(b, c, "%s%s %s%s", i ? ", " : "", x->names[i], fate(w),
			  told ? " (enomem)" : "");
		if (!told || w->death != DEATH_EXIT || w->exit_code == 0)
			check_fail(c);
	}
}

static void row_no_oom(struct bench *b, const struct case_expect *x)
{
	struct check *c = check_new(b, "no OOM");
	size_t reports = 0, kills = bench_nr_kills(b);

	(void)x;
	for (size_t i = 0; i < b->e->nr_reports; i++)
		reports += report_is_ours(b, b->e->reports[i]);
	check_want(b, c, "no OOM report and no kill");
	check_saw(b, c, "%zu reports, %zu kills", reports, kills);
	if (reports || kills)
		check_fail(c);
}

/*
 * The panic's words are on the console; a guest may go down before it can say them elsewhere.
 * [   21.114] Kernel panic - not syncing: System is deadlocked on memory                 (6.1)
 */
static bool console_panics(const char *console, const char *words)
{
	static const char panic[] = "Kernel panic - not syncing:";

	for (const char *p = console; p && (p = strstr(p, panic)); p += strlen(panic)) {
		size_t len = strcspn(p, "\n");

		if (memmem(p, len, words, strlen(words)))
			return true;
	}
	return false;
}

static void row_panic(struct bench *b, const struct case_expect *x)
{
	const struct evidence *e = b->e;
	struct check *c = check_new(b, "panic");

	check_want(b, c, "\"%s\"", x->text);
	if (e->vm != VM_PANICKED) {
		check_saw(b, c, "no panic");
		check_fail(c);
		return;
	}
	check_saw(b, c, "\"%s\"", e->vm_text && *e->vm_text ? e->vm_text : "a panic without words");
	if (!(e->vm_text && strstr(e->vm_text, x->text)) && !console_panics(e->console, x->text))
		check_fail(c);
}

/* check_model() is asked of every case and knows this row. */
static void row_model(struct bench *b, const struct case_expect *x)
{
	(void)b;
	(void)x;
}

static void (*const rows[])(struct bench *b, const struct case_expect *x) = {
	[EXPECT_VICTIMS] = row_victims,
	[EXPECT_VICTIMS_ANY_ORDER] = row_victims,
	[EXPECT_SURVIVORS] = row_survivors,
	[EXPECT_NO_OOM] = row_no_oom,
	[EXPECT_ENOMEM] = row_enomem,
	[EXPECT_CONSTRAINT] = row_report,
	[EXPECT_OOM_MEMCG] = row_report,
	[EXPECT_TASK_MEMCG] = row_report,
	[EXPECT_NODEMASK] = row_report,
	[EXPECT_MEMS_ALLOWED] = row_report,
	[EXPECT_LIMIT] = row_report,
	[EXPECT_USAGE] = row_report,
	[EXPECT_COUNTER] = row_number,
	[EXPECT_VMSTAT] = row_number,
	[EXPECT_NODE_FREE] = row_number,
	[EXPECT_ZONE_BELOW] = row_report,
	[EXPECT_TASK_DUMP] = row_report,
	[EXPECT_MODEL] = row_model,
	[EXPECT_PANIC] = row_panic,
	[EXPECT_SWAP_USAGE] = row_report,
	[EXPECT_FIGURE] = row_number,
	[EXPECT_RANK] = row_rank,
	[EXPECT_SAME_POINTS] = row_same_points,
	[EXPECT_TAKEN_ALONG] = row_taken_along,
};

void check_row(struct bench *b, const struct case_expect *x)
{
	if ((size_t)x->kind < ARRAY_SIZE(rows) && rows[x->kind]) {
		rows[x->kind](b, x);
		return;
	}
	check_unsure(check_new(b, "expectation %d is not known here", (int)x->kind));
}
