// SPDX-License-Identifier: MIT
#include "lib/oom_fill.h"

/* Bounds on what one report may hold: a hostile log must not eat the machine. */
#define TASKS_MAX   (1u << 18)
#define ZONES_MAX   4096
#define VICTIMS_MAX (1u << 16)

static int grow(void *pp, size_t n, size_t *cap, size_t size, size_t at_most)
{
	void **p = pp, *bigger;
	size_t want;

	if (n < *cap)
		return 0;
	if (n >= at_most)
		return -ENOSPC;
	want = *cap ? *cap * 2 : 16;
	bigger = realloc(*p, want * size);
	if (!bigger)
		return -ENOMEM;
	*p = bigger;
	*cap = want;
	return 0;
}

/* The first word counts: a second Mem-Info or table is another's. */
static void once(int64_t *to, int64_t v)
{
	if (*to == OOM_ABSENT)
		*to = v;
}

static int once_str(char **to, struct slice s)
{
	if (*to || !s.p || !s.n)
		return 0;
	*to = slice_dup(s);
	return *to ? 0 : -ENOMEM;
}

static void stats(struct oom_stats *to, const struct oom_stats *from)
{
	int64_t *t = (int64_t *)to;
	const int64_t *f = (const int64_t *)from;

	for (size_t i = 0; i < sizeof(*to) / sizeof(*t); i++)
		if (f[i] != OOM_ABSENT)
			once(&t[i], f[i]);
}

static int invoked(struct oom_report *o, const struct oom_record *r)
{
	str_copy(o->invoker_comm, sizeof(o->invoker_comm), r->comm);
	o->gfp_mask = r->gfp_mask;
	o->order = r->order;
	o->invoker_oom_score_adj = r->adj;
	o->invoker_oom_adj = r->oom_adj;
	if (r->gfp_flags.p)
		slice_copy(o->gfp_flags, sizeof(o->gfp_flags), r->gfp_flags);
	return once_str(&o->nodemask, r->nodemask);
}

static bool ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return m && n >= m && str_eq(s + n - m, end);
}

/* The stack's head names the invoker again, without what a transport left before it. */
static void cpu(struct oom_report *o, const struct oom_record *r)
{
	/* or without its own head, where a wrap cut it off */
	bool same = ends_with(o->invoker_comm, r->comm) ||
		    (!o->release[0] && ends_with(r->comm, o->invoker_comm));

	if (!o->release[0] && r->release.p)
		slice_copy(o->release, sizeof(o->release), r->release);
	if (!same || o->invoker_pid != OOM_ABSENT)
		return;
	o->invoker_pid = r->pid;
	str_copy(o->invoker_comm, sizeof(o->invoker_comm), r->comm);
}

static int cpuset(struct oom_report *o, const struct oom_record *r)
{
	int err;

	if (!ends_with(o->invoker_comm, r->comm) && !ends_with(r->comm, o->invoker_comm))
		return 0;
	err = once_str(&o->invoker_cpuset, r->cpuset);
	return err ? err : once_str(&o->invoker_mems_allowed, r->mems_allowed);
}

static void usage(struct oom_report *o, const struct oom_record *r, uint64_t line)
{
	struct oom_usage *u = str_eq(r->key, "memory") ? &o->memory
			      : str_eq(r->key, "swap") ? &o->swap
			      : str_eq(r->key, "kmem") ? &o->kmem
						       : &o->memsw;

	if (u->usage_kb != OOM_ABSENT || u->limit_kb != OOM_ABSENT)
		return;
	*u = r->usage;
	u->line = line;
}

static int zone(struct oom_slot *s, const struct oom_record *r)
{
	struct oom_report *o = s->report;
	int err;

	for (size_t i = 0; i < o->nr_zones; i++)
		if (o->zones[i].node == r->zone.node && str_eq(o->zones[i].name, r->zone.name))
			return 0;
	err = grow(&o->zones, o->nr_zones, &s->zones_cap, sizeof(*o->zones), ZONES_MAX);
	if (!err)
		o->zones[o->nr_zones++] = r->zone;
	return err == -ENOSPC ? 0 : err;
}

