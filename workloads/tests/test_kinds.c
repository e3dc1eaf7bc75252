// SPDX-License-Identifier: MIT
/* Each kind at a small size: is it there, in the right counter, and is nothing left behind? */
#include "workloads/tests/hog.h"

#include <dirent.h>
#include <sys/mman.h>

#define SIZE_KB 8192 /* --size 8MiB in every row */

static char dir[64];

static int make_dir(void **state)
{
	(void)state;
	str_copy(dir, sizeof(dir), "/var/tmp/oomhog-kinds.XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	(void)state;
	return rmdir(dir); /* fails, as it should, when a worker has left a file */
}

/* The counter that must hold the size, and those that must not. 1.5 MiB is the program itself. */
static void memory_is_where_it_belongs(void **state)
{
	static const struct {
		const char *args, *counter;
	} rows[] = {
		{ "anon --size 8MiB", "RssAnon" },
		{ "anon --size 8MiB --fill copy", "RssAnon" },
		{ "anon --size 8MiB --fill touch", "RssAnon" },
		{ "anon --size 8MiB --threads 3 --chunk 64KiB", "RssAnon" },
		{ "anon --size 8MiB --chunk 4KiB", "RssAnon" },
		{ "anon --size 8MiB --rate 800MiB/s", "RssAnon" },
		{ "shm --size 8MiB", "RssShmem" },
		{ "shm --type sysv --size 8MiB", "RssShmem" },
		{ "shm --type sysv --size 8MiB --fill copy", "RssShmem" },
		{ "mmap --size 8MiB --path DIR", "RssFile" },
		{ "mmap --size 8MiB --path DIR --fill copy", "RssFile" },
		{ "mmap --size 8MiB --path DIR --mode read", "RssFile" },
		{ "mmap --size 8MiB --path DIR --mode read --fill touch", "RssFile" },
		{ "mmap --size 8MiB --path DIR --private", "RssAnon" },
	};
	static const char *const counters[] = { "RssAnon", "RssFile", "RssShmem" };
	struct hog_child c;

	(void)state;
	if (!have_hog())
		skip();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char args[256];
		const char *cut = strstr(rows[i].args, "DIR");

		snprintf(args, sizeof(args), "%.*s%s%s --ready-fd 9",
			 (int)(cut ? cut - rows[i].args : (ptrdiff_t)strlen(rows[i].args)),
			 rows[i].args, cut ? dir : "", cut ? cut + 3 : "");
		hog_start(&c, args, NULL);
		assert_int_equal(hog_ready(&c).bytes, KiB(SIZE_KB));
		for (size_t k = 0; k < ARRAY_SIZE(counters); k++) {
			uint64_t kb = hog_status(&c, counters[k]);
			bool due = str_eq(counters[k], rows[i].counter);

			if (due ? kb < SIZE_KB || kb > SIZE_KB + 1536 : kb > 1536)
				fail_msg("%s: %s is %llu kB", args, counters[k],
					 (unsigned long long)kb);
		}
		assert_int_equal(hog_end(&c, SIGKILL), -SIGKILL);
	}
}

static void mlock_locks(void **state)
{
	struct rlimit limit;
	struct hog_child c;

	(void)state;
	if (!have_hog())
		skip();
	if (geteuid() != 0 && getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur < MiB(1)) {
		print_message("skip: RLIMIT_MEMLOCK is less than 1 MiB\n");
		skip();
	}
	hog_start(&c, "mlock --size 1MiB --ready-fd 9", NULL);
	assert_int_equal(hog_ready(&c).bytes, MiB(1));
	assert_true(hog_status(&c, "VmLck") >= 1024);
	assert_true(hog_status(&c, "RssAnon") >= 1024);
	assert_int_equal(hog_end(&c, SIGTERM), 0);
}

/* Opens the nameless file of a worker by /proc/PID/fd. */
static int its_file(const struct hog_child *c)
{
	char name[64], target[256];

	for (int fd = 3; fd < 16; fd++) {
		ssize_t n;

		snprintf(name, sizeof(name), "/proc/%d/fd/%d", (int)c->pid, fd);
		n = readlink(name, target, sizeof(target) - 1);
		target[n > 0 ? n : 0] = '\0';
		if (strncmp(target, dir, strlen(dir)) == 0)
			return open(name, O_RDONLY | O_CLOEXEC);
	}
	return -1;
}

