// SPDX-License-Identifier: MIT
/* It can fail: one true story, falsified in one place at a time, gives exactly the verdict it should. */
#include "harness/tests/story.h"

static void true_story_passes(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	story_gives(&s, VERDICT_PASS, "");
}

/* --- what the case says against what happened */

static void wrong_victim_named(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	str_copy(story_find(&s, EXPECT_VICTIMS)->names[0], 16, "b");
	story_gives(&s, VERDICT_FAIL, "victims: wanted [b], saw hog");
}

static void wrong_oom_memcg_named(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	str_copy(story_find(&s, EXPECT_OOM_MEMCG)->text, CASE_PATH_LEN, "");
	story_gives(&s, VERDICT_FAIL, "oom_memcg: wanted /oomlab-t1, saw /oomlab-t1/box");
}

static void counter_off_by_one(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	story_find(&s, EXPECT_COUNTER)->range = (struct range){ 2, 2 };
	story_gives(&s, VERDICT_FAIL, "counter box memory.oom_control oom_kill: wanted 2, saw 1");
}

static void no_oom_expected(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	story_forget_rows(&s);
	story_row(&s, EXPECT_NO_OOM);
	story_gives(&s, VERDICT_FAIL,
		    "no OOM: wanted no OOM report and no kill, saw 1 reports, 1 kills");
}

static void nothing_expected(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	story_forget_rows(&s);
	story_gives(
		&s, VERDICT_BROKEN,
		"expectations: wanted at least one that holds on this kernel and cgroup version, "
		"saw none");
}

/* --- what happened against what should have */

static void our_own_signal_is_no_oom(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	story_without(&s, "Killed process 21533");
	story_change(&s, "\"seq\":521", "\"seq\":522"); /* the log itself is whole */
	story_change(&s, "\"seq\":520", "\"seq\":521");
	story_insert(
		&s, "\"t\":\"death\",\"us\":3483290000",
		"{\"t\":\"sent\",\"name\":\"hog\",\"pid\":21533,\"signal\":9,\"why\":\"step\"}");
	story_judge(&s);
	assert_int_equal(s.j.verdict, VERDICT_BROKEN); /* a gap is a gap */
	story_end(&s);
}

/* A whole log in which no OOM happens: the story's own records, numbered anew. */
static void without_oom(struct story *s)
{
	char *from = strstr(s->tale, "{\"t\":\"kmsg\""), *to = strstr(s->tale, "{\"t\":\"death\"");

	memmove(from, to, strlen(to) + 1);
	story_change(s,
		     "\"oom_kill\":1}}\n{\"t\":\"counters\",\"us\":3483290200,\"when\":\"after\","
		     "\"cgroup\":\"box\",\"file\":\"memory.failcnt\"",
		     "\"oom_kill\":0}}\n{\"t\":\"counters\",\"us\":3483290200,\"when\":\"after\","
		     "\"cgroup\":\"box\",\"file\":\"memory.failcnt\"");
	story_change(s, "\"values\":{\"oom_kill\":2}", "\"values\":{\"oom_kill\":1}");
}

static void our_signal_where_oom_expected(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	without_oom(&s);
	story_insert(
		&s, "\"t\":\"death\",\"us\":3483290000",
		"{\"t\":\"sent\",\"name\":\"hog\",\"pid\":21533,\"signal\":9,\"why\":\"step\"}");
	story_gives(
		&s, VERDICT_FAIL,
		"deaths: wanted only OOM kills and what the case plans, saw hog killed by our own "
		"SIGKILL");
}

static void our_signal_does_not_pass_even_if_planned(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	without_oom(&s);
	s.steps[2] = (struct case_step){ .op = STEP_KILL, .worker = "hog" };
	story_insert(
		&s, "\"t\":\"death\",\"us\":3483290000",
		"{\"t\":\"sent\",\"name\":\"hog\",\"pid\":21533,\"signal\":9,\"why\":\"step\"}");
	story_gives(
		&s, VERDICT_FAIL,
		"deaths: wanted only OOM kills and what the case plans, saw hog killed by our own "
		"SIGKILL");
}

static void sigkill_from_nobody(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	without_oom(&s);
	story_gives(
		&s, VERDICT_BROKEN,
		"deaths: wanted only OOM kills and what the case plans, saw hog got a SIGKILL that "
		"neither we nor the kernel log own up to");
}

