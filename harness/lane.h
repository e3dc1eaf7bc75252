/* SPDX-License-Identifier: MIT */
/*
 * A lane: a process that plays cases of one batch, one at a time, in a guest of its own. The run orders and
 * judges; the lane boots or restores, plays, and leaves evidence. It dies with the run, and QEMU with it.
 */
#ifndef OOM_HARNESS_LANE_H
#define OOM_HARNESS_LANE_H

#include "harness/batch.h"

struct lane_order {
	size_t play;	   /* of the batch */
	size_t nr_reports; /* that the last play's evidence had: the guest's printk budget */
};

struct lane_word { /* the first says what guest there is; orders are answered by one that plays, and one */
	bool first;
	bool plays; /* an order is being played, and that is its evidence's path */
	char evidence[RESULTS_PATH_LEN + 32];
	bool failed; /* first: no guest could be had; note says why */
	bool saved;  /* first: the batch's template */
	struct machine machine;
	struct guest_stats guests; /* since the last word */
	char note[600];		   /* to be told the user; "" */
	struct run_played played;
};

struct lane {
	pid_t pid; /* 0: none */
	int fd;
	struct batch *batch;
	bool up, busy, closing;
	size_t play; /* if busy */
	size_t nr_reports;
};

/* `initrd` is a path. 0 or -errno with f. */
int lane_start(struct run *r, struct batch *b, const char *initrd, struct lane *ret,
	       struct fail *f);
int lane_order(struct lane *l, size_t play);
/* Its next word: 1; 0 when the process has ended (it is reaped, *status as of waitpid); -errno. */
int lane_hear(struct lane *l, struct lane_word *ret, int *status);
/* No more orders: it ends by itself, and lane_hear() will say so. */
void lane_close(struct lane *l);

#endif
