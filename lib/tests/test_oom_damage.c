// SPDX-License-Identifier: MIT
/* What people and programs do to logs before somebody reads them: cuts, repeats, odd wraps. */
#include "lib/tests/oom_testlib.h"

#define TABLE                                                                             \
	"[    2.000001] [  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents " \
	"oom_score_adj name\n"

/* 2.6.16 to 2.6.35 name the constraint where later kernels say "Out of memory". */
static void no_available_memory(void **state)
{
	struct kept k = parse(
		"kernel: oom-killer: gfp_mask=0x201d2, order=0\n"
		"kernel: Free swap:            0kB\n"
		"kernel: No available memory (MPOL_BIND): Killed process 3432 (memhog).\n"
		"kernel: No available memory in cpuset: kill process 3 (b) score 0 or a child\n"
		"kernel: Killed process 3 (b)\n");

	(void)state;
	assert_int_equal(k.n, 2);
	assert_int_equal(k.r[0]->kind, OOM_KIND_MEMPOLICY);
	assert_int_equal(k.r[0]->victims[0].pid, 3432);
	assert_int_equal(k.r[1]->kind, OOM_KIND_CPUSET);
	assert_int_equal(k.r[1]->victims[0].pid, 3);
	kept_free(&k);
}

/* Words of other programs, and a kill in the next line that no kernel's words announce */
static void other_memory(void **state)
{
	struct kept k =
		parse("torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2 GiB\n"
		      "Killed process 1234\n"
		      "[    1.000001] Out of memory in UB 101: OOM killed process 7 (httpd) "
		      "score 3 vm:412340kB, rss:123456kB, swap:0kB\n");

	(void)state;
	assert_int_equal(k.n, 1);
	assert_string_equal(k.r[0]->victims[0].comm, "httpd");
	assert_int_equal(k.r[0]->victims[0].total_vm_kb, 412340);
	assert_int_equal(k.r[0]->kind, OOM_KIND_GLOBAL);
	kept_free(&k);
}

/* "Killed process 5 (x)" and no more is the whole line of 2.6.28 to 2.6.35. */
static void a_bare_kill(void **state)
{
	struct kept k = parse("Mar  1 13:15:47 h kernel: [  123.456789] Killed process 5 (mysqld)\n"
			      "Killed process 6 (app) said the watchdog\n"
			      "Mar  1 13:15:48 h kernel: wd: Killed process 7 (app)\n");

	(void)state;
	assert_int_equal(k.n, 1);
	assert_int_equal(k.r[0]->victims[0].pid, 5);
	assert_int_equal(k.r[0]->nr_victims, 1);
	kept_free(&k);
}

static void pasted_twice(void **state)
{
	static const char log[] =
		"[    1.000001] a invoked oom-killer: gfp_mask=0xd0, order=0, oom_score_adj=0\n"
		"[    1.000002] Task in /x killed as a result of limit of /x\n"
		"[    1.000003] memory: usage 100kB, limit 100kB, failcnt 1\n" TABLE
		"[    2.000002] [     7]     0     7      100       50     4096        0"
		"             0 b\n"
		"[    2.000003] Memory cgroup out of memory: Killed process 7 (b) total-vm:400kB, "
		"anon-rss:100kB, file-rss:0kB\n";
	char twice[2 * sizeof(log)];
	struct kept k;

	(void)state;
	/* cut, then whole, as a bug report's excerpt and its attachment */
	snprintf(twice, sizeof(twice), "%s%s", log, log);
	k = parse(twice);
	assert_int_equal(k.n, 1);
	assert_int_equal(k.r[0]->nr_tasks, 1);
	assert_int_equal(k.r[0]->nr_victims, 1);
	kept_free(&k);
	/* the same words at another time are another event */
	k = parse("[    1.000001] a invoked oom-killer: gfp_mask=0xd0, order=0, oom_score_adj=0\n"
		  "[    1.000002] Mem-Info:\n"
		  "[    3.000001] a invoked oom-killer: gfp_mask=0xd0, order=0, oom_score_adj=0\n");
	assert_int_equal(k.n, 2);
	kept_free(&k);
}

