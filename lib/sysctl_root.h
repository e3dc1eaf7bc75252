/* SPDX-License-Identifier: MIT */
/*
 * The sysctl.d folders of a distribution's root, read in systemd-sysctl's order: all files by their
 * names, whatever the folder; of equal names the one in /etc, then /run, /usr/local/lib, /usr/lib,
 * /lib hides the others, and a link to /dev/null hides them all. Last comes the credential that its
 * service takes from credstore. Nothing outside the root is read.
 */
#ifndef OOM_LIB_SYSCTL_ROOT_H
#define OOM_LIB_SYSCTL_ROOT_H

#include "lib/fail.h"
#include "lib/sysctl_conf.h"

#define SYSCTL_FILE_MAX MiB(16)

struct sysctl_id { /* what two names of one file or folder have in common */
	uint64_t dev, ino;
};

/*
 * Where the files are. Paths are absolute below the root, and links are followed within it. Each gives 0
 * or -errno.
 */
struct sysctl_source {
	void *ctx;
	int (*id)(void *ctx, const char *path, struct sysctl_id *ret);
	/* Calls found() for each name in a folder, until it gives an error. */
	int (*each)(void *ctx, const char *dir, int (*found)(void *to, const char *name), void *to);
	/* A regular file's text, malloc'd. -EFBIG above SYSCTL_FILE_MAX, -EBADF: no regular file. */
	int (*read)(void *ctx, const char *path, char **text, size_t *len);
	/* Where a link leads to, cut at len. -EINVAL: it is none. */
	int (*link)(void *ctx, const char *path, char *buf, size_t len);
};

/* Those of a folder; *root is its fd, kept open by the caller. */
struct sysctl_source sysctl_folder(int *root);

/*
 * Adds what the folders say to *c. A file that cannot be read is passed over with a note, as
 * systemd does. 0, or -errno with f.
 */
int sysctl_root_read(const struct sysctl_source *src, struct sysctl_conf *c, struct fail *f);
/* One file more, read after all others: absolute below the root. 0 or -errno with f. */
int sysctl_root_read_file(const struct sysctl_source *src, const char *path, struct sysctl_conf *c,
			  struct fail *f);

/*
 * What the running kernel has, sorted by name: calls each() with the value less its newline, or with
 * NULL where it cannot be read (vm.compact_memory). `root` as in sysctl.h. 0 or -errno.
 */
int sysctl_each(int root, int (*each)(void *ctx, const char *name, const char *value), void *ctx);

#endif
