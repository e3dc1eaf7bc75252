/* SPDX-License-Identifier: MIT */
/* Which QEMU is here: $OOMLAB_QEMU, else qemu-system-x86_64 in $PATH. */
#ifndef OOM_HARNESS_QEMU_H
#define OOM_HARNESS_QEMU_H

#include "lib/base.h"
#include "lib/fail.h"

struct qemu {
	char path[256];
	char version[64]; /* "7.2.22 (Debian 1:7.2+dfsg-7+deb12u18+b3)" */
	unsigned int major, minor;
};

/* 0; -ENOENT or -EIO with what to do in f. */
int qemu_find(struct qemu *ret, struct fail *f);
/* Pure: the first line of `--version`. 0 or -EBADMSG. */
int qemu_version_parse(const char *text, struct qemu *ret);

#endif