static void hugetlb(struct oom_report *o, const struct oom_record *r)
{
	if (r->hugetlb_total_kb < 0 || r->hugetlb_free_kb < 0)
		return;
	once(&o->hugetlb_total_kb, 0);
	once(&o->hugetlb_free_kb, 0);
	if (__builtin_add_overflow(o->hugetlb_total_kb, r->hugetlb_total_kb,
				   &o->hugetlb_total_kb) ||
	    __builtin_add_overflow(o->hugetlb_free_kb, r->hugetlb_free_kb, &o->hugetlb_free_kb))
		o->hugetlb_total_kb = o->hugetlb_free_kb = INT64_MAX;
}

static void scalar(struct oom_report *o, const struct oom_record *r)
{
	int64_t *to = str_eq(r->key, "ram")	     ? &o->pages_ram
		      : str_eq(r->key, "reserved")   ? &o->pages_reserved
		      : str_eq(r->key, "highmem")    ? &o->pages_highmem
		      : str_eq(r->key, "swap_total") ? &o->swap_total_kb
						     : &o->swap_free_kb;

	once(to, r->value);
}

static void header(struct oom_slot *s, const struct oom_record *r)
{
	bool oom_adj = false, oom_score_adj = false;

	s->columns = r->columns;
	s->has_columns = true;
	s->report->has_task_table = true;
	for (size_t i = 0; i < r->columns.n; i++) {
		oom_adj |= r->columns.col[i] == COL_OOM_ADJ;
		oom_score_adj |= r->columns.col[i] == COL_OOM_SCORE_ADJ;
		s->report->has_nr_ptes |= r->columns.col[i] == COL_NR_PTES;
		s->report->has_pgtables_bytes |= r->columns.col[i] == COL_PGTABLES;
		s->report->has_rss_split |= r->columns.col[i] == COL_RSS_ANON;
	}
	s->report->legacy_oom_adj = oom_adj && !oom_score_adj;
}

static int row(struct oom_slot *s, const struct oom_record *r, uint64_t line)
{
	struct oom_report *o = s->report;
	int err;

	/* A row whose end is cut is a row. */
	if (!s->has_columns || (!r->task.comm[0] && r->task.total_vm_pages == OOM_ABSENT))
		return 0;
	err = grow(&o->tasks, o->nr_tasks, &s->tasks_cap, sizeof(*o->tasks), TASKS_MAX);
	if (!err) {
		o->tasks[o->nr_tasks] = r->task;
		o->tasks[o->nr_tasks++].line = line;
	}
	return err == -ENOSPC ? 0 : err;
}

static int summary(struct oom_report *o, const struct oom_record *r, uint64_t line)
{
	int err = 0;

	slice_copy(o->constraint, sizeof(o->constraint), r->constraint);
	o->summary_line = line;
	o->summary_pid = r->pid;
	o->summary_uid = r->uid;
	o->summary_whole = r->whole;
	str_copy(o->summary_comm, sizeof(o->summary_comm), r->comm);
	/* 4.18 of RHEL prints both; what the summary says holds. */
	if (r->nodemask.n) {
		free(o->nodemask);
		o->nodemask = NULL;
	}
	err = once_str(&o->nodemask, r->nodemask);
	err = err ? err : once_str(&o->cpuset, r->cpuset);
	err = err ? err : once_str(&o->mems_allowed, r->mems_allowed);
	/* Here stands the victim too, so this is one report's, whoever else's lines got between. */
	if (r->oom_memcg.n && r->whole) {
		free(o->oom_memcg);
		o->oom_memcg = NULL;
	}
	err = err ? err : once_str(&o->oom_memcg, r->oom_memcg);
	return err ? err : once_str(&o->task_memcg, r->task_memcg);
}

/* What stands before "Killed process" */
static void words_of(struct oom_report *o, const struct oom_record *r)
{
	o->seen_memcg_kill |= r->memcg;
	o->seen_global_kill |= r->global;
	o->allocating_task |= r->allocating_task;
	if (r->kind != OOM_KIND_UNKNOWN)
		o->kind = r->kind;
}

static int killed(struct oom_slot *s, const struct oom_record *r, uint64_t line)
{
	struct oom_report *o = s->report;
	int err =
		grow(&o->victims, o->nr_victims, &s->victims_cap, sizeof(*o->victims), VICTIMS_MAX);

	if (err)
		return err == -ENOSPC ? 0 : err;
	o->victims[o->nr_victims] = r->victim;
	o->victims[o->nr_victims].group_kill = s->in_group;
	o->victims[o->nr_victims].line = line;
	o->nr_victims++;
	words_of(o, r);
	o->wide_kill_line |= r->wide;
	o->uid_kill_line |= r->uid_behind;
	return 0;
}

