/* SPDX-License-Identifier: MIT */
/* /proc/sys by dotted names ("vm.panic_on_oom"), below a root fd. */
#ifndef OOM_LIB_SYSCTL_H
#define OOM_LIB_SYSCTL_H

#include "lib/base.h"

/* Only [a-z0-9_-] between dots, no empty part: nothing that could leave proc/sys. */
bool sysctl_name_ok(const char *name);
/* The value less its newline. Bytes or -errno (-ENOENT: this kernel has no such sysctl). */
ssize_t sysctl_get(int root, const char *name, char *buf, size_t len);
int sysctl_set(int root, const char *name, const char *value);

/*
 * As the kernel reads a number: 0x10 is sixteen, 010 is eight, and what was meant for a comment behind it is
 * nothing to it. False: it is none, or more than one.
 */
bool sysctl_number(const char *value, int64_t *ret);
/* Do both mean the same to the kernel: the same number, or the same words (it prints tabs)? */
bool sysctl_same(const char *a, const char *b);

#endif
