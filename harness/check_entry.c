// SPDX-License-Identifier: MIT
/*
 * Triple entry: kernel log, wait status and counters each tell of the kills on their own, and must
 * tell the same. One that differs is a finding by itself, whatever the case expects.
 *
 * Counted in lines, not victims: a group kill prints and counts its first victim twice (facts of
 * 5.10 to 7.2), and both the memcg's oom_kill and vmstat's go up by one for each line.
 */
#include "harness/check.h"

static size_t lines_of_ours(const struct evidence *e)
{
	size_t n = 0;

	for (size_t i = 0; i < e->nr_reports; i++)
		for (size_t v = 0; v < e->reports[i]->nr_victims; v++)
			n += evidence_worker_by_pid(e, e->reports[i]->victims[v].pid) != NULL;
	return n;
}

static size_t lines_of_all(const struct evidence *e)
{
	size_t n = 0;

	for (size_t i = 0; i < e->nr_reports; i++)
		n += e->reports[i]->nr_victims;
	return n;
}

static bool in_log(const struct evidence *e, const struct ev_worker *w)
{
	for (size_t i = 0; i < e->nr_reports; i++)
		for (size_t v = 0; v < e->reports[i]->nr_victims; v++)
			if (evidence_worker_by_pid(e, e->reports[i]->victims[v].pid) == w)
				return true;
	return false;
}

/* What the wait status alone says, without the log's help; a death by kin has no line to agree with. */
static bool killed_by_status(const struct ev_worker *w)
{
	return w->died && w->signal == 9 && w->death != DEATH_OURS && w->death != DEATH_NONE &&
	       w->death != DEATH_WITH_PARENT && w->death != DEATH_TAKEN_ALONG;
}

/* v2: hierarchical, so our root tells of all below it. */
static int memcg_kills_v2(const struct bench *b, int64_t *ret)
{
	return evidence_counter(b->e, NULL, "", "memory.events", "oom_kill", ret);
}

/* Each cgroup counts only the victims that lived in it. */
static int memcg_kills_each(const struct bench *b, const char *file, int64_t *ret)
{
	int64_t sum, one;
	int err = evidence_counter(b->e, NULL, "", file, "oom_kill", &sum);

	for (size_t i = 0; !err && i < b->plan->nr_cgroups; i++) {
		err = evidence_counter(b->e, NULL, b->plan->cgroups[i].path, file, "oom_kill",
				       &one);
		if (!err && __builtin_add_overflow(sum, one, &sum))
			err = -ERANGE;
	}
	*ret = err ? 0 : sum;
	return err;
}

static int memcg_kills(const struct bench *b, int64_t *ret)
{
	if (b->plan->cgroup == CGROUP_V1)
		return memcg_kills_each(b, "memory.oom_control", ret);
	if (word_in_list(b->plan->mount, "memory_localevents"))
		return memcg_kills_each(b, "memory.events", ret);
	return memcg_kills_v2(b, ret);
}

static void saw_workers(struct bench *b, struct check *c, bool by_log)
{
	bool any = false;

	check_saw(b, c, "[");
	for (size_t i = 0; i < b->e->nr_workers; i++) {
		const struct ev_worker *w = &b->e->workers[i];

		if (by_log ? !in_log(b->e, w) : !killed_by_status(w))
			continue;
		check_saw(b, c, "%s%s", any ? ", " : "", w->name);
		any = true;
	}
	check_saw(b, c, "]");
}

static bool log_and_status_agree(const struct evidence *e)
{
	for (size_t i = 0; i < e->nr_workers; i++)
		if (in_log(e, &e->workers[i]) != killed_by_status(&e->workers[i]))
			return false;
	return true;
}

/* oom_kill came with 4.13, in vmstat and in the memcg files alike: before it there is no third. */
static void compare_counter(struct bench *b, struct check *c, const char *name, int err,
			    int64_t value, size_t lines)
{
	if (err && !bench_kernel_at_least(b, 4, 13)) {
		check_saw(b, c, ", %s has none", name);
		return;
	}
	if (err) {
		check_saw(b, c, ", %s not in the evidence", name);
		check_unsure(c);
		return;
	}
	check_saw(b, c, ", %s oom_kill %+lld", name, (long long)value);
	if (value < 0 || (uint64_t)value != lines)
		check_fail(c);
}

void check_entry(struct bench *b)
{
	const struct evidence *e = b->e;
	size_t ours = lines_of_ours(e), all = lines_of_all(e);
	struct check *c = check_new(b, "triple entry");
	int64_t memcg = 0, vmstat = 0;
	int err;

	check_want(b, c, "log, wait status and counters to agree");
	check_saw(b, c, "log kills ");
	saw_workers(b, c, true);
	check_saw(b, c, " in %zu line%s", ours, ours == 1 ? "" : "s");
	if (all != ours)
		check_saw(b, c, " (%zu with others)", all);
	check_saw(b, c, ", wait status SIGKILL ");
	saw_workers(b, c, false);
	if (!log_and_status_agree(e))
		check_fail(c);
	err = memcg_kills(b, &memcg);
	compare_counter(b, c, "memcg", err, memcg, ours);
	err = evidence_counter(e, NULL, "", "vmstat", "oom_kill", &vmstat);
	compare_counter(b, c, "vmstat", err, vmstat, all);
}
