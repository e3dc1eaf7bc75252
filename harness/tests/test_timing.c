// SPDX-License-Identifier: MIT
/* Where the time went, and a guest whose clock is not the host's. */
#include "harness/tests/story.h"
#include "harness/timing.h"

static void time_is_split(void **state)
{
	struct story s;
	struct timing t;

	(void)state;
	story_begin(&s);
	story_add(&s, "{\"t\":\"host\",\"restored\":true,\"restore_us\":70000,\"answer_us\":30000,"
		      "\"played_us\":492000}");
	story_judge(&s);
	t = timing_of(s.e);
	assert_true(t.known && t.restored);
	assert_int_equal(t.restore_us, 70000);
	assert_int_equal(t.answer_us, 30000);
	assert_int_equal(t.settle_us, 39900);
	assert_int_equal(t.fill_us, 30100);
	assert_int_equal(t.wait_us, 270000 + 149910);
	assert_int_equal(t.teardown_us, 1990);
	assert_int_equal(t.player_us, t.settle_us + t.fill_us + t.wait_us + t.teardown_us);
	assert_int_equal(t.host_us, 492000);
	assert_false(timing_skewed(&t));
	assert_int_equal(s.j.verdict, VERDICT_PASS);
	story_end(&s);
}

static void no_end_no_split(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	story_without(&s, "\"t\":\"end\"");
	story_judge(&s);
	assert_false(timing_of(s.e).known);
	story_end(&s);
}

static void clocks_may_differ_a_little(void **state)
{
	static const struct {
		uint64_t host_us, player_us;
		bool skewed;
	} rows[] = {
		{ 0, 500000, false }, /* not taken */
		{ 10000000, 10000000, false }, { 10000000, 10700000, false },
		{ 10000000, 10700001, true },  { 10000000, 9299999, true },
		{ 100000, 300000, false },     { 100000, 4000000, true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct timing t = { .host_us = rows[i].host_us, .player_us = rows[i].player_us };

		assert_int_equal(timing_skewed(&t), rows[i].skewed);
	}
}

static const char fast[] = "{\"t\":\"host\",\"restored\":true,\"played_us\":12000}";

static void skew_is_told(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	story_add(&s, fast);
	story_judge(&s);
	assert_int_equal(s.j.verdict, VERDICT_PASS);
	assert_string_equal(s.j.checks[2].name, "clock");
	assert_string_equal(s.j.checks[2].saw,
			    "491 ms in the guest, 12 ms on the host, no step that timed out");
	story_end(&s);
}

/* The guest ran forty times fast: its deadline was over before the kernel could act. */
static void timeout_by_a_wrong_clock_is_broken(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	story_change(&s, "\"op\":\"wait kills\",\"result\":\"ok\"",
		     "\"op\":\"wait kills\",\"result\":\"timeout\"");
	story_judge(&s);
	assert_int_equal(s.j.verdict, VERDICT_FAIL);
	story_end(&s);
	story_begin(&s);
	story_change(&s, "\"op\":\"wait kills\",\"result\":\"ok\"",
		     "\"op\":\"wait kills\",\"result\":\"timeout\"");
	story_add(&s, fast);
	story_gives(&s, VERDICT_BROKEN,
		    "clock: wanted no deadline by a clock that lies, saw 491 ms "
		    "in the guest, 12 ms on the host, and a step that timed out");
}

/* Be it within its bounds or not. */
static void figure_by_a_wrong_clock_is_broken(void **state)
{
	struct story s;

	(void)state;
	for (int value = 5; value < 30; value += 20) {
		char line[80], why[120];

		snprintf(line, sizeof(line), "{\"t\":\"figure\",\"name\":\"back_us\",\"value\":%d}",
			 value);
		snprintf(why, sizeof(why),
			 "figure back: wanted at most 10 us, saw %d us, by a clock that lies",
			 value);
		story_begin(&s);
		str_copy(story_range(&s, EXPECT_FIGURE, INT64_MIN, 10)->key, sizeof(s.rows[0].key),
			 "back");
		story_add(&s, line);
		story_add(&s, fast);
		story_gives(&s, VERDICT_BROKEN, why);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(time_is_split),
		cmocka_unit_test(no_end_no_split),
		cmocka_unit_test(clocks_may_differ_a_little),
		cmocka_unit_test(skew_is_told),
		cmocka_unit_test(timeout_by_a_wrong_clock_is_broken),
		cmocka_unit_test(figure_by_a_wrong_clock_is_broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