/* What a cluster's event says of a kill, and the report of that kill below or above it */
static void announced(void **state)
{
#define EVENT                                                                              \
	"  Warning  OOMKilling  65s  kernel-monitor  Memory cgroup out of memory: Killed " \
	"process 7788 (bash) total-vm:7169492kB, anon-rss:7165824kB, file-rss:44kB\n"
#define REPORT                                                                              \
	"[    1.000001] bash invoked oom-killer: gfp_mask=0xd0, order=0, oom_score_adj=0\n" \
	"[    1.000002] Memory cgroup out of memory: Killed process 7788 (bash) "           \
	"total-vm:7169492kB, anon-rss:7165824kB, file-rss:44kB\n"
	static const char *const logs[] = { EVENT REPORT, REPORT EVENT };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(logs); i++) {
		struct kept k = parse(logs[i]);

		assert_int_equal(k.n, 1);
		assert_string_equal(k.r[0]->invoker_comm, "bash");
		assert_int_equal(k.r[0]->nr_victims, 1);
		kept_free(&k);
	}
}

/* Two loggers wrote each line to the same file. */
static void every_line_twice(void **state)
{
#define TWICE(line) line line
	struct kept k = parse(
		TWICE("[    1.000001] a invoked oom-killer: gfp_mask=0xd0, order=0, "
		      "oom_score_adj=0\n") TWICE("[    1.000002] Task in /x killed as a result of "
						 "limit of /x\n")
			TWICE("[    1.000003] memory: usage 100kB, limit 100kB, failcnt 1\n") TWICE(
				TABLE) TWICE("[    2.000002] [     7]     0     7      100       "
					     "50     "
					     "4096        0             0 b\n")
				TWICE("[    2.000003] Memory cgroup out of memory: Killed process "
				      "7 (b) total-vm:400kB, anon-rss:100kB, file-rss:0kB\n"));

	(void)state;
	assert_int_equal(k.n, 1);
	assert_int_equal(k.r[0]->nr_tasks, 1);
	assert_int_equal(k.r[0]->nr_victims, 1);
	kept_free(&k);
}

/* 4.10 to 4.14 warn of slow allocations with a Mem-Info that is no OOM's. */
static void a_stall_between(void **state)
{
	struct kept k = parse(
		"[    1.000001] a invoked oom-killer: gfp_mask=0xd0, order=0, oom_score_adj=0\n"
		"[    1.000002] b: page allocation stalls for 10014ms, order:0, mode:0x24280ca()\n"
		"[    1.000003] Mem-Info:\n[    1.000004] 77 pages RAM\n" TABLE
		"[    2.000003] Memory cgroup out of memory: Killed process 7 (b) total-vm:400kB, "
		"anon-rss:100kB, file-rss:0kB\n");

	(void)state;
	assert_int_equal(k.n, 1);
	assert_int_equal(k.r[0]->pages_ram, OOM_ABSENT);
	kept_free(&k);
}

/* A viewer cut the lines at its right edge: header and rows lose their ends, not their number. */
static void cut_at_the_right(void **state)
{
	struct kept k = parse(
		"[    1.000001] Out of memory: Kill process 7 (a) score 5 or sacrifice child\n"
		"[    1.000001] a invoked oom-killer: gfp_mask=0xd0, order=0, oom_sco\n"
		"[    2.000001] [  pid  ]   uid  tgid total_vm      rss pgtables_bytes swape\n"
		"[    2.000002] [     7]     0     7      100       50     4096        0 \n"
		"[    2.000003] [     8]     0     8      100       50     4096        0\n"
		"[    2.000004] [     9]     0     9      100       50     4096        0    0 "
		"bash x\n");

	(void)state;
	assert_int_equal(k.n, 2);
	assert_int_equal(k.r[1]->nr_tasks, 3);
	assert_int_equal(k.r[1]->tasks[1].rss_pages, 50);
	assert_string_equal(k.r[1]->tasks[2].comm, "bash x");
	kept_free(&k);
}

