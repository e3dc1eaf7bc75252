/* SPDX-License-Identifier: MIT */
/*
 * The logs of lib/tests/data/captured, what truly happened in each (its `expected`, written from
 * the evidence of the run and not from the log), and the question if reader and model tell the same.
 */
#ifndef OOM_LIB_TESTS_OOM_CAPTURED_H
#define OOM_LIB_TESTS_OOM_CAPTURED_H

#include "lib/tests/oom_testlib.h"

#include <inttypes.h>

#define CAPTURED   "captured"
#define TRUTHS_MAX 128

struct worker {
	int64_t pid;
	char comm[OOM_COMM_LEN];
	int adj;
	bool within; /* the OOM's reach */
};

/* A line of `expected`, which says what its columns are; "-" is none. */
struct truth {
	char file[80], release[80], kind[16], outcome[16];
	long kills;
	char victims[200], oom_memcg[128], task_memcg[128];
	struct worker workers[8];
	size_t nr_workers;
};

static struct truth truths[TRUTHS_MAX];
static size_t nr_truths;

/* "116:sidecar:0:in,117:spared:-1000:in" */
static inline void read_workers(struct truth *t, const char *list)
{
	for (const char *s = list; *s; s += strcspn(s, ","), s += *s == ',') {
		struct worker *w = &t->workers[t->nr_workers++];
		char where[4];

		assert_true(t->nr_workers <= ARRAY_SIZE(t->workers));
		assert_int_equal(sscanf(s, "%" SCNd64 ":%15[^:,]:%d:%3[a-z]", &w->pid, w->comm,
					&w->adj, where),
				 4);
		w->within = str_eq(where, "in");
		assert_true(w->within || str_eq(where, "out"));
	}
	assert_true(t->nr_workers > 0);
}

static inline int load_truths(void **state)
{
	char *text __free = test_log(CAPTURED, "expected");
	char kills[16], workers[400];

	(void)state;
	for (char *s = text, *nl; (nl = strchr(s, '\n')); s = nl + 1) {
		struct truth *t = &truths[nr_truths];

		*nl = '\0';
		if (*s == '#')
			continue;
		assert_true(++nr_truths <= TRUTHS_MAX);
		assert_int_equal(sscanf(s, "%79s %79s %15s %15s %15s %199s %127s %127s %399s",
					t->file, t->release, t->kind, t->outcome, kills, t->victims,
					t->oom_memcg, t->task_memcg, workers),
				 9);
		t->kills = strtol(kills, NULL, 10); /* "-" is 0 */
		read_workers(t, workers);
	}
	return 0;
}

static inline bool ended(const struct truth *t, const char *outcome)
{
	return str_eq(t->outcome, outcome);
}

/* A group kill is one report, whatever it killed; each other kill has its own. */
static inline size_t reports_due(const struct truth *t)
{
	return ended(t, "group") || ended(t, "panic") ? 1 : (size_t)t->kills;
}

static inline const struct worker *worker_of(const struct truth *t, int64_t pid)
{
	for (size_t i = 0; i < t->nr_workers; i++)
		if (t->workers[i].pid == pid)
			return &t->workers[i];
	return NULL;
}

static inline void same_or_absent(const char *got, const char *want)
{
	if (str_eq(want, "-"))
		assert_null(got);
	else
		assert_string_equal(got ? got : "(none)", want);
}

static inline size_t times_killed(const struct oom_report *r, int64_t pid)
{
	size_t n = 0;

	for (size_t i = 0; i < r->nr_victims; i++)
		n += r->victims[i].pid == pid;
	return n;
}

/*
 * The unit in whatever order its tasks were walked; who was chosen is met again in that walk, so
 * there is one line more than there are dead.
 */
static inline void check_group(const struct truth *t, const struct oom_report *r)
{
	size_t dead = 0;

	for (const char *s = t->victims; *s; s += strcspn(s, ","), s += *s == ',', dead++) {
		char comm[OOM_COMM_LEN];
		int64_t pid;

		assert_int_equal(sscanf(s, "%" SCNd64 ":%15[^:,]", &pid, comm), 2);
		assert_string_equal(worker_of(t, pid)->comm, comm);
		assert_int_equal(times_killed(r, pid), pid == r->victims[0].pid ? 2 : 1);
	}
	assert_int_equal(r->nr_victims, dead + 1);
	assert_int_equal(r->victims[0].pid, r->summary_pid);
	for (size_t i = 0; i < r->nr_victims; i++) {
		assert_int_equal(r->victims[i].group_kill, i > 0);
		assert_string_equal(r->victims[i].comm, worker_of(t, r->victims[i].pid)->comm);
	}
	assert_string_equal(r->group_memcg, t->task_memcg);
}

