// SPDX-License-Identifier: MIT
/* The model asked about a report: whom it would have chosen, and whether the kernel did. */
#include "lib/badness_internal.h"

#include <inttypes.h>

/* What rss counters may be off by: 64 pages of each thread's cache, of three counters (<= 6.1). */
#define LAG_PAGES 192

struct badness_task *badness_tasks_of(const struct oom_report *r)
{
	struct badness_task *tasks = calloc(r->nr_tasks ? r->nr_tasks : 1, sizeof(*tasks));
	int64_t page_bytes = badness_page_kb(r) * 1024;

	for (size_t i = 0; tasks && i < r->nr_tasks; i++) {
		const struct oom_task *t = &r->tasks[i];
		struct badness_task *b = &tasks[i];

		b->pid = t->pid;
		str_copy(b->comm, sizeof(b->comm), t->comm);
		b->rss_pages = t->rss_pages;
		b->swapents_pages = t->swapents_pages;
		b->oom_score_adj = t->oom_score_adj;
		b->root = t->uid == 0;
		b->pgtables_pages = OOM_ABSENT;
		if (t->pgtables_bytes != OOM_ABSENT)
			b->pgtables_pages = t->pgtables_bytes / page_bytes;
		else if (t->nr_ptes != OOM_ABSENT &&
			 __builtin_add_overflow(t->nr_ptes,
						t->nr_pmds == OOM_ABSENT ? 0 : t->nr_pmds,
						&b->pgtables_pages))
			b->pgtables_pages = INT64_MAX;
	}
	return tasks;
}

bool badness_adj_is_moot(const struct badness_task *tasks, size_t n, bool clamped)
{
	int64_t adj = OOM_ABSENT;
	size_t eligible = 0;

	for (size_t i = 0; i < n; i++) {
		int64_t a = tasks[i].oom_score_adj == OOM_ABSENT ? 0 : tasks[i].oom_score_adj;

		if (a == -1000)
			continue;
		if (eligible++ && a != adj)
			return false;
		adj = a;
	}
	return eligible < 2 || adj == 0 || !clamped;
}

static const struct badness_entry *entry_of(const struct badness_ranking *k, int64_t pid)
{
	for (size_t i = 0; i < k->nr_entries; i++)
		if (k->entries[i].task->pid == pid)
			return &k->entries[i];
	return NULL;
}

/* The kill line may name a thread; the summary line, or the line before 5.1, names the process. */
static bool is_victim(const struct oom_report *r, int64_t pid, const struct badness_ranking *k)
{
	return r->victim_row == pid || (!entry_of(k, r->victim_row) && r->summary_pid == pid);
}

static void say_miss(const struct oom_report *r, struct badness_verdict *v)
{
	const struct oom_victim *killed = &r->victims[0];
	const struct badness_entry *e = entry_of(&v->ranking, r->victim_row);
	int64_t apart;

	if (!e || __builtin_sub_overflow(v->points, e->points, &apart))
		apart = INT64_MAX;
	if (!e) {
		snprintf(v->why, sizeof(v->why), "the victim %s (%" PRId64 ") is not in the dump",
			 killed->comm, killed->pid);
		v->agrees = -1;
	} else if (!e->eligible) {
		snprintf(v->why, sizeof(v->why),
			 "the victim has oom_score_adj -1000: it shared its memory with another");
	} else if (e->points == v->points) {
		snprintf(v->why, sizeof(v->why),
			 "a tie at %" PRId64
			 " points: the order in which the kernel looked decided",
			 v->points);
		v->agrees =
			r->kind == OOM_KIND_MEMCG && badness_rules_of(r).first_wins_ties ? -1 : 0;
	} else if (apart <= LAG_PAGES) {
		snprintf(v->why, sizeof(v->why),
			 "%" PRId64 " pages apart, within what rss counters lag behind", apart);
	} else {
		snprintf(v->why, sizeof(v->why),
			 "by the log's own numbers %s (%" PRId64 ") has %" PRId64
			 " points, the victim %" PRId64,
			 v->comm, v->pid, v->points, e->points);
	}
}

static void say_doubt(const struct oom_report *r, struct badness_verdict *v)
{
	const struct badness_ranking *k = &v->ranking;

	if (k->margin_pages == OOM_ABSENT)
		return;
	if (k->margin_pages == 0)
		snprintf(v->why, sizeof(v->why),
			 "a tie at %" PRId64 " points, decided by the order of the tasks",
			 v->points);
	else if (k->margin_pages <= LAG_PAGES && !(r->release[0] >= '7' && r->release[1] == '.'))
		snprintf(v->why, sizeof(v->why),
			 "a margin of %" PRId64 " pages is within what rss counters lag behind",
			 k->margin_pages);
}

