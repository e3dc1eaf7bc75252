/* SPDX-License-Identifier: MIT */
/*
 * The kinds of workloads by name: what oomhog has, and what a case may ask of it. A row here and
 * workloads/NAME.c, with its `const struct workload workload_NAME`, are a new one. Keep sorted.
 */
#ifndef OOM_LIB_KINDS_H
#define OOM_LIB_KINDS_H

#define WORKLOAD_KINDS(KIND)             \
	KIND(anon, "anon")               \
	KIND(bystander, "bystander")     \
	KIND(exec, "exec")               \
	KIND(file, "file")               \
	KIND(fork, "fork")               \
	KIND(hugetlb, "hugetlb")         \
	KIND(ksm, "ksm")                 \
	KIND(leak, "leak")               \
	KIND(malloc_free, "malloc-free") \
	KIND(mix, "mix")                 \
	KIND(mlock, "mlock")             \
	KIND(mmap, "mmap")               \
	KIND(pagetables, "pagetables")   \
	KIND(shared_mm, "shared-mm")     \
	KIND(shm, "shm")                 \
	KIND(slab, "slab")               \
	KIND(stack, "stack")             \
	KIND(swap_heavy, "swap-heavy")   \
	KIND(thp, "thp")                 \
	KIND(threads, "threads")         \
	KIND(tmpfs_file, "tmpfs-file")

#endif
