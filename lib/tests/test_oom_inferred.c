// SPDX-License-Identifier: MIT
/* What a report that is cut, filtered or old tells all the same, and what it does not. */
#include "lib/tests/oom_testlib.h"

#define TABLE                                                                    \
	"[    1.000001] 1000 pages RAM\n[    1.000001] 10 pages reserved\n"      \
	"[    2.000001] [ pid ]   uid  tgid total_vm      rss nr_ptes swapents " \
	"oom_score_adj name\n"                                                   \
	"[    2.000002] [    7]     0     7      100       50        4        0" \
	"             0 a\n"                                                     \
	"[    2.000002] [    8]     0     8      100       20        4        0" \
	"             0 b\n"

/* vm.oom_kill_allocating_task asks for no ranking, so none can be wrong. */
static void allocating_task(void **state)
{
#define ALLOCATING                                                                     \
	TABLE                                                                          \
	"[    3.000001] Out of memory (oom_kill_allocating_task): Kill process 8 (b) " \
	"score 0 or sacrifice child\n"                                                 \
	"[    3.000001] Killed process 9 (b) total-vm:80kB, anon-rss:4kB, file-rss:0kB\n"
	static const struct {
		const char *log;
		int agrees;
	} rows[] = {
		{ ALLOCATING, -1 },
		{ "[    1.000000] b invoked oom-killer: gfp_mask=0xd0, order=0, oom_score_adj=0\n"
		  "[    1.000000] CPU: 0 PID: 8 Comm: b Not tainted 4.5.0 #1\n" ALLOCATING,
		  1 },
		{ "[    1.000000] b invoked oom-killer: gfp_mask=0xd0, order=0, "
		  "oom_score_adj=0\n" ALLOCATING,
		  1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct kept k = parse(rows[i].log);
		struct badness_verdict v;

		assert_int_equal(k.n, 1);
		badness_judge_report(k.r[0], &v);
		assert_int_equal(v.agrees, rows[i].agrees);
		assert_non_null(strstr(v.why, "vm.oom_kill_allocating_task is set"));
		badness_verdict_free(&v);
		kept_free(&k);
	}
}

/* 2.6.9: a first line that names no asker is a report's head all the same. */
static void head_without_an_asker(void **state)
{
	struct kept k = parse("oom-killer: gfp_mask=0x1d2\n"
			      "Out of Memory: Killed process 72 (fold).\n"
			      "\n"
			      "Out of Memory: Killed process 73 (fold).\n");

	(void)state;
	assert_int_equal(k.n, 2);
	assert_false(k.r[0]->headless);
	assert_true(k.r[1]->headless);
	kept_free(&k);
}

/* What is cut off before it, the rest of Mem-Info may still tell: it must not be skipped. */
static void begins_within_mem_info(void **state)
{
	static const char log[] =
		"[W] Oct 22 20:02:32 kernel: Free swap  = 42864kB\n"
		"[W] Oct 22 20:02:32 kernel: Total swap = 131068kB\n"
		"[W] Oct 22 20:02:32 kernel: 32768 pages RAM\n"
		"[I] Oct 22 20:02:32 kernel: [ pid ]   uid  tgid total_vm      rss "
		"nr_ptes nr_pmds swapents oom_score_adj name\n"
		"[I] Oct 22 20:02:32 kernel: [  201]     0   201    10019        1"
		"      14       0     1798          -999 ndm\n";
	struct kept k = parse(log);

	(void)state;
	assert_in_range(oom_scan(log, strlen(log)), 0, 48);
	assert_in_range(oom_scan("DMA free:540kB min:540kB low:672kB", 34), 0, 20);
	assert_int_equal(k.n, 1);
	assert_int_equal(k.r[0]->swap_free_kb, 42864);
	assert_int_equal(k.r[0]->pages_ram, 32768);
	assert_int_equal(k.r[0]->nr_tasks, 1);
	kept_free(&k);
}

/* "Manual OOM execution" is not of the next report if that comes later, or is asked by a task. */
static void by_hand_long_ago(void **state)
{
	static const char *const reports[] = {
		"[  575.537309] hald invoked oom-killer: gfp_mask=0x1201d2, order=0, "
		"oom_score_adj=0\n",
		"[  283.900000] hald invoked oom-killer: gfp_mask=0x1201d2, order=0, "
		"oom_score_adj=0\n"
		"[  283.900001]  [<ffffffff80276b3c>] __alloc_pages_internal+0x31d/0x3bf\n",
	};
	char log[512];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(reports); i++) {
		struct kept k;

		snprintf(log, sizeof(log), "[  283.864479] SysRq : Manual OOM execution\n%s%s",
			 reports[i], "[  575.600000] Mem-Info:\n");
		k = parse(log);
		assert_int_equal(k.n, 1);
		assert_int_equal(k.r[0]->kind, OOM_KIND_GLOBAL);
		kept_free(&k);
	}
}

