/* SPDX-License-Identifier: MIT */
/* Where the time of one play went, out of its evidence. */
#ifndef OOM_HARNESS_TIMING_H
#define OOM_HARNESS_TIMING_H

#include "lib/base.h"

struct evidence;

struct timing {
	bool known;    /* false: the play has no beginning, no steps or no end */
	bool restored; /* the guest, for this play alone */
	/* this host's clock; 0 where there was no guest */
	uint64_t restore_us; /* from the order to a guest that runs; 0: it ran already */
	uint64_t answer_us;  /* from there to the player's first line */
	uint64_t host_us;    /* from the player's first line to its last */
	/* the player's clock */
	uint64_t settle_us;   /* the scene is built, the log marked, counters read */
	uint64_t fill_us;     /* steps that start workers and wait until they are full */
	uint64_t wait_us;     /* all other steps */
	uint64_t teardown_us; /* from the last step to the last word */
	uint64_t player_us;   /* from its first line to its last */
};

struct timing timing_of(const struct evidence *e);
/*
 * Do the guest's clock and this host's tell the same? An emulated guest's can run fast on a busy host, and
 * then its deadlines are none.
 */
bool timing_skewed(const struct timing *t);

#endif
