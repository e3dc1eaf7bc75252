// SPDX-License-Identifier: MIT
/* Kind mix: is each part in its own counter, and all of it what was asked for? */
#include "workloads/tests/hog.h"

#include <sys/vfs.h>

#define OWN_KB	    1536 /* the program itself, at most */
#define TMPFS_MAGIC 0x01021994

struct row {
	const char *args;		    /* beside --size 32MiB */
	uint64_t anon, shmem, file, tables; /* kB */
};

static void in(const char *args, const char *what, uint64_t kb, uint64_t want)
{
	if (kb < want || kb > want + OWN_KB)
		fail_msg("mix %s: %s is %llu kB, of %llu", args, what, (unsigned long long)kb,
			 (unsigned long long)want);
}

static void start_row(struct hog_child *c, const struct row *row)
{
	char args[256];

	snprintf(args, sizeof(args), "mix --size 32MiB %s --ready-fd 9", row->args);
	hog_start(c, args, NULL);
	/* Tables that hold tables come on top. */
	assert_in_range(hog_ready(c).bytes, MiB(32), MiB(32) + KiB(64));
	in(row->args, "RssAnon", hog_status(c, "RssAnon"), row->anon);
	in(row->args, "RssShmem", hog_status(c, "RssShmem"), row->shmem);
	in(row->args, "RssFile", hog_status(c, "RssFile"), row->file);
	in(row->args, "VmPTE", hog_status(c, "VmPTE"), row->tables);
}

static void each_part_in_its_counter(void **state)
{
	static const struct row rows[] = {
		{ "", 32768, 0, 0, 0 },
		{ "--shmem 12.5%", 28672, 4096, 0, 0 },
		{ "--pagetables 8MiB", 24576, 0, 0, 8192 },
		{ "--shmem 4MiB --pagetables 25% --rate 1GiB/s", 20480, 4096, 0, 8192 },
		{ "--shmem 75% --pagetables 25%", 0, 24576, 0, 8192 },
		{ "--shmem 50% --fill copy", 16384, 16384, 0, 0 },
	};
	struct hog_child c;

	(void)state;
	if (!have_hog())
		skip();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		start_row(&c, &rows[i]);
		assert_int_equal(hog_end(&c, SIGTERM), 0);
	}
}

static bool may_lock(uint64_t bytes)
{
	struct rlimit limit;
	struct statfs fs;

	if (statfs("/var/tmp", &fs) == 0 && fs.f_type == TMPFS_MAGIC) {
		print_message("skip: /var/tmp is a tmpfs\n");
		return false;
	}
	if (geteuid() == 0 || getrlimit(RLIMIT_MEMLOCK, &limit) < 0 || limit.rlim_cur >= bytes)
		return true;
	print_message("skip: RLIMIT_MEMLOCK is less\n");
	return false;
}

/* In a ramfs where one may be had, else in /var/tmp and locked; with --path always so. */
static void a_file_that_stays(void **state)
{
	static const struct row rows[] = {
		{ "--file 4MiB --path /var/tmp", 28672, 0, 4096, 0 },
		{ "--file 12.5%", 28672, 0, 4096, 0 },
		{ "--shmem 25% --file 12.5% --pagetables 25%", 12288, 8192, 4096, 8192 },
	};
	struct hog_child c;

	(void)state;
	if (!have_hog() || !may_lock(MiB(4)))
		skip();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		start_row(&c, &rows[i]);
		if (i == 0)
			assert_true(hog_status(&c, "VmLck") >= 4096);
		assert_int_equal(hog_end(&c, SIGTERM), 0);
	}
}

