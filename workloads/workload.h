/* SPDX-License-Identifier: MIT */
/*
 * oomhog's own types. A workload is one file with one `const struct workload`, and one row of
 * table.c: it maps or writes `bytes` of its kind of memory and reports how far it got. What any
 * kind can do (policy, adj, cgroup, rate, hold, ...) is done around it by main.c and setup.c.
 */
#ifndef OOM_WORKLOADS_WORKLOAD_H
#define OOM_WORKLOADS_WORKLOAD_H

#include "lib/base.h"
#include "lib/fail.h"
#include "lib/mempolicy.h"
#include "lib/ready.h"
#include "lib/units.h"
#include "workloads/option.h"

#define HOG_CGROUPS_MAX 8
#define HOG_FOREVER	UINT64_MAX

enum fill_how { FILL_AUTO, FILL_POPULATE, FILL_COPY, FILL_TOUCH };

struct hog_options { /* options of any kind; options.c is their table */
	bool has_size, has_adj, has_policy, has_hold;
	struct size_spec size;
	int64_t oom_score_adj;
	struct mempolicy policy;
	const char *cgroups[HOG_CGROUPS_MAX];
	size_t nr_cgroups;
	const char *comm;
	uint64_t rate_bytes;	   /* a second, 0: as fast as it goes */
	uint64_t stairs, stair_ms; /* 0: no steps */
	uint64_t stall_percent;	   /* 0: no stall */
	uint64_t hold_ms;	   /* HOG_FOREVER: until SIGTERM or SIGINT */
	uint64_t ready_fd;	   /* UINT64_MAX: none */
	uint64_t chunk_bytes;
	uint64_t threads; /* 0: by size and CPUs */
	int fill;	  /* enum fill_how */
	char **command;	  /* what stands behind "--", for a kind that takes one */
	bool thp, die_with_parent, json, verbose, help;
};

#define HOG_FIGURES_MAX 8

struct hog_figure {	  /* what a kind measured, beside its bytes: for the last word and --json */
	const char *name; /* "rss_after_free_bytes" */
	uint64_t bytes;
};

struct hog {
	const struct workload *kind;
	char **argv; /* as main() got it */
	struct hog_options opt;
	uint64_t bytes;		   /* asked for, whole pages */
	uint64_t got_bytes;	   /* resident so far */
	uint64_t had_bytes;	   /* of these: parts that were filled before this one */
	uint64_t start_ns, end_ns; /* of filling, CLOCK_MONOTONIC */
	struct hog_figure figures[HOG_FIGURES_MAX]; /* ends with a NULL name, or full */
	void (*child_ended)(struct hog *h); /* called at each SIGCHLD of the hold; NULL: none */
	struct fail fail;
};

struct workload {
	const char *name;
	const char *help;		  /* one line */
	const char *missing;		  /* why this build cannot have it; NULL: it can */
	bool takes_command;		  /* a command behind "--" */
	bool in_children;		  /* the memory is taken by other processes than ours */
	const struct option_row *options; /* its own, ends with a row without a name; NULL: none */
	/* Gets h->bytes and sets h->got_bytes. READY_YES, or what failed with the words in h->fail.
	 */
	enum ready_what (*run)(struct hog *h);
};

extern const struct workload *const workloads[]; /* sorted, ends with NULL */

/* setup.c: what must hold before the first byte. READY_YES or what was refused. */
enum ready_what hog_setup(struct hog *h);
/* The number of bytes that --size means here. READY_YES or READY_USAGE. */
enum ready_what hog_size(struct hog *h);
/* setup.c: writes our oom_score_adj and reads it back. 0 or -errno. */
int adj_set(int64_t adj, struct fail *f);
/* status.c: a line of /proc/self/status, of smaps_rollup (4.14 and later); 0 if there is none. */
uint64_t own_status_bytes(const char *key);
uint64_t own_smaps_bytes(const char *key);
/* finish.c: says how it went, holds, exits; never returns. */
__attribute__((noreturn)) void hog_finish(struct hog *h, enum ready_what what);
/* Waits for the time of --hold, or for SIGTERM or SIGINT (blocked by hold_prepare()). */
void hold_prepare(void);
void hold(struct hog *h);

/* cgroup.c: joins a cgroup directory; the nearest memory limit above a directory (or ourselves). */
int cgroup_join(const char *dir, struct fail *f);
int cgroup_limit(const char *dir, uint64_t *ret_bytes, struct fail *f);

uint64_t now_ns(void);

#endif
