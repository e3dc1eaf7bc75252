// SPDX-License-Identifier: MIT
/* Which report a record belongs to, and when one begins or ends: see oom_event.h. */
#include "lib/oom_event.h"

#include "lib/oom_fill.h"
#include "lib/oom_repeat.h"

/* A report of which nothing was seen for so many lines expects none any more. */
#define QUIET_AFTER_LINES 2000
/* "Manual OOM execution" is followed by its report as soon as its worker runs. */
#define SYSRQ_LINES 50
#define SYSRQ_US    120000000
#define STACK_LINES 100	      /* the frames and registers behind oom_kill_process() */
#define REPORT_US   600000000 /* the longest that a report stops, of a console that is slow */
/* Behind a kill, "Tasks in X are going to be killed", which a wrap makes three lines. */
#define GROUP_LINES 4
/* A group dies at once; a kill so much later is another's, whose report was rate-limited. */
#define GROUP_US 5000000

static struct oom_slot *current(const struct oom_events *e, uint64_t caller)
{
	for (size_t i = e->n; i-- > 0;)
		if (!caller || e->slots[i].caller == caller || !e->slots[i].caller)
			return (struct oom_slot *)&e->slots[i];
	return NULL;
}

static bool ended(const struct oom_slot *s)
{
	return s->report->nr_victims || s->report->outcome != OOM_OUTCOME_UNKNOWN;
}

const struct oom_columns *oom_events_columns(const struct oom_events *e, uint64_t caller)
{
	const struct oom_slot *s = current(e, caller);

	return s && s->has_columns && !ended(s) && !s->quiet ? &s->columns : NULL;
}

void oom_events_remove(struct oom_events *e, size_t i)
{
	oom_report_free(e->slots[i].report);
	e->n--;
	memmove(&e->slots[i], &e->slots[i + 1], (e->n - i) * sizeof(e->slots[0]));
}

static void emit_first(struct oom_events *e)
{
	if (!e->slots[0].tentative) {
		oom_report_conclude(e->slots[0].report);
		e->done(e->ctx, e->slots[0].report);
	}
	oom_events_remove(e, 0);
}

/* Reports on two CPUs begin within so much of each other; one after the other they cannot. */
#define TWIN_US	   20000
#define TWIN_LINES 2

static bool is_twin(const struct oom_events *e, const struct oom_slot *before,
		    const struct oom_origin *from)
{
	if (!before || before->tentative || before->body || ended(before) || before->caller ||
	    from->caller || !before->report->invoker_comm[0])
		return false;
	if (from->stamp_us != INT64_MIN && before->last_us != INT64_MIN)
		return from->stamp_us >= before->last_us &&
		       (uint64_t)from->stamp_us - (uint64_t)before->last_us <= TWIN_US;
	return e->fed - before->began <= TWIN_LINES;
}

static struct oom_slot *begin(struct oom_events *e, const struct oom_origin *from, bool head)
{
	struct oom_slot *s = current(e, from->caller);
	bool twin = head && is_twin(e, s, from);
	struct oom_report *r;

	if (s && s->tentative)
		oom_events_remove(e, (size_t)(s - e->slots));
	r = oom_report_new();
	if (!r)
		return NULL;
	if (e->n == OOM_OPEN_MAX)
		emit_first(e);
	r->line = from->line;
	r->seen_sysrq = e->fed <= e->sysrq_until && from->stamp_us <= e->sysrq_until_us;
	e->sysrq_until = 0;
	e->slots[e->n] = (struct oom_slot){ .report = r,
					    .caller = from->caller,
					    .twin = twin,
					    .began = e->fed,
					    .first_us = from->stamp_us };
	return &e->slots[e->n++];
}

/*
 * Does this record contradict that the report goes on? Then another has begun, though we did not
 * see its head: cut, filtered or rate-limited away.
 */
