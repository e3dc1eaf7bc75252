// SPDX-License-Identifier: MIT
/* What a log tells twice: see oom_repeat.h. */
#include "lib/oom_repeat.h"

static bool is_kill_of(const struct oom_victim *v, const struct oom_record *r)
{
	return v->pid == r->victim.pid && str_eq(v->comm, r->victim.comm) &&
	       v->total_vm_kb == r->victim.total_vm_kb && v->anon_rss_kb == r->victim.anon_rss_kb;
}

/* The same kill again, from a second transport of the same log (console and journal). */
bool oom_repeats_kill(const struct oom_slot *s, const struct oom_record *r)
{
	const struct oom_report *o = s->report;

	if (r->type != REC_KILLED || !o->nr_victims)
		return false;
	/* 2.6.9 says it twice; a line without sizes is the same one only right behind it. */
	if (r->victim.total_vm_kb == OOM_ABSENT && s->last_type != REC_KILLED)
		return false;
	if (!s->in_group)
		return is_kill_of(&o->victims[o->nr_victims - 1], r);
	/* A group's first victim is killed once more with it. */
	for (size_t i = 0; i < o->nr_victims; i++)
		if (o->victims[i].group_kill && is_kill_of(&o->victims[i], r))
			return true;
	return false;
}

/* `earlier`: its stamp is before the report's last, where a table's rows are all there. */
static bool says_the_same(const struct oom_report *o, const struct oom_record *r, bool earlier)
{
	switch (r->type) {
	case REC_INVOKED:
		return str_eq(o->invoker_comm, r->comm) && o->gfp_mask == r->gfp_mask;
	case REC_TASK_IN:
		return o->oom_memcg && r->oom_memcg.p && strlen(o->oom_memcg) == r->oom_memcg.n &&
		       memcmp(o->oom_memcg, r->oom_memcg.p, r->oom_memcg.n) == 0;
	case REC_USAGE:
		return str_eq(r->key, "memory") && o->memory.usage_kb == r->usage.usage_kb;
	case REC_HEADER:
		return o->has_task_table;
	case REC_ROW:
		return earlier || (o->nr_tasks && o->tasks[o->nr_tasks - 1].pid == r->task.pid);
	case REC_SUMMARY:
		return o->summary_pid == r->pid;
	case REC_CHOSEN:
		return o->chosen_pid == r->pid;
	case REC_KILLED:
		return o->nr_victims && o->victims[0].pid == r->victim.pid;
	default:
		return false;
	}
}

/*
 * Lines that somebody pasted twice, or that two loggers wrote to one file: their stamp lies within
 * a report that has them.
 */
bool oom_repeats_line(const struct oom_events *e, const struct oom_record *r,
		      const struct oom_origin *from)
{
	for (size_t i = 0; i < e->n && from->stamp_us != INT64_MIN; i++) {
		const struct oom_slot *s = &e->slots[i];

		bool earlier = from->stamp_us < s->last_us;

		if (from->stamp_us >= s->first_us &&
		    (earlier || (from->stamp_us == s->last_us && s->last_type == r->type)) &&
		    says_the_same(s->report, r, earlier))
			return true;
	}
	return false;
}

/* "kubectl describe" showed the kill, then its report was pasted below: one event. */
void oom_repeat_drop(struct oom_events *e, const struct oom_slot *s, const struct oom_record *r)
{
	for (size_t i = (size_t)(s - e->slots); i-- > 0;) {
		const struct oom_report *o = e->slots[i].report;

		if (o->nr_victims == 1 && r->victim.total_vm_kb != OOM_ABSENT &&
		    is_kill_of(&o->victims[0], r) && o->chosen_pid == OOM_ABSENT &&
		    oom_report_headless(o))
			oom_events_remove(e, i);
	}
}
