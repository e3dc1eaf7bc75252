// SPDX-License-Identifier: MIT
/* Reports as mails, pages, programs and bug trackers quote them; and what little a quote tells. */
#include "lib/tests/oom_testlib.h"

/* A raw mail: "=3D" is "=", and a line that ends with "=" goes on in the next one. */
static void quoted_printable(void **state)
{
	struct kept k = parse(
		"> [ 1172.339920] systemd invoked oom-killer: gfp_mask=3D0xcc0(GFP_KERNEL),=20\n"
		"> order=3D0, oom_score_adj=3D100\n"
		"> [ 1172.340001] oom-kill:constraint=3DCONSTRAINT_NONE,nodemask=3D(null),cp=\n"
		"uset=3D/,mems_allowed=3D0,global_oom,task_memcg=3D/a=C3=A9,task=3Dx,pid=3D7,=\n"
		"uid=3D10=\n"
		"00\n"
		"> [ 1172.340002] Out of memory: Killed process 7 (x) total-vm:8kB, anon-r=\n"
		"ss:4kB, file-rss:0kB\n");

	(void)state;
	assert_int_equal(k.n, 1);
	assert_string_equal(k.r[0]->invoker_comm, "systemd");
	assert_int_equal(k.r[0]->gfp_mask, 0xcc0);
	assert_int_equal(k.r[0]->order, 0);
	assert_int_equal(k.r[0]->invoker_oom_score_adj, 100);
	assert_string_equal(k.r[0]->cpuset, "/");
	assert_string_equal(k.r[0]->task_memcg, "/a\xc3\xa9");
	assert_int_equal(k.r[0]->summary_uid, 1000);
	assert_int_equal(k.r[0]->victims[0].anon_rss_kb, 4);
	kept_free(&k);
}

/* A cut behind "=" is none, nor "=20" that is a number. */
static void not_quoted_printable(void **state)
{
	struct kept k =
		parse("a invoked oom-killer: gfp_mask=0xd0, order=0, oom_score_adj=\n"
		      "20\n"
		      "oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),task=a,pid=7,uid=20\n");

	(void)state;
	assert_int_equal(k.n, 1);
	assert_int_equal(k.r[0]->invoker_oom_score_adj, 20);
	assert_int_equal(k.r[0]->summary_uid, 20);
	kept_free(&k);
}

/* A page that lost its newlines: the words of whose limit it was stand before the first line. */
static void on_one_line(void **state)
{
	struct kept k =
		parse("the log says: Memory cgroup out of memory: Kill process 5372 (mongod) "
		      "score 130 or sacrifice child Killed process 5372 (mongod), UID 0, "
		      "total-vm:2539052kB, anon-rss:2117096kB, file-rss:0kB and so on\n");

	(void)state;
	assert_int_equal(k.n, 1);
	assert_int_equal(k.r[0]->kind, OOM_KIND_MEMCG);
	assert_int_equal(k.r[0]->victims[0].pid, 5372);
	assert_int_equal(k.r[0]->victims[0].anon_rss_kb, 2117096);
	kept_free(&k);
}

/* ... and the lines of a syslog, whose tags show where each begins */
static void syslog_on_one_line(void **state)
{
	struct kept k = parse(
		"Apr 09 16:00:14 h.bj kernel: java invoked oom-killer: gfp_mask=0xd0, order=0, "
		"oom_score_adj=0 Apr 09 16:00:14 h.bj kernel:  [<ffffffff8c3ba524>] "
		"oom_kill_process+0x254/0x3d0 Apr 09 16:00:14 h.bj kernel: memory: usage 512kB, "
		"limit 512kB, failcnt 8430 Apr 09 16:00:15 h.bj kernel: Memory cgroup out of "
		"memory: "
		"Kill process 7 (java) score 1021 or sacrifice child\n");

	(void)state;
	assert_int_equal(k.n, 1);
	assert_string_equal(k.r[0]->invoker_comm, "java");
	assert_int_equal(k.r[0]->gfp_mask, 0xd0);
	assert_int_equal(k.r[0]->memory.limit_kb, 512);
	assert_int_equal(k.r[0]->chosen_pid, 7);
	kept_free(&k);
}

