// SPDX-License-Identifier: MIT
/* The kernel's ranking by hand-computed numbers, and the rules each era's report asks for. */
#include "lib/tests/oom_testlib.h"

static struct badness_task task(int64_t pid, int64_t rss, int64_t adj)
{
	return (struct badness_task){ .pid = pid,
				      .rss_pages = rss,
				      .oom_score_adj = adj,
				      .swapents_pages = OOM_ABSENT,
				      .pgtables_pages = OOM_ABSENT };
}

static int64_t first(const struct badness_task *t, size_t n, int64_t total,
		     struct badness_rules rules, int64_t *margin)
{
	struct badness_ranking k;
	int64_t pid;

	assert_int_equal(badness_rank(t, n, total, &rules, &k), 0);
	pid = k.nr_eligible ? k.entries[0].task->pid : -1;
	if (margin)
		*margin = k.margin_pages;
	badness_ranking_free(&k);
	return pid;
}

static void adj_is_in_thousandths_of_the_domain(void **state)
{
	struct badness_task t[] = { task(1, 5000, 0), task(2, 100, 50), task(3, 90000, -1000) };
	struct badness_rules now = badness_rules_default();
	int64_t margin;

	(void)state;
	/* 100 + 50 * 100 = 5100 against 5000 */
	assert_int_equal(first(t, 3, 100999, now, &margin), 2);
	assert_int_equal(margin, 100);
	/* 50 * 90 = 4500 */
	assert_int_equal(first(t, 3, 90999, now, NULL), 1);
	/* below 1000 pages the division leaves nothing: only -1000 counts */
	t[1].oom_score_adj = 1000;
	assert_int_equal(first(t, 3, 999, now, NULL), 1);
	t[0].oom_score_adj = t[1].oom_score_adj = -1000;
	assert_int_equal(first(t, 3, 100000, now, NULL), -1);
}

static void ties_by_era(void **state)
{
	struct badness_task t[] = { task(1, 500, 0), task(2, 500, 0), task(3, 500, 0) };
	struct badness_rules now = badness_rules_default(), old = { .first_wins_ties = true };
	int64_t margin;

	(void)state;
	assert_int_equal(first(t, 3, 10000, now, &margin), 3);
	assert_int_equal(margin, 0);
	assert_int_equal(first(t, 3, 10000, old, NULL), 1);
	assert_int_equal(first(t, 1, 10000, now, &margin), 1);
	assert_int_equal(margin, OOM_ABSENT);
	assert_int_equal(first(t, 0, 10000, now, NULL), -1);
}

static void clamp_and_root_bonus(void **state)
{
	struct badness_task t[] = { task(1, 10, -998), task(2, 9000, -998) };
	struct badness_task u[] = { task(1, 10000, 0), task(2, 9800, 0) };
	struct badness_rules old = { .clamp_to_one = true, .first_wins_ties = true };
	struct badness_rules root = { .root_bonus = true };

	(void)state;
	/* both below 1: the small first one dies, which 5.9 mended */
	assert_int_equal(first(t, 2, 100000, old, NULL), 1);
	assert_int_equal(first(t, 2, 100000, badness_rules_default(), NULL), 2);
	u[0].root = true; /* 10000 - 300 */
	assert_int_equal(first(u, 2, 100000, root, NULL), 2);
	assert_int_equal(first(u, 2, 100000, badness_rules_default(), NULL), 1);
}

static void hostile_numbers(void **state)
{
	struct badness_task t[] = { task(1, INT64_MAX, 1000), task(2, INT64_MAX, -999),
				    task(3, -5, 0), task(4, 0, INT64_MAX) };
	int64_t margin;

	(void)state;
	t[0].swapents_pages = t[0].pgtables_pages = INT64_MAX;
	assert_int_equal(first(t, 4, INT64_MAX, badness_rules_default(), &margin), 4);
	assert_true(margin >= 0);
}

#define ROW(pid, rss, adj, name) \
	"[" pid "]     0 " pid "     9999 " rss "     40960        0 " adj " " name "\n"
