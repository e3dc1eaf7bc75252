/* SPDX-License-Identifier: MIT */
/*
 * How long the cases of a run will take: as an earlier run measured (--timings), else guessed from what
 * a case fills and waits for. Deadlines are no time: what passes never meets one. Pure but for the
 * earlier run's file: who has the same cases, options and file comes to the same.
 */
#ifndef OOM_HARNESS_ESTIMATE_H
#define OOM_HARNESS_ESTIMATE_H

#include "harness/runner.h"

#define ESTIMATE_BOOT_MS 3000 /* of one guest, until cases can be played in it */

/* Sets case_ms of the run, to be freed by whoever has it. 0 or -errno with f. */
int estimate_make(struct run *r, struct fail *f);

#endif
