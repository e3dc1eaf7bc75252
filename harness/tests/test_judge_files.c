// SPDX-License-Identifier: MIT
/* Lies about what kernel files said, how they took a write, and what was measured. */
#include "harness/file_value.h"
#include "harness/tests/story.h"

#define STEP3 "{\"t\":\"step\",\"us\":9,\"n\":3,\"op\":\"x\",\"result\":\"ok\"}"

/* A fourth step on hog's oom_score, and its records. */
static struct case_step *file_step(struct story *s, enum step_op op)
{
	struct case_step *p = &s->steps[3];

	story_begin(s);
	story_step(s, op, "hog", 0);
	p->file.place = FILE_OF_WORKER;
	str_copy(p->file.name, sizeof(p->file.name), "oom_score");
	p->want = (struct case_want){ .is_range = true, .range = { 600, 700 } };
	story_add(s, STEP3);
	return p;
}

static void read_gives(const char *record, const char *errno_name, enum verdict v, const char *why)
{
	struct story s;
	struct case_step *p = file_step(&s, STEP_READ);

	str_copy(p->errno_name, sizeof(p->errno_name), errno_name);
	if (record)
		story_add(&s, record);
	story_gives(&s, v, why);
}

static void test_read(void **state)
{
	(void)state;
	read_gives("{\"t\":\"read\",\"n\":3,\"value\":\"667\"}", "", VERDICT_PASS, "");
	read_gives("{\"t\":\"read\",\"n\":3,\"value\":\"701\"}", "", VERDICT_FAIL,
		   "read hog oom_score: wanted 600..700, saw '701'");
	read_gives("{\"t\":\"read\",\"n\":3,\"value\":\"667 and more\"}", "", VERDICT_FAIL,
		   "read hog oom_score: wanted 600..700, saw '667 and more'");
	read_gives("{\"t\":\"read\",\"n\":3,\"errno\":\"ENOENT\"}", "", VERDICT_FAIL,
		   "read hog oom_score: wanted 600..700, saw ENOENT");
	read_gives("{\"t\":\"read\",\"n\":3,\"errno\":\"ENOENT\"}", "ENOENT", VERDICT_PASS, "");
	read_gives("{\"t\":\"read\",\"n\":3,\"value\":\"667\"}", "ENOENT", VERDICT_FAIL,
		   "read hog oom_score: wanted ENOENT, saw '667'");
	/* No record, one of another step, one of a write: nothing is known. */
	read_gives(NULL, "", VERDICT_BROKEN,
		   "read hog oom_score: wanted 600..700, saw no word of it");
	read_gives("{\"t\":\"read\",\"n\":2,\"value\":\"667\"}", "", VERDICT_BROKEN,
		   "read hog oom_score: wanted 600..700, saw no word of it");
	read_gives("{\"t\":\"write\",\"n\":3}", "", VERDICT_BROKEN,
		   "read hog oom_score: wanted 600..700, saw no word of it");
}

static void write_gives(const char *record, const char *errno_name, enum verdict v, const char *why)
{
	struct story s;
	struct case_step *p = file_step(&s, STEP_WRITE);

	str_copy(p->setting.value, sizeof(p->setting.value), "-500");
	str_copy(p->errno_name, sizeof(p->errno_name), errno_name);
	story_add(&s, record);
	story_gives(&s, v, why);
}

static void test_write(void **state)
{
	(void)state;
	write_gives("{\"t\":\"write\",\"n\":3}", "", VERDICT_PASS, "");
	write_gives("{\"t\":\"write\",\"n\":3,\"errno\":\"EACCES\"}", "EACCES", VERDICT_PASS, "");
	write_gives("{\"t\":\"write\",\"n\":3,\"errno\":\"EACCES\"}", "", VERDICT_FAIL,
		    "write hog oom_score: wanted no error, saw EACCES");
	write_gives("{\"t\":\"write\",\"n\":3}", "EACCES", VERDICT_FAIL,
		    "write hog oom_score: wanted EACCES, saw no error");
	write_gives("{\"t\":\"write\",\"n\":3,\"errno\":\"EINVAL\"}", "EACCES", VERDICT_FAIL,
		    "write hog oom_score: wanted EACCES, saw EINVAL");
}

