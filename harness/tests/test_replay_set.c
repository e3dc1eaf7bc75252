// SPDX-License-Identifier: MIT
/* --set: what the model expects of changes to a ticket; and of tickets that are not true. */
#include "harness/tests/replay_try.h"

#define SETS(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* A captured log with these --set. */
static void make_set(const char *file, const char *const *texts)
{
	sets = texts;
	assert_int_equal(make_file(file), 0);
	sets = NULL;
	case_free(written());
}

static void remedies(void **state)
{
	(void)state;
	make_set(CAPTURED "6.1-v2-memcg-parent-limit.log", SETS("adj:big=-500"));
	assert_string_equal(replay.victim, "small");
	assert_string_equal(replay.roles[replay.trigger].name, "big");
	make_set(CAPTURED "6.1-v2-memcg-parent-limit.log", SETS("limit:+40M"));
	assert_int_equal(replay.end, REPLAY_NO_OOM);
	make_set(CAPTURED "6.1-v2-memcg-parent-limit.log", SETS("limit:200M"));
	assert_int_equal(replay.end, REPLAY_NO_OOM);
	make_set(CAPTURED "6.1-v2-memcg-parent-limit.log", SETS("limit:-20M"));
	assert_int_equal(replay.end, REPLAY_KILL);
	assert_string_equal(replay.victim, "big");
	make_set(CAPTURED "6.1-v2-memcg-parent-limit.log", SETS("sysctl:vm.panic_on_oom=1"));
	assert_int_equal(replay.end, REPLAY_KILL); /* 1 spares a memcg's OOM */
	make_set(CAPTURED "6.1-v2-memcg-parent-limit.log", SETS("sysctl:vm.panic_on_oom=2"));
	assert_int_equal(replay.end, REPLAY_PANIC);
	make_set(CAPTURED "6.12-v2-global-oom.log", SETS("sysctl:vm.panic_on_oom=01"));
	assert_int_equal(replay.end, REPLAY_PANIC);
}

/* Together they are what out_of_memory() decides in its order, in whatever order they are given. */
static void remedies_together(void **state)
{
	(void)state;
	make_set(CAPTURED "6.1-v2-memcg-parent-limit.log",
		 SETS("sysctl:vm.panic_on_oom=2", "limit:+40M"));
	assert_int_equal(replay.end, REPLAY_NO_OOM); /* where nothing runs out, nothing panics */
	make_set(CAPTURED "6.1-v2-memcg-parent-limit.log",
		 SETS("limit:+40M", "sysctl:vm.panic_on_oom=2"));
	assert_int_equal(replay.end, REPLAY_NO_OOM);
	make_set(CAPTURED "6.12-v2-global-oom.log",
		 SETS("sysctl:vm.panic_on_oom=1", "sysctl:vm.oom_kill_allocating_task=1"));
	assert_int_equal(replay.end, REPLAY_PANIC);
	assert_int_equal(replay.nr_sysctls, 2);
	make_set(CAPTURED "6.12-v2-global-oom.log",
		 SETS("sysctl:vm.panic_on_oom=1", "sysctl:vm.panic_on_oom=0"));
	assert_int_equal(replay.end, REPLAY_KILL);
	assert_int_equal(replay.nr_sysctls, 1);
	/* Who asks dies, whatever is said of another; but not where it may not be killed. */
	make_set(CAPTURED "6.12-v2-global-oom.log",
		 SETS("sysctl:vm.oom_kill_allocating_task=1", "adj:small=1000"));
	assert_string_equal(replay.victim, "big");
	make_set(CAPTURED "6.12-v2-global-oom.log",
		 SETS("adj:big=-1000", "sysctl:vm.oom_kill_allocating_task=1"));
	assert_string_equal(replay.victim, "small");
	assert_string_equal(replay.roles[replay.trigger].name, "big");
}

static void a_panic_without_its_sysctl(void **state)
{
	(void)state;
	make_set(CAPTURED "6.12-v2-panic-on-oom-2.log", SETS("sysctl:vm.panic_on_oom=0"));
	assert_int_equal(before.end, REPLAY_PANIC);
	assert_int_equal(replay.end, REPLAY_KILL);
	assert_true(*replay.victim);
}

#define HEAD                                                                          \
	"java invoked oom-killer: gfp_mask=0x140dca(GFP_HIGHUSER_MOVABLE), order=0, " \
	"oom_score_adj=0\n"                                                           \
	"Mem-Info:\n"                                                                 \
	"262144 pages RAM\n"                                                          \
	"10000 pages reserved\n"                                                      \
	"Tasks state (memory values in pages):\n"                                     \
	"[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name\n"
#define COMPULSORY "Kernel panic - not syncing: Out of memory: compulsory panic_on_oom is enabled\n"
#define NOBODY                                         \
	"Out of memory and no killable processes...\n" \
	"Kernel panic - not syncing: System is deadlocked on memory\n"

static int make_sets(const char *text, const char *const *texts)
{
	int err;

	sets = texts;
	err = make(text);
	sets = NULL;
	return err;
}

