// SPDX-License-Identifier: MIT
/*
 * fork and exec with the steps between them that decide an OOM: the cgroup is joined and
 * oom_score_adj set before the program touches its first page.
 */
#include "lib/fs.h"
#include "lib/proc.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#ifndef CLONE_INTO_CGROUP
#define CLONE_INTO_CGROUP 0x200000000ULL
#endif

struct child_word { /* what a child that could not exec says on its pipe */
	int stage, err;
};

const char *spawn_stage_name(enum spawn_stage stage)
{
	static const char *const names[] = { "start",
					     "fork",
					     "join the cgroup",
					     "set oom_score_adj",
					     "set the nice value",
					     "set the user",
					     "hand over fds",
					     "exec" };

	return names[stage];
}

/* clone3 (5.3; CLONE_INTO_CGROUP 5.7) used as fork: no stack, no shared memory. */
static pid_t fork_into(int cgroup_dir, bool *in_cgroup)
{
	struct clone_args args = { .exit_signal = SIGCHLD };
	long pid = -1;

	*in_cgroup = false;
	if (cgroup_dir >= 0) {
		args.flags = CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)cgroup_dir;
		pid = syscall(SYS_clone3, &args, sizeof(args));
		*in_cgroup = pid >= 0;
		if (pid < 0 && errno != ENOSYS && errno != EINVAL && errno != E2BIG)
			return -1;
	}
	return pid >= 0 ? (pid_t)pid : fork();
}

static void child_fail(int words, enum spawn_stage stage, int err)
{
	struct child_word word = { stage, err };

	(void)!write(words, &word, sizeof(word));
	_exit(127);
}

static int child_fds(const struct spawn *s)
{
	if (s->output >= 0 && (dup2(s->output, 1) < 0 || dup2(s->output, 2) < 0))
		return -errno;
	if (s->fd3 == 3)
		return fcntl(3, F_SETFD, 0) < 0 ? -errno : 0;
	if (s->fd3 >= 0 && dup2(s->fd3, 3) < 0)
		return -errno;
	return 0;
}

/* Die with the player. It may have died before this took hold: then our parent is another. */
static void die_with(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(127);
}

/* A new user clears the parent-death signal (kernel/cred.c commit_creds()). */
static int become(unsigned int uid, pid_t parent)
{
	if (!uid)
		return 0;
	if (setgroups(0, NULL) < 0 || setresgid(uid, uid, uid) < 0 || setresuid(uid, uid, uid) < 0)
		return -errno;
	die_with(parent);
	return 0;
}

static void child_main(const struct spawn *s, bool in_cgroup, pid_t parent, int words)
{
	sigset_t none;
	int err;

	die_with(parent);
	setpgid(0, 0);
	for (int i = 0; !in_cgroup && i < s->nr_procs; i++)
		if (write(s->procs[i], "0", 1) != 1)
			child_fail(words, SPAWN_CGROUP, -errno);
	err = proc_oom_score_adj_set(0, s->oom_score_adj);
	if (err)
		child_fail(words, SPAWN_ADJ, err);
	if (s->nice && setpriority(PRIO_PROCESS, 0, s->nice) < 0)
		child_fail(words, SPAWN_NICE, -errno);
	err = become(s->uid, parent);
	if (err)
		child_fail(words, SPAWN_USER, err);
	/* The words pipe must survive the move of fd 3. */
	if (s->fd3 >= 0 && words == 3)
		words = fcntl(words, F_DUPFD_CLOEXEC, 10);
	err = child_fds(s);
	if (err)
		child_fail(words, SPAWN_FD, err);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	execv(s->file, s->argv);
	child_fail(words, SPAWN_EXEC, -errno);
}

int proc_spawn(const struct spawn *s, struct proc *ret, enum spawn_stage *stage)
{
	struct child_word word = { SPAWN_OK, 0 };
	pid_t parent = getpid(), pid;
	int words[2], pidfd;
	bool in_cgroup;
	ssize_t n;

	*stage = SPAWN_FORK;
	if (pipe2(words, O_CLOEXEC) < 0)
		return -errno;
	pid = fork_into(s->cgroup_dir, &in_cgroup);
	if (pid == 0)
		child_main(s, in_cgroup, parent, words[1]);
	close(words[1]);
	if (pid < 0) {
		close(words[0]);
		return -errno;
	}
	/* End of file: the exec closed it. A child OOM-killed before its exec gives that as well.
	 */
	do
		n = read(words[0], &word, sizeof(word));
	while (n < 0 && errno == EINTR);
	close(words[0]);
	pidfd = proc_pidfd_open(pid);
	if (word.err || pidfd < 0) {
		*stage = word.err ? (enum spawn_stage)word.stage : SPAWN_FORK;
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		cleanup_close(&pidfd);
		return word.err ? word.err : pidfd;
	}
	*stage = SPAWN_OK;
	*ret = (struct proc){ .pid = pid, .pidfd = pidfd };
	return 0;
}