/* A wait that did not come true is the kernel's answer, not our trouble. */
static void test_wait(void **state)
{
	struct story s;

	(void)state;
	file_step(&s, STEP_WAIT_FILE);
	story_change(&s, "\"n\":3,\"op\":\"x\",\"result\":\"ok\"",
		     "\"n\":3,\"op\":\"wait file\",\"result\":\"timeout\",\"text\":\"hog "
		     "oom_score: 5\"");
	story_gives(&s, VERDICT_FAIL,
		    "steps: wanted hog oom_score to be 600..700 before the deadline, saw step 4, "
		    "wait file: hog oom_score: 5");
}

static void figure_gives(const char *key, const char *record, enum verdict v, const char *why)
{
	struct story s;
	struct case_expect *x;

	story_begin(&s);
	x = story_range(&s, EXPECT_FIGURE, 10, 20);
	str_copy(x->key, sizeof(x->key), key);
	if (record)
		story_add(&s, record);
	story_gives(&s, v, why);
}

static void test_figure(void **state)
{
	(void)state;
	figure_gives("back", "{\"t\":\"figure\",\"name\":\"back_us\",\"value\":20}", VERDICT_PASS,
		     "");
	figure_gives("back", "{\"t\":\"figure\",\"name\":\"back_us\",\"value\":21}", VERDICT_FAIL,
		     "figure back: wanted 10..20 us, saw 21 us");
	figure_gives("hog.rss", "{\"t\":\"figure\",\"name\":\"hog.rss_bytes\",\"value\":20480}",
		     VERDICT_PASS, "");
	figure_gives("hog.rss", "{\"t\":\"figure\",\"name\":\"hog.rss_bytes\",\"value\":21504}",
		     VERDICT_FAIL, "figure hog.rss: wanted 10..20 kB, saw 21 kB");
	figure_gives("back", NULL, VERDICT_BROKEN,
		     "figure back: wanted 10..20 us, saw not in the evidence");
}

/* v1 prints memory and memory+swap; the story's kernel had no swap in use. */
static void test_swap_usage(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	story_range(&s, EXPECT_SWAP_USAGE, 0, 0);
	story_gives(&s, VERDICT_PASS, "");
	story_begin(&s);
	story_range(&s, EXPECT_SWAP_USAGE, 1, 100);
	story_gives(&s, VERDICT_FAIL, "swap usage: wanted 1..100 kB, saw 0 kB");
}

static bool met(const char *text, const char *value)
{
	struct case_want w = { 0 };

	str_copy(w.text, sizeof(w.text), text);
	return want_met(&w, value);
}

static void test_values(void **state)
{
	const struct case_want ten = { .is_range = true, .range = { 10240, 10240 } };
	const struct case_want below = { .is_range = true, .range = { INT64_MIN, -1 } };

	(void)state;
	assert_true(met("D", "D (disk sleep)"));
	assert_true(met("max", "max"));
	assert_false(met("D", "Dead"));
	assert_false(met("D", ""));
	assert_true(want_met(&ten, "10 kB"));
	assert_true(want_met(&ten, "10240"));
	assert_false(want_met(&ten, "10240 MB"));
	assert_false(want_met(&ten, "10"));
	assert_false(want_met(&ten, ""));
	assert_false(want_met(&ten, "max"));
	assert_true(want_met(&below, "-17"));
	assert_false(want_met(&below, "99999999999999999999"));
	assert_true(errno_name_ok("EBUSY"));
	assert_false(errno_name_ok("EWHATEVER"));
	assert_int_equal(step_signal_parse("KILL"), 0);
}

