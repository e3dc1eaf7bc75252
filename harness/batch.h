/* SPDX-License-Identifier: MIT */
/*
 * A batch: the cases that are played in guests of one kernel, cgroup version and shape: restored from one
 * template, or, cold, in as few boots as their manners allow.
 */
#ifndef OOM_HARNESS_BATCH_H
#define OOM_HARNESS_BATCH_H

#include "harness/runner.h"

enum batch_state {
	BATCH_NEW,  /* no guest yet */
	BATCH_BUSY, /* one lane has it: it boots, or plays it cold */
	BATCH_OPEN, /* the template is saved: as many lanes as there are plays */
	BATCH_DEAD, /* no guest can be had */
};

struct batch_seen { /* facts of one kernel on one cgroup version, once a guest of it was up */
	bool has;
	struct machine machine;
};

struct batch {
	const struct run_kernel *kernel;
	enum vm_accel accel;
	struct vm_shape shape;
	struct batch_seen *seen;
	unsigned int nr; /* of its kernel and cgroup version: boot-<nr> */
	size_t *cases;	 /* indices into run->cases */
	size_t nr_cases;
	size_t next;	/* the next play: of case next % nr_cases, repeat next / nr_cases */
	bool *left_out; /* cases that are played no more */
	size_t nr_left_out;
	enum batch_state state;
	unsigned int nr_lanes;
	bool cold;		      /* a template was not to be had */
	struct vm_template *template; /* NULL: none is needed or can be had */
	uint64_t held_bytes;	      /* what it takes of the host's memory */
	char why[600];		      /* BATCH_DEAD */
};

struct batches {
	struct batch *list;
	size_t nr;
	struct batch_seen *seen; /* a row a kernel, a column a cgroup version */
};

/* All batches of a run, kernel by kernel, v2 before v1. 0 or -ENOMEM. */
int batches_make(struct run *r, struct batches *ret);
void batches_free(struct batches *b);

/* The guest that a case wants. */
struct vm_shape batch_shape(const struct oom_case *c, enum cgroup_version v);
bool batch_same_shape(const struct vm_shape *a, const struct vm_shape *b);

/* The case of its next play, NULL if all have been given out. */
const struct oom_case *batch_next(const struct run *r, struct batch *b);
/* Which round its next play is of, from 0; 0 for a run without rounds. */
size_t batch_round(const struct run *r, const struct batch *b);
/* A play came to `v`. What was skipped once is skipped always: further rounds are without it. */
void batch_came_to(const struct run *r, struct batch *b, size_t play, enum verdict v);
/* One that another lane could play: an open one first, so that its template can go. NULL: none. */
struct batch *batches_pick(const struct run *r, struct batches *bs);
/* Whom a play of this batch is reported for. */
struct run_target batch_target(const struct run *r, const struct batch *b, size_t play);

#endif
