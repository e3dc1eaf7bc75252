/* SPDX-License-Identifier: MIT */
/* Where we are: our own two programs, and what stands beside them. */
#ifndef OOM_HARNESS_PATHS_H
#define OOM_HARNESS_PATHS_H

#include "lib/base.h"

/* Paths of this program and of oomhog beside it. 0, -ENOENT if there is no oomhog, -errno. */
int paths_programs(char *oomlab, char *oomhog, size_t len);

#endif
