// SPDX-License-Identifier: MIT
/* Every workload, one row each. Keep sorted. */
#include "workloads/workload.h"

extern const struct workload workload_anon, workload_file, workload_mlock, workload_mmap,
	workload_shm;

const struct workload *const workloads[] = {
	&workload_anon, &workload_file, &workload_mlock, &workload_mmap, &workload_shm, NULL,
};
