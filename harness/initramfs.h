/* SPDX-License-Identifier: MIT */
/* Archives the kernel unpacks as its first root: newc cpio, deterministic. */
#ifndef OOM_HARNESS_INITRAMFS_H
#define OOM_HARNESS_INITRAMFS_H

#include "lib/base.h"
#include "lib/fail.h"

struct initramfs_item {
	const char
		*path; /* in the archive, without a leading '/'; folders before what is in them */
	mode_t mode;
	const char *from; /* contents of a regular file, else NULL */
	dev_t dev;
	const char *link; /* what a symbolic link leads to, else NULL */
};

int initramfs_pack(const char *file, const struct initramfs_item *items, size_t nr, struct fail *f);

#endif
