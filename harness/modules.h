/* SPDX-License-Identifier: MIT */
/*
 * The few kernel modules a guest may need: NVMe, for swap, where it is not built in (Debian's
 * generic kernels). They go into a cpio of their own, which is put behind the initramfs.
 */
#ifndef OOM_HARNESS_MODULES_H
#define OOM_HARNESS_MODULES_H

#include "lib/base.h"
#include "lib/fail.h"

/* Writes `dir`/modules.cpio from a .deb, if it holds the modules; 0 also when it does not. */
int modules_extract(const char *deb, const char *dir, struct fail *f);

#endif
