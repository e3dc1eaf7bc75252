// SPDX-License-Identifier: MIT
/* Anonymous private memory, as malloc(3) and the heap have it. Pages hold zeros. */
#include "workloads/fill.h"

const struct workload workload_anon = {
	.name = "anon",
	.help = "anonymous memory, every page written",
	.run = region_anon,
};
