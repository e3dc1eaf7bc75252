/* SPDX-License-Identifier: MIT */
/*
 * All that oomhog says while it has memory. By write(2) from buffers that were there at the start:
 * a process that nothing may kill and that stands at its limit would fault for ever on a new page.
 */
#ifndef OOM_WORKLOADS_SAY_H
#define OOM_WORKLOADS_SAY_H

#include "workloads/workload.h"

/* On a terminal only, ten times a second at most. */
void say_progress(const struct hog *h, uint64_t done);
void say_progress_end(void);

/* The last word for people (or --json), and the line on --ready-fd. Returns the exit status. */
int say_result(struct hog *h, enum ready_what what);

/*
 * "ready" with what is there at a stall; the last word then stands on no --ready-fd. 0 or -errno: nobody
 * reads.
 */
int say_stalled(struct hog *h);

/*
 * A word of tasks on --ready-fd, if it was given; from any thread. Before the result is said, or by
 * way of say_keep().
 */
void say_task(const struct hog *h, const struct ready_word *w);
/* The fd of --ready-fd stays open for say_task() when the result was said. */
void say_keep(const struct hog *h);
/* For a child of another mm: both fds are closed. */
void say_no_more(const struct hog *h);

/* "oomhog KIND: words" on stderr and the line on --ready-fd, for a command line that is wrong. */
int say_usage(const char *kind, uint64_t ready_fd, const struct fail *f);

#endif