/* A signal that was sent after the death explains nothing. */
static void signal_after_death(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	without_oom(&s);
	story_insert(
		&s, "\"t\":\"step\",\"us\":3483290010",
		"{\"t\":\"sent\",\"name\":\"hog\",\"pid\":21533,\"signal\":9,\"why\":\"step\"}");
	story_judge(&s);
	assert_int_equal(s.j.verdict, VERDICT_BROKEN);
	assert_int_equal(evidence_worker(s.e, "hog")->death, DEATH_SIGKILL_UNEXPLAINED);
	story_end(&s);
}

static void no_oom_before_the_deadline(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	without_oom(&s);
	story_without(&s, "\"name\":\"hog\",\"pid\":21533,\"code\"");
	story_change(
		&s, "\"op\":\"wait kills\",\"result\":\"ok\"",
		"\"op\":\"wait kills\",\"result\":\"timeout\",\"text\":\"wanted 1 kills, saw 0\"");
	story_insert(&s, "\"t\":\"alive\"", "{\"t\":\"alive\",\"name\":\"hog\",\"pid\":21533}");
	story_gives(&s, VERDICT_FAIL,
		    "steps: wanted 1 kill before the deadline, saw 0 (step 3, wait kills: wanted 1 "
		    "kills, saw 0)");
}

static void log_overrun(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	story_insert(&s, "\"seq\":480", "{\"t\":\"lost\",\"us\":1,\"records\":12}");
	story_gives(
		&s, VERDICT_BROKEN,
		"kernel log: wanted every record after the mark, saw 12 records overwritten before "
		"they could be read");
}

static void record_lost_on_the_channel(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	story_without(&s, "\"seq\":480");
	story_gives(
		&s, VERDICT_BROKEN,
		"kernel log: wanted every record after the mark, saw 1 records missing by their "
		"numbers");
}

/* An overrun log may hold anything: even a certain failure is not certain any more. */
static void broken_beats_fail(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	str_copy(story_find(&s, EXPECT_VICTIMS)->names[0], 16, "b");
	story_insert(&s, "\"seq\":480", "{\"t\":\"lost\",\"us\":1,\"records\":12}");
	story_judge(&s);
	assert_int_equal(s.j.verdict, VERDICT_BROKEN);
	story_end(&s);
}

static void kill_without_a_report(void **state)
{
	struct story s;
	char *from, *to;

	(void)state;
	story_begin(&s);
	from = strstr(s.tale, "{\"t\":\"kmsg\"");
	to = strstr(s.tale, "\"seq\":522");
	while (to[-1] != '\n')
		to--;
	memmove(from, to, strlen(to) + 1);
	story_change(&s, "\"seq\":522", "\"seq\":443");
	story_gives(
		&s, VERDICT_BROKEN,
		"constraint: wanted CONSTRAINT_MEMCG, saw a kill without its report (rate-limited "
		"or cut)");
}

static void user_space_cannot_forge_a_kill(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	story_change(&s, "\"seq\":522,\"usec\":3483271683,\"level\":3,\"facility\":0",
		     "\"seq\":522,\"usec\":3483271683,\"level\":3,\"facility\":1");
	story_judge(&s);
	assert_int_equal(s.j.verdict, VERDICT_BROKEN);
	assert_int_equal(evidence_worker(s.e, "hog")->death, DEATH_SIGKILL_UNEXPLAINED);
	story_end(&s);
}

static void kill_before_the_mark_is_not_ours(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	story_change(&s, "\"seq\":442}", "\"seq\":600}");
	story_judge(&s);
	assert_int_equal(s.j.verdict, VERDICT_BROKEN);
	assert_int_equal(s.e->nr_reports, 0);
	story_end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(true_story_passes),
		cmocka_unit_test(wrong_victim_named),
		cmocka_unit_test(wrong_oom_memcg_named),
		cmocka_unit_test(counter_off_by_one),
		cmocka_unit_test(no_oom_expected),
		cmocka_unit_test(nothing_expected),
		cmocka_unit_test(our_own_signal_is_no_oom),
		cmocka_unit_test(our_signal_where_oom_expected),
		cmocka_unit_test(our_signal_does_not_pass_even_if_planned),
		cmocka_unit_test(sigkill_from_nobody),
		cmocka_unit_test(signal_after_death),
		cmocka_unit_test(no_oom_before_the_deadline),
		cmocka_unit_test(log_overrun),
		cmocka_unit_test(record_lost_on_the_channel),
		cmocka_unit_test(broken_beats_fail),
		cmocka_unit_test(kill_without_a_report),
		cmocka_unit_test(user_space_cannot_forge_a_kill),
		cmocka_unit_test(kill_before_the_mark_is_not_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
