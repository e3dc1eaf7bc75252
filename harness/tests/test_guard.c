// SPDX-License-Identifier: MIT
/* The guardian undoes what a killed driver left: sysctl, cgroup with a sleeper, as root on v1. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "harness/guard.h"
#include "lib/fs.h"
#include "lib/memcg.h"
#include "lib/proc.h"
#include "lib/sysctl.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

static const char knob[] = "vm.oom_dump_tasks";

static bool can(int root, struct cgroup_mounts *mounts)
{
	if (geteuid() == 0 && cgroup_mounts_read(root, mounts) == 0 && mounts->v1_memory[0])
		return true;
	printf("skip: not root on a host with the v1 memory controller\n");
	return false;
}

/* What a driver does, up to the moment somebody kills it. Says its guardian's pid on `to`. */
static void driver(int root, const struct cgroup_mounts *mounts, const char *name, int to)
{
	struct guard g;
	struct fail f;
	struct memcg_root m;
	char old[64];
	int entry, procs[2];

	if (guard_start(&g, &f) || sysctl_get(root, knob, old, sizeof(old)) < 0 ||
	    guard_tell_sysctl(g.fd, knob, old) ||
	    sysctl_set(root, knob, str_eq(old, "1") ? "0" : "1") ||
	    guard_tell_cgroup(g.fd, CGROUP_V1, name) ||
	    memcg_root_create(root, mounts, CGROUP_V1, name, false, &m) || memcg_create(&m, "w") ||
	    memcg_entry_fds(&m, "w", &entry, procs) != 1)
		_exit(1);
	if (fork() ==
	    0) { /* a worker that does not die with its parent; an exec would close this fd */
		close(g.fd);
		if (write(procs[0], "0", 1) != 1)
			_exit(1);
		(void)!write(to, &(pid_t){ getpid() }, sizeof(pid_t));
		for (;;)
			pause();
	}
	(void)!write(to, &g.pid, sizeof(g.pid));
	for (;;)
		pause();
}

static void test_killed_driver_leaves_nothing(void **state)
{
	int root = fs_root_open("/"), fds[2];
	struct cgroup_mounts mounts;
	char name[64], path[400], before[64], after[64];
	pid_t pid, said;

	(void)state;
	if (!can(root, &mounts))
		skip();
	assert_true(sysctl_get(root, knob, before, sizeof(before)) > 0);
	snprintf(name, sizeof(name), "oomlab-guard-%d", getpid());
	assert_int_equal(pipe(fds), 0);
	pid = fork();
	if (pid == 0)
		driver(root, &mounts, name, fds[1]);
	close(fds[1]);
	for (int i = 0; i < 2; i++) /* both the worker and the driver are where we want them */
		assert_int_equal(read(fds[0], &said, sizeof(said)), sizeof(said));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	/* The pipe ends when the worker is dead as well, for it holds the other end. */
	assert_int_equal(read(fds[0], &said, sizeof(said)), 0);
	snprintf(path, sizeof(path), "%s/%s", mounts.v1_memory, name);
	for (uint64_t end = proc_now_us() + 5000000; fs_exists(root, path) && proc_now_us() < end;)
		sched_yield();
	assert_false(fs_exists(root, path));
	assert_true(sysctl_get(root, knob, after, sizeof(after)) > 0);
	/* The sysctl was told first, so it is undone last. */
	for (uint64_t end = proc_now_us() + 5000000; !str_eq(before, after) && proc_now_us() < end;)
		sysctl_get(root, knob, after, sizeof(after));
	assert_string_equal(before, after);
	close(fds[0]);
}

static void test_clean_end_undoes_nothing(void **state)
{
	int root = fs_root_open("/");
	struct guard g;
	struct fail f;

	(void)state;
	assert_int_equal(guard_start(&g, &f), 0);
	assert_int_equal(guard_tell_sysctl(g.fd, "vm.no_such_knob", "1"), 0);
	assert_int_equal(guard_tell_clean(g.fd, 1), 0);
	assert_int_equal(guard_stop(&g), 0);
	/* without the clean word it tries, fails, and says so by its exit status */
	assert_int_equal(guard_start(&g, &f), 0);
	assert_int_equal(guard_tell_sysctl(g.fd, "vm.no_such_knob", "1"), 0);
	assert_int_equal(guard_stop(&g), -EIO);
	close(root);
}

/* A play that cleans up behind itself pays for itself, not for an earlier one that left something. */
static void test_clean_pays_only_its_own(void **state)
{
	struct guard g;
	struct fail f;

	(void)state;
	assert_int_equal(guard_start(&g, &f), 0);
	assert_int_equal(guard_tell_sysctl(g.fd, "vm.no_such_knob", "1"), 0); /* never paid */
	assert_int_equal(guard_tell_sysctl(g.fd, "vm.nor_this", "1"), 0);
	assert_int_equal(guard_tell_clean(g.fd, 1), 0);
	assert_int_equal(guard_stop(&g), -EIO);
}

static void test_undo_now(void **state)
{
	int root = fs_root_open("/");
	struct cgroup_mounts mounts;
	char old[64], seen[64];
	struct guard g;
	struct fail f;

	(void)state;
	if (!can(root, &mounts))
		skip();
	assert_int_equal(guard_start(&g, &f), 0);
	assert_true(sysctl_get(root, knob, old, sizeof(old)) > 0);
	assert_int_equal(guard_tell_sysctl(g.fd, knob, old), 0);
	assert_int_equal(sysctl_set(root, knob, str_eq(old, "1") ? "0" : "1"), 0);
	assert_int_equal(guard_undo_now(g.fd), 0);
	assert_true(sysctl_get(root, knob, seen, sizeof(seen)) > 0);
	assert_string_equal(old, seen);
	/* What cannot be undone is said at once, and again at the end. */
	assert_int_equal(guard_tell_sysctl(g.fd, "vm.no_such_knob", "1"), 0);
	assert_int_equal(guard_undo_now(g.fd), -EIO);
	assert_int_equal(guard_stop(&g), -EIO);
	close(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_killed_driver_leaves_nothing),
		cmocka_unit_test(test_clean_end_undoes_nothing),
		cmocka_unit_test(test_clean_pays_only_its_own),
		cmocka_unit_test(test_undo_now),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