/*
 * "Kill process 5996 (npm) score 130 or sacrifice child": the choice is what the model predicts.
 * Which child then dies the dump cannot tell, for it names no parents.
 */
static bool child_died(const struct oom_report *r, const struct badness_verdict *v)
{
	return badness_rules_of(r).prefer_children && r->chosen_pid == v->pid &&
	       r->victims[0].pid != v->pid;
}

/* Without a kill line: the summary line, or the one before 5.1, may still name who was chosen. */
static void compare_chosen(const struct oom_report *r, struct badness_verdict *v)
{
	bool summary = r->summary_pid != OOM_ABSENT;
	int64_t pid = summary ? r->summary_pid : r->chosen_pid;
	const struct badness_entry *e = entry_of(&v->ranking, pid);

	v->agrees = e ? pid == v->pid : -1;
	if (pid == OOM_ABSENT)
		str_copy(v->why, sizeof(v->why), "the log does not tell who was killed");
	else if (v->agrees != 1)
		snprintf(v->why, sizeof(v->why), "the log says that %s (%" PRId64 ") was chosen%s",
			 summary ? r->summary_comm : r->chosen_comm, pid,
			 e ? "" : ", which the dump does not have");
}

static void compare(const struct oom_report *r, struct badness_verdict *v)
{
	if (r->nr_victims && child_died(r, v)) {
		v->agrees = 1;
		snprintf(v->why, sizeof(v->why),
			 "the kernel chose %s (%" PRId64 ") as predicted, and killed its child %s "
			 "(%" PRId64 ") in its stead (before 5.1)",
			 v->comm, v->pid, r->victims[0].comm, r->victims[0].pid);
	} else if (r->nr_victims) {
		v->agrees = is_victim(r, v->pid, &v->ranking);
		if (v->agrees)
			say_doubt(r, v);
		else
			say_miss(r, v);
	} else if (r->outcome == OOM_OUTCOME_NO_KILLABLE) {
		v->agrees = 0;
		snprintf(v->why, sizeof(v->why),
			 "the kernel found nobody to kill, though the dump holds killable tasks");
	} else {
		compare_chosen(r, v);
	}
}

/* Who asked: by pid where the log has it, else by the name that the next lines have as well. */
static int64_t asker(const struct oom_report *r)
{
	if (r->invoker_pid != OOM_ABSENT || !r->invoker_comm[0])
		return r->invoker_pid;
	if (str_eq(r->invoker_comm, r->chosen_comm))
		return r->chosen_pid;
	return r->nr_victims && str_eq(r->invoker_comm, r->victims[0].comm) ? r->victims[0].pid
									    : OOM_ABSENT;
}

/* vm.oom_kill_allocating_task: no ranking is asked for */
static void allocating_task(const struct oom_report *r, struct badness_verdict *v)
{
	v->has_prediction = true;
	v->pid = asker(r);
	v->points = OOM_ABSENT;
	str_copy(v->comm, sizeof(v->comm), r->invoker_comm);
	str_copy(v->why, sizeof(v->why), "vm.oom_kill_allocating_task is set: who asks, dies");
	if (r->nr_victims) /* or, before 5.1, a child in its stead */
		v->agrees = r->victims[0].pid == v->pid || r->summary_pid == v->pid ||
			    r->chosen_pid == v->pid;
}

static int no_data(struct badness_verdict *v, const char *why)
{
	str_copy(v->why, sizeof(v->why), why);
	free(v->tasks);
	v->tasks = NULL;
	return -ENODATA;
}

/* Ranks by these rules and names the first. 0, or -ENOMEM. */
static int predict(const struct oom_report *r, int64_t totalpages,
		   const struct badness_rules *rules, struct badness_verdict *v)
{
	int err;

	badness_ranking_free(&v->ranking);
	err = badness_rank(v->tasks, r->nr_tasks, totalpages, rules, &v->ranking);
	if (err || !v->ranking.nr_eligible)
		return err;
	v->has_prediction = true;
	v->pid = v->ranking.entries[0].task->pid;
	v->points = v->ranking.entries[0].points;
	str_copy(v->comm, sizeof(v->comm), v->ranking.entries[0].task->comm);
	v->why[0] = '\0';
	compare(r, v);
	return 0;
}

/*
 * Where the log leaves a rule open and the first reading disagrees with the kernel, the other one
 * may be the true one: then it is taken, and said.
 */
