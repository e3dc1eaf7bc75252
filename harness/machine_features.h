/* SPDX-License-Identifier: MIT */
/* Parts of a kernel that may be configured out, found by the files they make: never by a version. */
#ifndef OOM_HARNESS_MACHINE_FEATURES_H
#define OOM_HARNESS_MACHINE_FEATURES_H

#include "lib/cgroup_mounts.h"

/* "hugetlb", "ksm", ...; ends with NULL. Bit i of a features mask means name i. */
extern const char *const machine_feature_names[];

uint32_t machine_features_read(int root);
/*
 * Names of the memory.* files of the first cgroup below the root of the hierarchy that has the memory
 * controller (the root itself lacks some), blank-separated; "" if there is none. 0, -ENOBUFS, -errno.
 */
int machine_memcg_files(int root, const struct cgroup_mounts *mounts, char *buf, size_t len);

#endif
