// SPDX-License-Identifier: MIT
/*
 * Memory that cannot be had is an exit status and never a hang: by rlimits for anyone, by a v1
 * memory cgroup of our own for root. With OOM kills disabled there, a charge in the kernel fails
 * just as it does for an unkillable task, and a user page fault would wait for ever.
 */
#include "workloads/tests/hog.h"

#include <sys/stat.h>

#define V1_MEMORY "/sys/fs/cgroup/memory"

static char box[128]; /* our cgroup, "" if there is none */
static int box_fd = -1;

static int make_box(void **state)
{
	(void)state;
	snprintf(box, sizeof(box), V1_MEMORY "/oomhog-test-%d", (int)getpid());
	if (access(V1_MEMORY "/memory.limit_in_bytes", W_OK) < 0 || mkdir(box, 0755) < 0)
		box[0] = '\0';
	else
		box_fd = fs_root_open(box);
	return 0;
}

static int remove_box(void **state)
{
	(void)state;
	if (box_fd >= 0)
		close(box_fd);
	return *box ? rmdir(box) : 0;
}

static bool have_box(void)
{
	if (*box)
		return true;
	print_message("skip: no v1 memory cgroup can be made here\n");
	return false;
}

static void address_space(void **state)
{
	const struct hog_how how = { .address_space = MiB(64) };
	struct ready_word w;
	struct hog_child c;

	(void)state;
	if (!have_hog())
		skip();
	hog_start(&c, "anon --size 128MiB --ready-fd 9", &how);
	w = hog_ready(&c);
	assert_int_equal(w.what, READY_ENOMEM);
	assert_string_equal(w.errno_name, "ENOMEM");
	assert_int_equal(w.bytes, 0);
	assert_int_equal(hog_wait(&c), READY_EXIT_ENOMEM);
	hog_start(&c, "anon --size 128MiB", &how);
	assert_int_equal(hog_wait(&c), READY_EXIT_ENOMEM);
	assert_non_null(strstr(c.text, "oomhog anon: got 0 bytes of 128 MiB: "));
}

static void locked_memory(void **state)
{
	const struct hog_how how = { .memlock = KiB(64), .no_caps = true };
	struct ready_word w;
	struct hog_child c;

	(void)state;
	if (!have_hog())
		skip();
	hog_start(&c, "mlock --size 8MiB --ready-fd 9", &how);
	w = hog_ready(&c);
	assert_int_equal(w.what, READY_ENOMEM);
	assert_non_null(strstr(w.text, "RLIMIT_MEMLOCK is 64 KiB"));
	assert_int_equal(hog_wait(&c), READY_EXIT_ENOMEM);
	/* Without the right to lock its own pages a hog of another kind still does its work. */
	hog_start(&c, "anon --size 8MiB --ready-fd 9", &how);
	assert_int_equal(hog_ready(&c).bytes, MiB(8));
	assert_int_equal(hog_end(&c, SIGTERM), 0);
}

static void a_cgroup_is_joined_first(void **state)
{
	char args[512], text[4096];
	struct hog_child c;
	uint64_t usage;

	(void)state;
	if (!have_hog() || !have_box())
		skip();
	assert_int_equal(fs_write(box_fd, "memory.limit_in_bytes", "67108864"), 0);
	snprintf(args, sizeof(args), "anon --size 50%%_of_limit --ready-fd 9 --cgroup %s", box);
	hog_start(&c, args, NULL);
	assert_int_equal(hog_ready(&c).bytes, MiB(32));
	hog_proc(&c, "cgroup", text, sizeof(text));
	assert_non_null(strstr(text, strrchr(box, '/')));
	assert_int_equal(fs_read_u64(box_fd, "memory.usage_in_bytes", &usage), 0);
	assert_true(usage >= MiB(32));
	assert_int_equal(hog_end(&c, SIGTERM), 0);
}

/* Charged to the cgroup, and in no rss. */
static void kernel_memory_is_charged(void **state)
{
	static const char *const whats[] = { "pipes", "sockets" };
	struct hog_child c;
	uint64_t usage;

	(void)state;
	if (!have_hog() || !have_box())
		skip();
	assert_int_equal(fs_write(box_fd, "memory.limit_in_bytes", "67108864"), 0);
	for (size_t i = 0; i < ARRAY_SIZE(whats); i++) {
		char args[512];

		snprintf(args, sizeof(args), "slab --what %s --size 16MiB --ready-fd 9 --cgroup %s",
			 whats[i], box);
		hog_start(&c, args, NULL);
		assert_int_equal(hog_ready(&c).bytes, MiB(16));
		assert_int_equal(fs_read_u64(box_fd, "memory.usage_in_bytes", &usage), 0);
		assert_true(usage >= MiB(16));
		assert_true(hog_status(&c, "VmRSS") < 2048);
		assert_int_equal(hog_end(&c, SIGTERM), 0);
	}
}

static void no_cgroup_no_run(void **state)
{
	static const struct {
		const char *dir, *word;
	} rows[] = {
		{ "/none/such", "No such file" },
		{ "/tmp", "not a cgroup directory" },
		{ "/etc/passwd", "Not a directory" },
	};
	struct hog_child c;

	(void)state;
	if (!have_hog())
		skip();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct ready_word w;
		char args[256];

		snprintf(args, sizeof(args), "anon --size 1MiB --ready-fd 9 --cgroup %s",
			 rows[i].dir);
		hog_start(&c, args, NULL);
		w = hog_ready(&c);
		assert_int_equal(w.what, READY_CGROUP);
		if (!strstr(w.text, rows[i].word))
			fail_msg("%s: %s", rows[i].dir, w.text);
		assert_int_equal(hog_wait(&c), READY_EXIT_REFUSED);
	}
}

/* Every way of filling that gets an errno, at a limit where nobody may be killed. */
static void a_refused_charge_is_an_exit(void **state)
{
	static const char *const kinds[] = {
		"anon",
		"anon --fill copy",
		"anon --threads 3",
		"anon --threads 3 --fill copy",
		"anon --thp",
		"anon --chunk 64MiB",
		"mlock",
		"shm",
		"shm --fill copy",
		"shm --type sysv",
		"file --mode dirty --path /dev/shm",
	};

	(void)state;
	if (!have_hog() || !have_box())
		skip();
	assert_int_equal(fs_write(box_fd, "memory.oom_control", "1"), 0);
	assert_int_equal(fs_write(box_fd, "memory.limit_in_bytes", "33554432"), 0);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct hog_child c;
		struct ready_word w;
		char args[512];

		snprintf(args, sizeof(args), "%s --size 64MiB --ready-fd 9 --cgroup %s", kinds[i],
			 box);
		hog_start(&c, args, NULL);
		w = hog_ready(&c);
		if (w.what != READY_ENOMEM || w.bytes < MiB(28) || w.bytes > MiB(32))
			fail_msg("%s: %s after %llu bytes: %s", kinds[i], ready_what_name(w.what),
				 (unsigned long long)w.bytes, w.text);
		assert_int_equal(hog_wait(&c), READY_EXIT_ENOMEM);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(address_space),
		cmocka_unit_test(locked_memory),
		cmocka_unit_test(a_cgroup_is_joined_first),
		cmocka_unit_test(kernel_memory_is_charged),
		cmocka_unit_test(no_cgroup_no_run),
		cmocka_unit_test(a_refused_charge_is_an_exit),
	};

	return cmocka_run_group_tests(tests, make_box, remove_box);
}
