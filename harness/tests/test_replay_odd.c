// SPDX-License-Identifier: MIT
/* Replays of hostile, damaged and old logs, and what is said of those that cannot be. */
#include "harness/tests/replay_try.h"

static void hostile_names_are_cleaned(void **state)
{
	struct oom_case *c;

	(void)state;
	assert_int_equal(make_rows(ROW("100", "100000", "0", "../../passwd") ROW("101", " 50000",
										 "0", "a: {b}\\\"")
					   ROW("102", " 20000", "0", "7zip")
						   ROW("103", " 10000", "0", "8bcdefghijklmn"),
				   100, "../../passwd"),
			 0);
	c = written();
	assert_string_equal(c->name, "replay-passwd");
	assert_string_equal(c->workers[0].name, "passwd");
	assert_string_equal(c->workers[1].name, "a-b");
	assert_string_equal(c->workers[2].name, "t-7zip");
	assert_string_equal(c->workers[3].name, "t-8bcdefghijklm");
	assert_string_equal(c->cgroups[0].path, "etc");
	case_free(c);
}

static void hostile_numbers_are_refused_or_harmless(void **state)
{
	static const char *const rows[] = {
		ROW("100", "-5", "0", "a"),
		ROW("100", "9223372036854775807", "0", "a"),
		ROW("100", "100000", "99999", "a"),
		ROW("100", "0", "0", "a"),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (make_rows(rows[i], 100, "a") == 0) {
			struct oom_case *c = written();

			case_free(c);
		} else {
			assert_true(*why.where);
		}
	}
}

static void a_victim_that_may_not_be_killed(void **state)
{
	(void)state;
	assert_int_equal(make_rows(ROW("100", "100000", "-1000", "a")
					   ROW("101", " 50000", "0", "b"),
				   100, "a"),
			 -EOPNOTSUPP);
	assert_non_null(strstr(why.where, "no kernel kills that"));
}

static bool is_assumed(const char *text)
{
	for (size_t i = 0; i < replay.nr_assumptions; i++)
		if (strstr(replay.assumptions[i], text))
			return true;
	return false;
}

#define GROUP_ROWS                                                                     \
	"x invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n" \
	"memory: usage 1048576kB, limit 1048576kB, failcnt 3\n"                        \
	"Tasks state (memory values in pages):\n"                                      \
	"[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name\n"
#define GROUP_KILL(task_memcg)                                                              \
	"oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,"     \
	"oom_memcg=/pod,task_memcg=" task_memcg ",task=a,pid=100,uid=0\n" KILLED(           \
		"100", "a") "Tasks in /pod are going to be killed due to memory.oom.group " \
			    "set\n" KILLED("100", "a")
#define KILLED(pid, comm)                                                              \
	"Memory cgroup out of memory: Killed process " pid " (" comm ") "              \
	"total-vm:1kB, anon-rss:1kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:1kB " \
	"oom_score_adj:0\n"

/* The one that was chosen has two kill lines, and is one; of who has none it is told. */
static void a_group_of_which_lines_are_missing(void **state)
{
	(void)state;
	assert_int_equal(make(GROUP_ROWS ROW("100", "100000", "0", "a") ROW(
				 "101", " 50000", "0", "b") GROUP_KILL("/pod") KILLED("101", "b")),
			 0);
	assert_true(replay.group);
	assert_false(is_assumed("that were killed together"));
	assert_false(is_assumed("no kill line names"));
	assert_int_equal(make(GROUP_ROWS ROW("100", "100000", "0", "a")
				      ROW("101", " 50000", "0", "b") ROW("102", " 50000", "0", "c")
					      GROUP_KILL("/pod") KILLED("101", "b")),
			 0);
	assert_true(is_assumed("no kill line names c (102) in the cgroup"));
	assert_int_equal(make(GROUP_ROWS ROW("100", "100000", "0", "a")
				      ROW("101", " 50000", "-1000", "b") GROUP_KILL("/pod")
					      KILLED("101", "b")),
			 -EOPNOTSUPP);
}

