/* SPDX-License-Identifier: MIT */
/* Knobs below /sys by their whole path ("/sys/kernel/mm/ksm/run"), below a root fd. */
#ifndef OOM_LIB_SYSFS_H
#define OOM_LIB_SYSFS_H

#include "lib/base.h"

#define SYSFS_PATH_MAX 128

/* Below /sys, plain names between single slashes, none of dots alone. */
bool sysfs_path_ok(const char *path);
/*
 * What can be written to get the same again: the file's line, or of "always [madvise] never" the word in
 * brackets. Bytes or -errno (-ENOENT: this kernel has no such file).
 */
ssize_t sysfs_get(int root, const char *path, char *buf, size_t len);
int sysfs_set(int root, const char *path, const char *value);
/* Is what sysfs_get() reads what was written? "7" reads back as "0x0007", "1" as "Y". */
bool sysfs_took(const char *wrote, const char *reads);

#endif