static void chosen(struct oom_report *o, const struct oom_record *r)
{
	o->chosen_pid = r->pid;
	o->chosen_score = r->value;
	str_copy(o->chosen_comm, sizeof(o->chosen_comm), r->comm);
	words_of(o, r);
}

static int nobody(struct oom_report *o, const struct oom_record *r)
{
	if (r->type == REC_NO_KILLABLE)
		o->outcome = OOM_OUTCOME_NO_KILLABLE;
	else if (o->outcome == OOM_OUTCOME_UNKNOWN)
		o->outcome = OOM_OUTCOME_PANIC;
	o->seen_memcg_kill |= r->memcg;
	return once_str(&o->panic, r->panic);
}

static int mem_info(struct oom_slot *s, const struct oom_record *r)
{
	struct oom_report *o = s->report;

	o->seen_mem_info |= !s->in_stats;
	switch (r->type) {
	case REC_COUNTERS:
		stats(&o->stats, &r->stats);
		return 0;
	case REC_ZONE:
		return zone(s, r);
	case REC_BUDDY:
		once(&o->page_kb, r->value);
		return 0;
	case REC_HUGETLB:
		hugetlb(o, r);
		return 0;
	case REC_SCALAR:
		scalar(o, r);
		return 0;
	default:
		return 0;
	}
}

static int memcg(struct oom_slot *s, const struct oom_record *r, uint64_t line)
{
	struct oom_report *o = s->report;
	int err;

	switch (r->type) {
	case REC_TASK_IN:
		o->summary_line = o->summary_line ? o->summary_line : line;
		err = once_str(&o->oom_memcg, r->oom_memcg);
		return err ? err : once_str(&o->task_memcg, r->task_memcg);
	case REC_USAGE:
		usage(o, r, line);
		return 0;
	case REC_STATS:
		/* One for each cgroup below; the first is the one at its limit. */
		s->in_stats = o->stats.anon_kb == OOM_ABSENT;
		if (!s->in_stats)
			return 0;
		stats(&o->stats, &r->stats);
		/* With values there are many; only behind the usage it is surely the first. */
		if (r->stats.file_kb != OOM_ABSENT && o->memory.usage_kb == OOM_ABSENT)
			return 0;
		return once_str(&o->oom_memcg, r->oom_memcg);
	default:
		if (s->in_stats)
			stats(&o->stats, &r->stats);
		return 0;
	}
}

static int tail(struct oom_slot *s, const struct oom_record *r, uint64_t line)
{
	struct oom_report *o = s->report;

	s->in_stats = false;
	s->foreign = false;
	switch (r->type) {
	case REC_HEADER:
		header(s, r);
		return 0;
	case REC_ROW:
		return row(s, r, line);
	case REC_SUMMARY:
		return summary(o, r, line);
	case REC_CHOSEN:
		chosen(o, r);
		return 0;
	case REC_KILLED:
		return killed(s, r, line);
	case REC_GROUP:
		s->in_group |= r->whole || o->nr_victims;
		return once_str(&o->group_memcg, r->oom_memcg);
	default:
		return nobody(o, r);
	}
}

int oom_fill(struct oom_slot *s, const struct oom_record *r, uint64_t line)
{
	switch (r->type) {
	case REC_NONE:
	case REC_REAPED:
		return 0;
	case REC_INVOKED:
		return invoked(s->report, r);
	case REC_CPU:
		cpu(s->report, r);
		return 0;
	case REC_CPUSET:
		return cpuset(s->report, r);
	case REC_FRAME:
		s->report->seen_stack_memcg |= r->memcg;
		s->report->seen_stack_alloc |= r->global && !s->foreign;
		s->report->seen_stack_fault |= r->fault;
		return 0;
	case REC_SYSRQ:
		s->report->seen_sysrq = true;
		return 0;
	case REC_ALLOC_FAIL:
		s->foreign = true;
		return 0;
	case REC_TASK_IN:
	case REC_USAGE:
	case REC_STATS:
	case REC_STAT:
		return memcg(s, r, line);
	case REC_MEM_INFO:
	case REC_COUNTERS:
	case REC_ZONE:
	case REC_BUDDY:
	case REC_HUGETLB:
	case REC_SCALAR:
		return mem_info(s, r);
	default:
		return tail(s, r, line);
	}
}
