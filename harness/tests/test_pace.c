// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "harness/pace.h"

static void fill(struct pace *p, unsigned int n, uint64_t from_us, uint64_t step_us)
{
	for (unsigned int i = 0; i < n; i++)
		p->at_us[p->nr++ % PACE_BURST] = from_us + i * step_us;
}

static void test_room_in_the_burst(void **state)
{
	struct pace p;

	(void)state;
	pace_init(&p);
	assert_int_equal(pace_left_us(&p, 10, 0), 0);
	fill(&p, 9, 1000, 1);
	assert_int_equal(pace_left_us(&p, 1, 1010), 0);
	/* two more would be eleven: the oldest must leave the window first */
	assert_int_equal(pace_left_us(&p, 2, 1010), 1000 + 5500000 - 1010);
	assert_int_equal(pace_left_us(&p, 2, 1000 + 5500000), 0);
}

static void test_old_reports_are_forgotten(void **state)
{
	struct pace p;

	(void)state;
	pace_init(&p);
	fill(&p, 25, 0, 1000000); /* one a second: 15 s ... 24 s are kept */
	assert_int_equal(pace_left_us(&p, 1, 24000000), 0);
	/* five go by 19 s + 5.5 s */
	assert_int_equal(pace_left_us(&p, 5, 24000000), 500000);
	assert_int_equal(pace_left_us(&p, 100, 24000000), pace_left_us(&p, 10, 24000000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_room_in_the_burst),
		cmocka_unit_test(test_old_reports_are_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
