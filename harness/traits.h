/* SPDX-License-Identifier: MIT */
/*
 * What of one play can be compared with another: its verdict, who died and why, which counters moved,
 * how the kernel worded it. Pids, stamps, addresses, kilobytes and counts of tries are noise and left
 * out; so are the order of kills where the case itself leaves it open, and stack traces.
 */
#ifndef OOM_HARNESS_TRAITS_H
#define OOM_HARNESS_TRAITS_H

#include "harness/evidence.h"
#include "harness/results.h"

struct trait {
	char *key;   /* "victims", "counter box memory.events oom_kill", "log invoked" */
	char *value; /* one line */
};

struct traits {
	struct trait *list;
	size_t nr;
	uint64_t kill_us; /* from the mark to the first worker killed by the kernel; 0: none was */
};

/* Reads the case's evidence; one that was not played has none. 0, or -errno with f. */
int traits_read(const struct stored_case *s, struct traits *ret, struct fail *f);
/* The pure part: of evidence and the verdict it was given. 0 or -ENOMEM. */
int traits_of(const struct evidence *e, enum verdict v, const char *reason, struct traits *ret);
void traits_free(struct traits *t);

/* NULL if there is none. */
const char *traits_get(const struct traits *t, const char *key);

/* Adds one; the value is copied. 0 or -ENOMEM. */
int traits_add(struct traits *t, const char *value, const char *fmt, ...) __printf(3, 4);

/*
 * traits_log.c: a kernel log line as its wording: "N" for numbers, "=" for values, "PATH" for cgroups,
 * "NAME" for a comm. The kind of line it is ("invoked", "killed", ...), or NULL if it is none of an OOM
 * report's own lines (a stack frame, a figure).
 */
const char *wording_of(const char *line, char *buf, size_t len);
int traits_add_log(struct traits *t, const struct evidence *e);

#endif