#define TABLE "[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name\n"
#define KILLED(pid, name)                                                    \
	"Killed process " pid " (" name ") total-vm:39996kB, anon-rss:1kB, " \
	"file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:40kB oom_score_adj:0\n"

static int judged(const char *text, struct badness_verdict *v)
{
	struct kept k = parse(text);
	int err;

	assert_int_equal(k.n, 1);
	err = badness_judge_report(k.r[0], v);
	/* the verdict's entries point to its own tasks, not the report's */
	kept_free(&k);
	return err;
}

static void judges(void **state)
{
	static const struct {
		const char *text;
		int err, agrees;
		int64_t pid;
		const char *why; /* a part of it */
	} rows[] = {
		{ "memory: usage 8000kB, limit 8000kB, failcnt 1\n" TABLE ROW("10", "900", "0", "a")
			  ROW("11", "1500", "0", "b") "Memory cgroup out of memory: " KILLED("11",
											     "b"),
		  0, 1, 11, "" },
		{ "memory: usage 8000kB, limit 8000kB, failcnt 1\n" TABLE ROW("10", "900", "0", "a")
			  ROW("11", "1500", "0", "b") "Memory cgroup out of memory: " KILLED("10",
											     "a"),
		  0, 0, 11, "by the log's own numbers" },
		{ "memory: usage 8000kB, limit 8000kB, failcnt 1\n" TABLE ROW("10", "900", "0", "a")
			  ROW("11", "1500", "0", "b") "Memory cgroup out of memory: " KILLED("12",
											     "c"),
		  0, -1, 11, "not in the dump" },
		{ "memory: usage 8000kB, limit 8000kB, failcnt 1\n" TABLE ROW("10", "900", "0", "a")
			  ROW("11", "901", "0", "b") "Memory cgroup out of memory: " KILLED("10",
											    "a"),
		  0, 0, 11, "lag" },
		{ "memory: usage 8000kB, limit 8000kB, failcnt 1\n" TABLE ROW("10", "900", "0", "a")
			  ROW("11", "900", "0", "b") "Memory cgroup out of memory: " KILLED("11",
											    "b"),
		  0, 1, 11, "tie" },
		{ "memory: usage 8000kB, limit 8000kB, failcnt 1\n" TABLE ROW(
			  "10", "900", "0", "a") "Out of memory and no killable processes...\n",
		  0, 0, 10, "nobody" },
		{ "memory: usage 8000kB, limit 8000kB, failcnt 1\n" TABLE ROW(
			  "10", "900", "-1000", "a") "Out of memory and no killable processes...\n",
		  0, 1, 0, "no task" },
		{ TABLE ROW("10", "900", "5", "a")
			  ROW("11", "901", "0", "b") "Out of memory: " KILLED("10", "a"),
		  -ENODATA, -1, 0, "does not tell the memory" },
		{ TABLE ROW("10", "900", "0", "a")
			  ROW("11", "1500", "0", "b") "Out of memory: " KILLED("11", "b"),
		  0, 1, 11, "" },
		{ "Out of memory: " KILLED("11", "b"), -ENODATA, -1, 0, "no task dump" },
		{ "[ pid ]   uid  tgid total_vm      rss cpu oom_adj name\n"
		  "[   11]     0    11     9999      500   0       0 b\n"
		  "Out of memory: Killed process 11 (b)\n",
		  -ENODATA, -1, 0, "2.6.36" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct badness_verdict v;

		print_message("%s", rows[i].text);
		assert_int_equal(judged(rows[i].text, &v), rows[i].err);
		assert_int_equal(v.agrees, rows[i].agrees);
		assert_int_equal(v.has_prediction ? v.pid : 0, rows[i].pid);
		assert_non_null(strstr(v.why, rows[i].why));
		badness_verdict_free(&v);
	}
}

/* What the log leaves open is read as the kernel did, and said. */
static void open_rules(void **state)
{
	static const struct {
		const char *text;
		int agrees;
		const char *why;
	} rows[] = {
		{ "a invoked oom-killer: gfp_mask=0x1, order=0, oom_score_adj=0\n"
		  "CPU: 0 PID: 10 Comm: a Not tainted 4.4.0 #1\n"
		  "memory: usage 8000kB, limit 8000kB, failcnt 1\n"
		  "[ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name\n"
		  "[   10]     0    10     9999     1000       0        0             0 a\n"
		  "[   11]     7    11     9999      980       0        0             0 b\n"
		  "Killed process 10 (a) total-vm:39996kB, anon-rss:1kB, file-rss:0kB\n",
		  1, "CAP_SYS_ADMIN" },
		{ "a invoked oom-killer: gfp_mask=0x1, order=0, oom_score_adj=0\n"
		  "CPU: 0 PID: 10 Comm: a Not tainted 5.4.0-170-generic #1\n"
		  "memory: usage 8000000kB, limit 8000000kB, failcnt 1\n" TABLE ROW("10", "900",
										    "-900", "a")
			  ROW("11", "800", "-900", "b") "Memory cgroup out of memory: " KILLED("10",
											       "a"),
		  1, "5.9" },
		{ "memory: usage 8000kB, limit 8000kB, failcnt 1\n"
		  "swap: usage 8000kB, limit 9007199254740988kB, failcnt 1\n" TABLE ROW("10", "900",
											"500", "a")
			  ROW("11", "1950", "0", "b") "Memory cgroup out of memory: " KILLED("10",
											     "a"),
		  -1, "swap" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct badness_verdict v;

		assert_int_equal(judged(rows[i].text, &v), 0);
		print_message("%s\n", v.why);
		assert_int_equal(v.agrees, rows[i].agrees);
		assert_non_null(strstr(v.why, rows[i].why));
		badness_verdict_free(&v);
	}
}

/* memory+swap is the total of v1; a swap limit adds on v2; no limit is no number */
static void totals(void **state)
{
	static const struct {
		const char *usage;
		int64_t pages;
	} rows[] = {
		{ "memory: usage 8000kB, limit 8000kB, failcnt 1\n", 2000 },
		{ "memory: usage 8000kB, limit 8000kB, failcnt 1\nmemory+swap: usage 9kB, limit "
		  "12000kB, "
		  "failcnt 0\n",
		  3000 },
		{ "memory: usage 8000kB, limit 8000kB, failcnt 1\nmemory+swap: usage 9kB, limit "
		  "9007199254740988kB, failcnt 0\n",
		  2000 },
		{ "memory: usage 8000kB, limit 8000kB, failcnt 1\nswap: usage 9kB, limit 4000kB, "
		  "failcnt "
		  "0\n",
		  3000 },
		{ "memory: usage 8000kB, limit 8000kB, failcnt 1\nswap: usage 9kB, limit "
		  "9007199254740988kB, failcnt 0\n",
		  2000 },
		{ "Mem-Info:\n5000 pages RAM\n1000 pages reserved\nTotal swap = 4000kB\n", 5000 },
		{ "Mem-Info:\nNode 0 Normal free:1kB min:1kB low:1kB high:1kB present:9000kB "
		  "managed:8000kB\n",
		  2000 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct badness_verdict v;
		char text[1024];

		snprintf(text, sizeof(text), "%s%s", rows[i].usage,
			 TABLE ROW("10", "900", "0", "a") KILLED("10", "a"));
		assert_int_equal(judged(text, &v), 0);
		assert_int_equal(v.ranking.totalpages, rows[i].pages);
		badness_verdict_free(&v);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(adj_is_in_thousandths_of_the_domain),
		cmocka_unit_test(ties_by_era),
		cmocka_unit_test(clamp_and_root_bonus),
		cmocka_unit_test(hostile_numbers),
		cmocka_unit_test(judges),
		cmocka_unit_test(totals),
		cmocka_unit_test(open_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
