// SPDX-License-Identifier: MIT
/* The fill engine by itself: one mapping after another, as swap-heavy asks of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "workloads/fill.h"

static void a_second_fill_is_a_whole_one(void **state)
{
	struct hog h = { .bytes = MiB(2),
			 .opt = { .chunk_bytes = KiB(256), .ready_fd = UINT64_MAX } };
	struct region r;

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(region_map(&h, -1, false, false, &r), READY_YES);
		assert_int_equal(resident_bytes(r.addr, r.bytes), 0);
		assert_int_equal(region_fill(&h, &r), 0);
		assert_int_equal(h.got_bytes, MiB(2));
		assert_int_equal(resident_bytes(r.addr, r.bytes), MiB(2));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_second_fill_is_a_whole_one) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