static bool starts_another(const struct oom_slot *s, const struct oom_record *r)
{
	const struct oom_report *o = s->report;

	switch (r->type) {
	case REC_INVOKED:
		return true;
	case REC_TASK_IN:
		return ended(s) || o->oom_memcg;
	case REC_USAGE:
		return str_eq(r->key, "memory") && (ended(s) || o->memory.usage_kb != OOM_ABSENT);
	case REC_STATS:
		return ended(s);
	case REC_HEADER:
		return ended(s) || o->nr_tasks;
	case REC_SUMMARY:
		return ended(s) || o->constraint[0];
	case REC_CHOSEN:
		return ended(s) || o->chosen_pid != OOM_ABSENT;
	case REC_KILLED:
		return o->outcome != OOM_OUTCOME_UNKNOWN || (o->nr_victims && !s->in_group);
	case REC_NO_KILLABLE:
		return o->nr_victims || o->outcome == OOM_OUTCOME_PANIC;
	case REC_PANIC: /* its words may be printed twice, as a message and by panic() */
		return o->nr_victims;
	case REC_MEM_INFO:
	case REC_ZONE:
	case REC_SCALAR:
		return ended(s) || s->quiet;
	default:
		return false;
	}
}

/* May it begin a report on its own? Only an OOM prints it; Mem-Info is a guess. */
static bool may_begin(const struct oom_record *r, bool kernel)
{
	switch (r->type) {
	case REC_TASK_IN:
		return r->oom_memcg.p;
	case REC_INVOKED:
	case REC_HEADER:
	case REC_SUMMARY:
	case REC_CHOSEN:
	case REC_NO_KILLABLE:
	case REC_PANIC:
	case REC_MEM_INFO:
	case REC_ZONE:
	case REC_SCALAR:
	case REC_STATS:
		return true;
	case REC_USAGE:
		return str_eq(r->key, "memory") && r->usage.limit_kb != OOM_ABSENT;
	case REC_GROUP:
		return r->whole;
	case REC_KILLED:
		return r->sure || (r->bare && kernel);
	default:
		return false;
	}
}

static bool is_mem_info(const struct oom_record *r)
{
	return r->type == REC_MEM_INFO || r->type == REC_ZONE || r->type == REC_SCALAR ||
	       r->type == REC_COUNTERS || r->type == REC_BUDDY || r->type == REC_HUGETLB;
}

/* Could be of something else: a failed allocation, prose about "x invoked oom-killer". */
static bool is_guess(const struct oom_record *r, bool kernel)
{
	return is_mem_info(r) || (r->type == REC_INVOKED && r->gfp_mask == OOM_ABSENT && !kernel);
}

/* Belongs between a report's head and its end. */
static bool is_body(const struct oom_record *r)
{
	return is_mem_info(r) || r->type == REC_STAT || r->type == REC_USAGE ||
	       r->type == REC_FRAME || r->type == REC_CPUSET || r->type == REC_SYSRQ ||
	       r->type == REC_ROW;
}

static void reaped(struct oom_events *e, int64_t pid)
{
	for (size_t i = e->n; i-- > 0;) {
		struct oom_report *o = e->slots[i].report;
		bool found = false;

		for (size_t v = 0; v < o->nr_victims; v++)
			if (o->victims[v].pid == pid)
				found = o->victims[v].reaped = true;
		if (found)
			return;
	}
}

static int64_t pid_of(const struct oom_record *r)
{
	if (r->type == REC_KILLED)
		return r->victim.pid;
	return r->type == REC_SUMMARY || r->type == REC_CHOSEN ? r->pid : OOM_ABSENT;
}

static bool names_task(const struct oom_report *o, int64_t pid)
{
	return pid != OOM_ABSENT &&
	       (oom_report_task(o, pid) || o->chosen_pid == pid || o->summary_pid == pid);
}

/* So long after the report's last line that it is of another, whose head the log lacks */
static bool too_late(const struct oom_slot *s, const struct oom_record *r,
		     const struct oom_origin *from)
{
	uint64_t gap;

	if (s->last_us == INT64_MIN || from->stamp_us == INT64_MIN || from->stamp_us <= s->last_us)
		return false;
	gap = (uint64_t)from->stamp_us - (uint64_t)s->last_us;
	if (r->type == REC_KILLED && s->in_group)
		return gap > GROUP_US;
	return gap > REPORT_US && pid_of(r) != OOM_ABSENT && !names_task(s->report, pid_of(r));
}

