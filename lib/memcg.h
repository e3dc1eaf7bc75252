/* SPDX-License-Identifier: MIT */
/*
 * One subtree of memory cgroups of our own, made by raw cgroupfs writes. v2 file names are
 * canonical; a table has the v1 name beside each. Where v1 *means* something else (memsw is memory
 * plus swap, -1 is "max", cpuset is another hierarchy) that is hidden here. A file this hierarchy
 * lacks is -EOPNOTSUPP, never silence.
 */
#ifndef OOM_LIB_MEMCG_H
#define OOM_LIB_MEMCG_H

#include "lib/base.h"
#include "lib/cgroup_mounts.h"

#define MEMCG_PATH_MAX 192
#define MEMCG_MAX_FDS  64

struct memcg_root {
	enum cgroup_version version;
	char name[64]; /* "oomlab-x": a child of the hierarchy's root */
	int dir;       /* our directory in the memory hierarchy (v1) or the unified one (v2) */
	int cpuset;    /* v1 only: our directory in the cpuset hierarchy, -1 if none */
	int parent;    /* the hierarchy's mount point */
	int cpuset_parent;
	bool cpuset_v2; /* v2 only: children get the cpuset controller */
};

/*
 * The v1 name of a canonical (v2) file; the name itself where v1 has the same; NULL where v1 has
 * none. A v1-only name ("memory.failcnt") gives itself; so does a name we do not know.
 */
const char *memcg_knob_v1(const char *name);
/* Is the file one that exists on v1 only ("memory.oom_control")? */
bool memcg_knob_is_v1_only(const char *name);

/*
 * Makes `name` below the mount of that version, with the controllers we need enabled. On v2 this
 * may have to enable them for the root's children, which *changed tells (NULL: do not tell). 0;
 * -EOPNOTSUPP: no memory controller on that version; -EEXIST; -errno.
 */
int memcg_root_create(int root, const struct cgroup_mounts *mounts, enum cgroup_version version,
		      const char *name, bool want_cpuset, struct memcg_root *ret);
/* The fds only. */
void memcg_root_close(struct memcg_root *m);

/* A child, relative path ("box/child"), parents first. On v2 the parent hands its controllers down.
 */
int memcg_create(struct memcg_root *m, const char *path);
/* Canonical file, canonical value ("max" and bytes). */
int memcg_set(const struct memcg_root *m, const char *path, const char *knob, const char *value);
/* The file's text less its newline, sizes in bytes, "max" for no limit. Bytes read or -errno. */
ssize_t memcg_get(const struct memcg_root *m, const char *path, const char *knob, char *buf,
		  size_t len);
/* An fd that stays readable after the cgroup is gone from the tree: pread from 0 for each value. */
int memcg_open(const struct memcg_root *m, const char *path, const char *knob);

/* Moves a process there, with all its threads, in both hierarchies. What is charged already may stay. */
int memcg_move(const struct memcg_root *m, const char *path, pid_t pid);

/* Lives a task in it or below? 1, 0 or -errno. */
int memcg_populated(const struct memcg_root *m, const char *path);
/* Removes one empty cgroup, in both hierarchies. 0, -EBUSY: something is left in it; -errno. */
int memcg_remove(const struct memcg_root *m, const char *path);
/*
 * v1: has `eventfd` counted up when that file has something to tell ("memory.oom_control": an OOM here
 * or above), by cgroup.event_control. 0 or -errno; -EOPNOTSUPP on v2.
 */
int memcg_notify(const struct memcg_root *m, const char *path, const char *knob, int eventfd);

/*
 * What a new process needs to get in: *dir for CLONE_INTO_CGROUP (v2; -1 on v1), procs[] fds of
 * cgroup.procs to write "0" to (v1, or v2 without clone3). The caller closes. Returns nr of procs
 * or -errno.
 */
int memcg_entry_fds(const struct memcg_root *m, const char *path, int *dir, int procs[2]);

/*
 * Kills whatever lives in the subtree and removes it, in both hierarchies, within deadline_ms. 0,
 * -EBUSY if something is left. By name, so that a guardian can do it with nothing but the mounts.
 */
int memcg_destroy(int root, const struct cgroup_mounts *mounts, enum cgroup_version version,
		  const char *name, unsigned int deadline_ms);

/* Limit in bytes of one cgroup directory (v1 or v2) given by fd; UINT64_MAX for none. */
int memcg_dir_limit(int dir, uint64_t *ret_bytes);

#endif
