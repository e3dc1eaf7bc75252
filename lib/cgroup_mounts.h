/* SPDX-License-Identifier: MIT */
/*
 * Where cgroup hierarchies are mounted, and which of them has the memory controller: v1, v2, or v1
 * with a v2 beside it that lacks memory (hybrid).
 */
#ifndef OOM_LIB_CGROUP_MOUNTS_H
#define OOM_LIB_CGROUP_MOUNTS_H

#include "lib/base.h"

enum cgroup_version { CGROUP_V1 = 1, CGROUP_V2 = 2 };
enum cgroup_mode { CGROUP_MODE_NONE, CGROUP_MODE_V1, CGROUP_MODE_V2, CGROUP_MODE_HYBRID };

struct cgroup_mounts { /* mount points relative to "/" ("sys/fs/cgroup/memory"), "" if not there */
	char v2[256];
	char v2_options[256]; /* of the superblock: "rw,nsdelegate,memory_localevents" */
	char v1_memory[256];
	char v1_cpuset[256];
	bool v2_memory, v2_cpuset; /* in the root's cgroup.controllers */
};

/* Pure: the text of /proc/self/mountinfo. v2_memory and v2_cpuset stay false. 0 or -ENAMETOOLONG.
 */
int cgroup_mounts_parse(const char *mountinfo, struct cgroup_mounts *ret);
/* Reads proc/self/mountinfo and the v2 root's cgroup.controllers below `root`. 0 or -errno. */
int cgroup_mounts_read(int root, struct cgroup_mounts *ret);
/*
 * Is what is mounted the root of the hierarchy that has the memory controller? In a container it may be a
 * cgroup below, and the kernel log's paths begin above it. True where no hierarchy has it.
 */
bool cgroup_mounts_at_root(int root, const struct cgroup_mounts *m);

enum cgroup_mode cgroup_mode(const struct cgroup_mounts *m);
const char *cgroup_mode_name(enum cgroup_mode mode); /* "none" "v1" "v2" "hybrid" */
/* Is `word` one of the blank-separated words of `list`? */
bool word_in_list(const char *list, const char *word);

#endif
