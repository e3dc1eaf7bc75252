// SPDX-License-Identifier: MIT
/* What follows from all of a report's lines taken together. */
#include "lib/oom_event.h"

/* A policy or cpuset may have narrowed what the page allocator was allowed. */
static bool may_be_bound(const struct oom_report *r)
{
	return (r->nodemask && !str_eq(r->nodemask, "(null)") && !r->invoker_mems_allowed) ||
	       (r->invoker_cpuset && !str_eq(r->invoker_cpuset, "/"));
}

/* A constraint names it; else memcg words; else a nodemask that is not the cpuset's; else global.
 * The stack alone tells the least.
 */
static enum oom_kind kind_of(const struct oom_report *r)
{
	static const struct {
		const char *constraint;
		enum oom_kind kind;
	} named[] = {
		{ "CONSTRAINT_MEMCG", OOM_KIND_MEMCG },
		{ "CONSTRAINT_MEMORY_POLICY", OOM_KIND_MEMPOLICY },
		{ "CONSTRAINT_CPUSET", OOM_KIND_CPUSET },
	};

	for (size_t i = 0; i < ARRAY_SIZE(named); i++)
		if (str_eq(r->constraint, named[i].constraint))
			return named[i].kind;
	if (r->kind != OOM_KIND_UNKNOWN) /* the kill line's words (2.6) */
		return r->kind;
	/* 5.0 and 5.1 print CONSTRAINT_NONE always, so it says nothing against a memcg. */
	if (r->oom_memcg || r->memory.limit_kb != OOM_ABSENT || r->seen_memcg_kill)
		return OOM_KIND_MEMCG;
	/* Its worker asks for no memory; a stack that does is another's. */
	if ((r->seen_sysrq && !r->seen_stack_alloc) || r->order == -1)
		return OOM_KIND_SYSRQ;
	if (!r->constraint[0] && r->nodemask && r->invoker_mems_allowed &&
	    !str_eq(r->nodemask, "(null)") && !str_eq(r->nodemask, r->invoker_mems_allowed))
		return OOM_KIND_MEMPOLICY;
	if (r->seen_mem_info || r->seen_global_kill || r->constraint[0])
		return OOM_KIND_GLOBAL;
	if (r->seen_stack_memcg)
		return OOM_KIND_MEMCG;
	if (r->outcome == OOM_OUTCOME_NO_KILLABLE || r->outcome == OOM_OUTCOME_PANIC)
		return OOM_KIND_GLOBAL;
	/* A fault that failed for want of memory asks for none; a memcg's has a mask. */
	if (r->seen_stack_fault && r->gfp_mask == 0)
		return OOM_KIND_GLOBAL;
	return r->seen_stack_alloc && !may_be_bound(r) ? OOM_KIND_GLOBAL : OOM_KIND_UNKNOWN;
}

const struct oom_task *oom_report_task(const struct oom_report *r, int64_t pid)
{
	for (size_t i = 0; pid != OOM_ABSENT && i < r->nr_tasks; i++)
		if (r->tasks[i].pid == pid)
			return &r->tasks[i];
	return NULL;
}

/* Without a buddy line: a victim's total-vm in kB by its row's total_vm in pages. */
static void find_page_size(struct oom_report *r)
{
	for (size_t i = 0; r->page_kb == OOM_ABSENT && i < r->nr_victims; i++) {
		const struct oom_victim *v = &r->victims[i];
		const struct oom_task *t = oom_report_task(r, v->pid);

		if (!t || v->total_vm_kb <= 0 || t->total_vm_pages <= 0 ||
		    v->total_vm_kb % t->total_vm_pages)
			continue;
		r->page_kb = v->total_vm_kb / t->total_vm_pages;
	}
	if (r->page_kb != OOM_ABSENT &&
	    (r->page_kb < 4 || r->page_kb > 256 || r->page_kb & (r->page_kb - 1)))
		r->page_kb = OOM_ABSENT;
}

/*
 * Before 3.16 the kill line may name a thread, and the line before it too: then its process has the
 * only row of that size.
 */
static void find_victim_row(struct oom_report *r)
{
	const struct oom_victim *v = r->victims;
	int64_t page_kb = r->page_kb == OOM_ABSENT ? 4 : r->page_kb, kb;
	const struct oom_task *found = NULL;
	size_t n = 0;

	r->victim_row = v->pid;
	if (oom_report_task(r, v->pid) || v->total_vm_kb <= 0 ||
	    (r->chosen_pid != OOM_ABSENT && r->chosen_pid != v->pid))
		return;
	for (size_t i = 0; i < r->nr_tasks; i++)
		if (!__builtin_mul_overflow(r->tasks[i].total_vm_pages, page_kb, &kb) &&
		    kb == v->total_vm_kb && n++ == 0)
			found = &r->tasks[i];
	if (n == 1)
		r->victim_row = found->pid;
}

/* Mem-Info counts in pages; a memcg's statistics are kB already. */
static void stats_to_kb(struct oom_report *r)
{
	int64_t *v = (int64_t *)&r->stats;
	int64_t page_kb = r->page_kb == OOM_ABSENT ? 4 : r->page_kb;

	if (!r->seen_mem_info || r->memory.limit_kb != OOM_ABSENT)
		return;
	for (size_t i = 0; i < sizeof(r->stats) / sizeof(*v); i++)
		if (v[i] != OOM_ABSENT && __builtin_mul_overflow(v[i], page_kb, &v[i]))
			v[i] = OOM_ABSENT;
}

bool oom_report_headless(const struct oom_report *r)
{
	return !r->invoker_comm[0] && r->gfp_mask == OOM_ABSENT && !r->has_task_table &&
	       !r->constraint[0] && !r->oom_memcg && !r->seen_mem_info &&
	       r->memory.limit_kb == OOM_ABSENT;
}

void oom_report_conclude(struct oom_report *r)
{
	if (r->nr_victims) {
		struct oom_victim *v = &r->victims[0];

		r->outcome = OOM_OUTCOME_KILLED;
		/* Kernels without a UID on the kill line have one on the summary line (5.0 to 5.3).
		 */
		if (v->uid == OOM_ABSENT && v->pid == r->summary_pid)
			v->uid = r->summary_uid;
	}
	find_page_size(r);
	if (r->nr_victims)
		find_victim_row(r);
	stats_to_kb(r);
	r->kind = kind_of(r);
	r->headless = oom_report_headless(r);
	r->complete = r->has_task_table && r->outcome != OOM_OUTCOME_UNKNOWN;
}
