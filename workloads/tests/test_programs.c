// SPDX-License-Identifier: MIT
/* Kinds that do what programs do: leak, free, recurse, write to a tmpfs, map much and read little. */
#include "workloads/tests/hog.h"

#include <glob.h>
#include <sys/stat.h>

#define SIZE_KB 8192 /* --size 8MiB in every row */

static void the_right_counter_grows(void **state)
{
	static const struct {
		const char *args, *counter;
		uint64_t rss_kb; /* at most, beside it */
	} rows[] = {
		{ "leak --size 8MiB", "RssAnon", SIZE_KB },
		{ "leak --size 8MiB --block 1MiB --rate 800MiB/s", "RssAnon", SIZE_KB },
		{ "stack --size 8MiB", "VmStk", SIZE_KB },
		{ "pagetables --size 8MiB", "VmPTE", 0 },
	};
	struct hog_child c;

	(void)state;
	if (!have_hog())
		skip();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char args[256];
		uint64_t kb;

		snprintf(args, sizeof(args), "%s --ready-fd 9", rows[i].args);
		hog_start(&c, args, NULL);
		assert_true(hog_ready(&c).bytes >= KiB(SIZE_KB));
		kb = hog_status(&c, rows[i].counter);
		if (kb < SIZE_KB || kb > SIZE_KB + 2048)
			fail_msg("%s: %s is %llu kB", args, rows[i].counter,
				 (unsigned long long)kb);
		assert_in_range(hog_status(&c, "VmRSS"), rows[i].rss_kb, rows[i].rss_kb + 2048);
		assert_int_equal(hog_end(&c, SIGTERM), 0);
	}
}

static void a_stack_beyond_any_first_limit(void **state)
{
	const struct hog_how small = { .stack = MiB(1), .no_caps = true };
	struct hog_child c;

	(void)state;
	if (!have_hog())
		skip();
	hog_start(&c, "stack --size 16MiB --name deep --ready-fd 9", NULL);
	assert_int_equal(hog_ready(&c).bytes, MiB(16));
	assert_true(hog_status(&c, "VmStk") >= 16384);
	assert_int_equal(hog_end(&c, SIGKILL), -SIGKILL);
	/* A hard limit that may not be raised is told as such. */
	hog_start(&c, "stack --size 16MiB", &small);
	assert_int_equal(hog_wait(&c), READY_EXIT_ENOMEM);
	assert_non_null(strstr(c.text, "raising RLIMIT_STACK"));
}

static void leaks_and_tables_that_cannot_be_had(void **state)
{
	static const char *const rows[] = { "leak --size 64MiB", "malloc-free --size 64MiB",
					    "pagetables --size 64MiB" };
	const struct hog_how how = { .address_space = MiB(32) };
	struct hog_child c;

	(void)state;
	if (!have_hog())
		skip();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char args[128];

		snprintf(args, sizeof(args), "%s --ready-fd 9", rows[i]);
		hog_start(&c, args, &how);
		assert_int_equal(hog_ready(&c).what, READY_ENOMEM);
		assert_int_equal(hog_wait(&c), READY_EXIT_ENOMEM);
	}
}

static uint64_t figure(const struct hog_child *c, const char *name)
{
	char key[64];
	const char *at;

	snprintf(key, sizeof(key), "\"%s\":", name);
	at = strstr(c->text, key);
	if (!at)
		fail_msg("no %s in %s", name, c->text);
	return strtoull(at + strlen(key), NULL, 10);
}

static void free_gives_nothing_back_below_a_block_that_stays(void **state)
{
	uint64_t start, top;
	struct hog_child c;

	(void)state;
	if (!have_hog())
		skip();
	assert_int_equal(hog_run(&c, "malloc-free --size 8MiB --json"), 0);
	start = figure(&c, "rss_start_bytes");
	top = figure(&c, "rss_malloc_bytes");
	assert_true(top >= start + MiB(8));
	assert_true(figure(&c, "rss_after_free_bytes") >= top - KiB(256));
	assert_true(figure(&c, "rss_after_trim_bytes") < start + MiB(1));
	assert_true(figure(&c, "rss_mapped_bytes") >= start + MiB(8));
	assert_true(figure(&c, "rss_after_dontneed_bytes") < start + MiB(1));
	assert_int_equal(hog_run(&c, "malloc-free --size 8MiB --free-all --until free --json"), 0);
	assert_true(figure(&c, "rss_after_free_bytes") < start + MiB(1));
	assert_null(strstr(c.text, "rss_after_trim_bytes"));
}