/* Where the report ends with its stack, that alone tells what ran out, unless a node could have. */
static void by_its_stack(void **state)
{
	static const struct {
		const char *head, *frame;
		enum oom_kind kind;
	} rows[] = {
		{ "order=0, oom_score_adj=0\n", "__alloc_pages+0x980/0xb24", OOM_KIND_GLOBAL },
		{ "nodemask=(null), order=0, oom_score_adj=0\n", "__alloc_pages_slowpath+0x1/0x2",
		  OOM_KIND_GLOBAL },
		{ "nodemask=1, order=0, oom_score_adj=0\n", "__alloc_pages_slowpath+0x1/0x2",
		  OOM_KIND_UNKNOWN },
		{ "order=0, oom_score_adj=0\nkernel: x cpuset=a mems_allowed=1\n",
		  "__alloc_pages_slowpath+0x1/0x2", OOM_KIND_UNKNOWN },
		{ "order=0, oom_score_adj=0\n", "dump_stack+0x1/0x2", OOM_KIND_UNKNOWN },
		{ "order=0, oom_score_adj=0\n", "pagefault_out_of_memory+0x1/0x2",
		  OOM_KIND_UNKNOWN },
	};
	char log[512];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct kept k;

		snprintf(log, sizeof(log),
			 "kernel: x invoked oom-killer: gfp_mask=0xd0, %s"
			 "kernel:  %s\n",
			 rows[i].head, rows[i].frame);
		k = parse(log);
		assert_int_equal(k.n, 1);
		assert_int_equal(k.r[0]->kind, rows[i].kind);
		kept_free(&k);
	}
}

/* A page fault that failed asks for no memory: that is nobody's limit. */
static void by_its_fault(void **state)
{
	struct kept k = parse("kernel: x invoked oom-killer: gfp_mask=0x0(), order=0, "
			      "oom_score_adj=0\n"
			      "kernel:  out_of_memory+0x1/0x2\n"
			      "kernel:  pagefault_out_of_memory+0x1/0x2\n");

	(void)state;
	assert_int_equal(k.n, 1);
	assert_int_equal(k.r[0]->kind, OOM_KIND_GLOBAL);
	kept_free(&k);
}

/* The head of one OOM and the end of a later one, of two commands that somebody pasted */
static void long_after_its_head(void **state)
{
	static const char *const ends[] = {
		"oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,"
		"oom_memcg=/a,task_memcg=/a,task=x,pid=7,uid=0",
		"Memory cgroup out of memory: Kill process 7 (x) score 9 or sacrifice child",
		"Out of memory: Killed process 7 (x) total-vm:8kB, anon-rss:4kB, file-rss:0kB",
	};
	static const struct {
		const char *when;
		size_t n;
	} rows[] = { { "537991.000001", 1 }, { "539381.757126", 2 } };
	char log[512];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ends) * ARRAY_SIZE(rows); i++) {
		struct kept k;

		snprintf(log, sizeof(log),
			 "[537752.873767] x invoked oom-killer: gfp_mask=0xcc0, order=0, "
			 "oom_score_adj=0\n[%s] %s\n",
			 rows[i % 2].when, ends[i / 2]);
		k = parse(log);
		assert_int_equal(k.n, rows[i % 2].n);
		kept_free(&k);
	}
}

/* The kill line is filtered away, or only the rows are. */
static void without_its_end_or_rows(void **state)
{
	static const struct {
		const char *log, *why;
		int agrees;
	} rows[] = {
		{ TABLE
		  "[    3.000001] Out of memory: Kill process 7 (a) score 5 or sacrifice child\n",
		  "", 1 },
		{ TABLE
		  "[    3.000001] Out of memory: Kill process 8 (b) score 5 or sacrifice child\n",
		  "the log says that b (8) was chosen", 0 },
		{ TABLE
		  "[    3.000001] Out of memory: Kill process 9 (c) score 5 or sacrifice child\n",
		  "the log says that c (9) was chosen, which the dump does not have", -1 },
		{ TABLE, "the log does not tell who was killed", -1 },
		{ "[ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name\n"
		  "Out of memory: Killed process 7 (a) total-vm:8kB, anon-rss:4kB, file-rss:0kB\n",
		  "the rows of the task dump are not in the log", -1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct kept k = parse(rows[i].log);
		struct badness_verdict v;

		assert_int_equal(k.n, 1);
		badness_judge_report(k.r[0], &v);
		assert_string_equal(v.why, rows[i].why);
		assert_int_equal(v.agrees, rows[i].agrees);
		badness_verdict_free(&v);
		kept_free(&k);
	}
}

/* Before 3.16 both lines may name a thread; the row of its process is the one of that size. */
static void a_thread_killed(void **state)
{
	static const struct {
		const char *rows;
		int agrees;
	} cases[] = {
		{ "[ 7459]     0  7459     1111      163       7        0             0 sh\n"
		  "[ 7493]     0  7493   988100    35660     206        0             0 java\n",
		  1 },
		{ "[ 7459]     0  7459   988100      163       7        0             0 sh\n"
		  "[ 7493]     0  7493   988100    35660     206        0             0 java\n",
		  -1 },
	};
	char log[1024];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct badness_verdict v;
		struct kept k;

		snprintf(log, sizeof(log),
			 "memory: usage 131072kB, limit 131072kB, failcnt 1\n"
			 "[ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj "
			 "name\n"
			 "%sMemory cgroup out of memory: Kill process 7537 (java) score 1094 or "
			 "sacrifice child\n"
			 "Killed process 7537 (java) total-vm:3952400kB, anon-rss:129696kB, "
			 "file-rss:12944kB\n",
			 cases[i].rows);
		k = parse(log);
		assert_int_equal(k.n, 1);
		assert_int_equal(badness_judge_report(k.r[0], &v), 0);
		assert_int_equal(v.pid, 7493);
		assert_int_equal(v.agrees, cases[i].agrees);
		badness_verdict_free(&v);
		kept_free(&k);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_thread_killed),
		cmocka_unit_test(allocating_task),
		cmocka_unit_test(head_without_an_asker),
		cmocka_unit_test(begins_within_mem_info),
		cmocka_unit_test(by_hand_long_ago),
		cmocka_unit_test(by_its_stack),
		cmocka_unit_test(by_its_fault),
		cmocka_unit_test(long_after_its_head),
		cmocka_unit_test(without_its_end_or_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
