// SPDX-License-Identifier: MIT
#include "harness/tally.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static struct tally counted;

static int forget(void **state)
{
	(void)state;
	tally_free(&counted);
	return 0;
}

static void add(const char *name, enum verdict v, unsigned int times)
{
	for (unsigned int i = 0; i < times; i++) {
		struct case_result c = { .name = name,
					 .kernel = "debian:6.1",
					 .cgroup = CGROUP_V2,
					 .verdict = v,
					 .repeat = i + 1 };

		assert_int_equal(tally_add(&counted, &c), 0);
	}
}

static void assert_prints(const char *want)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	tally_print(&counted, out);
	fclose(out);
	assert_string_equal(text, want);
	free(text);
}

static void repeats_are_one_row(void **state)
{
	(void)state;
	add("a", VERDICT_PASS, 3);
	add("b", VERDICT_PASS, 1);
	add("a", VERDICT_FAIL, 2);
	assert_int_equal(counted.nr, 2);
	assert_string_equal(counted.rows[0].name, "debian-6.1.v2.a");
	assert_int_equal(counted.rows[0].nr[VERDICT_PASS], 3);
	assert_int_equal(counted.rows[0].nr[VERDICT_FAIL], 2);
}

/* Against the table in Brown, Cai, DasGupta, "Interval estimation for a binomial proportion" (2001). */
static void intervals(void **state)
{
	static const struct {
		unsigned int failed, n;
		int low, high; /* tenths of a percent */
	} rows[] = {
		{ 0, 10, 0, 278 }, { 1, 10, 18, 404 },	  { 5, 10, 237, 763 },
		{ 0, 20, 0, 161 }, { 10, 10, 722, 1000 }, { 1, 1, 207, 1000 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		double low, high;

		tally_interval(rows[i].failed, rows[i].n, &low, &high);
		assert_int_equal((int)(low * 10 + 0.5), rows[i].low);
		assert_int_equal((int)(high * 10 + 0.5), rows[i].high);
	}
}

static void bisects(void **state)
{
	(void)state;
	assert_int_equal(tally_bisect(&counted, 1), BISECT_SKIP); /* nothing was played */
	add("skipped", VERDICT_SKIP, 3);
	assert_int_equal(tally_bisect(&counted, 1), BISECT_SKIP);
	add("a", VERDICT_PASS, 5);
	assert_int_equal(tally_bisect(&counted, 1), BISECT_GOOD);
	add("a", VERDICT_FAIL, 1);
	assert_int_equal(tally_bisect(&counted, 1), BISECT_BAD);
	assert_int_equal(tally_bisect(&counted, 2), BISECT_GOOD);
	add("b", VERDICT_FAIL, 1); /* two failures, but of two cases */
	assert_int_equal(tally_bisect(&counted, 2), BISECT_GOOD);
	add("c", VERDICT_BROKEN, 1);
	assert_int_equal(tally_bisect(&counted, 2), BISECT_SKIP);
	assert_int_equal(tally_bisect(&counted, 1), BISECT_BAD); /* enough is known */
}

static void prints_rates(void **state)
{
	(void)state;
	assert_prints("");
	add("once", VERDICT_FAIL, 1);
	assert_prints("");
	add("a", VERDICT_PASS, 20);
	add("skipped", VERDICT_SKIP, 20);
	assert_prints("no failure in 20 repeats of each: with 95 % confidence each fails at most "
		      "16.1 % of the time\n");
	add("b", VERDICT_PASS, 9);
	add("b", VERDICT_FAIL, 1);
	assert_prints(
		"debian-6.1.v2.b: failed 1 of 10: 10 %, with 95 % confidence 1.8 to 40.4 %\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(repeats_are_one_row, forget),
		cmocka_unit_test_teardown(intervals, forget),
		cmocka_unit_test_teardown(bisects, forget),
		cmocka_unit_test_teardown(prints_rates, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
