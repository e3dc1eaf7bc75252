// SPDX-License-Identifier: MIT
/*
 * A parent whose children have the memory: each child is a task of its own to the OOM killer, and
 * the parent's badness does not count them. A child that is killed before all is there is a failure
 * with its pid; later the parent holds on without it, and says so. Children die with the parent.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "workloads/fill.h"
#include "workloads/say.h"

#define CHILDREN_MAX READY_CHILDREN_MAX
#define NO_ADJ	     INT64_MIN

static uint64_t nr_children = 2, parent_bytes;
static int64_t child_adj = NO_ADJ;

static const struct option_row options[] = {
	{ "children", "N", "that many share out the size (default: 2)", option_u64, &nr_children,
	  NULL, 1, CHILDREN_MAX },
	{ "parent-size", "BYTES", "of the size, what the parent itself takes (default: nothing)",
	  option_bytes, &parent_bytes, NULL, 0, INT64_MAX },
	{ "child-adj", "N", "oom_score_adj of the children (default: the parent's)", option_adj,
	  &child_adj, NULL, 0, 0 },
	{ NULL, NULL, NULL, NULL, NULL, NULL, 0, 0 },
};

struct word { /* of a child to its parent, one write(2) */
	enum ready_what what;
	uint64_t bytes;
	struct fail fail;
};

static struct child {
	pid_t pid;
	int fd;
} children[CHILDREN_MAX];

/* So that the parts together keep to --rate. */
static void take_share(struct hog *h, uint64_t bytes)
{
	unsigned __int128 rate = (unsigned __int128)h->opt.rate_bytes * bytes / h->bytes;

	if (h->opt.rate_bytes)
		h->opt.rate_bytes = max((uint64_t)rate, (uint64_t)1);
	h->bytes = bytes;
}

/*
 * Pages of the program count in a child's rss when it first runs them, for fork(2) copies no entries of a file's
 * mapping. It rests once before it says that it has all, so that nothing is added to it later.
 */
static void rest(int timeout_ms)
{
	poll(NULL, 0, timeout_ms);
}

__attribute__((noreturn)) static void child_main(struct hog *h, pid_t parent, uint64_t share,
						 int fd)
{
	struct word w = { .what = READY_YES };
	ssize_t n;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(READY_EXIT_REFUSED);
	say_no_more(h);	     /* who reads there waits for its end */
	h->opt.ready_fd = 0; /* not our mouth any more, and no progress on the terminal */
	h->opt.verbose = false;
	take_share(h, share);
	if (child_adj != NO_ADJ && adj_set(child_adj, &h->fail) < 0)
		w.what = READY_ADJ;
	else
		w.what = region_anon(h);
	w.bytes = h->got_bytes;
	w.fail = h->fail;
	rest(0);
	n = write(fd, &w, sizeof(w));
	while (w.what == READY_YES && n == sizeof(w))
		rest(-1);
	_exit(ready_exit_of(w.what));
}

static enum ready_what start_children(struct hog *h, uint64_t pages)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	pid_t self = getpid();

	for (uint64_t i = 0; i < nr_children; i++) {
		uint64_t share = pages / nr_children + (i < pages % nr_children);
		int fds[2], err = pipe2(fds, O_CLOEXEC) < 0 ? -errno : 0;
		pid_t pid = err ? -1 : fork();

		if (pid < 0) {
			fail_errno(&h->fail, err ? err : -errno, "fork");
			return READY_ENOMEM;
		}
		if (!pid)
			child_main(h, self, share * page, fds[1]);
		close(fds[1]);
		children[i] = (struct child){ pid, fds[0] };
		say_task(h,
			 &(struct ready_word){ .what = READY_CHILD, .child = i + 1, .pid = pid });
	}
	return READY_YES;
}

/* Reaps it and says so. Returns the signal that ended it, 0 if none or if it lives. */
static int reap(const struct hog *h, struct child *c, int flags)
{
	struct ready_word w = { .what = READY_GONE, .child = (unsigned int)(c - children) + 1 };
	int status;

	if (!c->pid || waitpid(c->pid, &status, flags) != c->pid)
		return 0;
	c->pid = 0;
	w.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	w.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	say_task(h, &w);
	return w.signal;
}

/* Signals of one kind do not queue: any of them may be gone. */
static void child_ended(struct hog *h)
{
	for (uint64_t i = 0; i < nr_children; i++)
		reap(h, &children[i], WNOHANG);
}

/* Its word. A pipe that ends without one tells that the child is dead. */
static enum ready_what hear(struct hog *h, struct child *c)
{
	pid_t pid = c->pid;
	struct word w;
	ssize_t n;

	while ((n = read(c->fd, &w, sizeof(w))) < 0 && errno == EINTR)
		;
	close(c->fd);
	if (n == sizeof(w)) {
		h->got_bytes += w.bytes;
		if (w.what != READY_YES)
			fail_set(&h->fail, w.fail.err, "child %d: %.400s", (int)pid, w.fail.where);
		return w.what;
	}
	fail_set(&h->fail, -ECHILD, "child %d: ended by signal %d before it had its memory",
		 (int)pid, reap(h, c, 0));
	return READY_ENOMEM;
}

static enum ready_what hear_all(struct hog *h, enum ready_what what)
{
	for (uint64_t i = 0; i < nr_children && children[i].pid; i++)
		if (what == READY_YES)
			what = hear(h, &children[i]);
	h->end_ns = now_ns();
	/* Their memory goes before a word is said, as in fill.c. A SIGKILL would look like an OOM's. */
	for (uint64_t i = 0; what != READY_YES && i < nr_children; i++) {
		if (!children[i].pid)
			continue;
		kill(children[i].pid, SIGTERM);
		reap(h, &children[i], 0);
	}
	return what;
}

static void block_sigchld(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

static enum ready_what fork_run(struct hog *h)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), all = h->bytes;
	uint64_t own = min(parent_bytes, all) / page * page, start_ns = now_ns();
	enum ready_what what;

	if ((all - own) / page < nr_children) {
		fail_set(&h->fail, -EINVAL, "--size leaves not a page for each child");
		return READY_USAGE;
	}
	block_sigchld(); /* one that comes before the hold waits for it */
	h->child_ended = child_ended;
	say_keep(h);
	what = start_children(h, (all - own) / page);
	if (what == READY_YES && own) {
		struct hog_options whole = h->opt;

		take_share(h, own);
		what = region_anon(h);
		h->opt = whole;
		h->bytes = all;
	}
	h->start_ns = start_ns;
	return hear_all(h, what);
}

const struct workload workload_fork = {
	.name = "fork",
	.in_children = true,
	.help = "children that share out anonymous memory; the parent stays small",
	.options = options,
	.run = fork_run,
};