static bool name_ok(enum file_place place, const char *name)
{
	struct case_file f = { .place = place };

	str_copy(f.name, sizeof(f.name), name);
	return !file_problem(&f);
}

static void test_names(void **state)
{
	(void)state;
	assert_true(name_ok(FILE_OF_CGROUP, "memory.current"));
	assert_false(name_ok(FILE_OF_CGROUP, "memory/../../x"));
	assert_false(name_ok(FILE_OF_CGROUP, "tasks"));
	assert_true(name_ok(FILE_OF_WORKER, "oom_score"));
	assert_false(name_ok(FILE_OF_WORKER, "attr/current"));
	assert_false(name_ok(FILE_OF_WORKER, ".."));
	assert_false(name_ok(FILE_OF_WORKER, ""));
	assert_true(name_ok(FILE_AT_PATH, "/proc/sys/vm/oom_kill"));
	assert_true(name_ok(FILE_AT_PATH, "/sys/kernel/mm/ksm/run"));
	assert_false(name_ok(FILE_AT_PATH, "/proc/sys/../sysrq-trigger"));
	assert_false(name_ok(FILE_AT_PATH, "/proc/sysrq-trigger"));
	assert_false(name_ok(FILE_AT_PATH, "/sys/"));
	assert_false(name_ok(FILE_AT_PATH, "/sys//x"));
	assert_false(name_ok(FILE_NONE, "x"));
}

/* hog has 18552 pages, b two thousand. */
static void rank_gives(const char *first, const char *second, const char *twice, enum verdict v,
		       const char *why)
{
	struct story s;
	struct case_expect *x;

	story_begin(&s);
	x = story_names(&s, EXPECT_RANK, first);
	if (second)
		str_copy(x->names[x->nr_names++], CASE_TASK_LEN, second);
	if (twice)
		story_change(&s, twice, "[  21533]     0 21533");
	story_gives(&s, v, why);
}

static void test_rank(void **state)
{
	(void)state;
	rank_gives("hog", "b", NULL, VERDICT_PASS, "");
	rank_gives("hog", NULL, NULL, VERDICT_PASS, "");
	rank_gives("b", "hog", NULL, VERDICT_FAIL, "rank: wanted [b, hog], saw [hog, b]");
	/* A dump that tells of the hog twice has more rows than were asked for. */
	rank_gives("hog", NULL, "[  21532]     0 21532", VERDICT_FAIL,
		   "rank: wanted [hog], saw [hog, hog]");
}

static void same_points_give(const char *rss_and_tables, enum verdict v, const char *why)
{
	struct case_expect *x;
	struct story s;

	story_begin(&s);
	x = story_names(&s, EXPECT_SAME_POINTS, "hog");
	str_copy(x->names[x->nr_names++], CASE_TASK_LEN, "b");
	if (rss_and_tables)
		story_change(&s, "2634     2200     2048      152         0    53248",
			     rss_and_tables);
	story_gives(&s, v, why);
}

/* hog has 18552 pages of rss and 45 of tables, b as the dump is made to tell. */
static void test_same_points(void **state)
{
	(void)state;
	same_points_give(NULL, VERDICT_FAIL,
			 "same points: wanted [hog, b] equal, saw [hog 18597, b 2213]");
	same_points_give("26186    18551    18399      152         0   184320", VERDICT_FAIL,
			 "same points: wanted [hog, b] equal, saw [hog 18597, b 18596]");
	same_points_give("26186    18552    18400      152         0   184320", VERDICT_PASS, "");
	/* Fewer pages, but more of tables. */
	same_points_give("26186    18550    18398      152         0   192512", VERDICT_PASS, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_points), cmocka_unit_test(test_rank),
		cmocka_unit_test(test_read),	    cmocka_unit_test(test_write),
		cmocka_unit_test(test_wait),	    cmocka_unit_test(test_figure),
		cmocka_unit_test(test_swap_usage),  cmocka_unit_test(test_values),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
