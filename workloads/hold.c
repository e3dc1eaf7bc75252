// SPDX-License-Identifier: MIT
/*
 * --hold: keeping the memory for a time, or until told to go. Sleeping in sigtimedwait(2) touches
 * no new page, so that an unkillable holder at its limit stays asleep.
 */
#include <signal.h>
#include <time.h>

#include "workloads/workload.h"

static void term_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
}

/* Before "ready" is said: a SIGTERM that answers it must end the hold and not kill. */
void hold_prepare(void)
{
	sigset_t set;

	term_signals(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

void hold(struct hog *h)
{
	uint64_t ms = h->opt.hold_ms;
	uint64_t end_ns = ms == HOG_FOREVER ? UINT64_MAX : now_ns() + ms * 1000000;
	sigset_t set;

	term_signals(&set);
	if (h->child_ended)
		sigaddset(&set, SIGCHLD);
	for (;;) {
		uint64_t now = now_ns(), left = end_ns > now ? end_ns - now : 0;
		struct timespec t = { (time_t)(left / 1000000000), (long)(left % 1000000000) };

		int sig = left ? sigtimedwait(&set, NULL, ms == HOG_FOREVER ? NULL : &t) : 0;

		if (sig == SIGCHLD)
			h->child_ended(h);
		else if (sig >= 0)
			return;
	}
}
