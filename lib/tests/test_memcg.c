// SPDX-License-Identifier: MIT
/* Knob names and meanings on fake trees; the real thing, as root on a v1 host, at the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "lib/fs.h"
#include "lib/memcg.h"
#include "lib/proc.h"

#include <fcntl.h>
#include <ftw.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

static char dir[] = "/tmp/oomlab-memcg-XXXXXX";

static void put(int at, const char *name, const char *text)
{
	int fd = openat(at, name, O_CREAT | O_TRUNC | O_WRONLY, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

/* A directory of plain files stands in for one cgroup: writes are seen as file contents. */
static int fake(void **state)
{
	static struct memcg_root m;

	snprintf(dir, sizeof(dir), "/tmp/oomlab-memcg-XXXXXX");
	assert_non_null(mkdtemp(dir));
	m = (struct memcg_root){ .dir = open(dir, O_RDONLY | O_DIRECTORY),
				 .cpuset = -1,
				 .parent = -1,
				 .cpuset_parent = -1 };
	*state = &m;
	return 0;
}

static int rm(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st, (void)flag, (void)ftw;
	return remove(path);
}

static int unfake(void **state)
{
	memcg_root_close(*state);
	return nftw(dir, rm, 8, FTW_DEPTH | FTW_PHYS);
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(memcg_knob_v1("memory.max"), "memory.limit_in_bytes");
	assert_null(memcg_knob_v1("memory.oom.group"));
	assert_string_equal(memcg_knob_v1("memory.failcnt"), "memory.failcnt");
	assert_true(memcg_knob_is_v1_only("memory.oom_control"));
	assert_false(memcg_knob_is_v1_only("memory.stat"));
}

static void test_v1_limit_goes_to_its_v1_name(void **state)
{
	struct memcg_root *m = *state;
	char text[64];

	m->version = CGROUP_V1;
	put(m->dir, "memory.limit_in_bytes", "0");
	assert_int_equal(memcg_set(m, "", "memory.max", "83886080"), 0);
	fs_read(m->dir, "memory.limit_in_bytes", text, sizeof(text));
	assert_string_equal(text, "83886080");
	put(m->dir, "memory.limit_in_bytes", "  ");
	assert_int_equal(memcg_set(m, "", "memory.max", "max"), 0);
	fs_read(m->dir, "memory.limit_in_bytes", text, sizeof(text));
	assert_string_equal(text, "-1");
}

static void test_v1_swap_is_memsw_less_memory(void **state)
{
	struct memcg_root *m = *state;
	char text[64];

	m->version = CGROUP_V1;
	assert_int_equal(memcg_set(m, "", "memory.swap.max", "4096"), -EOPNOTSUPP);
	put(m->dir, "memory.limit_in_bytes", "1000000\n");
	put(m->dir, "memory.memsw.limit_in_bytes", "9223372036854771712\n");
	assert_true(memcg_get(m, "", "memory.swap.max", text, sizeof(text)) > 0);
	assert_string_equal(text, "max");
	put(m->dir, "memory.memsw.limit_in_bytes", "");
	assert_int_equal(memcg_set(m, "", "memory.swap.max", "4096"), 0);
	fs_read(m->dir, "memory.memsw.limit_in_bytes", text, sizeof(text));
	assert_string_equal(text, "1004096");
	assert_true(memcg_get(m, "", "memory.swap.max", text, sizeof(text)) > 0);
	assert_string_equal(text, "4096");
}

static void test_missing_file_is_never_silent(void **state)
{
	struct memcg_root *m = *state;

	m->version = CGROUP_V1;
	assert_int_equal(memcg_set(m, "", "memory.oom.group", "1"), -EOPNOTSUPP);
	m->version = CGROUP_V2;
	assert_int_equal(memcg_set(m, "", "memory.oom_control", "1"), -EOPNOTSUPP);
	assert_int_equal(memcg_set(m, "", "memory.peak", "reset"), -EOPNOTSUPP);
	assert_int_equal(memcg_open(m, "", "memory.events"), -EOPNOTSUPP);
}

static void test_no_way_out(void **state)
{
	struct memcg_root *m = *state;

	m->version = CGROUP_V2;
	assert_int_equal(memcg_set(m, "../x", "memory.max", "1"), -EINVAL);
	assert_int_equal(memcg_set(m, "/x", "memory.max", "1"), -EINVAL);
	assert_int_equal(memcg_set(m, "", "../memory.max", "1"), -EINVAL);
	assert_int_equal(memcg_create(m, "a/../../b"), -EINVAL);
	assert_int_equal(memcg_create(m, ""), -EINVAL);
	assert_int_equal(memcg_destroy(m->dir, &(struct cgroup_mounts){ 0 }, CGROUP_V2, "../x", 1),
			 -EINVAL);
	assert_int_equal(memcg_destroy(m->dir, &(struct cgroup_mounts){ 0 }, CGROUP_V2, "", 1),
			 -EINVAL);
}