/* Of tasks that are small and may not be killed none has a part, and panics all the same. */
static void a_panic_of_small_ones(void **state)
{
	const char *text = HEAD ROW("100", "100", "-1000", "java") COMPULSORY;
	struct oom_case *c;

	(void)state;
	assert_int_equal(make(text), 0);
	c = written();
	assert_string_equal(row(c, EXPECT_PANIC)->text, "panic_on_oom is enabled");
	case_free(c);
	assert_int_equal(make_sets(text, SETS("sysctl:vm.panic_on_oom=0")), 0);
	c = written(); /* there is nobody to kill then */
	assert_string_equal(row(c, EXPECT_PANIC)->text, "System is deadlocked on memory");
	case_free(c);
}

/* What a change does is known where the dump is there, also if it was of no use before. */
static void nobody_to_kill(void **state)
{
	const char *text = HEAD ROW("100", "100000", "-1000", "java") NOBODY;
	struct oom_case *c;

	(void)state;
	assert_int_equal(make_sets(text, SETS("adj:java=0")), 0);
	assert_int_equal(before.end, REPLAY_NO_KILLABLE);
	assert_int_equal(replay.end, REPLAY_KILL);
	assert_int_equal(replay.victim_pid, 100);
	c = written();
	assert_string_equal(c->summary, "java (100) is killed with what was changed");
	case_free(c);
	make_set(CAPTURED "6.12-v2-global-oom.log", SETS("adj:big=-1000", "adj:small=-1000"));
	c = written();
	assert_string_equal(row(c, EXPECT_PANIC)->text, "System is deadlocked on memory");
	case_free(c);
	assert_int_equal(make_sets("Mem-Info:\n" NOBODY, SETS("adj:java=0")), -EOPNOTSUPP);
}

static void remedies_that_are_none(void **state)
{
	static const char *const texts[] = { "adj:nobody=5",
					     "adj:big=2000",
					     "adj:big",
					     "limit:+1K",
					     "limit:+x",
					     "limit:-1G",
					     "limit:+99999G",
					     "sysctl:../x=1",
					     "moon=1",
					     "sysctl:vm.panic_on_oom=",
					     "sysctl:vm.panic_on_oom=1-1",
					     "sysctl:vm.panic_on_oom=-",
					     "sysctl:vm.x=1; reboot",
					     "sysctl:vm.overcommit_memory=2",
					     "" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		sets = SETS(texts[i]);
		assert_true(make_file(CAPTURED "6.1-v2-memcg-parent-limit.log") < 0);
		assert_true(str_starts(why.where, "--set"));
	}
	sets = SETS("limit:+40M", "limit:+41M");
	assert_true(make_file(CAPTURED "6.1-v2-memcg-parent-limit.log") < 0);
	sets = SETS("adj:small=-1000", "adj:big=-1000");
	assert_true(make_file(CAPTURED "6.1-v2-memcg-parent-limit.log") < 0);
	sets = NULL;
}

/* vm.oom_kill_allocating_task: who asked is told by the report, whoever is said to have died. */
static void a_forged_victim_of_who_asks(void **state)
{
	char *text = read_file(CAPTURED "5.10-v2-kill-allocating-task.log");
	char *half = replace(text, "process 73 (asking)", "process 72 (big)");
	char *forged = replace(half, "task=asking,pid=73", "task=big,pid=72");
	struct oom_case *c;

	(void)state;
	assert_int_equal(make(text), 0);
	assert_string_equal(replay.roles[replay.trigger].name, "asking");
	assert_true(replay.roles[replay.trigger].dies);
	assert_int_equal(make(forged), 0);
	assert_string_equal(replay.roles[replay.trigger].name, "asking");
	assert_false(replay.roles[replay.trigger].dies);
	c = written();
	assert_string_equal(row(c, EXPECT_VICTIMS)->names[0], "big");
	case_free(c);
	free(forged);
	free(half);
	free(text);
}

/* big and big-2 are told apart by their rank, which the change turns round. */
static void names_stay_those_of_the_ticket(void **state)
{
	char *text = read_file(CAPTURED "6.1-v2-memcg-parent-limit.log");
	char *twins = replace(text, " small\n", " big\n");

	(void)state;
	sets = SETS("adj:83=-500");
	assert_int_equal(make(twins), 0);
	sets = NULL;
	assert_int_equal(before.roles[0].pid, 83);
	assert_string_equal(before.roles[0].name, "big");
	assert_int_equal(replay.roles[0].pid, 82);
	assert_string_equal(replay.roles[0].name, "big-2");
	assert_string_equal(replay.roles[1].name, "big");
	assert_int_equal(replay.victim_pid, 82);
	free(twins);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(remedies),
		cmocka_unit_test(remedies_together),
		cmocka_unit_test(a_panic_without_its_sysctl),
		cmocka_unit_test(a_panic_of_small_ones),
		cmocka_unit_test(nobody_to_kill),
		cmocka_unit_test(remedies_that_are_none),
		cmocka_unit_test(a_forged_victim_of_who_asks),
		cmocka_unit_test(names_stay_those_of_the_ticket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
