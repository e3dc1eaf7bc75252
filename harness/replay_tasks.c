// SPDX-License-Identifier: MIT
/* The task dump of a ticket, and how much memory its sizes are shares of. */
#include "harness/replay_impl.h"

#define LEAST_KB   8192		      /* of a machine that runs a kernel with an OOM killer */
#define PAGES_MOST ((int64_t)1 << 40) /* no machine has as many; a log may hold anything */

/* A column that the kernel's table had not yet (page tables, swap before 3.10) counts nothing. */
static int64_t known(int64_t pages)
{
	return pages == OOM_ABSENT ? 0 : pages;
}

int64_t replay_task_pages(const struct badness_task *t)
{
	return known(t->rss_pages) + known(t->swapents_pages) + known(t->pgtables_pages);
}

const struct badness_entry *replay_entry(const struct replay_tasks *t, int64_t pid)
{
	for (size_t i = 0; i < t->ranking.nr_entries; i++)
		if (t->ranking.entries[i].task->pid == pid)
			return &t->ranking.entries[i];
	return NULL;
}

static bool sane(const struct badness_task *t)
{
	const int64_t pages[] = { known(t->rss_pages), known(t->swapents_pages),
				  known(t->pgtables_pages) };

	for (size_t i = 0; i < ARRAY_SIZE(pages); i++)
		if (pages[i] < 0 || pages[i] >= PAGES_MOST)
			return false;
	return t->oom_score_adj >= -1000 && t->oom_score_adj <= 1000;
}

static int64_t sum_of(const struct replay_tasks *t)
{
	int64_t sum = 0;

	for (size_t i = 0; i < t->nr; i++)
		sum += replay_task_pages(&t->tasks[i]);
	return sum;
}

static int64_t swapped(const struct replay_tasks *t)
{
	int64_t sum = 0;

	for (size_t i = 0; i < t->nr; i++)
		sum += known(t->tasks[i].swapents_pages);
	return sum;
}

/*
 * A memcg's total is its limit and the swap it may use; how much swap there is, its report does not show:
 * "memory: usage 1024kB, limit 1024kB, failcnt 75131" with a task of 220 MiB, nearly all of it in swap.
 */
static bool swap_hides(const struct replay_tasks *t, int64_t whole)
{
	const struct oom_report *r = t->report;
	const struct oom_usage *swap = r->memsw.limit_kb != OOM_ABSENT ? &r->memsw : &r->swap;

	return r->kind == OOM_KIND_MEMCG && sum_of(t) / 2 > whole && swapped(t) > sum_of(t) / 2 &&
	       (swap->limit_kb == OOM_ABSENT || badness_unlimited(swap->limit_kb));
}

/*
 * "memory: usage 524288kB, limit 524288kB" and "memory+swap: usage 524288kB, limit 1048576kB": had there been
 * swap, the memcg would have used it before it ran out.
 */
static bool has_no_swap(const struct oom_report *r)
{
	if (r->kind != OOM_KIND_MEMCG || r->memory.limit_kb <= 0 || r->memory.usage_kb <= 0)
		return false;
	if (r->swap.limit_kb != OOM_ABSENT)
		return r->swap.usage_kb == 0;
	return r->memsw.usage_kb == r->memory.usage_kb;
}

/* 0: no task has a page. */
static int64_t whole_of(struct replay *p, const struct replay_tasks *t)
{
	const struct oom_report *r = t->report;
	int64_t whole = badness_totalpages(r);

	if (whole <= 1 && r->kind == OOM_KIND_MEMCG && r->memory.limit_kb > 0)
		whole = r->memory.limit_kb / t->page_kb;
	if (whole <= 1 && r->kind != OOM_KIND_MEMCG && r->pages_ram > 0)
		whole = r->pages_ram;
	if (has_no_swap(r) && whole > r->memory.limit_kb / t->page_kb) {
		whole = r->memory.limit_kb / t->page_kb;
		replay_assume(p,
			      "the cgroup used no swap: there was none, whatever it was allowed");
	}
	if (whole > 1 && swap_hides(t, whole))
		replay_assume(p, "how much swap the cgroup could use is not in the log: what ran "
				 "out is taken for 10/9 of what the tasks had");
	else if (whole > 1)
		return whole;
	else
		replay_assume(p, "the log does not tell how much memory there was: taken for 10/9 "
				 "of what the tasks had");
	return sum_of(t) / 9 * 10;
}

int replay_tasks_rank(struct replay_tasks *t)
{
	struct badness_rules rules = badness_rules_default();

	badness_ranking_free(&t->ranking);
	return badness_rank(t->tasks, t->nr, t->whole, &rules, &t->ranking);
}

static const char *problem(struct replay *p, struct replay_tasks *t)
{
	for (size_t i = 0; i < t->nr; i++) {
		if (!t->report->tasks[i].comm[0] || t->tasks[i].oom_score_adj == OOM_ABSENT)
			return "rows of the task dump are cut";
		if (!sane(&t->tasks[i]))
			return "a row of the task dump has sizes or an oom_score_adj that cannot "
			       "be";
	}
	t->whole = whole_of(p, t);
	if (t->whole >= PAGES_MOST)
		return "the log tells of more memory than a machine can have";
	if (t->whole && t->whole * t->page_kb < LEAST_KB && p->kind != OOM_KIND_MEMCG)
		return "the log does not tell how much memory there was, and its tasks have too "
		       "little to tell it by";
	return t->whole ? NULL : "no task in the dump has a page of memory";
}

int replay_tasks_read(struct replay *p, const struct oom_report *r, struct replay_tasks *ret,
		      struct fail *f)
{
	const char *why;

	*ret = (struct replay_tasks){ .report = r,
				      .nr = r->nr_tasks,
				      .page_kb = badness_page_kb(r),
				      .tasks = badness_tasks_of(r),
				      .changed = calloc(r->nr_tasks + 1, sizeof(bool)) };
	if (!ret->tasks || !ret->changed)
		return -ENOMEM;
	why = problem(p, ret);
	if (why)
		return replay_refuse(f, why);
	p->domain_kb = ret->whole * ret->page_kb;
	return replay_tasks_rank(ret);
}

void replay_tasks_free(struct replay_tasks *t)
{
	badness_ranking_free(&t->ranking);
	free(t->tasks);
	free(t->changed);
	*t = (struct replay_tasks){ 0 };
}
