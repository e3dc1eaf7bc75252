/* SPDX-License-Identifier: MIT */
/* Keeping to --rate, and telling a terminal how far it is. */
#ifndef OOM_WORKLOADS_PACE_H
#define OOM_WORKLOADS_PACE_H

#include "workloads/workload.h"

/* The step to take at a time: --chunk, less where --rate or a terminal wants finer ones. */
uint64_t pace_step(const struct hog *h);
/* After `done` bytes: sleeps until they are due by --rate, and draws the progress line. */
void pace(struct hog *h, uint64_t done);
/* Takes the progress line off the terminal. */
void pace_end(void);

#endif
