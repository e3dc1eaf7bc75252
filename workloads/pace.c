// SPDX-License-Identifier: MIT
#include "workloads/pace.h"

#include <signal.h>
#include <time.h>

#include "workloads/say.h"

#define NS_PER_S 1000000000ULL

uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

static uint64_t stall_level(const struct hog *h)
{
	return (uint64_t)((unsigned __int128)h->bytes * h->opt.stall_percent / 100);
}

/* A rate in steps of a 50th of a second looks even to whoever samples it, and costs nothing. */
uint64_t pace_step(const struct hog *h)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), step = h->opt.chunk_bytes;

	if (h->opt.rate_bytes)
		step = min(step, h->opt.rate_bytes / 50);
	if (h->opt.stairs)
		step = min(step, h->bytes / h->opt.stairs);
	if (h->opt.stall_percent && stall_level(h) > h->had_bytes) {
		/* Whole steps up to the level, less than a page more each. */
		uint64_t left = stall_level(h) - h->had_bytes;
		uint64_t n = (left + step - 1) / max(step, page);

		step = (left / max(n, (uint64_t)1) + page - 1) / page * page;
	}
	return max(step / page * page, page);
}

/* Due times are absolute: an oversleep is made up by the next step and does not add up. */
static void wait_until_due(const struct hog *h, uint64_t done)
{
	unsigned __int128 ns = (unsigned __int128)done * NS_PER_S / h->opt.rate_bytes;
	uint64_t due = h->start_ns + (uint64_t)min(ns, (unsigned __int128)(INT64_MAX / 2));
	struct timespec t = { (time_t)(due / NS_PER_S), (long)(due % NS_PER_S) };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
		;
}

/* Behind each step of --stairs but the last. */
static void wait_on_stair(const struct hog *h, uint64_t done)
{
	static uint64_t last;
	uint64_t stair = max(h->bytes / h->opt.stairs, (uint64_t)1), now = done / stair;
	struct timespec t = { (time_t)(h->opt.stair_ms / 1000),
			      (long)(h->opt.stair_ms % 1000) * 1000000 };

	if (now > last && done < h->bytes)
		while (nanosleep(&t, &t) < 0 && errno == EINTR)
			;
	last = now;
}

/* Once. SIGUSR1 is blocked before the word: what answers it is not lost, and does not kill. */
static void stall(struct hog *h, uint64_t done)
{
	static bool over;
	uint64_t begin_ns = now_ns();
	sigset_t go;

	if (over || done < stall_level(h))
		return;
	over = true;
	sigemptyset(&go);
	sigaddset(&go, SIGUSR1);
	sigprocmask(SIG_BLOCK, &go, NULL);
	h->got_bytes = done;
	if (say_stalled(h) < 0)
		_exit(READY_EXIT_REFUSED);
	while (sigwaitinfo(&go, NULL) < 0 && errno == EINTR)
		;
	h->start_ns += now_ns() - begin_ns; /* --rate goes on from here */
}

void pace(struct hog *h, uint64_t done)
{
	if (h->opt.stall_percent)
		stall(h, done);
	if (h->opt.stairs)
		wait_on_stair(h, done);
	if (h->opt.rate_bytes)
		wait_until_due(h, done);
	say_progress(h, done);
}

void pace_end(void)
{
	say_progress_end();
}