static void a_victim_from_elsewhere(void **state)
{
	(void)state;
	assert_int_equal(make(GROUP_ROWS ROW("100", "100000", "0", "a") GROUP_KILL("/other/pod")),
			 -EOPNOTSUPP);
	assert_non_null(strstr(why.where, "not below the one that ran out"));
	assert_int_equal(make(GROUP_ROWS ROW("100", "100000", "0", "a") GROUP_KILL("/po")), 0);
}

static void a_limit_that_was_not_hit(void **state)
{
	char *text = replace(GROUP_ROWS ROW("100", "100000", "0", "a") GROUP_KILL("/pod"),
			     "usage 1048576kB", "usage 524288kB");

	(void)state;
	assert_int_equal(make(text), 0);
	assert_true(is_assumed("of its limit the cgroup had used 50 %: here it is all of it"));
	free(text);
}

static void a_machine_that_cannot_be(void **state)
{
	char *text = replace(GROUP_ROWS ROW("100", "100000", "0", "a") GROUP_KILL("/pod"),
			     "limit 1048576kB", "limit 4611686018427387kB");

	(void)state;
	assert_int_equal(make(text), -EOPNOTSUPP);
	assert_non_null(strstr(why.where, "more memory than a machine can have"));
	free(text);
}

/* "null" is nothing to YAML. */
static void names_that_are_no_text(void **state)
{
	char *text = replace(GROUP_ROWS ROW("100", "100000", "0", "null")
				     ROW("101", " 50000", "0", "true")
					     ROW("102", " 30000", "0", "no") GROUP_KILL("/pod"),
			     "/pod", "/null");

	(void)state;
	assert_int_equal(make(text), 0);
	assert_string_equal(replay.roles[0].name, "null-2");
	assert_string_equal(replay.box, "box");
	case_free(written());
	free(text);
}

/* A victim of 36 KiB, as "pause" of a pod is */
static void a_victim_smaller_than_a_process(void **state)
{
	(void)state;
	assert_int_equal(make(GROUP_ROWS ROW("100", "9", "0", "a")
				      ROW("101", "200000", "-1000", "b") GROUP_KILL("/pod")),
			 0);
	assert_true(is_assumed("who had less than 1.20 % has that here"));
}

static void a_forged_constraint(void **state)
{
	static const struct {
		const char *file, *from, *to, *why;
	} logs[] = {
		{ "6.12-v2-global-oom.log", "CONSTRAINT_NONE", "CONSTRAINT_MEMCG",
		  "what it shows is the machine's memory" },
		{ "6.1-v2-memcg-parent-limit.log", "CONSTRAINT_MEMCG", "CONSTRAINT_NONE",
		  "no kernel since 5.3 says that" },
		{ "6.12-v2-global-oom.log", "CONSTRAINT_NONE", "CONSTRAINT_MEMORY_POLICY",
		  "do not agree" },
		{ "6.1-v2-node-local-oom.log", "CONSTRAINT_MEMORY_POLICY", "CONSTRAINT_CPUSET",
		  "do not agree" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(logs); i++) {
		char file[200], *text, *forged;

		snprintf(file, sizeof(file), CAPTURED "%s", logs[i].file);
		text = read_file(file);
		forged = replace(text, logs[i].from, logs[i].to);
		assert_int_equal(make(text), 0);
		assert_int_equal(make(forged), -EOPNOTSUPP);
		assert_non_null(strstr(why.where, logs[i].why));
		free(forged);
		free(text);
	}
}

/* Of a machine whose nodes are not in the log, one that no guest has. */
static void a_node_far_up(void **state)
{
	char *text = read_file(CAPTURED "6.1-v2-cpuset-node-oom.log");
	char *far = replace(text, "mems_allowed=1", "mems_allowed=16");

	(void)state;
	assert_int_equal(make(far), 0);
	case_free(written());
	assert_string_equal(replay.nodes, "1");
	assert_true(is_assumed("node 16 of the log is node 1 here"));
	free(far);
	free(text);
}

/* "mem_on_node0 invoked oom-killer", and no line with its pid */
static void who_asked_without_a_pid(void **state)
{
	(void)state;
	assert_int_equal(make(GROUP_ROWS ROW("100", "100000", "0", "a") GROUP_KILL("/pod")), 0);
	assert_true(is_assumed("x asked for the memory that was not there: here a does"));
}

static void a_hundred_thousand_tasks(void **state)
{
	char *rows = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&rows, &len);
	struct oom_case *c;

	(void)state;
	fputs(ROW("100", "100000", "0", "big"), out);
	for (int i = 0; i < 100000; i++)
		fprintf(out,
			"[%7d]     0 %5d   300000        1    4096        0             0 t%d\n",
			1000 + i, 1000 + i, i);
	fclose(out);
	assert_int_equal(make_rows(rows, 100, "big"), 0);
	c = written();
	assert_true(c->nr_workers <= REPLAY_ROLES + 2);
	assert_true(replay.nr_small > 99000);
	case_free(c);
	free(rows);
}

