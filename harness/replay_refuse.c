// SPDX-License-Identifier: MIT
/* Reports that no case can be made of: what they do not tell, what no guest can do, what contradicts itself. */
#include "harness/replay_impl.h"

/* "Kill process 76756 (java) score 1001 or sacrifice child": may be a thread of who is killed, and has no row then. */
static bool child_died(const struct oom_report *r)
{
	const struct oom_victim *v = r->victims;
	bool thread;

	if (!r->nr_victims || !badness_rules_of(r).prefer_children || r->chosen_pid == v->pid)
		return false;
	thread = str_eq(r->chosen_comm, v->comm) && !oom_report_task(r, r->chosen_pid) &&
		 oom_report_task(r, v->pid);
	return !thread;
}

/* What one line says and another denies, as no kernel writes it. */
static const char *contradiction(const struct oom_report *r)
{
	bool has_nodes = r->nodemask && !str_eq(r->nodemask, "(null)");
	bool is_memcg = r->kind == OOM_KIND_MEMCG;

	if (is_memcg && !replay_is_in_memcg(r))
		return "the victim's cgroup is not below the one that ran out: no kernel kills "
		       "there";
	if (!*r->constraint)
		return NULL;
	if (is_memcg && !r->oom_memcg && r->memory.limit_kb <= 0 && r->pages_ram > 0)
		return "its constraint is a cgroup's, and what it shows is the machine's memory";
	/* Up to 5.2 a memcg's OOM says CONSTRAINT_NONE. */
	if (is_memcg && str_eq(r->constraint, "CONSTRAINT_NONE") &&
	    strverscmp(r->release, "5.3") > 0)
		return "a cgroup ran out, and its constraint is CONSTRAINT_NONE: no kernel since "
		       "5.3 says that";
	if (r->nodemask && has_nodes != (r->kind == OOM_KIND_MEMPOLICY))
		return "its constraint and its nodemask do not agree: an OOM has one by a policy "
		       "alone";
	return NULL;
}

const char *replay_no_way(const struct oom_report *r)
{
	if (r->kind == OOM_KIND_UNKNOWN && r->outcome != OOM_OUTCOME_NO_KILLABLE)
		return "the log does not tell what ran out";
	if (r->headless)
		return r->outcome == OOM_OUTCOME_KILLED
			       ? "only the kill line is there, without its report"
			       : "only its end is there, without its report";
	if (r->outcome == OOM_OUTCOME_UNKNOWN)
		return "the log does not tell how it ended: no kill line, no panic";
	if (r->outcome == OOM_OUTCOME_NO_KILLABLE && r->kind == OOM_KIND_MEMCG)
		return "a cgroup with nobody to kill: a task there faults for ever, and nothing "
		       "ends it";
	if (r->outcome == OOM_OUTCOME_NO_KILLABLE && r->kind == OOM_KIND_SYSRQ)
		return "a manual OOM with nobody to kill: nothing came of it";
	if (r->outcome == OOM_OUTCOME_KILLED && !r->has_task_table)
		return "no task dump in the log: who else was there is not known";
	if (str_starts(r->constraint, "CONSTRAINT_BPF"))
		return "a BPF program asked for this kill: what it looked at is not in the log";
	if (r->kind == OOM_KIND_MEMCG && r->memory.limit_kb > 0 &&
	    badness_unlimited(r->memory.limit_kb))
		return "the cgroup had no limit of its own that could be played";
	if (r->outcome == OOM_OUTCOME_KILLED && r->legacy_oom_adj)
		return "before 2.6.36 the kernel chose by run times and children, which the log "
		       "does not show";
	if (child_died(r))
		return "a child died in the stead of who was chosen, as kernels before 5.1 had it";
	if (r->outcome == OOM_OUTCOME_PANIC && !(r->panic && strstr(r->panic, "panic_on_oom")))
		return "a panic that is not the OOM killer's";
	return contradiction(r);
}
