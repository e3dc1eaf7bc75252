/* SPDX-License-Identifier: MIT */
/*
 * The memory policy of the calling task, as people write it: "bind:1", "preferred:0",
 * "interleave:0-1", "local". It is a task policy and not one of a mapping because the OOM killer
 * asks only for that (mempolicy_in_oom_domain()). A policy counts as set when get_mempolicy(2) says
 * so: the kernel silently drops nodes the cpuset forbids.
 */
#ifndef OOM_LIB_MEMPOLICY_H
#define OOM_LIB_MEMPOLICY_H

#include "lib/base.h"
#include "lib/fail.h"
#include "lib/nodemask.h"

enum mempolicy_mode {
	MEMPOLICY_DEFAULT,
	MEMPOLICY_PREFERRED,
	MEMPOLICY_BIND,
	MEMPOLICY_INTERLEAVE,
	MEMPOLICY_LOCAL,
	MEMPOLICY_PREFERRED_MANY,      /* 5.15 */
	MEMPOLICY_WEIGHTED_INTERLEAVE, /* 6.9 */
};

struct mempolicy {
	enum mempolicy_mode mode;
	struct nodemask nodes; /* empty for default and local */
};

#define MEMPOLICY_TEXT_LEN 128

/* Pure. 0, -EINVAL (no such mode, or nodes where none or one are due), -ERANGE (node number). */
int mempolicy_parse(const char *text, struct mempolicy *ret);
/* "bind:0-1"; returns buf. */
const char *mempolicy_format(const struct mempolicy *p, char *buf, size_t len);

/* What the calling task has. 0 or -errno (-ENOSYS: a kernel without NUMA). */
int mempolicy_get(struct mempolicy *ret);
/* Sets it and reads it back. 0; -ENOSYS, -EINVAL (nodes), -ESTALE (it did not take), -errno. */
int mempolicy_set(const struct mempolicy *p, struct fail *f);

#endif