/* Victims of all reports one behind the other, as "pid:comm,pid:comm". */
static inline void check_victims(const struct truth *t, const struct kept *k)
{
	char seen[sizeof(t->victims)] = "";
	size_t n = 0, kills = 0;

	for (size_t i = 0; i < k->n; i++) {
		const struct oom_report *r = k->r[i];

		kills += r->nr_victims;
		if (ended(t, "group"))
			check_group(t, r);
		for (size_t v = 0; v < r->nr_victims && n < sizeof(seen); v++)
			n += (size_t)snprintf(seen + n, sizeof(seen) - n, "%s%" PRId64 ":%s",
					      n ? "," : "", r->victims[v].pid, r->victims[v].comm);
	}
	assert_int_equal(kills, t->kills);
	if (!ended(t, "group"))
		assert_string_equal(n ? seen : "-", t->victims);
}

/* The dump holds every worker the OOM could reach, also one at -1000, and no other worker. */
static inline void check_dump(const struct truth *t, const struct oom_report *r)
{
	assert_true(r->has_task_table);
	for (size_t i = 0; i < t->nr_workers; i++) {
		const struct worker *w = &t->workers[i];
		const struct oom_task *row = oom_report_task(r, w->pid);

		assert_int_equal(row != NULL, w->within);
		if (!row)
			continue;
		assert_string_equal(row->comm, w->comm);
		assert_int_equal(row->oom_score_adj, w->adj);
		assert_true(row->rss_pages > 0 && row->total_vm_pages >= row->rss_pages);
	}
}

/* Is there a worker in the dump with more than the victim, whom badness would have taken? */
static inline bool bigger_one_lives(const struct truth *t, const struct oom_report *r)
{
	const struct oom_task *victim = oom_report_task(r, r->victims[0].pid);

	for (size_t i = 0; victim && i < t->nr_workers; i++) {
		const struct oom_task *row = oom_report_task(r, t->workers[i].pid);

		if (row && row->rss_pages > victim->rss_pages)
			return true;
	}
	return false;
}

static inline void check_model(const struct truth *t, const struct oom_report *r)
{
	struct badness_verdict v;

	assert_int_equal(badness_judge_report(r, &v), 0);
	assert_true(v.has_prediction);
	if (ended(t, "panic")) {
		/* Nobody was chosen: there is somebody to name and nothing to agree with. */
		assert_int_equal(v.agrees, -1);
		assert_true(v.why[0] != '\0');
		assert_non_null(worker_of(t, v.pid));
	} else {
		assert_int_equal(v.agrees, 1);
		assert_int_equal(v.pid, r->victims[0].pid);
		assert_string_equal(v.comm, r->victims[0].comm);
	}
	if (ended(t, "allocating")) {
		assert_int_equal(v.pid, r->invoker_pid);
		assert_int_equal(v.points, OOM_ABSENT);
		assert_int_equal(v.ranking.nr_entries, 0);
		assert_true(bigger_one_lives(t, r));
	} else {
		assert_true(v.ranking.totalpages > 1);
		assert_int_equal(v.ranking.nr_entries, r->nr_tasks);
	}
	badness_verdict_free(&v);
}

static inline void check_report(const struct truth *t, const struct oom_report *r)
{
	bool panic = ended(t, "panic");

	assert_string_equal(r->release, t->release);
	assert_string_equal(oom_kind_name(r->kind), t->kind);
	assert_int_equal(r->outcome, panic ? OOM_OUTCOME_PANIC : OOM_OUTCOME_KILLED);
	assert_true(r->complete);
	assert_false(r->headless);
	assert_non_null(worker_of(t, r->invoker_pid));
	assert_string_equal(r->invoker_comm, worker_of(t, r->invoker_pid)->comm);
	assert_int_equal(r->allocating_task, ended(t, "allocating"));
	assert_int_equal(r->group_memcg != NULL, ended(t, "group"));
	assert_int_equal(r->panic != NULL, panic);
	same_or_absent(r->oom_memcg, t->oom_memcg);
	same_or_absent(r->task_memcg, t->task_memcg);
	check_dump(t, r);
	check_model(t, r);
}

static inline void check_log(const struct truth *t, const char *text, const char *how)
{
	struct kept k = parse(text);

	print_message("%s, %s\n", t->file, how);
	assert_int_equal(k.n, reports_due(t));
	for (size_t i = 0; i < k.n; i++)
		check_report(t, k.r[i]);
	check_victims(t, &k);
	kept_free(&k);
}

#endif
