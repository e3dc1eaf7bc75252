// SPDX-License-Identifier: MIT
/* Triple entry, the scene, deaths, the guest, the log's cries: each falsified once. */
#include "harness/tests/story.h"

static void memcg_counter_disagrees(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	story_change(&s, "\"oom_kill\":1}}\n{\"t\":\"counters\",\"us\":3483290200",
		     "\"oom_kill\":2}}\n{\"t\":\"counters\",\"us\":3483290200");
	story_find(&s, EXPECT_COUNTER)->range = (struct range){ 2, 2 };
	story_gives(
		&s, VERDICT_FAIL,
		"triple entry: wanted log, wait status and counters to agree, saw log kills [hog] "
		"in 1 line, wait status SIGKILL [hog], memcg oom_kill +2, vmstat oom_kill +1");
}

/* cgroup2 adds up below our root, but not under memory_localevents. */
static void memcg_counters_are_local(void **state)
{
	struct story s;

	(void)state;
	for (int local = 0; local < 2; local++) {
		story_begin(&s);
		story_forget_rows(&s);
		story_names(&s, EXPECT_VICTIMS, "hog");
		s.plan.cgroup = CGROUP_V2;
		for (int i = 0; i < 4; i++)
			story_change(&s, "\"file\":\"memory.oom_control\"",
				     "\"file\":\"memory.events\"");
		if (local)
			str_copy(s.plan.mount, sizeof(s.plan.mount), "memory_localevents");
		story_gives(
			&s, local ? VERDICT_PASS : VERDICT_FAIL,
			local ? ""
			      : "triple entry: wanted log, wait status and counters to agree, saw "
				"log kills [hog] in 1 line, wait status SIGKILL [hog], memcg "
				"oom_kill +0, vmstat oom_kill +1");
	}
}

static void vmstat_disagrees(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	story_change(&s, "\"values\":{\"oom_kill\":2}", "\"values\":{\"oom_kill\":3}");
	story_find(&s, EXPECT_VMSTAT)->range = (struct range){ 2, 2 };
	story_gives(
		&s, VERDICT_FAIL,
		"triple entry: wanted log, wait status and counters to agree, saw log kills [hog] "
		"in 1 line, wait status SIGKILL [hog], memcg oom_kill +1, vmstat oom_kill +2");
}

/* The log names it, but it lives: one of the two lies. */
static void named_but_alive(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	story_without(&s, "\"name\":\"hog\",\"pid\":21533,\"code\"");
	story_insert(&s, "\"t\":\"alive\"", "{\"t\":\"alive\",\"name\":\"hog\",\"pid\":21533}");
	story_gives(
		&s, VERDICT_FAIL,
		"triple entry: wanted log, wait status and counters to agree, saw log kills [hog] "
		"in 1 line, wait status SIGKILL [], memcg oom_kill +1, vmstat oom_kill +1");
}

static void counters_are_missing(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	story_without(&s, "\"values\":{\"oom_kill\":2}");
	story_gives(
		&s, VERDICT_BROKEN,
		"triple entry: wanted log, wait status and counters to agree, saw log kills [hog] "
		"in 1 line, wait status SIGKILL [hog], memcg oom_kill +1, vmstat not in the "
		"evidence");
}

/* A certain failure is told even where something else could not be found out. */
static void fail_beats_an_open_question(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	str_copy(story_find(&s, EXPECT_VICTIMS)->names[0], 16, "b");
	story_without(&s, "\"values\":{\"oom_kill\":2}");
	story_gives(&s, VERDICT_FAIL, "victims: wanted [b], saw hog");
}

static void limit_did_not_take(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	story_change(&s, "\"reads\":\"83886080\"", "\"reads\":\"83890176\"");
	story_gives(&s, VERDICT_BROKEN, "scene: wanted 83886080 in box/memory.max, saw 83890176");
}

static void knobs_read_back_as_kernels_do(void **state)
{
	static const char *const fine[][3] = {
		{ "memory.max", "83886081", "83886080" },
		{ "memory.max", "max", "9223372036854771712" },
		{ "memory.swap.max", "max", "max" },
		{ "cpuset.mems", "0,1", "0-1" },
		{ "memory.oom_control", "1", "oom_kill_disable 1\\nunder_oom 0\\noom_kill 0" },
		{ "kernel.printk", "7 4 1 7", "7\\t4\\t1\\t7" },
	};
	struct story s;
	char line[400];

	(void)state;
	story_begin(&s);
	for (size_t i = 0; i < ARRAY_SIZE(fine); i++) {
		snprintf(line, sizeof(line),
			 "{\"t\":\"knob\",\"cgroup\":\"box\",\"file\":\"%s\",\"wrote\":\"%s\","
			 "\"reads\":\"%s\"}",
			 fine[i][0], fine[i][1], fine[i][2]);
		story_insert(&s, "\"t\":\"mark\"", line);
	}
	story_insert(&s, "\"t\":\"mark\"",
		     "{\"t\":\"knob\",\"cgroup\":\"box\",\"file\":\"memory.reclaim\","
		     "\"wrote\":\"1M\",\"reads\":null}");
	story_gives(&s, VERDICT_PASS, "");
}

