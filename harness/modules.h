/* SPDX-License-Identifier: MIT */
/*
 * The few kernel modules a guest may need for swap: NVMe, where it is not built in (Debian's generic
 * kernels), and zram with its compressors. They go into a cpio of their own, which is put behind the
 * initramfs of a guest with swap.
 */
#ifndef OOM_HARNESS_MODULES_H
#define OOM_HARNESS_MODULES_H

#include "harness/archive.h"

#define MODULES_NAMES  19
#define MODULES_WANTED (2 * MODULES_NAMES) /* below /lib, below /usr/lib */
#define MODULES_PATH   512

struct modules_want {
	char match[MODULES_WANTED][96], to[MODULES_NAMES][MODULES_PATH];
	struct archive_want want[MODULES_WANTED];
};

/* Fills in what to extract from a kernel package into folder `dir`. */
void modules_want(const char *dir, struct modules_want *w);
/* Was module `name` ("zram") extracted there? */
bool modules_have(const char *dir, const char *name);
/* Copies them from a kernel's build tree and packs them. 0 or -errno. */
int modules_from_tree(const char *tree, const char *dir, struct fail *f);
/* Makes `dir`/modules.cpio of what was extracted and removes that; 0 also if there was nothing. */
int modules_pack(const char *dir, struct fail *f);

#endif
