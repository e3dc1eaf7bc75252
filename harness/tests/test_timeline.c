// SPDX-License-Identifier: MIT
/* Samples over time as the loader takes and refuses them. No verdict rests on them. */
#include "harness/tests/story.h"

#define HEAD                                                                        \
	"{\"t\":\"timeline\",\"interval_us\":50000,\"machine\":[\"some_us\"],"      \
	"\"machines\":[\"\"],\"cgroup\":[\"current_kb\",\"oom_kill\"],"             \
	"\"cgroups\":[\"\",\"box\"],\"worker\":[\"rss_kb\"],\"workers\":[\"hog\"]," \
	"\"node\":[],\"nodes\":[\"0\"]}"

static void reads_samples(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	story_insert(&s, "\"t\":\"worker\"", HEAD);
	story_insert(&s, "\"t\":\"death\"", "{\"t\":\"sample\",\"us\":7,\"set\":[5,81920,0,12]}");
	story_insert(&s, "\"t\":\"alive\"", "{\"t\":\"sample\",\"us\":9,\"set\":[5,null]}");
	story_change(&s, "\"seq\":442}", "\"seq\":442,\"log_offset_us\":-40}");
	story_judge(&s);
	assert_int_equal(s.err, 0);
	assert_int_equal(s.j.verdict, VERDICT_PASS);
	assert_true(s.e->has_log_offset);
	assert_int_equal(s.e->log_offset_us, -40);
	assert_int_equal(s.e->timeline.nr_columns, 6);
	assert_int_equal(s.e->timeline.nr_samples, 2);
	assert_int_equal(s.e->timeline.samples[1].us, 9);
	assert_int_equal(s.e->timeline.samples[1].first, 2);
	assert_int_equal(s.e->timeline.samples[1].nr, 1);
	assert_int_equal(s.e->timeline.changes[0].column, 5);
	assert_int_equal(s.e->timeline.changes[0].value, 81920);
	assert_true(s.e->timeline.changes[2].value == OOM_ABSENT);
	story_end(&s);
}

static void without_samples(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	story_judge(&s);
	assert_int_equal(s.j.verdict, VERDICT_PASS);
	assert_false(s.e->has_log_offset);
	assert_null(s.e->timeline.head);
	story_end(&s);
}

static void refuses(const char *head, const char *sample, const char *words)
{
	struct story s;

	story_begin(&s);
	if (head)
		story_insert(&s, "\"t\":\"worker\"", head);
	if (sample)
		story_insert(&s, "\"t\":\"death\"", sample);
	story_judge(&s);
	assert_int_equal(s.err, -EBADMSG);
	assert_non_null(strstr(s.fail.where, words));
	story_end(&s);
}

static void refuses_damage(void **state)
{
	(void)state;
	refuses(HEAD, "{\"t\":\"sample\",\"us\":7,\"set\":[6,1]}",
		"sample: a column that the timeline does not have");
	refuses(HEAD, "{\"t\":\"sample\",\"us\":7,\"set\":[-1,1]}", "a column that");
	refuses(HEAD, "{\"t\":\"sample\",\"us\":7,\"set\":[\"0\",1]}", "a column that");
	refuses(HEAD, "{\"t\":\"sample\",\"us\":7,\"set\":[0]}", "\"set\" is no list of pairs");
	refuses(HEAD, "{\"t\":\"sample\",\"us\":7}", "\"set\" is no list of pairs");
	refuses(HEAD, "{\"t\":\"sample\",\"us\":7,\"set\":[0,\"x\"]}", "column 0 is no number");
	refuses(HEAD, "{\"t\":\"sample\",\"set\":[0,1]}", "sample: \"us\" is no number");
	refuses(NULL, "{\"t\":\"sample\",\"us\":7,\"set\":[0,1]}", "a column that");
	refuses(HEAD, HEAD, "timeline: a second timeline");
	refuses("{\"t\":\"timeline\"}", NULL, "timeline: \"interval_us\" is no number");
	refuses("{\"t\":\"timeline\",\"interval_us\":1,\"machine\":[1],\"machines\":[]}", NULL,
		"\"machine\" is no list of names");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_samples),
		cmocka_unit_test(without_samples),
		cmocka_unit_test(refuses_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
