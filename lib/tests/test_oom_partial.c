// SPDX-License-Identifier: MIT
/* What a log still tells that begins late, ends early or was cut at the right. */
#include "lib/tests/oom_testlib.h"

#define HEADER                                                                                 \
	"[    1.000001] [ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj " \
	"name\n"

/* The last number of a row that is cut may be a part of one. */
static void a_cut_row(void **state)
{
	struct kept k = parse(HEADER "[    1.000002] [    7]     0     7      100       50       1 "
				     "       0             0 a\n"
				     "[    1.000003] [    8]     0     8  12\n");

	(void)state;
	assert_int_equal(k.n, 1);
	assert_int_equal(k.r[0]->nr_tasks, 1);
	kept_free(&k);
}

/* Behind the usage, the first of the statistics is the cgroup at its limit; else nobody knows. */
static void statistics(void **state)
{
	struct kept k = parse("h kernel: memory: usage 40kB, limit 40kB, failcnt 3\n"
			      "h kernel: Memory cgroup stats for /a:b: cache:0KB rss:8KB\n"
			      "h kernel: Memory cgroup stats for /a:b/c: cache:0KB rss:8KB\n");

	(void)state;
	assert_int_equal(k.n, 1);
	assert_string_equal(k.r[0]->oom_memcg, "/a:b");
	kept_free(&k);
	k = parse("h kernel: a invoked oom-killer: gfp_mask=0xd0, order=0, oom_score_adj=0\n"
		  "h kernel: Memory cgroup stats for /a/c: cache:0KB rss:8KB\n");
	assert_int_equal(k.n, 1);
	assert_null(k.r[0]->oom_memcg);
	kept_free(&k);
}

/* An old ARM's frame, cut within its second name */
static void cut_frame(void **state)
{
	struct kept k = parse(
		"[    1.000001] a invoked oom-killer: gfp_mask=0xd0, order=0, oom_score_adj=0\n"
		"[    1.000002] [<c00f8dd4>] (out_of_memory) from [<c00fd6c8>] "
		"(__alloc_pages_nodem\n");

	(void)state;
	assert_int_equal(k.n, 1);
	assert_int_equal(k.r[0]->kind, OOM_KIND_GLOBAL);
	kept_free(&k);
}

/* 2.6.9 prints the kill of a process twice; the same pid later is another's. */
static void a_kill_twice(void **state)
{
	struct kept k = parse("kernel: Out of Memory: Killed process 2368 (jserver).\n"
			      "kernel: Out of Memory: Killed process 2368 (jserver).\n"
			      "kernel: OOM kill occurred on an x86_64 NUMA system!\n"
			      "kernel: oom-killer: gfp_mask=0xd0\n"
			      "kernel: Out of Memory: Killed process 2368 (jserver).\n");

	(void)state;
	assert_int_equal(k.n, 2);
	assert_int_equal(k.r[0]->nr_victims, 1);
	assert_int_equal(k.r[1]->victims[0].pid, 2368);
	kept_free(&k);
}

/* A summary that is cut within its first word says no more than that there was an OOM. */
static void a_cut_summary(void **state)
{
	struct kept k = parse("[    1.000001] oom-kill:constraint=CONST\n");

	(void)state;
	assert_int_equal(k.n, 1);
	assert_string_equal(k.r[0]->constraint, "");
	assert_int_equal(k.r[0]->kind, OOM_KIND_UNKNOWN);
	kept_free(&k);
	k = parse("[    1.000001] oom-kill:constraint=of something else\n");
	assert_int_equal(k.n, 0);
	kept_free(&k);
}

#define FRAME(name) "[    1.000001]  " name "+0x23c/0x248\n"
#define MEM_INFO                     \
	"[    1.000003] Mem-Info:\n" \
	"[    1.000004] active_anon:239 inactive_anon:6955 isolated_anon:0\n"

/* A log that begins within the stack: of an OOM, or of an allocation that failed. */
static void begins_within(void **state)
{
	struct kept k = parse(FRAME("oom_kill_process") FRAME("out_of_memory") MEM_INFO);

	(void)state;
	assert_int_equal(k.n, 1);
	assert_int_equal(k.r[0]->kind, OOM_KIND_GLOBAL);
	kept_free(&k);
	k = parse(FRAME("warn_alloc") MEM_INFO);
	assert_int_equal(k.n, 0);
	kept_free(&k);
	k = parse(FRAME("oom_kill_process") "[    1.000002] x: page allocation failure: order:0, "
					    "mode:0xcc0\n" MEM_INFO);
	assert_int_equal(k.n, 0);
	kept_free(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cut_row),	 cmocka_unit_test(statistics),
		cmocka_unit_test(cut_frame),	 cmocka_unit_test(a_kill_twice),
		cmocka_unit_test(a_cut_summary), cmocka_unit_test(begins_within),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