/* A row that lost its end tells less than the model must know. */
static void no_prediction_from_cut_rows(void **state)
{
	struct kept k =
		parse(TABLE "[    2.000002] [     7]     0     7      100       50     4096\n"
			    "[    2.000003] [     8]     0     8      100       40     4096       "
			    "0             0 b\n"
			    "[    2.000004] 1000 pages RAM\n[    2.000004] 10 pages reserved\n"
			    "[    2.000005] Out of memory: Killed process 8 (b) total-vm:400kB, "
			    "anon-rss:160kB, file-rss:0kB\n");
	struct badness_verdict v;

	(void)state;
	assert_int_equal(k.n, 1);
	assert_int_equal(k.r[0]->nr_tasks, 2);
	assert_int_equal(badness_judge_report(k.r[0], &v), -ENODATA);
	assert_false(v.has_prediction);
	badness_verdict_free(&v);
	kept_free(&k);
}

/* Numbers no kernel prints: the points are as far apart as can be (told by the sanitizer). */
static void far_apart(void **state)
{
	struct kept k = parse(
		TABLE
		"[    2.000002] [     7]     0     7      100 9223372036854775807     0        0"
		"             0 a\n"
		"[    2.000003] [     8]     0     8      100        4        0        0"
		"          -999 b\n"
		"[    2.000004] 1000000 pages RAM\n[    2.000004] 10 pages reserved\n"
		"[    2.000005] Out of memory: Killed process 8 (b) total-vm:400kB, anon-rss:16kB, "
		"file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:0kB oom_score_adj:-999\n");
	struct badness_verdict v;

	(void)state;
	assert_int_equal(k.n, 1);
	assert_int_equal(badness_judge_report(k.r[0], &v), 0);
	assert_int_equal(v.pid, 7);
	assert_int_equal(v.agrees, 0);
	badness_verdict_free(&v);
	kept_free(&k);
}

/* Some mailers break behind hyphens and quote again what they broke. */
static void broken_behind_hyphens(void **state)
{
	struct kept k =
		parse("> [ 1171.795551] Out of memory: Killed process 1669 (xdg-desk) total-\n"
		      "vm:\n"
		      "> 105068kB, anon-rss:9792kB, file-rss:10972kB, shmem-\n"
		      "> rss:0kB, UID:1000 pgtables:136kB oom_score_adj:200\n");

	(void)state;
	assert_int_equal(k.n, 1);
	assert_string_equal(k.r[0]->victims[0].comm, "xdg-desk");
	assert_int_equal(k.r[0]->victims[0].total_vm_kb, 105068);
	assert_int_equal(k.r[0]->victims[0].shmem_rss_kb, 0);
	assert_int_equal(k.r[0]->victims[0].oom_score_adj, 200);
	kept_free(&k);
}

/* A wrap through a word: "user.slice" is no facility, "kill" no half of "Memory cgroup". */
static void wrapped_oddly(void **state)
{
	struct kept k = parse(
		"[    1.000001] oom-kill:constraint=CONSTRAINT_MEMORY_POLICY,nodemask=1,cpuset=/,"
		"mems_allowed=0-2,global_oom,task_memcg=/\n"
		"user.slice/user-0.slice,task=a.out,pid=13135,uid=0\n"
		"[    1.000002] Out of memory: Killed process 13135 (a.out) total-vm:4kB, "
		"anon-rss:4kB, file-rss:0kB\n"
		"12m         Warning   OOMKilling                node/ip-10-0-99-118    Memory\n"
		"cgroup out of memory: Killed process 5 (r) total-vm:8kB, anon-rss:4kB, "
		"file-rss:0kB\n");

	(void)state;
	assert_int_equal(k.n, 2);
	assert_string_equal(k.r[0]->task_memcg, "/user.slice/user-0.slice");
	assert_int_equal(k.r[1]->kind, OOM_KIND_MEMCG);
	kept_free(&k);
}

#define GROUP_KILL(pid)                                                                \
	"Memory cgroup out of memory: Killed process " pid " (s) total-vm:" pid "kB, " \
	"anon-rss:4kB, file-rss:0kB\n"

