// SPDX-License-Identifier: MIT
/*
 * Two processes of one mm: clone(2) with CLONE_VM but without CLONE_THREAD. Both show the same rss,
 * and a victim takes the other along. Plainly, the parent fills and both wait; an oom_score_adj
 * written for one is then given to the other by kernels since 4.8. With --vfork the parent is
 * suspended in vfork(2), the child fills and speaks, and may have an oom_score_adj of its own.
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "workloads/fill.h"
#include "workloads/say.h"

#define STACK_BYTES KiB(128)
#define NO_ADJ	    INT64_MIN

static bool as_vfork, child_stays;
static int64_t child_adj = NO_ADJ;

static const struct option_row options[] = {
	{ "child-adj", "N", "oom_score_adj that the child writes for itself", option_adj,
	  &child_adj, NULL, 0, 0 },
	{ "child-stays", NULL, "the child does not die with its parent", option_flag, &child_stays,
	  NULL, 0, 0 },
	{ "vfork", NULL, "the parent waits as in vfork(2), the child fills", option_flag, &as_vfork,
	  NULL, 0, 0 },
	{ NULL, NULL, NULL, NULL, NULL, NULL, 0, 0 },
};

static struct shared { /* with one mm, this is all the talk that is needed */
	struct hog *h;
	pid_t parent;
	int tell;
	enum ready_what what;
} shared;

static void say_child(pid_t pid)
{
	say_task(shared.h, &(struct ready_word){ .what = READY_CHILD, .child = 1, .pid = pid });
}

static int child_main(void *unused)
{
	sigset_t set;

	(void)unused;
	if (!child_stays)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != shared.parent)
		_exit(READY_EXIT_REFUSED);
	if (child_adj != NO_ADJ && adj_set(child_adj, &shared.h->fail) < 0)
		shared.what = READY_ADJ;
	if (as_vfork)
		say_child(getpid());
	if (as_vfork)
		hog_finish(shared.h,
			   shared.what == READY_YES ? region_anon(shared.h) : shared.what);
	if (shared.h->opt.ready_fd != UINT64_MAX)
		close((int)shared.h->opt.ready_fd);
	close(shared.tell);
	/* errno is shared too: a call that never returns cannot change it under the parent. */
	sigfillset(&set);
	for (;;)
		sigsuspend(&set);
}

static char *stack_top(void)
{
	char *at = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE | MAP_STACK, -1, 0);

	return at == MAP_FAILED ? NULL : at + STACK_BYTES;
}

/* The child is all there is: we wake when it is gone, and are gone like it. */
static enum ready_what vforked(pid_t pid)
{
	int status = 0;

	waitpid(pid, &status, 0);
	say_task(shared.h, &(struct ready_word){
				   .what = READY_GONE,
				   .child = 1,
				   .code = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
				   .signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0,
			   });
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

static enum ready_what shared_mm_run(struct hog *h)
{
	int flags = CLONE_VM | SIGCHLD | (as_vfork ? CLONE_VFORK | CLONE_FILES : 0), fds[2];
	char *top = stack_top(), c;
	pid_t pid;

	shared = (struct shared){ .h = h, .parent = getpid(), .what = READY_YES };
	if (!top || pipe2(fds, O_CLOEXEC) < 0) {
		fail_errno(&h->fail, -errno, "stack or pipe of the child");
		return READY_ENOMEM;
	}
	shared.tell = fds[1];
	if (as_vfork)
		say_keep(h);
	/* With --vfork the files are shared too, or ours would keep the child's --ready-fd open. */
	pid = clone(child_main, top, flags, NULL);
	if (pid < 0) {
		fail_errno(&h->fail, -errno, "clone");
		return READY_ENOMEM;
	}
	if (as_vfork)
		return vforked(pid);
	say_child(pid);
	close(fds[1]);
	while (read(fds[0], &c, 1) < 0 && errno == EINTR) /* until it has closed its end */
		;
	close(fds[0]);
	return shared.what == READY_YES ? region_anon(h) : shared.what;
}

const struct workload workload_shared_mm = {
	.name = "shared-mm",
	.in_children = true,
	.help = "anonymous memory of two processes that share one mm (CLONE_VM)",
	.options = options,
	.run = shared_mm_run,
};
