/* SPDX-License-Identifier: MIT */
/* Where we are: our own two programs, and what stands beside them. */
#ifndef OOM_HARNESS_PATHS_H
#define OOM_HARNESS_PATHS_H

#include "lib/base.h"

/* Paths of this program and of oomhog beside it. 0, -ENOENT if there is no oomhog, -errno. */
int paths_programs(char *oomlab, char *oomhog, size_t len);

/*
 * The path of what an installed program has in its "<prefix>/share/oomlab"; "" is that folder itself. False
 * if it is not there, as in a source tree.
 */
bool paths_share(const char *name, char *buf, size_t len);

#endif
