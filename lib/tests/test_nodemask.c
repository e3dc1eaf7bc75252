// SPDX-License-Identifier: MIT
/* lib/nodemask.c: the kernel's list format, both ways. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "lib/nodemask.h"

static void lists_come_back_canonical(void **state)
{
	static const struct {
		const char *text, *canonical;
		unsigned int weight;
		int first;
	} rows[] = {
		{ "", "", 0, -1 },
		{ "0", "0", 1, 0 },
		{ "0,2-3", "0,2-3", 3, 0 },
		{ "3,2,0", "0,2-3", 3, 0 },
		{ "0-1,1-2", "0-2", 3, 0 },
		{ "5-5", "5", 1, 5 },
		{ "63-64", "63-64", 2, 63 },
		{ "1023", "1023", 1, 1023 },
		{ "0-1023", "0-1023", 1024, 0 },
		{ "007", "7", 1, 7 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct nodemask mask, again;
		char text[64];

		assert_int_equal(nodemask_parse(rows[i].text, &mask), 0);
		assert_string_equal(nodemask_format(&mask, text, sizeof(text)), rows[i].canonical);
		assert_int_equal(nodemask_weight(&mask), rows[i].weight);
		assert_int_equal(nodemask_first(&mask), rows[i].first);
		assert_int_equal(nodemask_parse(text, &again), 0);
		assert_true(nodemask_equal(&mask, &again));
	}
}

static void no_lists(void **state)
{
	static const struct {
		const char *text;
		int err;
	} rows[] = {
		{ ",", -EINVAL },      { "1,", -EINVAL },
		{ ",1", -EINVAL },     { "1,,2", -EINVAL },
		{ "-1", -EINVAL },     { "1-", -EINVAL },
		{ "3-1", -EINVAL },    { "1-2-3", -EINVAL },
		{ "a", -EINVAL },      { "1 ", -EINVAL },
		{ " 1", -EINVAL },     { "0x1", -EINVAL },
		{ "1\n", -EINVAL },    { "1024", -ERANGE },
		{ "0-1024", -ERANGE }, { "99999999999999999999", -ERANGE },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct nodemask mask = { { 0x5 } };

		assert_int_equal(nodemask_parse(rows[i].text, &mask), rows[i].err);
		assert_int_equal(mask.bits[0], 0x5);
	}
}

static void sets_meet(void **state)
{
	struct nodemask a, b, none;

	(void)state;
	assert_int_equal(nodemask_parse("0,64", &a), 0);
	assert_int_equal(nodemask_parse("1,64", &b), 0);
	assert_int_equal(nodemask_parse("", &none), 0);
	assert_true(nodemask_intersects(&a, &b));
	assert_false(nodemask_equal(&a, &b));
	assert_false(nodemask_intersects(&a, &none));
	assert_int_equal(nodemask_parse("1,65", &b), 0);
	assert_false(nodemask_intersects(&a, &b));
}

static void out_of_range_is_ignored(void **state)
{
	struct nodemask mask = { { 0 } };

	(void)state;
	nodemask_set(&mask, NODEMASK_MAX);
	assert_int_equal(nodemask_weight(&mask), 0);
	assert_false(nodemask_has(&mask, NODEMASK_MAX));
	assert_false(nodemask_has(&mask, UINT32_MAX));
}

static void a_small_buffer_is_not_overrun(void **state)
{
	struct nodemask mask;
	char text[8] = "xxxxxxx";

	(void)state;
	assert_int_equal(nodemask_parse("0,2,4,6,8", &mask), 0);
	nodemask_format(&mask, text, 4);
	assert_true(strlen(text) < 4);
	assert_memory_equal(text + 4, "xxx", 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_come_back_canonical),
		cmocka_unit_test(no_lists),
		cmocka_unit_test(sets_meet),
		cmocka_unit_test(out_of_range_is_ignored),
		cmocka_unit_test(a_small_buffer_is_not_overrun),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