/* At least so long: never a bound from above. */
static void the_rate_is_of_all_of_it(void **state)
{
	struct hog_child c;
	const char *at;

	(void)state;
	if (!have_hog())
		skip();
	assert_int_equal(hog_run(&c, "mix --size 16MiB --shmem 40% --pagetables 40% --json "
				     "--rate 80MiB/s"),
			 0);
	at = strstr(c.text, "\"seconds\":");
	assert_non_null(at);
	assert_true(strtod(at + 10, NULL) >= 0.2);
	/* So is a stall: in the second part, and nothing of the third is there. */
	hog_start(&c,
		  "mix --size 16MiB --shmem 25% --pagetables 25% --stall 37 --hold 0 --ready-fd 9",
		  NULL);
	assert_in_range(hog_ready(&c).bytes, MiB(5) + KiB(800), MiB(6));
	in("--stall", "RssShmem", hog_status(&c, "RssShmem"), 4096);
	in("--stall", "RssAnon", hog_status(&c, "RssAnon"), 0);
	kill(c.pid, SIGUSR1);
	assert_int_equal(hog_wait(&c), 0);
}

/* The parts are there, and what cannot be had is anonymous. */
static void it_ends_in_its_rest(void **state)
{
	const struct hog_how how = { .address_space = MiB(64) };
	struct ready_word w;
	struct hog_child c;

	(void)state;
	if (!have_hog())
		skip();
	hog_start(&c, "mix --size 128MiB --shmem 8MiB --ready-fd 9", &how);
	w = hog_ready(&c);
	assert_int_equal(w.what, READY_ENOMEM);
	assert_int_equal(w.bytes, MiB(8));
	assert_int_equal(hog_wait(&c), READY_EXIT_ENOMEM);
}

static void a_file_that_may_not_be_locked(void **state)
{
	const struct hog_how how = { .memlock = KiB(64), .no_caps = true };
	struct hog_child c;

	(void)state;
	if (!have_hog() || !may_lock(0))
		skip();
	hog_start(&c, "mix --size 8MiB --file 4MiB --path /var/tmp", &how);
	assert_int_equal(hog_wait(&c), READY_EXIT_ENOMEM);
	assert_non_null(strstr(c.text, "RLIMIT_MEMLOCK is 64 KiB"));
}

static void parts_that_make_no_sense(void **state)
{
	static const struct {
		const char *args, *word;
		int status;
	} rows[] = {
		{ "--shmem 0%", "'0%'", READY_EXIT_USAGE },
		{ "--shmem 0", "'0'", READY_EXIT_USAGE },
		{ "--shmem 100.01%", "from 0.01% to 100%", READY_EXIT_USAGE },
		{ "--file 12.345%", "'12.345%'", READY_EXIT_USAGE },
		{ "--file 10%_of_limit", "'10% of limit'", READY_EXIT_USAGE },
		{ "--file 1%x", "'1%x'", READY_EXIT_USAGE },
		{ "--pagetables many", "'many'", READY_EXIT_USAGE },
		{ "--pagetables", "needs PART", READY_EXIT_USAGE },
		{ "--shmem 60% --file 41%", "--file is", READY_EXIT_USAGE },
		{ "--shmem 5MiB", "more than the 4 MiB of --size that are left", READY_EXIT_USAGE },
		{ "--shmem 100% --pagetables 1", "the 0 bytes of --size", READY_EXIT_USAGE },
		{ "--pagetables 0.01%", "not even one page", READY_EXIT_USAGE },
		{ "--file 1% --path /none/such", "No such file", READY_EXIT_REFUSED },
	};
	struct hog_child c;

	(void)state;
	if (!have_hog())
		skip();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char args[256];

		snprintf(args, sizeof(args), "mix --size 4MiB %s", rows[i].args);
		assert_int_equal(hog_run(&c, args), rows[i].status);
		if (!strstr(c.text, rows[i].word))
			fail_msg("%s: %s", args, c.text);
		assert_ptr_equal(strchr(c.text, '\n'), c.text + strlen(c.text) - 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_part_in_its_counter),
		cmocka_unit_test(a_file_that_stays),
		cmocka_unit_test(the_rate_is_of_all_of_it),
		cmocka_unit_test(it_ends_in_its_rest),
		cmocka_unit_test(a_file_that_may_not_be_locked),
		cmocka_unit_test(parts_that_make_no_sense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
