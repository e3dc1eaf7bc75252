// SPDX-License-Identifier: MIT
/*
 * The stack of a deep recursion. RLIMIT_STACK is raised; as the room for the stack is laid out by
 * exec(2), the program then starts itself again. As ordinary programs it meets a refused page in a
 * user page fault, and dies of a signal where the stack cannot grow.
 */
#include <sys/mman.h>
#include <sys/resource.h>

#include "workloads/pace.h"

#define FRAME_BYTES KiB(64)
#define SPARE_BYTES MiB(1) /* main's frames, argv and the environment */

/* Downwards as a stack grows, each page of the frame; used behind the call, or it were no frame. */
__attribute__((noinline)) static uint64_t deeper(struct hog *h, uint64_t page)
{
	volatile char frame[FRAME_BYTES - 64]; /* with what the call itself needs, 64 KiB */

	for (uint64_t i = sizeof(frame); i > page; i -= page)
		frame[i - 1] = 1;
	frame[0] = 1;
	h->got_bytes += FRAME_BYTES;
	pace(h, h->got_bytes);
	return h->got_bytes < h->bytes ? deeper(h, page) + (uint64_t)frame[0] : (uint64_t)frame[0];
}

static enum ready_what refuse(struct hog *h, int err, const char *what)
{
	fail_errno(&h->fail, err, "%s", what);
	return READY_ENOMEM;
}

static enum ready_what start_again(struct hog *h, struct rlimit *limit, uint64_t need)
{
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	limit->rlim_cur = need;
	limit->rlim_max = max(limit->rlim_max, (rlim_t)need);
	if (setrlimit(RLIMIT_STACK, limit) < 0)
		return refuse(h, -errno, "raising RLIMIT_STACK");
	if (n > 0) {
		self[n] = '\0';
		execv(self, h->argv);
	}
	return refuse(h, -errno, "starting again with a larger RLIMIT_STACK");
}

static enum ready_what stack_run(struct hog *h)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t need = h->bytes + FRAME_BYTES + SPARE_BYTES;
	struct rlimit limit;

	if (getrlimit(RLIMIT_STACK, &limit) < 0)
		return refuse(h, -errno, "RLIMIT_STACK");
	if (limit.rlim_cur < need)
		return start_again(h, &limit, need);
	munlockall(); /* own_pages_lock()'s part of the stack would lock all that grows from it */
	h->start_ns = now_ns();
	deeper(h, page);
	h->end_ns = now_ns();
	pace_end();
	return READY_YES;
}

const struct workload workload_stack = {
	.name = "stack",
	.help = "the stack of a deep recursion, RLIMIT_STACK raised for it",
	.run = stack_run,
};
