/* SPDX-License-Identifier: MIT */
/*
 * Two runs of the same cases, trait by trait. A trait that varies within one side's own repeats is noise
 * unless no value of it is shared with the other side; how often a case fails is one more, if the rates' 95 %
 * intervals do not meet. What differs in the same way in many cases is one difference.
 */
#ifndef OOM_HARNESS_DIFF_H
#define OOM_HARNESS_DIFF_H

#include "harness/traits.h"

struct play {			   /* one side's play of one case; the strings are the caller's */
	const char *name, *kernel; /* kernel: "" where kernels are compared with each other */
	enum cgroup_version cgroup;
	unsigned int side; /* 0 or 1 */
	struct traits traits;
};

struct difference {
	char *key, *sides[2]; /* values, " or " between those of repeats; "1 of 20" */
	char **cases;	      /* "memcg-child-limit v2" */
	size_t nr_cases;
};

struct kill_time { /* medians of a case whose kills took clearly longer on one side */
	char *name;
	uint64_t median_us[2];
};

struct diff {
	size_t nr_compared, nr_same, nr_unknown; /* cases; unknown: BROKEN on a side */
	struct difference *list;
	size_t nr;
	char **only[2]; /* cases that the other side has not */
	size_t nr_only[2];
	struct kill_time *times;
	size_t nr_times;
};

/* Sorts `plays`. 0 or -ENOMEM. */
int diff_make(struct play *plays, size_t nr, struct diff *ret);
void diff_free(struct diff *d);

#endif
