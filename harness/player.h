/* SPDX-License-Identifier: MIT */
/*
 * The player: plays one plan on the machine it runs on (a guest as PID 1, or this host) and writes
 * evidence. It judges nothing.
 */
#ifndef OOM_HARNESS_PLAYER_H
#define OOM_HARNESS_PLAYER_H

#include "harness/plan.h"
#include "lib/jsonw.h"

/* Where evidence goes: one JSON line at a time, without its newline. Must not allocate. */
struct sink {
	int (*line)(void *ctx, const char *json, size_t len);
	void *ctx;
};

struct player {
	int root; /* fs_root_open() of "/" */
	struct sink sink;
	int guardian;	    /* fd to the guardian (harness/guard.h), -1: none (in a guest) */
	const char *oomhog; /* path of the workload program */
};

/* Plays; evidence says all there is to say. 0, or -errno when not even evidence could be written. */
int player_run(struct player *p, const struct plan *plan);

#endif