static void groups(void **state)
{
	static const char *const logs[] = {
		/* wrapped; a path elided by its poster; cut at the right; and an echo of it all */
		GROUP_KILL("5") "Tasks in\n/kubepods.slice/x.scope\nare going to be killed due to "
				"memory.oom.group set\n" GROUP_KILL("6"),
		GROUP_KILL("5") "Tasks in ...x... are going to be killed due to memory.oom.group "
				"set\n" GROUP_KILL("6"),
		GROUP_KILL("5") "Tasks in /kubepods.slice/x.sc\n" GROUP_KILL("6"),
		GROUP_KILL("5") "Tasks in /x are going to be killed due to memory.oom.group "
				"set\n" GROUP_KILL("6") "npd: New status: " GROUP_KILL("6"),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(logs); i++) {
		struct kept k = parse(logs[i]);

		assert_int_equal(k.n, 1);
		assert_int_equal(k.r[0]->nr_victims, 2);
		assert_int_equal(k.r[0]->victims[1].pid, 6);
		kept_free(&k);
	}
}

static void heads(void **state)
{
	static const struct {
		const char *text, *comm;
		int64_t adj;
	} heads[] = {
		/* an article's ellipsis; a prefix shorter than a comm; half a name, and its stack */
		{ "python invoked oom-killer: ... oom_score_adj=944\nkernel: Mem-Info:\n"
		  "kernel: Out of memory: Killed process 5 (x)\n",
		  "python", 944 },
		{ "[  OK  ] httpd invoked oom-killer: gfp_mask=0xd0, order=0, oom_score_adj=1\n",
		  "httpd", 1 },
		{ "n invoked oom-killer: gfp_mask=0xd0, order=0, oom_score_adj=2\n"
		  "CPU: 0 PID: 5 Comm: python Not tainted 3.13.0 #1\n",
		  "python", 2 },
		{ "[   86.767482] fork invoked oom-killer: order=2, oom_score_adj=4, "
		  "gfp_mask=0x2(A|B)\n",
		  "fork", 4 },
		{ "fork invoked oom-killer: order=2, oom_score_adj=4,\ngfp_mask=0x2(A|B)\n", "fork",
		  4 },
		{ "tmux: server invoked oom-killer: gfp_mask=0xd0, order=0, oom_score_adj=3\n",
		  "tmux: server", 3 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(heads); i++) {
		struct kept k = parse(heads[i].text);

		assert_int_equal(k.n, 1);
		assert_string_equal(k.r[0]->invoker_comm, heads[i].comm);
		assert_int_equal(k.r[0]->invoker_oom_score_adj, heads[i].adj);
		kept_free(&k);
	}
}

/* An editor's tabs between the columns */
static void tabs(void **state)
{
	struct kept k =
		parse("[ pid ]\tuid\ttgid total_vm\trss nr_ptes swapents oom_score_adj name\n"
		      "[    7]\t0\t7\t100\t50\t10\t0\t-5 a b\n");

	(void)state;
	assert_int_equal(k.n, 1);
	assert_int_equal(k.r[0]->nr_tasks, 1);
	assert_int_equal(k.r[0]->tasks[0].oom_score_adj, -5);
	assert_string_equal(k.r[0]->tasks[0].comm, "a b");
	kept_free(&k);
	/* and a web page's unbreakable blanks */
	k = parse("[ pid ] \xc2\xa0 uid  tgid total_vm rss nr_ptes swapents oom_score_adj name\n"
		  "[ \xc2\xa0 7] \xc2\xa0 0 \xc2\xa0 7 100 50 10 0 \xc2\xa0-5 b\n");
	assert_int_equal(k.n, 1);
	assert_int_equal(k.r[0]->nr_tasks, 1);
	kept_free(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_available_memory),
		cmocka_unit_test(other_memory),
		cmocka_unit_test(a_bare_kill),
		cmocka_unit_test(pasted_twice),
		cmocka_unit_test(announced),
		cmocka_unit_test(every_line_twice),
		cmocka_unit_test(a_stall_between),
		cmocka_unit_test(cut_at_the_right),
		cmocka_unit_test(no_prediction_from_cut_rows),
		cmocka_unit_test(far_apart),
		cmocka_unit_test(broken_behind_hyphens),
		cmocka_unit_test(wrapped_oddly),
		cmocka_unit_test(groups),
		cmocka_unit_test(heads),
		cmocka_unit_test(tabs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
