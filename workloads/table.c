// SPDX-License-Identifier: MIT
/* Every workload, one row each. Keep sorted. */
#include "workloads/workload.h"

extern const struct workload workload_anon;

const struct workload *const workloads[] = {
	&workload_anon,
	NULL,
};
