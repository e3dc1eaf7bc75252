// SPDX-License-Identifier: MIT
/* How records become reports: several in a log, mixed, damaged, without a head, from two CPUs. */
#include "lib/tests/oom_testlib.h"

#define KILL(pid, name)                                \
	"Out of memory: Killed process " pid " (" name \
	") total-vm:9kB, anon-rss:8kB, file-rss:0kB\n"
#define HEAD(name) \
	name " invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n"

static void two_cpus_at_once(void **state)
{
	struct kept k = parse("[    1.000001][  T11] " HEAD("a") "[    1.000002][  T22] " HEAD(
		"b") "[    1.000003][  T11] CPU: 0 PID: 11 Comm: a Not tainted 6.1.0 #1\n"
		     "[    1.000004][  T22] CPU: 1 PID: 22 Comm: b Not tainted 6.1.0 #1\n"
		     "[    1.000005][  T22] memory: usage 200kB, limit 200kB, failcnt 2\n"
		     "[    1.000006][  T11] memory: usage 100kB, limit 100kB, failcnt 1\n"
		     "[    1.000007][  T11] [ pid ]   uid  tgid total_vm      rss nr_ptes swapents "
		     "oom_score_adj name\n"
		     "[    1.000008][  T22] [ pid ]   uid  tgid total_vm      rss pgtables_bytes "
		     "swapents oom_score_adj name\n"
		     "[    1.000009][  T22] [   22]     0    22      100       50     4096        "
		     "0             0 b\n"
		     "[    1.000010][  T11] [   11]     0    11      100       25       10        "
		     "0             0 a\n"
		     "[    1.000011][  T22] Memory cgroup " KILL(
			     "22",
			     "b") "[    1.000012][  T11] Memory cgroup " KILL("11",
									      "a") "[    "
										   "1.000013][   "
										   "T9] "
										   "oom_reaper: "
										   "reaped process "
										   "22 (b), now "
										   "anon-rss:"
										   "0kB\n");

	(void)state;
	assert_int_equal(k.n, 2);
	assert_string_equal(k.r[0]->invoker_comm, "a");
	assert_int_equal(k.r[0]->invoker_pid, 11);
	assert_int_equal(k.r[0]->memory.limit_kb, 100);
	assert_int_equal(k.r[0]->tasks[0].nr_ptes, 10);
	assert_int_equal(k.r[0]->victims[0].pid, 11);
	assert_false(k.r[0]->victims[0].reaped);
	assert_int_equal(k.r[1]->memory.limit_kb, 200);
	assert_int_equal(k.r[1]->tasks[0].pgtables_bytes, 4096);
	assert_int_equal(k.r[1]->victims[0].pid, 22);
	assert_true(k.r[1]->victims[0].reaped);
	kept_free(&k);
}

/* 3.10 locks each memcg's OOM alone and prints no callers. */
static void two_cpus_without_callers(void **state)
{
	struct kept k = parse("[    1.000001] " HEAD("a") "[    1.000002] " HEAD(
		"b") "[    1.000003] a cpuset=ca mems_allowed=0\n"
		     "[    1.000004] b cpuset=cb mems_allowed=0\n"
		     "[    1.000005] CPU: 0 PID: 11 Comm: a Not tainted 3.10.0 #1\n"
		     "[    1.000006] CPU: 1 PID: 22 Comm: b Not tainted 3.10.0 #1\n"
		     "[    1.000007] memory: usage 200kB, limit 200kB, failcnt 2\n"
		     "[    1.000008] memory: usage 100kB, limit 100kB, failcnt 1\n"
		     "[    1.000009] Memory cgroup out of memory: Kill process 22 (b) score 9 or "
		     "sacrifice child\n"
		     "[    1.000010] Memory cgroup out of memory: Kill process 11 (a) score 9 or "
		     "sacrifice child\n"
		     "[    1.000011] Killed process 11 (a) total-vm:9kB, anon-rss:8kB, "
		     "file-rss:0kB\n"
		     "[    1.000012] Killed process 22 (b) total-vm:9kB, anon-rss:8kB, "
		     "file-rss:0kB\n");

	(void)state;
	assert_int_equal(k.n, 2);
	assert_int_equal(k.r[0]->invoker_pid, 11);
	assert_string_equal(k.r[0]->invoker_cpuset, "ca");
	assert_int_equal(k.r[0]->victims[0].pid, 11);
	assert_int_equal(k.r[1]->invoker_pid, 22);
	assert_string_equal(k.r[1]->invoker_cpuset, "cb");
	assert_int_equal(k.r[1]->victims[0].pid, 22);
	kept_free(&k);
	/* a head that was cut, and a second later a whole report with a kill behind */
	k = parse("[    1.000001] " HEAD("a") "[    2.000002] " HEAD(
		"b") "[    2.000007] memory: usage 200kB, limit 200kB, failcnt 2\n"
		     "[    2.000011] Memory cgroup " KILL(
			     "22", "b") "[    2.500011] Memory cgroup " KILL("23", "c"));
	assert_int_equal(k.n, 3);
	assert_int_equal(k.r[0]->nr_victims, 0);
	kept_free(&k);
}

