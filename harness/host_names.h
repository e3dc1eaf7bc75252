/* SPDX-License-Identifier: MIT */
#ifndef OOM_HARNESS_HOST_NAMES_H
#define OOM_HARNESS_HOST_NAMES_H

#include "lib/base.h"

/*
 * Why pids and cgroup paths as we see them below `root`, an fs_root_open() fd, are not those of the kernel
 * log, so that no victim could be told there: "we are in a PID namespace, ...". NULL: they are.
 */
const char *host_names_differ(int root);

#endif
