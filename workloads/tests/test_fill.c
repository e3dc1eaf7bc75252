// SPDX-License-Identifier: MIT
/* The fill engine by itself: one mapping after another, as kinds of several parts ask of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <fcntl.h>
#include <cmocka.h>

#include "workloads/fill.h"

static void a_second_fill_is_a_whole_one(void **state)
{
	struct hog h = { .bytes = MiB(2),
			 .opt = { .chunk_bytes = KiB(256), .ready_fd = UINT64_MAX } };
	struct region r = { .bytes = MiB(2) };

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(region_map(&h, -1, &r), READY_YES);
		assert_int_equal(resident_bytes(r.addr, r.bytes), 0);
		assert_int_equal(region_fill(&h, &r), 0);
		assert_int_equal(h.got_bytes, MiB(2));
		assert_int_equal(resident_bytes(r.addr, r.bytes), MiB(2));
	}
}

static int open_fds(void)
{
	int nr = 0;

	for (int fd = 0; fd < 256; fd++)
		nr += fcntl(fd, F_GETFD) >= 0;
	return nr;
}

/* Ten parts of 100 KiB, a tenth of a second at this rate: of all of them, not of each. */
static void parts_keep_to_the_rate_of_the_whole(void **state)
{
	struct hog h = {
		.bytes = KiB(1000),
		.opt = { .chunk_bytes = MiB(4), .ready_fd = UINT64_MAX, .rate_bytes = KiB(10000) }
	};
	int before = open_fds();

	(void)state;
	for (uint64_t i = 1; i <= 10; i++) {
		struct region r = { .bytes = KiB(100) };

		assert_int_equal(region_take(&h, -1, &r), READY_YES);
		assert_int_equal(h.got_bytes, i * KiB(100));
		h.had_bytes = h.got_bytes;
	}
	assert_true(h.end_ns - h.start_ns >= 100000000);
	assert_int_equal(open_fds(), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_second_fill_is_a_whole_one),
		cmocka_unit_test(parts_keep_to_the_rate_of_the_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
