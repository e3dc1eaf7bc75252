// SPDX-License-Identifier: MIT
/*
 * Who has nothing to do with it: a little memory that is touched all the time, as a service's is.
 * Each page holds its own number; a page that holds another one, whatever took it away (a swap that
 * lost it, a reaper that was wrong), ends the bystander with status 1 and a line.
 */
#include <pthread.h>
#include <sys/mman.h>
#include <time.h>

#include "workloads/fill.h"
#include "workloads/options.h"

#define MAGIC	    0x0b1e55edb1e55ed0ULL
#define STACK_BYTES KiB(64)
#define DAMAGED	    1

static uint64_t every_ms = 100;
static struct region mine;

static const struct option_row options[] = {
	{ "every", "MS", "milliseconds from one look at all pages to the next (default: 100)",
	  option_u64, &every_ms, NULL, 1, 3600000 },
	{ NULL, NULL, NULL, NULL, NULL, NULL, 0, 0 },
};

static volatile uint64_t *word_of(uint64_t at)
{
	return (volatile uint64_t *)(uintptr_t)(mine.addr + at);
}

/* Read, and written: the page stays young, and dirty. */
static void look(uint64_t page)
{
	static const char words[] = "oomhog bystander: a page of it was damaged\n";

	for (uint64_t at = 0; at < mine.bytes; at += page) {
		if (*word_of(at) != (MAGIC ^ at)) {
			if (write(STDERR_FILENO, words, sizeof(words) - 1) < 0)
				_exit(DAMAGED);
			_exit(DAMAGED);
		}
		*word_of(at) = MAGIC ^ at;
	}
}

static void *live(void *unused)
{
	const struct timespec t = { (time_t)(every_ms / 1000), (long)(every_ms % 1000) * 1000000 };
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	(void)unused;
	for (;;) {
		look(page);
		nanosleep(&t, NULL);
	}
	return NULL;
}

/* On a stack that is there, and deaf to SIGTERM: that is for the task that holds. */
static int start_living(void)
{
	char *stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE | MAP_STACK, -1, 0);
	pthread_attr_t attr;
	pthread_t thread;

	if (stack == MAP_FAILED)
		return -errno;
	hold_prepare();
	pthread_attr_init(&attr);
	pthread_attr_setstack(&attr, stack, STACK_BYTES);
	return -pthread_create(&thread, &attr, live, NULL);
}

static enum ready_what bystander_run(struct hog *h)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	enum ready_what what;
	int err;

	mine.bytes = h->bytes;
	what = region_take(h, -1, &mine);
	if (what != READY_YES)
		return what;
	for (uint64_t at = 0; at < mine.bytes; at += page)
		*word_of(at) = MAGIC ^ at;
	err = start_living();
	if (!err)
		return READY_YES;
	fail_errno(&h->fail, err, "the thread that looks at it");
	return READY_ENOMEM;
}

const struct workload workload_bystander = {
	.name = "bystander",
	.help = "memory that is touched all the time, status 1 if it was damaged",
	.options = options,
	.run = bystander_run,
};
