/* SPDX-License-Identifier: MIT */
/*
 * The sysctl.d folders of a distribution's root, read in systemd-sysctl's order: all files by their
 * names, whatever the folder; of equal names the one in /etc, then /run, /usr/local/lib, /usr/lib,
 * /lib hides the others, and a link to /dev/null hides them all. Nothing outside the root is read.
 */
#ifndef OOM_LIB_SYSCTL_ROOT_H
#define OOM_LIB_SYSCTL_ROOT_H

#include "lib/fail.h"
#include "lib/sysctl_conf.h"

/*
 * Adds what the folders say to *c. A file that cannot be read is passed over with a note, as
 * systemd does. 0, or -errno with f.
 */
int sysctl_root_read(int root, struct sysctl_conf *c, struct fail *f);
/* One file more, read after all others: absolute below the root. 0 or -errno with f. */
int sysctl_root_read_file(int root, const char *path, struct sysctl_conf *c, struct fail *f);

/*
 * What the running kernel has, sorted by name: calls each() with the value less its newline, or with
 * NULL where it cannot be read (vm.compact_memory). `root` as in sysctl.h. 0 or -errno.
 */
int sysctl_each(int root, int (*each)(void *ctx, const char *name, const char *value), void *ctx);

#endif