/* The bytes of "ready" are what is there then. */
static void until_says_where_it_stays(void **state)
{
	struct hog_child c;

	(void)state;
	if (!have_hog())
		skip();
	hog_start(&c, "malloc-free --size 8MiB --until free --ready-fd 9", NULL);
	assert_in_range(hog_ready(&c).bytes, MiB(8) - KiB(256), MiB(9));
	assert_true(hog_status(&c, "RssAnon") >= SIZE_KB - 256);
	assert_int_equal(hog_end(&c, SIGTERM), 0);
	hog_start(&c, "malloc-free --size 8MiB --until trim --ready-fd 9", NULL);
	assert_in_range(hog_ready(&c).bytes, 0, MiB(1));
	assert_true(hog_status(&c, "RssAnon") < 1536);
	assert_int_equal(hog_end(&c, SIGTERM), 0);
}

static void a_tmpfs_file_is_in_no_rss(void **state)
{
	char name[64], file[128], args[256];
	struct hog_child c;
	struct stat st;
	glob_t left;

	(void)state;
	if (!have_hog())
		skip();
	if (hog_run(&c, "shm --type tmpfs --size 64KiB") != 0) {
		print_message("skip: /dev/shm is no tmpfs we may write to\n");
		skip();
	}
	hog_start(&c, "tmpfs-file --size 8MiB --ready-fd 9", NULL);
	assert_int_equal(hog_ready(&c).bytes, KiB(SIZE_KB));
	assert_true(hog_status(&c, "VmRSS") < 2048);
	assert_int_equal(hog_end(&c, SIGTERM), 0);
	/* With a name it outlives a kill, and is never written over. */
	snprintf(name, sizeof(name), "hog-left-%d", (int)getpid());
	snprintf(file, sizeof(file), "/dev/shm/%s", name);
	snprintf(args, sizeof(args), "tmpfs-file --size 8MiB --leave %s --ready-fd 9", name);
	hog_start(&c, args, NULL);
	assert_int_equal(hog_ready(&c).bytes, KiB(SIZE_KB));
	assert_int_equal(hog_end(&c, SIGKILL), -SIGKILL);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_blocks * 512, KiB(SIZE_KB));
	hog_start(&c, args, NULL);
	assert_int_equal(hog_ready(&c).what, READY_FILE);
	assert_int_equal(hog_wait(&c), READY_EXIT_REFUSED);
	assert_int_equal(unlink(file), 0);
	snprintf(args, sizeof(args), "tmpfs-file --size 64KiB --leave %s-XXXXXX", name);
	assert_int_equal(hog_run(&c, args), 0);
	assert_int_equal(hog_run(&c, args), 0);
	snprintf(file, sizeof(file), "/dev/shm/%s-*", name);
	assert_int_equal(glob(file, 0, NULL, &left), 0);
	assert_int_equal(left.gl_pathc, 2);
	for (size_t i = 0; i < left.gl_pathc; i++)
		assert_int_equal(unlink(left.gl_pathv[i]), 0);
	globfree(&left);
	assert_int_equal(hog_run(&c, "tmpfs-file --size 8MiB --path /proc"), READY_EXIT_REFUSED);
	assert_int_equal(hog_run(&c, "tmpfs-file --size 8MiB --leave a/b"), READY_EXIT_REFUSED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_right_counter_grows),
		cmocka_unit_test(a_stack_beyond_any_first_limit),
		cmocka_unit_test(leaks_and_tables_that_cannot_be_had),
		cmocka_unit_test(free_gives_nothing_back_below_a_block_that_stays),
		cmocka_unit_test(until_says_where_it_stays),
		cmocka_unit_test(a_tmpfs_file_is_in_no_rss),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