static void what_cannot_be_replayed_is_said(void **state)
{
	static const struct {
		const char *text, *why;
	} logs[] = {
		{ "Memory cgroup out of memory: Killed process 7 (x) total-vm:1kB, anon-rss:1kB, "
		  "file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:1kB oom_score_adj:0\n",
		  "only the kill line is there, without its report" },
		{ "x invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n",
		  "the log does not tell what ran out" },
		{ "sysrq: Manual OOM execution\n"
		  "kworker/0:1 invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=-1, "
		  "oom_score_adj=0\n"
		  "Mem-Info:\n"
		  "Out of memory and no killable processes...\n",
		  "a manual OOM with nobody to kill: nothing came of it" },
		{ "Out of memory and no killable processes...\n",
		  "only its end is there, without its report" },
		{ "x invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n"
		  "Mem-Info:\n"
		  "[ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name\n"
		  "[    7]     0     7      300       20       3        0             0 a\n"
		  "Out of memory: Kill process 7 (a) score 1 or sacrifice child\n"
		  "Killed process 7 (a) total-vm:1200kB, anon-rss:80kB, file-rss:0kB\n",
		  "the log does not tell how much memory there was, and its tasks have too little "
		  "to "
		  "tell it by" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(logs); i++) {
		assert_int_equal(make(logs[i].text), -EOPNOTSUPP);
		assert_string_equal(why.where, logs[i].why);
	}
}

#define OLD_MEMCG(limit, task)                                                                   \
	"Task in /docker/35f18c48d4328a killed as a result of limit of " limit "\n"              \
	"memory: usage 1048576kB, limit 1048576kB, failcnt 3\n"                                  \
	"[ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name\n"            \
	"[76513]     0 76513   300000   200000     300        0             0 java\n"            \
	"Memory cgroup out of memory: Kill process " task " (java) score 1 or sacrifice child\n" \
	"Killed process 76513 (java) total-vm:1200000kB, anon-rss:800000kB, file-rss:0kB\n"

/* A thread may be chosen, which the dump does not hold; that is no child. */
static void a_chosen_thread_is_no_child(void **state)
{
	(void)state;
	assert_int_equal(make(OLD_MEMCG("/docker/35f18c48d4328a", "76756")), 0);
	assert_int_equal(replay.victim_pid, 76513);
	assert_string_equal(replay.box, "35f18c48d4328a");
}

static void a_limits_path_that_is_cut(void **state)
{
	(void)state;
	assert_int_equal(make(OLD_MEMCG("/docker/35f18c4", "76513")), 0);
	assert_string_equal(replay.box, "35f18c48d4328a");
	assert_string_equal(replay.home, replay.box);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hostile_names_are_cleaned),
		cmocka_unit_test(hostile_numbers_are_refused_or_harmless),
		cmocka_unit_test(a_victim_that_may_not_be_killed),
		cmocka_unit_test(a_group_of_which_lines_are_missing),
		cmocka_unit_test(a_victim_from_elsewhere),
		cmocka_unit_test(a_limit_that_was_not_hit),
		cmocka_unit_test(a_machine_that_cannot_be),
		cmocka_unit_test(names_that_are_no_text),
		cmocka_unit_test(a_victim_smaller_than_a_process),
		cmocka_unit_test(a_forged_constraint),
		cmocka_unit_test(a_node_far_up),
		cmocka_unit_test(who_asked_without_a_pid),
		cmocka_unit_test(a_hundred_thousand_tasks),
		cmocka_unit_test(what_cannot_be_replayed_is_said),
		cmocka_unit_test(a_chosen_thread_is_no_child),
		cmocka_unit_test(a_limits_path_that_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
