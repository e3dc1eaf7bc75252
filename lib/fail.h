/* SPDX-License-Identifier: MIT */
/*
 * Where something failed, in words, without allocating. The caller owns one and passes it down; the
 * callee that knows the cause fills it; whoever may print does so once.
 */
#ifndef OOM_LIB_FAIL_H
#define OOM_LIB_FAIL_H

#include "lib/base.h"

struct fail {
	int err;	 /* -errno, or 0 */
	char where[512]; /* "write /sys/fs/cgroup/x/memory.max: Invalid argument" */
};

/* Fills *f and returns err (a negative errno), so that `return fail_set(f, -errno, ...)` reads
 * well. */
int fail_set(struct fail *f, int err, const char *fmt, ...) __printf(3, 4);
/* The same with ": strerror" behind the text. */
int fail_errno(struct fail *f, int err, const char *fmt, ...) __printf(3, 4);

#endif
