// SPDX-License-Identifier: MIT
/* Every workload of lib/kinds.h. */
#include "lib/kinds.h"
#include "workloads/workload.h"

#define DECLARE(id, name) extern const struct workload workload_##id;
#define ROW(id, name)	  &workload_##id,

WORKLOAD_KINDS(DECLARE)

const struct workload *const workloads[] = { WORKLOAD_KINDS(ROW) NULL };