/* Of two reports that are mixed, the one this record names a task of, or that lacks it still. */
static struct oom_slot *twin_or(struct oom_events *e, struct oom_slot *s,
				const struct oom_record *r)
{
	struct oom_slot *t = s && s->twin && s > e->slots ? s - 1 : NULL;

	if (!t || ended(t) || r->type == REC_INVOKED || starts_another(t, r))
		return s;
	if (r->type == REC_CPU || r->type == REC_CPUSET)
		return str_eq(t->report->invoker_comm, r->comm) &&
				       t->report->invoker_pid == OOM_ABSENT
			       ? t
			       : s;
	if (names_task(s->report, pid_of(r)))
		return s;
	if (names_task(t->report, pid_of(r)) || starts_another(s, r))
		return t;
	return s;
}

/* Where the record goes; NULL if nowhere. *nomem when a report had to begin and could not. */
static struct oom_slot *place(struct oom_events *e, const struct oom_record *r,
			      const struct oom_origin *from, bool *nomem)
{
	struct oom_slot *s = twin_or(e, current(e, from->caller), r);

	if (s && ((s->foreign && is_mem_info(r)) || oom_repeats_kill(s, r)))
		return NULL;
	if (oom_repeats_line(e, r, from))
		return NULL;
	if (s && !starts_another(s, r) && !(s->quiet && may_begin(r, from->kernel)) &&
	    !too_late(s, r, from))
		return ended(s) && is_body(r) ? NULL : s;
	if (!may_begin(r, from->kernel))
		return NULL;
	s = begin(e, from, r->type == REC_INVOKED);
	*nomem = !s;
	if (s)
		s->tentative =
			is_guess(r, from->kernel) && !(is_mem_info(r) && e->fed < e->stack_until);
	return s;
}

int oom_events_apply(struct oom_events *e, const struct oom_record *r,
		     const struct oom_origin *from)
{
	bool nomem = false;
	struct oom_slot *s;
	int err;

	if (r->type == REC_REAPED) {
		reaped(e, r->pid);
		return 0;
	}
	if (r->type == REC_SYSRQ && (r->global || r->memcg)) {
		e->sysrq_until = r->global ? e->fed + SYSRQ_LINES : 0;
		e->sysrq_until_us = INT64_MAX;
		if (from->stamp_us >= 0 && from->stamp_us < INT64_MAX - SYSRQ_US)
			e->sysrq_until_us = from->stamp_us + SYSRQ_US;
		return 0;
	}
	s = place(e, r, from, &nomem);
	if (r->type == REC_ALLOC_FAIL)
		e->stack_until = 0;
	else if (!s && r->type == REC_FRAME && r->sure)
		e->stack_until = e->fed + STACK_LINES;
	if (!s)
		return nomem ? -ENOMEM : 0;
	if (!is_guess(r, from->kernel) && may_begin(r, from->kernel))
		s->tentative = false;
	s->body |= r->type != REC_INVOKED && r->type != REC_CPU && r->type != REC_CPUSET &&
		   r->type != REC_FRAME;
	s->last = e->fed;
	s->last_us = from->stamp_us;
	s->last_type = r->type;
	s->quiet = false;
	err = oom_fill(s, r, from->line);
	if (!err && r->type == REC_KILLED)
		oom_repeat_drop(e, s, r);
	return err;
}

bool oom_events_expect(struct oom_events *e)
{
	bool more = e->fed < e->stack_until;

	for (size_t i = 0; i < e->n; i++) {
		struct oom_slot *s = &e->slots[i];

		if (ended(s))
			more |= e->fed - s->last < GROUP_LINES;
		if (ended(s) || s->quiet)
			continue;
		s->quiet = e->fed - s->last > QUIET_AFTER_LINES;
		more |= !s->quiet;
	}
	return more;
}

void oom_events_flush(struct oom_events *e)
{
	while (e->n)
		emit_first(e);
}

void oom_events_clear(struct oom_events *e)
{
	while (e->n)
		oom_events_remove(e, 0);
}
