// SPDX-License-Identifier: MIT
/* Every workload, one row each. Keep sorted. */
#include "workloads/workload.h"

extern const struct workload workload_anon, workload_bystander, workload_exec, workload_file,
	workload_fork, workload_hugetlb, workload_ksm, workload_leak, workload_malloc_free,
	workload_mix, workload_mlock, workload_mmap, workload_pagetables, workload_shared_mm,
	workload_shm, workload_slab, workload_stack, workload_swap_heavy, workload_thp,
	workload_threads, workload_tmpfs_file;

const struct workload *const workloads[] = {
	&workload_anon,	       &workload_bystander,
	&workload_exec,	       &workload_file,
	&workload_fork,	       &workload_hugetlb,
	&workload_ksm,	       &workload_leak,
	&workload_malloc_free, &workload_mix,
	&workload_mlock,       &workload_mmap,
	&workload_pagetables,  &workload_shared_mm,
	&workload_shm,	       &workload_slab,
	&workload_stack,       &workload_swap_heavy,
	&workload_thp,	       &workload_threads,
	&workload_tmpfs_file,  NULL,
};
