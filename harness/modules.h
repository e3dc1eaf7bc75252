/* SPDX-License-Identifier: MIT */
/*
 * The few kernel modules a guest may need: NVMe, for swap, where it is not built in (Debian's
 * generic kernels). They go into a cpio of their own, which is put behind the initramfs of a guest
 * with swap.
 */
#ifndef OOM_HARNESS_MODULES_H
#define OOM_HARNESS_MODULES_H

#include "harness/archive.h"

#define MODULES_WANTED 8
#define MODULES_PATH   512

/* Fills in what to extract from a kernel package into folder `dir`; `to` holds the paths. */
void modules_want(const char *dir, struct archive_want want[MODULES_WANTED],
		  char to[MODULES_WANTED][MODULES_PATH]);
/* Makes `dir`/modules.cpio of what was extracted and removes that; 0 also if there was nothing. */
int modules_pack(const char *dir, struct fail *f);

#endif