static void knobs_that_did_not_take(void **state)
{
	static const char *const wrong[][3] = {
		{ "memory.max", "83886080", "max" },
		{ "memory.max", "max", "83886080" },
		{ "memory.max", "83886081", "83886082" },
		{ "cpuset.mems", "1", "0-1" },
		{ "memory.oom_control", "1", "oom_kill_disable 0\\nunder_oom 1\\noom_kill 1" },
		{ "memory.oom.group", "1", "0" },
		{ "memory.oom.group", "1", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct story s;
		char line[400];

		story_begin(&s);
		snprintf(line, sizeof(line),
			 "{\"t\":\"knob\",\"cgroup\":\"box\",\"file\":\"%s\",\"wrote\":\"%s\","
			 "\"reads\":\"%s\"}",
			 wrong[i][0], wrong[i][1], wrong[i][2]);
		story_insert(&s, "\"t\":\"mark\"", line);
		story_judge(&s);
		assert_int_equal(s.j.verdict, VERDICT_BROKEN);
		assert_memory_equal(s.j.reason, "scene: ", 7);
		story_end(&s);
	}
}

/* --- deaths */

static void worker_ran_out_of_memory_itself(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	story_change(
		&s, "{\"t\":\"alive\",\"us\":3483290100,\"name\":\"b\",\"pid\":21532}",
		"{\"t\":\"failed\",\"name\":\"b\",\"pid\":21532,\"what\":\"enomem\",\"bytes\":0,"
		"\"text\":\"ENOMEM mmap\"}\n"
		"{\"t\":\"death\",\"name\":\"b\",\"pid\":21532,\"code\":3,\"signal\":0}");
	story_without(&s, "\"name\":\"b\",\"pid\":21532,\"signal\":9");
	story_without(&s, "\"us\":3483290900");
	story_gives(&s, VERDICT_FAIL,
		    "deaths: wanted only OOM kills and what the case plans, saw b exited with 3 "
		    "(enomem: ENOMEM mmap)");
}

static void worker_could_not_have_its_policy(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	story_change(
		&s, "{\"t\":\"alive\",\"us\":3483290100,\"name\":\"b\",\"pid\":21532}",
		"{\"t\":\"failed\",\"name\":\"b\",\"pid\":21532,\"what\":\"policy\",\"bytes\":0,"
		"\"text\":\"EINVAL\"}\n"
		"{\"t\":\"death\",\"name\":\"b\",\"pid\":21532,\"code\":4,\"signal\":0}");
	story_without(&s, "\"name\":\"b\",\"pid\":21532,\"signal\":9");
	story_without(&s, "\"us\":3483290900");
	story_gives(&s, VERDICT_BROKEN,
		    "deaths: wanted only OOM kills and what the case plans, saw b exited with 4 "
		    "(policy: EINVAL)");
}

static void worker_crashed(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	story_change(&s, "{\"t\":\"alive\",\"us\":3483290100,\"name\":\"b\",\"pid\":21532}",
		     "{\"t\":\"death\",\"name\":\"b\",\"pid\":21532,\"code\":-1,\"signal\":11}");
	story_without(&s, "\"name\":\"b\",\"pid\":21532,\"signal\":9");
	story_without(&s, "\"us\":3483290900");
	story_gives(
		&s, VERDICT_FAIL,
		"deaths: wanted only OOM kills and what the case plans, saw b killed by signal 11");
}

static void worker_vanished(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	story_without(&s, "\"t\":\"alive\"");
	story_without(&s, "\"us\":3483290900");
	story_gives(
		&s, VERDICT_BROKEN,
		"player: wanted its last word, every worker accounted for, saw b neither alive nor "
		"dead");
}

/* --- the player */

static void player_broke(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	story_insert(&s, "\"t\":\"end\"", "{\"t\":\"broken\",\"what\":\"fork: EAGAIN\"}");
	story_gives(
		&s, VERDICT_BROKEN,
		"player: wanted its last word, every worker accounted for, saw it could not go on: "
		"fork: EAGAIN");
}

static void player_left_something(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	story_insert(&s, "\"t\":\"end\"", "{\"t\":\"left\",\"what\":\"cgroup oomlab-t1: EBUSY\"}");
	story_gives(&s, VERDICT_BROKEN, "left over: wanted nothing, saw cgroup oomlab-t1: EBUSY");
}

static void step_error_is_ours(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	story_change(&s, "\"op\":\"trigger\",\"result\":\"ok\"",
		     "\"op\":\"trigger\",\"result\":\"error\",\"text\":\"EBUSY\"");
	story_judge(&s);
	assert_int_equal(s.j.verdict, VERDICT_BROKEN);
	story_end(&s);
}

static void step_was_never_played(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	story_without(&s, "\"op\":\"wait kills\"");
	story_gives(&s, VERDICT_BROKEN, "steps: wanted 3 done, saw 2 done");
}

/* --- the model */

static void prediction_failed(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	str_copy(s.plan.prediction.victim, 16, "b");
	str_copy(s.plan.prediction.runner_up, 16, "hog");
	story_gives(&s, VERDICT_FAIL,
		    "prediction: wanted b (16000 pages before hog, noise 64), saw hog");
}

/* The kernel's own figures say that another one should have died. */
static void kernel_chose_against_its_own_figures(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	story_change(
		&s,
		"     2634     2200     2048      152         0    53248        0             0 b",
		"    26340    22000    20480     1520         0    53248        0             0 b");
	story_judge(&s);
	assert_int_equal(s.j.verdict, VERDICT_FAIL);
	assert_memory_equal(s.j.reason, "model: wanted the model's victim, saw hog(21533), ", 50);
	story_end(&s);
}

static void case_says_why_the_model_differs(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	story_change(
		&s,
		"     2634     2200     2048      152         0    53248        0             0 b",
		"    26340    22000    20480     1520         0    53248        0             0 b");
	story_text(&s, EXPECT_MODEL, "the bystander shares its pages");
	story_gives(&s, VERDICT_PASS, "");
}

static void a_reason_also_covers_what_the_model_cannot_tell(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	story_change(&s, "\"text\":\"Tasks state (", "\"text\":\"Tasks gone (");
	story_change(&s, "\"text\":\"[  pid  ]", "\"text\":\"   pid   ");
	story_text(&s, EXPECT_MODEL, "there is no dump");
	story_gives(&s, VERDICT_PASS, "");
}

static void without_a_dump_the_model_cannot_be_asked(void **state)
{
	struct story s;

	(void)state;
	for (int excused = 0; excused < 2; excused++) {
		story_begin(&s);
		for (int i = 0; i < 2; i++)
			story_change(&s, "\"text\":\"[  2153", "\"text\":\"   2153");
		story_change(&s, "\"text\":\"Tasks state (", "\"text\":\"Tasks gone (");
		story_change(&s, "\"text\":\"[  pid  ]", "\"text\":\"   pid   ");
		if (excused) {
			str_copy(s.sysctl.name, sizeof(s.sysctl.name), "vm.oom_dump_tasks");
			str_copy(s.sysctl.value, sizeof(s.sysctl.value), "0");
			s.plan.sysctls = &s.sysctl;
			s.plan.nr_sysctls = 1;
		}
		story_judge(&s);
		assert_int_equal(s.j.verdict, excused ? VERDICT_PASS : VERDICT_BROKEN);
		if (!excused)
			assert_memory_equal(s.j.reason,
					    "model: wanted the model's victim, saw 0 of 1", 44);
		story_end(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memcg_counter_disagrees),
		cmocka_unit_test(memcg_counters_are_local),
		cmocka_unit_test(vmstat_disagrees),
		cmocka_unit_test(named_but_alive),
		cmocka_unit_test(counters_are_missing),
		cmocka_unit_test(fail_beats_an_open_question),
		cmocka_unit_test(limit_did_not_take),
		cmocka_unit_test(knobs_read_back_as_kernels_do),
		cmocka_unit_test(knobs_that_did_not_take),
		cmocka_unit_test(worker_ran_out_of_memory_itself),
		cmocka_unit_test(worker_could_not_have_its_policy),
		cmocka_unit_test(worker_crashed),
		cmocka_unit_test(worker_vanished),
		cmocka_unit_test(player_broke),
		cmocka_unit_test(player_left_something),
		cmocka_unit_test(step_error_is_ours),
		cmocka_unit_test(step_was_never_played),
		cmocka_unit_test(prediction_failed),
		cmocka_unit_test(kernel_chose_against_its_own_figures),
		cmocka_unit_test(case_says_why_the_model_differs),
		cmocka_unit_test(a_reason_also_covers_what_the_model_cannot_tell),
		cmocka_unit_test(without_a_dump_the_model_cannot_be_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
