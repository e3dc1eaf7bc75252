/* SPDX-License-Identifier: MIT */
/*
 * How much memory there is: /proc/meminfo, a node's meminfo and /proc/vmstat, read below an
 * fs_root_open() fd. All sizes in kB, as the kernel prints them (its kB is 1024 bytes).
 */
#ifndef OOM_LIB_MEMINFO_H
#define OOM_LIB_MEMINFO_H

#include "lib/base.h"
#include "lib/nodemask.h"

struct meminfo {
	uint64_t mem_total_kb, mem_free_kb;
	bool has_available; /* 3.14 and later */
	uint64_t mem_available_kb;
	uint64_t swap_total_kb, swap_free_kb; /* 0 on a kernel without swap */
};

struct node_meminfo {
	uint64_t mem_total_kb, mem_free_kb;
};

/* Pure. 0, -ENODATA (no MemTotal or MemFree), -EBADMSG (one of them is no number). */
int meminfo_parse(const char *text, struct meminfo *ret);
int node_meminfo_parse(const char *text, unsigned int node, struct node_meminfo *ret);

/* The same from files; also -errno. -ENOENT: no such node, or a kernel without NUMA. */
int meminfo_read(int root, struct meminfo *ret);
int node_meminfo_read(int root, unsigned int node, struct node_meminfo *ret);

/* Nodes that have memory; node 0 on a kernel without NUMA (no /sys/devices/system/node). */
int nodes_with_memory(int root, struct nodemask *ret);

/* A counter of /proc/vmstat. 0, -ENOENT (this kernel has no such one), -errno. */
int vmstat_key(int root, const char *key, uint64_t *ret);

#endif
