/* SPDX-License-Identifier: MIT */
/*
 * The guardian: a process that outlives the driver and puts back what was changed on this host.
 * What is about to be changed is told to it first, over a socket: it undoes when the socket closes
 * with something still told. Bounded in time; what it could not undo it says on stderr.
 */
#ifndef OOM_HARNESS_GUARD_H
#define OOM_HARNESS_GUARD_H

#include "lib/base.h"
#include "lib/cgroup_mounts.h"
#include "lib/fail.h"

struct guard {
	int fd; /* ours; -1: there is none */
	pid_t pid;
	int lock; /* of this host; -1: it could not be had, nor can what it guards be changed */
};

/* Waits for another run on this host to end. 0 or -errno with f. */
int guard_start(struct guard *g, struct fail *f);
/* Nothing is owed any more: lets it go and waits for its end. 0, or -EIO if it said it failed. */
int guard_stop(struct guard *g);

/* Told before it is done. 0 or -errno; with fd -1 (a guest: the VM is thrown away) nothing happens.
 */
int guard_tell_sysctl(int fd, const char *name, const char *old_value);
int guard_tell_cgroup(int fd, enum cgroup_version version, const char *name);
/*
 * The newest nr of what was told have been undone by the teller. Not all: an earlier play that left
 * something is still owed for.
 */
int guard_tell_clean(int fd, unsigned int nr);
/* Has all undone that was told, now: a player died. 0, -EIO if something could not be, -errno. */
int guard_undo_now(int fd);

#endif
