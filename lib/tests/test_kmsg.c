// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "lib/kmsg.h"
#include "lib/fs.h"

static struct kmsg_record r;

static int parse(const char *raw)
{
	return kmsg_parse(raw, strlen(raw), &r);
}

static void test_record(void **state)
{
	(void)state;
	assert_int_equal(parse("4,813,91234567,-;hog invoked oom-killer: order=0\n"), 0);
	assert_int_equal(r.level, 4);
	assert_int_equal(r.facility, 0);
	assert_int_equal(r.seq, 813);
	assert_int_equal(r.usec, 91234567);
	assert_string_equal(r.text, "hog invoked oom-killer: order=0");
}

static void test_facility_and_caller(void **state)
{
	(void)state;
	assert_int_equal(parse("12,9,1,-,caller=T71;oomlab: begin\n KEY=1\n"), 0);
	assert_int_equal(r.level, 4);
	assert_int_equal(r.facility, 1);
	assert_string_equal(r.text, "oomlab: begin");
}

static void test_escapes(void **state)
{
	(void)state;
	assert_int_equal(parse("6,1,2,-;a\\x0ab\\x5cc\\xzz\n"), 0);
	assert_string_equal(r.text, "a\nb\\c\\xzz");
	assert_int_equal(r.text_len, strlen(r.text));
}

static void test_no_record(void **state)
{
	(void)state;
	assert_int_equal(parse(""), -EBADMSG);
	assert_int_equal(parse("no header here"), -EBADMSG);
	assert_int_equal(parse("a,b,c,-;x"), -EBADMSG);
}

static void test_only_the_kernel_kills(void **state)
{
	(void)state;
	parse("3,1,2,-;Memory cgroup out of memory: Killed process 78 (hog (x) y) total-vm:1kB\n");
	assert_int_equal(kmsg_killed_pid(&r), 78);
	/* a user's write has facility 1 at least: it cannot name a victim */
	parse("11,1,2,-;Out of memory: Killed process 78 (hog)\n");
	assert_int_equal(kmsg_killed_pid(&r), 0);
	parse("6,1,2,-;oom_reaper: reaped process 78 (hog)\n");
	assert_int_equal(kmsg_killed_pid(&r), 0);
}

static void collect_text(void *ctx, const struct kmsg_record *rec)
{
	(void)rec;
	++*(int *)ctx;
}

static void test_real_marks(void **state)
{
	int root = fs_root_open("/"), seen = 0;
	uint64_t first, second;
	struct kmsg k;

	(void)state;
	if (kmsg_open(root, &k) < 0) {
		printf("skip: /dev/kmsg cannot be opened here\n");
		skip();
	}
	assert_int_equal(kmsg_mark(&k, "oomlab: unit test, first mark", &r, NULL, NULL, &first), 0);
	assert_int_equal(write(k.fd, "oomlab: between\n", 16), 16);
	assert_int_equal(
		kmsg_mark(&k, "oomlab: unit test, second mark", &r, collect_text, &seen, &second),
		0);
	assert_true(second > first + 1);
	assert_true(seen >= 1);
	assert_int_equal(k.nr_lost, 0);
	kmsg_close(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_record),
		cmocka_unit_test(test_facility_and_caller),
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_no_record),
		cmocka_unit_test(test_only_the_kernel_kills),
		cmocka_unit_test(test_real_marks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
