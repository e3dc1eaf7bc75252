/* SPDX-License-Identifier: MIT */
/*
 * An arena: a machine that plays plans and hands back evidence, line by line into a file. This host
 * (memcg scope only, each play in a process of its own) or one guest.
 */
#ifndef OOM_HARNESS_ARENA_H
#define OOM_HARNESS_ARENA_H

#include "harness/machine.h"
#include "harness/plan.h"
#include "harness/vm.h"
#include "lib/fail.h"

struct arena_play { /* one play that is asked for */
	const char *plan_json;
	size_t len;
	unsigned int deadline_ms;
	const char *dir; /* the case's folder: a guest of its own leaves its console there */
	FILE *evidence;
};

struct arena {
	/* Measured now. 0 or -errno with f. */
	int (*facts)(struct arena *a, struct machine *ret, struct fail *f);
	/*
	 * Plays and writes evidence until the player's last word, its death, or deadline_ms. 0
	 * whatever happened to the player (evidence tells); -errno: evidence could not be written.
	 */
	int (*play)(struct arena *a, const struct arena_play *p, struct fail *f);
	/* Can it play another? */
	bool (*usable)(struct arena *a);
	void (*close)(struct arena *a);
};

/* `guardian`: fd of a started guard. `oomhog`: path of the workload program. */
int arena_host_open(int guardian, const char *oomhog, struct arena **ret, struct fail *f);
/*
 * One guest, booted now, that plays all; or, if cfg->template is saved, a guest a play, each restored from
 * it. Where that fails the rest is played in one guest that is booted then, and a note says why.
 */
int arena_vm_open(const struct vm_config *cfg, struct arena **ret, struct fail *f);
enum vm_accel arena_vm_accel(const struct arena *a);
/* Are guests restored, still? */
bool arena_vm_restores(const struct arena *a);
/* What the user is to be told of its guests since the last time: "" if nothing. */
void arena_vm_take_note(struct arena *a, char *buf, size_t len);

/* Writes {"t":"type", key:text} as one evidence line. */
void arena_note(FILE *evidence, const char *type, const char *key, const char *text);
/* SIGINT or SIGTERM came: stop, clean up, report what there is. */
bool arena_interrupted(void);
void arena_catch_signals(void);

#endif
