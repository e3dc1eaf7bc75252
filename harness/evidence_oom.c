// SPDX-License-Identifier: MIT
/*
 * What follows from the records: which OOM reports the kernel gave after our mark, and how each
 * worker died. A death is an OOM kill only if the kernel's own word names its pid.
 */
#include "harness/evidence_parse.h"

struct gather {
	struct evidence *e;
	struct oom_report **reports;
	size_t nr;
	int err;
};

static void keep(void *ctx, const struct oom_report *r)
{
	struct gather *g = ctx;
	struct oom_report *copy = oom_report_dup(r), **slot = NULL;

	if (copy)
		slot = evidence_grow(&g->reports, &g->nr, sizeof(*slot));
	if (!slot) {
		oom_report_free(copy);
		g->err = -ENOMEM;
		return;
	}
	*slot = copy;
}

/* A record may hold several lines; they all carry its number. `number` 0: count them. */
static int feed(struct oom_parser *p, const char *text, uint64_t number)
{
	uint64_t line = 0;

	for (const char *s = text;; s++) {
		size_t len = strcspn(s, "\n");
		int err;

		line++;
		err = oom_parser_line(p, s, len, number ? number : line);
		if (err)
			return err;
		s += len;
		if (!*s)
			break;
	}
	return 0;
}

static int feed_kmsg(struct oom_parser *p, const struct evidence *e)
{
	for (size_t i = 0; i < e->nr_kmsg; i++) {
		int err = 0;

		if (evidence_kmsg_counts(e, &e->kmsg[i]))
			err = feed(p, e->kmsg[i].text, e->kmsg[i].seq);
		if (err)
			return err;
	}
	return 0;
}

static void drop(struct gather *g)
{
	for (size_t i = 0; i < g->nr; i++)
		oom_report_free(g->reports[i]);
	free(g->reports);
	g->reports = NULL;
	g->nr = 0;
}

static int parse(struct gather *g, bool console)
{
	struct oom_parser *p = oom_parser_new(keep, g);
	int err;

	if (!p)
		return -ENOMEM;
	err = console ? feed(p, g->e->console, 0) : feed_kmsg(p, g->e);
	if (!err)
		err = oom_parser_finish(p);
	oom_parser_free(p);
	if (!err)
		err = g->err;
	if (err)
		drop(g);
	return err;
}

/*
 * A guest that panics takes its unread kernel log with it: the report may stand on the console
 * only. Where both tell of the same OOMs, the log is the better witness (user space cannot write
 * it).
 */
static int parse_reports(struct evidence *e)
{
	struct gather log = { .e = e }, con = { .e = e };
	int err = parse(&log, false);

	if (!err && e->vm == VM_PANICKED && e->console)
		err = parse(&con, true);
	if (err) {
		drop(&log);
		return err;
	}
	e->reports_from_console = con.nr > log.nr || (con.nr && con.nr == log.nr &&
						      con.reports[con.nr - 1]->complete &&
						      !log.reports[log.nr - 1]->complete);
	if (e->reports_from_console)
		drop(&log);
	else
		drop(&con);
	e->reports = e->reports_from_console ? con.reports : log.reports;
	e->nr_reports = e->reports_from_console ? con.nr : log.nr;
	return 0;
}

/* Does the kernel name this task as killed? *group: at least once as a member of a group kill. */
static bool named_by_kernel(const struct evidence *e, const struct ev_worker *w, bool *group)
{
	bool named = false;

	*group = false;
	for (size_t i = 0; i < e->nr_reports; i++) {
		const struct oom_report *r = e->reports[i];

		for (size_t v = 0; v < r->nr_victims; v++) {
			if (evidence_worker_by_pid(e, r->victims[v].pid) != w)
				continue;
			named = true;
			*group |= r->victims[v].group_kill;
		}
	}
	return named;
}

/*
 * The kernel's record outranks our own signal: it was written because the kernel killed. What ends a
 * worker that lived to the end of the case is no death of the case, unless nobody owns up to it.
 */
static enum death death_of(const struct evidence *e, const struct ev_worker *w)
{
	bool group;

	if (w->died && w->signal == 9 && named_by_kernel(e, w, &group))
		return group ? DEATH_OOM_GROUP : DEATH_OOM;
	if (!w->died || (w->alive_at_end && (w->signal != 9 || w->we_killed_at_end)))
		return DEATH_NONE;
	if (w->signal == 0)
		return DEATH_EXIT;
	if (w->signal != 9)
		return DEATH_SIGNAL;
	return w->we_killed_in_step || w->we_killed_at_end ? DEATH_OURS : DEATH_SIGKILL_UNEXPLAINED;
}

static bool oom_killed(const struct ev_worker *w)
{
	return w->death == DEATH_OOM || w->death == DEATH_OOM_GROUP;
}

/* A parent and its child of kind shared-mm. */
static bool share_mm(const struct evidence *e, const struct ev_worker *a, const struct ev_worker *b)
{
	const struct ev_worker *parent = a->is_child ? b : a, *child = a->is_child ? a : b;
	const struct plan_worker *p = e->plan ? plan_worker(e->plan, parent->name) : NULL;

	return child->is_child && !parent->is_child && &e->workers[child->parent] == parent && p &&
	       p->nr_argv > 1 && str_eq(p->argv[1], "shared-mm");
}

static bool dies_with_parent(const struct evidence *e, const struct ev_worker *w)
{
	const struct plan_worker *p = NULL;

	if (w->is_child && e->plan)
		p = plan_worker(e->plan, e->workers[w->parent].name);
	return p && !task_child_stays(p->argv, p->nr_argv);
}

/*
 * A SIGKILL that neither the log nor we own up to may follow from another's death. The kernel kills
 * all that share a victim's mm and tells of none (mm/oom_kill.c __oom_kill_process()); a child asks
 * for SIGKILL at its parent's end. Where both may be, the lesser thing is taken for it.
 */
static enum death death_by_kin(const struct evidence *e, const struct ev_worker *w)
{
	const struct ev_worker *parent = w->is_child ? &e->workers[w->parent] : NULL;
	bool shares_parents = parent && share_mm(e, w, parent) && oom_killed(parent);

	if (dies_with_parent(e, w) && parent->died && parent->death != DEATH_SIGKILL_UNEXPLAINED &&
	    (parent->death_us <= w->death_us || shares_parents))
		return DEATH_WITH_PARENT;
	for (size_t i = 0; i < e->nr_workers; i++)
		if (oom_killed(&e->workers[i]) && share_mm(e, w, &e->workers[i]))
			return DEATH_TAKEN_ALONG;
	return w->death;
}

/* Records number themselves: what is not there was dropped on the way, by a line with a bad sum. */
static void count_missing(struct evidence *e)
{
	uint64_t next = e->mark_seq + 1;

	for (size_t i = 0; e->has_mark && i < e->nr_kmsg; i++) {
		uint64_t seq = e->kmsg[i].seq;

		if (seq <= e->mark_seq)
			continue;
		if (seq != next)
			e->missing_records += seq > next ? seq - next : 1;
		next = seq + 1;
	}
}

int evidence_conclude(struct evidence *e)
{
	int err = parse_reports(e);

	if (err)
		return err;
	for (size_t i = 0; i < e->nr_workers; i++)
		e->workers[i].death = death_of(e, &e->workers[i]);
	for (size_t i = 0; i < e->nr_workers; i++)
		if (e->workers[i].death == DEATH_SIGKILL_UNEXPLAINED)
			e->workers[i].death = death_by_kin(e, &e->workers[i]);
	count_missing(e);
	return 0;
}