/* A page that broke long words behind slashes */
static void broken_behind_slashes(void **state)
{
	struct kept k = parse("[    1.000001] Task in /docker/0f2b3fcdd257\n"
			      "killed as a result of limit of /docker/\n"
			      "0f2b3fcdd257\n"
			      "[    1.000002] memory: usage 512kB, limit 512kB, failcnt 77\n");

	(void)state;
	assert_int_equal(k.n, 1);
	assert_string_equal(k.r[0]->task_memcg, "/docker/0f2b3fcdd257");
	assert_string_equal(k.r[0]->oom_memcg, "/docker/0f2b3fcdd257");
	kept_free(&k);
}

/* Prose goes on behind an old kernel's short line. */
static void within_prose(void **state)
{
	struct kept k =
		parse("host kernel: Out of Memory: Killed process 2592 (my (x) sql).In this "
		      "instance it has the PID (Process Identification Number) of 2592.\n");

	(void)state;
	assert_int_equal(k.n, 1);
	assert_string_equal(k.r[0]->victims[0].comm, "my (x) sql");
	kept_free(&k);
}

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

static void strings_of_a_program(void **state)
{
	struct kept k = parse(
		"    text = (\n"
		"        \"Sep 15 12:08:17 pi kernel: Out of memory: Killed process 571 \"\n"
		"        \"(python) total-vm:2071252kB, anon-rss:257104kB file-rss:1576kB\\n\"\n"
		"    )\n"
		"  '[    1.000001] Tasks state (memory values in pages):',\n"
		"  '[    1.000001] [  pid  ]   uid  tgid total_vm      rss pgtables_bytes"
		" swapents oom_score_adj name',\n"
		"  '[    1.000002] [     7]     0     7      100       50     4096"
		"        0             0 it\\'s',\n");

	(void)state;
	assert_int_equal(k.n, 2);
	assert_int_equal(k.r[0]->victims[0].pid, 571);
	assert_int_equal(k.r[0]->victims[0].file_rss_kb, 1576);
	assert_int_equal(k.r[1]->nr_tasks, 1);
	assert_string_equal(k.r[1]->tasks[0].comm, "it\\'s");
	kept_free(&k);
}

/* Somebody has lined up the numbers. */
static void blanks_before_the_pid(void **state)
{
	struct kept k = parse("kernel: Out of memory: Killed process  532 (kodi.bin) total-vm:8kB, "
			      "anon-rss:4kB, file-rss:0kB\n");

	(void)state;
	assert_int_equal(k.n, 1);
	assert_int_equal(k.r[0]->victims[0].pid, 532);
	kept_free(&k);
}

/* Somebody has shortened a list of keys, or cut it behind the comma. */
static void shortened_summary(void **state)
{
	struct kept k = parse("oom-kill:constraint=CONSTRAINT_MEMORY_POLICY,nodemask=3,...,task=a\n"
			      "Out of memory: Killed process 7 (a) total-vm:8kB\n"
			      "oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,"
			      "mems_allowed=0,2,glob\n"
			      "Out of memory: Killed process 8 (b) total-vm:8kB\n"
			      "oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,"
			      "mems_allowed=0,\n");

	(void)state;
	assert_int_equal(k.n, 3);
	assert_string_equal(k.r[0]->nodemask, "3");
	assert_string_equal(k.r[1]->mems_allowed, "0,2");
	assert_null(k.r[2]->mems_allowed);
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
		cmocka_unit_test(quoted_printable),
		cmocka_unit_test(not_quoted_printable),
		cmocka_unit_test(on_one_line),
		cmocka_unit_test(syslog_on_one_line),
		cmocka_unit_test(broken_behind_slashes),
		cmocka_unit_test(a_thread_killed),
		cmocka_unit_test(within_prose),
		cmocka_unit_test(allocating_task),
		cmocka_unit_test(strings_of_a_program),
		cmocka_unit_test(blanks_before_the_pid),
		cmocka_unit_test(shortened_summary),
		cmocka_unit_test(begins_within_mem_info),
		cmocka_unit_test(by_hand_long_ago),
		cmocka_unit_test(by_its_stack),
		cmocka_unit_test(without_its_end_or_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