static void test_dir_limit(void **state)
{
	struct memcg_root *m = *state;
	uint64_t bytes;

	put(m->dir, "memory.limit_in_bytes", "9223372036854771712\n");
	assert_int_equal(memcg_dir_limit(m->dir, &bytes), 0);
	assert_true(bytes == UINT64_MAX);
	put(m->dir, "memory.max", "4096\n");
	assert_int_equal(memcg_dir_limit(m->dir, &bytes), 0);
	assert_int_equal(bytes, 4096);
}

/* A sleeper inside is killed, the subtree removed: what the guardian relies on. */
static void test_v2_takes_no_controller_it_does_not_need(void **state)
{
	struct memcg_root *m = *state, made;
	struct cgroup_mounts mounts = { .v2_memory = true, .v2_cpuset = true };
	char text[64];

	put(m->dir, "cgroup.subtree_control", "");
	put(m->dir, "cgroup.controllers", "cpuset memory");
	str_copy(mounts.v2, sizeof(mounts.v2), dir);
	assert_int_equal(memcg_root_create(AT_FDCWD, &mounts, CGROUP_V2, "plain", false, &made), 0);
	memcg_root_close(&made);
	fs_read(m->dir, "cgroup.subtree_control", text, sizeof(text));
	assert_string_equal(text, "+memory");
	assert_int_equal(memcg_root_create(AT_FDCWD, &mounts, CGROUP_V2, "cpus", true, &made), 0);
	memcg_root_close(&made);
	fs_read(m->dir, "cgroup.subtree_control", text, sizeof(text));
	assert_string_equal(text, "+cpuset");
}

/* Nobody is told of a root that could not be made: nothing of it may stay. */
static void test_root_made_by_half_is_unmade(void **state)
{
	struct memcg_root *m = *state, made;
	struct cgroup_mounts mounts = { 0 };

	str_copy(mounts.v1_memory, sizeof(mounts.v1_memory), dir);
	snprintf(mounts.v1_cpuset, sizeof(mounts.v1_cpuset), "%s/nowhere", dir);
	assert_int_equal(memcg_root_create(AT_FDCWD, &mounts, CGROUP_V1, "half", true, &made),
			 -ENOENT);
	assert_false(fs_exists(m->dir, "half"));
	/* What stood there before is not ours to remove. */
	assert_int_equal(mkdirat(m->dir, "theirs", 0755), 0);
	assert_int_equal(memcg_root_create(AT_FDCWD, &mounts, CGROUP_V1, "theirs", false, &made),
			 -EEXIST);
	assert_true(fs_exists(m->dir, "theirs"));
}

static void test_real_v1_tree(void **state)
{
	int root = fs_root_open("/"), entry, procs[2];
	struct cgroup_mounts mounts;
	struct memcg_root m;
	char name[64], text[64];
	pid_t pid;

	(void)state;
	assert_int_equal(cgroup_mounts_read(root, &mounts), 0);
	if (geteuid() != 0 || !mounts.v1_memory[0]) {
		printf("skip: not root on a host with the v1 memory controller\n");
		skip();
	}
	snprintf(name, sizeof(name), "oomlab-unit-%d", getpid());
	assert_int_equal(memcg_root_create(root, &mounts, CGROUP_V1, name, false, &m), 0);
	assert_int_equal(memcg_create(&m, "a"), 0);
	assert_int_equal(memcg_create(&m, "a/b"), 0);
	assert_int_equal(memcg_set(&m, "a", "memory.max", "33554432"), 0);
	assert_true(memcg_get(&m, "a", "memory.max", text, sizeof(text)) > 0);
	assert_string_equal(text, "33554432");
	assert_int_equal(memcg_entry_fds(&m, "a/b", &entry, procs), 1);
	pid = fork();
	if (pid == 0) {
		if (write(procs[0], "0", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	while (memcg_get(&m, "a/b", "cgroup.procs", text, sizeof(text)) <= 0)
		sched_yield();
	assert_int_equal(memcg_move(&m, "a", pid), 0);
	assert_int_equal(memcg_get(&m, "a/b", "cgroup.procs", text, sizeof(text)), 0);
	assert_int_equal(memcg_get(&m, "a", "cgroup.procs", text, sizeof(text)) > 0, 1);
	assert_int_equal(strtol(text, NULL, 10), pid);
	assert_int_equal(memcg_move(&m, "none", pid), -ENOENT);
	assert_int_equal(memcg_destroy(root, &mounts, CGROUP_V1, name, 3000), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_true(memcg_root_create(root, &mounts, CGROUP_V1, name, false, &m) == 0);
	assert_int_equal(memcg_destroy(root, &mounts, CGROUP_V1, name, 3000), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test_setup_teardown(test_v1_limit_goes_to_its_v1_name, fake, unfake),
		cmocka_unit_test_setup_teardown(test_v1_swap_is_memsw_less_memory, fake, unfake),
		cmocka_unit_test_setup_teardown(test_missing_file_is_never_silent, fake, unfake),
		cmocka_unit_test_setup_teardown(test_no_way_out, fake, unfake),
		cmocka_unit_test_setup_teardown(test_v2_takes_no_controller_it_does_not_need, fake,
						unfake),
		cmocka_unit_test_setup_teardown(test_root_made_by_half_is_unmade, fake, unfake),
		cmocka_unit_test_setup_teardown(test_dir_limit, fake, unfake),
		cmocka_unit_test(test_real_v1_tree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