static int other_reading(const struct oom_report *r, int64_t totalpages,
			 const struct badness_rules *rules, struct badness_verdict *v)
{
	const struct {
		bool open;
		struct badness_rules flip;
		const char *why;
	} readings[] = {
		{ rules->root_bonus,
		  { .root_bonus = true },
		  "root gets no 3 % off here: in a container it lacks CAP_SYS_ADMIN" },
		{ badness_clamp_is_open(r),
		  { .clamp_to_one = true },
		  "this 5.4 to 5.8 has the signed badness of 5.9 (stable and vendors took it)" },
	};

	for (size_t i = 0; v->agrees == 0 && i < ARRAY_SIZE(readings); i++) {
		struct badness_rules other = *rules;
		char why[sizeof(v->why)];
		int err;

		if (!readings[i].open)
			continue;
		other.root_bonus ^= readings[i].flip.root_bonus;
		other.clamp_to_one ^= readings[i].flip.clamp_to_one;
		str_copy(why, sizeof(why), v->why);
		err = predict(r, totalpages, &other, v);
		if (err)
			return err;
		if (v->agrees == 1) {
			str_copy(v->why, sizeof(v->why), readings[i].why);
			return 0;
		}
		err = predict(r, totalpages, rules, v);
		if (err)
			return err;
	}
	return 0;
}

/* Swap that a memcg may use counts in its total, but only a global report shows how much there is. */
static void unknown_swap(const struct oom_report *r, bool moot, struct badness_verdict *v)
{
	const struct oom_usage *swap = r->memsw.limit_kb != OOM_ABSENT ? &r->memsw : &r->swap;

	if (v->agrees || moot || r->kind != OOM_KIND_MEMCG || swap->limit_kb == OOM_ABSENT ||
	    !badness_unlimited(swap->limit_kb))
		return;
	v->agrees = -1;
	str_copy(v->why, sizeof(v->why),
		 "oom_score_adj scales with limit and swap, and a memcg's report does not show the "
		 "swap");
}

static bool has_cut_rows(const struct oom_report *r)
{
	for (size_t i = 0; i < r->nr_tasks; i++)
		if (!r->tasks[i].comm[0] || r->tasks[i].oom_score_adj == OOM_ABSENT)
			return true;
	return false;
}

int badness_judge_report(const struct oom_report *r, struct badness_verdict *ret)
{
	struct badness_rules rules = badness_rules_of(r);
	int64_t totalpages = badness_totalpages(r);
	bool moot;
	int err;

	*ret = (struct badness_verdict){ .agrees = -1, .ranking.margin_pages = OOM_ABSENT };
	if (r->allocating_task && r->kind != OOM_KIND_MEMCG) {
		if (asker(r) == OOM_ABSENT)
			return no_data(ret, "vm.oom_kill_allocating_task is set: who asks, dies, "
					    "and the log does not tell who asked");
		allocating_task(r, ret);
		return 0;
	}
	if (!r->has_task_table)
		return no_data(ret, "no task dump in the log");
	if (rules.legacy_oom_adj)
		return no_data(ret,
			       "before 2.6.36 the choice needs run times the log does not show");
	if (!r->nr_tasks &&
	    (r->nr_victims || r->summary_pid != OOM_ABSENT || r->chosen_pid != OOM_ABSENT))
		return no_data(ret, "the rows of the task dump are not in the log");
	if (has_cut_rows(r))
		return no_data(ret, "rows of the task dump are cut");
	ret->tasks = badness_tasks_of(r);
	if (!ret->tasks)
		return -ENOMEM;
	moot = badness_adj_is_moot(ret->tasks, r->nr_tasks, rules.clamp_to_one);
	if (totalpages == OOM_ABSENT && !moot)
		return no_data(ret,
			       "the log does not tell the memory that oom_score_adj scales with");
	if (totalpages == OOM_ABSENT || totalpages < 1)
		totalpages = 1;
	err = predict(r, totalpages, &rules, ret);
	if (!err && !ret->ranking.nr_eligible) {
		ret->agrees = r->nr_victims ? 0 : r->outcome == OOM_OUTCOME_NO_KILLABLE ? 1 : -1;
		str_copy(ret->why, sizeof(ret->why), "no task in the dump can be killed");
		return 0;
	}
	err = err ? err : other_reading(r, totalpages, &rules, ret);
	if (!err)
		unknown_swap(r, moot, ret);
	return err;
}

void badness_verdict_free(struct badness_verdict *v)
{
	badness_ranking_free(&v->ranking);
	free(v->tasks);
	v->tasks = NULL;
}