static void kills_without_reports(void **state)
{
	struct kept k =
		parse(HEAD("a") KILL("1", "a") KILL("2", "b") KILL("2", "b") KILL("3", "c"));

	(void)state;
	assert_int_equal(k.n, 3); /* the same kill twice is one: two transports of one log */
	assert_false(k.r[0]->headless);
	assert_true(k.r[1]->headless);
	assert_int_equal(k.r[1]->line, 3);
	assert_int_equal(k.r[2]->victims[0].pid, 3);
	kept_free(&k);
}

static void a_kill_then_the_next_head(void **state)
{
	struct kept k = parse(KILL("7", "x") HEAD("y"));

	(void)state;
	assert_int_equal(k.n, 2);
	assert_int_equal(k.r[0]->kind, OOM_KIND_GLOBAL);
	assert_int_equal(k.r[1]->kind, OOM_KIND_UNKNOWN);
	assert_int_equal(k.r[1]->outcome, OOM_OUTCOME_UNKNOWN);
	kept_free(&k);
}

static void chosen_twice(void **state)
{
	struct kept k = parse(
		"Memory cgroup out of memory: Kill process 4 (p) score 68 or sacrifice child\n"
		"Killed process 5 (c) total-vm:1kB, anon-rss:1kB, file-rss:0kB\n"
		"Memory cgroup out of memory: Kill process 4 (p) score 68 or sacrifice child\n"
		"Killed process 6 (c) total-vm:1kB, anon-rss:1kB, file-rss:0kB\n");

	(void)state;
	assert_int_equal(k.n, 2);
	assert_int_equal(k.r[0]->kind, OOM_KIND_MEMCG);
	assert_int_equal(k.r[0]->chosen_pid, 4);
	assert_int_equal(k.r[1]->victims[0].pid, 6);
	kept_free(&k);
}

static void a_failed_allocation_between(void **state)
{
	struct kept k = parse(HEAD("a") "b: page allocation failure: order:4, mode:0x1\n"
					"Mem-Info:\n"
					"111 pages RAM\n"
					"[ pid ]   uid  tgid total_vm      rss nr_ptes swapents "
					"oom_score_adj name\n" KILL("1", "a"));

	(void)state;
	assert_int_equal(k.n, 1);
	assert_int_equal(k.r[0]->pages_ram, OOM_ABSENT);
	kept_free(&k);
}

static void not_an_oom(void **state)
{
	static const char *const logs[] = {
		"Mem-Info:\nactive_anon:1\n4 pages RAM\n",
		"The process foo invoked oom-killer and died.\n",
		"oom_reaper: reaped process 5 (x), now anon-rss:0kB\n",
		"Killed process 5 (x)\n",
		"sysrq: Manual OOM execution\nsysrq: OOM request ignored. No task eligible\n",
		"CPU usage 95%, memory usage 90%\n",
		"oom-kill:constraint=\n",
		"\n\n\n",
		"",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(logs); i++) {
		struct kept k = parse(logs[i]);

		print_message("%s", logs[i]);
		assert_int_equal(k.n, 0);
	}
}

static void absent_is_not_zero(void **state)
{
	struct kept k = parse(
		HEAD("a") "[ pid ]   uid  tgid total_vm      rss oom_score_adj name\n"
			  "[    1]     0     1        0        0             0 z\n" KILL("1", "z"));
	const struct oom_report *r = k.r[0];

	(void)state;
	assert_int_equal(k.n, 1);
	assert_int_equal(r->tasks[0].rss_pages, 0);
	assert_int_equal(r->tasks[0].swapents_pages, OOM_ABSENT);
	assert_int_equal(r->tasks[0].pgtables_bytes, OOM_ABSENT);
	assert_int_equal(r->victims[0].uid, OOM_ABSENT);
	assert_int_equal(r->victims[0].shmem_rss_kb, OOM_ABSENT);
	assert_int_equal(r->memory.limit_kb, OOM_ABSENT);
	assert_null(r->oom_memcg);
	assert_true(r->complete);
	kept_free(&k);
}

