/* SPDX-License-Identifier: MIT */
/*
 * mm/oom_kill.c prints ten reports in five seconds (oom_rs), then only kill lines, whoever caused
 * them. Judging needs the reports, so a case waits until its own will be printed.
 */
#ifndef OOM_HARNESS_PACE_H
#define OOM_HARNESS_PACE_H

#include "lib/base.h"
#include "lib/kmsg.h"

#define PACE_BURST 10U

struct pace {
	uint64_t at_us
		[PACE_BURST]; /* when the last ten were printed, newest at (nr - 1) % PACE_BURST */
	unsigned int nr;
	bool has_log; /* a host's own log is read: others cause reports there as well */
	struct kmsg log;
};

/* In a guest all reports are ours, told by pace_saw(); on a host (root: "/") its log is read. */
void pace_init(struct pace *p);
int pace_init_host(struct pace *p, int root);
void pace_done(struct pace *p);
/* Waits until nr_reports more will be printed; `stopped` ends the wait early. */
void pace_wait(struct pace *p, unsigned int nr_reports, bool (*stopped)(void));
/* So many were printed just now. */
void pace_saw(struct pace *p, size_t nr_reports);
/* Pure: how long from now_us until n more reports fit. */
uint64_t pace_left_us(const struct pace *p, unsigned int n, uint64_t now_us);

#endif
