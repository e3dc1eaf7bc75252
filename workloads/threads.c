// SPDX-License-Identifier: MIT
/*
 * Threads of one process: one mm, one row in the kernel's task dump, one kill for all of them. The
 * threads of --threads stay until the end; as many of the fill engine's write the memory. With
 * --leader-exits the first thread is gone before the first byte: what the kernel then tells of the
 * process comes from another thread.
 */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "workloads/fill.h"
#include "workloads/say.h"

#define THREADS_DEFAULT 4
#define STACK_BYTES	KiB(128)

static bool leader_exits;

static const struct option_row options[] = {
	{ "leader-exits", NULL,
	  "the first thread exits, the others go on (--threads 4 if not given)", option_flag,
	  &leader_exits, NULL, 0, 0 },
	{ NULL, NULL, NULL, NULL, NULL, NULL, 0, 0 },
};

/*
 * A kill line names a thread that still has the mm, once the leader has not. Where that may come, the
 * one that starts us waits until we have said our name.
 */
static sem_t said;

static void say_tid(const struct hog *h)
{
	if (!leader_exits)
		return;
	say_task(h, &(struct ready_word){ .what = READY_TID, .pid = gettid() });
	sem_post(&said);
}

/* SIGTERM is for the one thread that holds, so it must not find another that would die of it. */
static void *idle(void *arg)
{
	say_tid(arg);
	for (;;)
		pause();
	return NULL;
}

/* Its state from "4711 (oomhog) Z 1 ...": a zombie leader has let go of everything it had. */
static bool leader_is_gone(void)
{
	char name[64], text[128];
	const char *state;
	ssize_t n = -1;
	int fd;

	snprintf(name, sizeof(name), "/proc/self/task/%d/stat", (int)getpid());
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, text, sizeof(text) - 1);
		close(fd);
	}
	text[max(n, (ssize_t)0)] = '\0';
	state = strrchr(text, ')');
	return !state || state[2] == 'Z' || state[2] == 'X';
}

static void *successor(void *arg)
{
	struct hog *h = arg;

	say_tid(h);
	while (!leader_is_gone())
		sched_yield();
	hog_finish(h, region_anon(h));
}

/* Stacks of a known small size whose first page is there; more of them an idle thread never needs.
 */
static int start_thread(void *(*fn)(void *), struct hog *h)
{
	pthread_attr_t attr;
	pthread_t t;
	int err;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	err = pthread_create(&t, &attr, fn, h);
	pthread_attr_destroy(&attr);
	while (!err && leader_exits && sem_wait(&said) < 0)
		;
	return -err;
}

static int start_idle_threads(struct hog *h, uint64_t nr)
{
	sigset_t all, old;
	int err = 0;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	while (nr-- && !err)
		err = start_thread(idle, h);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return err;
}

static enum ready_what threads_run(struct hog *h)
{
	int err;

	sem_init(&said, 0, 0);
	if (!h->opt.threads)
		h->opt.threads = THREADS_DEFAULT;
	/* The one that goes on is one of them. */
	err = start_idle_threads(h, h->opt.threads - leader_exits);
	if (!err && !leader_exits)
		return region_anon(h);
	if (!err)
		err = start_thread(successor, h);
	if (!err)
		syscall(SYS_exit, 0);
	fail_errno(&h->fail, err, "a thread");
	return READY_ENOMEM;
}

const struct workload workload_threads = {
	.name = "threads",
	.help = "anonymous memory of a process with many threads",
	.options = options,
	.run = threads_run,
};