static void glued_lines_and_old_records(void **state)
{
	struct kept k = parse(
		"Creating journal (1 blocks): [   34.739137] mkfs invoked oom-killer: "
		"gfp_mask=0x1(A), order=0, oom_score_adj=0[   34.739999] Mem-Info:\n"
		"warning|kernel[-]|[34.740000] 10 pages RAM#012[   34.740001] 2 pages reserved\n");

	(void)state;
	assert_int_equal(k.n, 1);
	assert_string_equal(k.r[0]->invoker_comm, "mkfs");
	assert_int_equal(k.r[0]->pages_ram, 10);
	assert_int_equal(k.r[0]->pages_reserved, 2);
	kept_free(&k);
}

/* What is open is bounded: more heads than slots, and a table without an end. */
static void bounded(void **state)
{
	struct kept k = { .n = 0 };
	struct oom_parser *p = oom_parser_new(keep, &k);
	char line[200];

	(void)state;
	assert_false(oom_parser_wants_all(p));
	for (int i = 0; i < 40; i++) {
		snprintf(line, sizeof(line),
			 "[    1.000001][  T%d] c%d invoked oom-killer: gfp_mask=0x1, "
			 "order=0, oom_score_adj=0",
			 i, i);
		assert_int_equal(oom_parser_line(p, line, strlen(line), (uint64_t)i + 1), 0);
		assert_true(oom_parser_wants_all(p));
	}
	assert_true(k.n >= 30);
	for (int i = 0; i < 5000; i++) {
		assert_int_equal(oom_parser_line(p, "[    2.000001][  T1] usb 1-1: x", 31, 50), 0);
		oom_parser_wants_all(p);
	}
	assert_false(oom_parser_wants_all(p)); /* nothing of them came for long */
	assert_int_equal(oom_parser_finish(p), 0);
	assert_int_equal(k.n, 40);
	for (size_t i = 0; i < k.n; i++)
		assert_int_equal(k.r[i]->line, i + 1);
	oom_parser_free(p);
	kept_free(&k);
}

static void scan_finds_what_begins_reports(void **state)
{
	static const char *const lines[] = {
		"x invoked oom-killer: gfp_mask=0x1",
		"main invoked oom: gfp_mask=",
		"oom-kill:constraint=",
		"Killed process 1 (x)",
		"Out of memory: kill process 1 (x) score 1 or a child",
		"Task in /a killed as a result",
		"memory: usage 1kB",
		"[ pid ]   uid  tgid total_vm",
		"Mem-Info:",
		"Out of memory and no killable processes...",
		"System is deadlocked on memory",
		"panic_on_oom is enabled",
		"SysRq : Manual OOM execution",
		"r: gfp_mask=0x1",
		"Tasks in /x are going to be killed due to memory.oom.group set",
	};
	char buf[300];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		for (size_t at = 0; at < 70; at++) {
			size_t n = at + strlen(lines[i]);

			memset(buf, '.', sizeof(buf));
			memcpy(buf + at, lines[i], strlen(lines[i]));
			assert_in_range(oom_scan(buf, n), at, n - 1);
			assert_in_range(oom_scan(buf, sizeof(buf)), at, n - 1);
		}
	memset(buf, '\n', sizeof(buf));
	for (size_t n = 0; n <= sizeof(buf); n++) {
		assert_int_equal(oom_scan(buf, n), n);
		assert_int_equal(oom_count_lines(buf, n), n);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_cpus_at_once),
		cmocka_unit_test(two_cpus_without_callers),
		cmocka_unit_test(kills_without_reports),
		cmocka_unit_test(a_kill_then_the_next_head),
		cmocka_unit_test(chosen_twice),
		cmocka_unit_test(a_failed_allocation_between),
		cmocka_unit_test(not_an_oom),
		cmocka_unit_test(absent_is_not_zero),
		cmocka_unit_test(glued_lines_and_old_records),
		cmocka_unit_test(bounded),
		cmocka_unit_test(scan_finds_what_begins_reports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
