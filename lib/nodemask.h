/* SPDX-License-Identifier: MIT */
/* Sets of NUMA nodes (or CPUs) in the kernel's list format, "0,2-3" (lib/bitmap-str.c, %*pbl). */
#ifndef OOM_LIB_NODEMASK_H
#define OOM_LIB_NODEMASK_H

#include "lib/base.h"

#define NODEMASK_MAX 1024

struct nodemask {
	uint64_t bits[NODEMASK_MAX / 64];
};

/* "" is the empty set. 0, -EINVAL (no list), -ERANGE (>= NODEMASK_MAX). */
int nodemask_parse(const char *text, struct nodemask *ret);
/* The canonical list; returns buf. */
const char *nodemask_format(const struct nodemask *mask, char *buf, size_t len);
bool nodemask_has(const struct nodemask *mask, unsigned int node);
void nodemask_set(struct nodemask *mask, unsigned int node);
bool nodemask_intersects(const struct nodemask *a, const struct nodemask *b);
bool nodemask_equal(const struct nodemask *a, const struct nodemask *b);
int nodemask_first(const struct nodemask *mask); /* -1 if empty */
unsigned int nodemask_weight(const struct nodemask *mask);

#endif
