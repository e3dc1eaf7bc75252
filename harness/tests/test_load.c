// SPDX-License-Identifier: MIT
#include "harness/load.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void by_load_and_lanes(void **state)
{
	(void)state;
	assert_true(load_factor_of(0.1, 1, 8) == 1);
	assert_true(load_factor_of(12, 1, 8) == 1.5);
	assert_true(load_factor_of(0.1, 16, 8) == 2); /* the load will follow */
	assert_true(load_factor_of(1000, 1, 2) == 4);
	assert_true(load_factor_of(1, 1, -1) == 1); /* nobody knows how many */
	assert_true(load_factor(1) >= 1 && load_factor(1) <= 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(by_load_and_lanes) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
