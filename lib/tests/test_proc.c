// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "lib/proc.h"
#include "lib/sysctl.h"
#include "lib/fs.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

static int spawn_sh(char *script, int adj, int fd3, struct proc *p, enum spawn_stage *stage)
{
	char *argv[] = { "sh", "-c", script, NULL };
	struct spawn s = { .file = "/bin/sh",
			   .argv = argv,
			   .cgroup_dir = -1,
			   .oom_score_adj = adj,
			   .fd3 = fd3,
			   .output = -1 };

	return proc_spawn(&s, p, stage);
}

static void end_of(struct proc *p, int *code, int *sig)
{
	assert_int_equal(proc_pidfd_wait_gone(p->pidfd, proc_now_us() + 10000000), 0);
	assert_int_equal(proc_reap(p->pid, code, sig), 0);
	close(p->pidfd);
}

static void test_exit_and_signal_are_told_apart(void **state)
{
	enum spawn_stage stage;
	struct proc p;
	int code, sig;

	(void)state;
	assert_int_equal(spawn_sh("exit 7", 0, -1, &p, &stage), 0);
	end_of(&p, &code, &sig);
	assert_int_equal(code, 7);
	assert_int_equal(sig, 0);
	assert_int_equal(spawn_sh("read x </dev/zero", 0, -1, &p, &stage), 0);
	assert_int_equal(proc_reap(p.pid, &code, &sig), -EAGAIN);
	assert_int_equal(proc_pidfd_wait_gone(p.pidfd, proc_now_us() + 1000), -ETIMEDOUT);
	assert_int_equal(proc_pidfd_signal(p.pidfd, SIGKILL), 0);
	end_of(&p, &code, &sig);
	assert_int_equal(code, -1);
	assert_int_equal(sig, SIGKILL);
}

static void test_adj_and_fd3_reach_the_child(void **state)
{
	enum spawn_stage stage;
	struct proc p;
	char text[32];
	int fds[2], code, sig;
	ssize_t n;

	(void)state;
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	assert_int_equal(spawn_sh("cat /proc/self/oom_score_adj >&3", 345, fds[1], &p, &stage), 0);
	close(fds[1]);
	n = read(fds[0], text, sizeof(text) - 1);
	assert_true(n > 0);
	text[n] = '\0';
	assert_string_equal(text, "345\n");
	end_of(&p, &code, &sig);
	assert_int_equal(code, 0);
	close(fds[0]);
}

/* What was asked for is there after exec: user, its groups, nice value, and the adj set before. */
static void test_user_and_nice_reach_the_child(void **state)
{
	char *argv[] = { "sh", "-c",
			 "id -u >&3; id -G >&3; nice >&3; cat /proc/self/oom_score_adj >&3", NULL };
	enum spawn_stage stage;
	char text[64];
	int fds[2], code, sig;
	struct proc p;

	(void)state;
	if (geteuid() != 0) {
		print_message("skip: only root can change the user\n");
		skip();
	}
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	struct spawn s = { .file = "/bin/sh",
			   .argv = argv,
			   .cgroup_dir = -1,
			   .oom_score_adj = 300,
			   .uid = 65534,
			   .nice = 19,
			   .fd3 = fds[1],
			   .output = -1 };
	assert_int_equal(proc_spawn(&s, &p, &stage), 0);
	close(fds[1]);
	end_of(&p, &code, &sig);
	assert_int_equal(code, 0);
	code = (int)read(fds[0], text, sizeof(text) - 1);
	text[max(code, 0)] = '\0';
	assert_string_equal(text, "65534\n65534\n19\n300\n");
	close(fds[0]);
}

/* A middleman spawns as another user and dies; the child dies with it. */
static void test_another_user_dies_with_its_parent(void **state)
{
	char *argv[] = { "sh", "-c", "echo >&3; exec sleep 1000", NULL }, c;
	int fds[2], status;
	pid_t middle;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(pipe(fds), 0);
	middle = fork();
	if (middle == 0) {
		struct spawn s = { .file = "/bin/sh",
				   .argv = argv,
				   .cgroup_dir = -1,
				   .uid = 65534,
				   .fd3 = fds[1],
				   .output = -1 };
		enum spawn_stage stage;
		struct proc p;
		int err;

		close(fds[0]);
		err = proc_spawn(&s, &p, &stage);
		close(fds[1]);
		pause();
		_exit(err != 0);
	}
	close(fds[1]);
	assert_int_equal(read(fds[0], &c, 1), 1);
	kill(middle, SIGKILL);
	assert_int_equal(waitpid(middle, &status, 0), middle);
	assert_int_equal(read(fds[0], &c, 1), 0); /* the last holder of the pipe is gone */
	close(fds[0]);
}

static void test_failures_name_their_stage(void **state)
{
	char *argv[] = { "x", NULL };
	struct spawn s = {
		.file = "/nonexistent", .argv = argv, .cgroup_dir = -1, .fd3 = -1, .output = -1
	};
	enum spawn_stage stage;
	struct proc p;

	(void)state;
	assert_int_equal(proc_spawn(&s, &p, &stage), -ENOENT);
	assert_int_equal(stage, SPAWN_EXEC);
	s.file = "/bin/true";
	s.oom_score_adj = 1001;
	assert_int_equal(proc_spawn(&s, &p, &stage), -EINVAL);
	assert_int_equal(stage, SPAWN_ADJ);
	s.oom_score_adj = 0;
	s.procs = (int[]){ -1 };
	s.nr_procs = 1;
	assert_int_equal(proc_spawn(&s, &p, &stage), -EBADF);
	assert_int_equal(stage, SPAWN_CGROUP);
}

static void test_status(void **state)
{
	static const char status[] =
		"Name:\thog\nVmPeak:\t  900 kB\nVmRSS:\t  81920 kB\n"
		"RssAnon:\t 80000 kB\nVmPTE:\t     208 kB\nVmSwap:\t       4 kB\n";
	struct proc_memory m;

	(void)state;
	assert_int_equal(proc_memory_parse(status, &m), 0);
	assert_int_equal(m.rss_kb, 81920);
	assert_int_equal(m.pgtables_kb, 208);
	assert_int_equal(m.swap_kb, 4);
	assert_int_equal(proc_memory_parse("Name:\tkthread\n", &m), -ENOENT);
}

static void test_sysctl_names(void **state)
{
	int root = fs_root_open("/");
	char value[64];

	(void)state;
	assert_true(sysctl_name_ok("vm.panic_on_oom"));
	assert_false(sysctl_name_ok("vm..x"));
	assert_false(sysctl_name_ok("../etc.passwd"));
	assert_false(sysctl_name_ok("vm/panic_on_oom"));
	assert_false(sysctl_name_ok(""));
	assert_int_equal(sysctl_get(root, "../x", value, sizeof(value)), -EINVAL);
	assert_true(sysctl_get(root, "vm.panic_on_oom", value, sizeof(value)) > 0);
	assert_int_equal(sysctl_get(root, "vm.oom_kill", value, sizeof(value)), -ENOENT);
	close(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exit_and_signal_are_told_apart),
		cmocka_unit_test(test_adj_and_fd3_reach_the_child),
		cmocka_unit_test(test_user_and_nice_reach_the_child),
		cmocka_unit_test(test_another_user_dies_with_its_parent),
		cmocka_unit_test(test_failures_name_their_stage),
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_sysctl_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