static uint64_t cached_bytes(int fd, size_t bytes)
{
	unsigned char vec[KiB(SIZE_KB) / 4096];
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uint64_t nr = 0;
	void *map = mmap(NULL, bytes, PROT_READ, MAP_SHARED, fd, 0);

	assert_true(map != MAP_FAILED);
	assert_int_equal(mincore(map, bytes, vec), 0);
	for (size_t i = 0; i < bytes / page; i++)
		nr += vec[i] & 1;
	munmap(map, bytes);
	return nr * page;
}

static void file_is_cached_but_in_no_rss(void **state)
{
	static const char *const modes[] = { "read", "dirty" };
	struct hog_child c;

	(void)state;
	if (!have_hog())
		skip();
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		int fd __close = -1;
		char args[256];

		snprintf(args, sizeof(args), "file --mode %s --size 8MiB --path %s --ready-fd 9",
			 modes[i], dir);
		hog_start(&c, args, NULL);
		assert_int_equal(hog_ready(&c).bytes, KiB(SIZE_KB));
		assert_true(hog_status(&c, "VmRSS") < 2048);
		fd = its_file(&c);
		assert_true(fd >= 0);
		assert_int_equal(cached_bytes(fd, KiB(SIZE_KB)), KiB(SIZE_KB));
		hog_end(&c, SIGKILL);
	}
}

static void an_existing_file_is_read_and_never_written(void **state)
{
	char name[128], args[512], back[4];
	struct hog_child c;
	int fd __close = -1;

	(void)state;
	if (!have_hog())
		skip();
	snprintf(name, sizeof(name), "%s/mine", dir);
	fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)KiB(64)), 0);
	assert_int_equal(pwrite(fd, "abc", 4, 0), 4);
	snprintf(args, sizeof(args), "file --size 64KiB --path %s", name);
	assert_int_equal(hog_run(&c, args), 0);
	snprintf(args, sizeof(args), "mmap --private --size 64KiB --path %s", name);
	assert_int_equal(hog_run(&c, args), 0);
	snprintf(args, sizeof(args), "mmap --size 64KiB --path %s", name);
	assert_int_equal(hog_run(&c, args), READY_EXIT_REFUSED);
	snprintf(args, sizeof(args), "file --mode dirty --size 64KiB --path %s", name);
	assert_int_equal(hog_run(&c, args), READY_EXIT_REFUSED);
	snprintf(args, sizeof(args), "file --size 68KiB --path %s", name);
	assert_int_equal(hog_run(&c, args), READY_EXIT_REFUSED);
	assert_non_null(strstr(c.text, "has only 64 KiB"));
	snprintf(args, sizeof(args), "file --mode dirty --overwrite --size 64KiB --path %s", name);
	assert_int_equal(hog_run(&c, args), READY_EXIT_REFUSED);
	assert_non_null(strstr(c.text, "no block device"));
	assert_int_equal(pread(fd, back, 4, 0), 4);
	assert_string_equal(back, "abc");
	unlink(name);
}

static void paths_that_cannot_serve(void **state)
{
	static const struct {
		const char *args, *word;
	} rows[] = {
		{ "file --size 1MiB --path /none/such", "No such file" },
		{ "mmap --size 1MiB --path /none/such", "No such file" },
		{ "mmap --size 1MiB --path /dev/null", "no directory" },
		{ "file --size 1MiB --path /proc", "/proc" },
		{ "file --overwrite --size 1MiB --path /dev/null", "--mode dirty" },
		{ "file --mode dirty --overwrite --size 1MiB", "a --path" },
		{ "file --mode dirty --overwrite --size 1MiB --path /none/such", "No such file" },
		{ "shm --type tmpfs --size 1MiB --path /var/tmp", "no directory in a tmpfs" },
	};
	struct hog_child c;

	(void)state;
	if (!have_hog())
		skip();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(hog_run(&c, rows[i].args), READY_EXIT_REFUSED);
		if (!strstr(c.text, rows[i].word))
			fail_msg("%s: %s", rows[i].args, c.text);
		assert_ptr_equal(strchr(c.text, '\n'), c.text + strlen(c.text) - 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_where_it_belongs),
		cmocka_unit_test(mlock_locks),
		cmocka_unit_test(file_is_cached_but_in_no_rss),
		cmocka_unit_test(an_existing_file_is_read_and_never_written),
		cmocka_unit_test(paths_that_cannot_serve),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
