/* SPDX-License-Identifier: MIT */
/* The memory of a case's cgroups now, out of the samples of evidence that is still being written. */
#ifndef OOM_HARNESS_VIEW_MEMORY_H
#define OOM_HARNESS_VIEW_MEMORY_H

#include "lib/base.h"

#define VIEW_CGROUPS_MAX 33 /* our root and 32 below */

struct view_memory {
	int fd;			      /* -1: none */
	off_t at;		      /* read up to here, whole lines */
	size_t first;		      /* column of the first cgroup's memory */
	size_t stride;		      /* from one cgroup to the next; 0: not known yet */
	size_t nr;		      /* cgroups */
	int64_t kb[VIEW_CGROUPS_MAX]; /* -1: not known, or gone */
};

/* Of that file from its beginning on. */
void view_memory_follow(struct view_memory *m, const char *evidence);
void view_memory_forget(struct view_memory *m);
/* Reads what came. All of our cgroups together, in kB; -1: not known. */
int64_t view_memory_now(struct view_memory *m);

#endif
