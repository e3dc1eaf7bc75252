/* SPDX-License-Identifier: MIT */
/*
 * What files of sysctl.d(5) say together, as systemd-sysctl reads them (systemd 252, src/sysctl/sysctl.c):
 * the last assignment of a key wins; a key that is assigned by name is never set by a glob; of
 * globs the last wins; "-key" alone keeps a key out of globs; "-key = value" lets the write fail.
 * Pure: text in, settings out. The order of the files is the caller's (sysctl_root.h).
 */
#ifndef OOM_LIB_SYSCTL_CONF_H
#define OOM_LIB_SYSCTL_CONF_H

#include "lib/base.h"

#define SYSCTL_ASSIGNS_MAX 500000 /* some hundred bytes each */

struct sysctl_assign { /* one line of one file */
	char *path;    /* below /proc/sys, perhaps a glob: "net/ipv4/conf/eth0.5/forwarding" */
	char *name;    /* the same with dots: "net.ipv4.conf.eth0/5.forwarding" */
	char *value;   /* NULL: "-key", no glob sets it */
	bool ignore_failure;
	bool is_glob;
	bool in_force; /* no later line assigns the same key */
	unsigned int line, order;
	size_t file;			/* index of its sysctl_file */
	struct sysctl_assign *overrode; /* what the key had before; NULL */
	const struct sysctl_assign *by; /* the kernel makes it 0 when that is written; NULL */
};

struct sysctl_file {
	char *path;
	char *note; /* why it was not read, or which of its lines were passed over; NULL */
	bool read;
	bool routine; /* the note tells of what sysctl.d(5) provides for: hidden, masked */
	uint64_t dev, ino;
};

struct sysctl_conf {			/* zeroed is empty */
	struct sysctl_assign **assigns; /* in the order they were read */
	size_t nr_assigns;
	struct sysctl_file *files;
	size_t nr_files;
	void *by_path; /* tsearch(3) */
};

/* A file that will be read, or will not for the reason in `note` (may be NULL). Index or -ENOMEM. */
ssize_t sysctl_conf_add_file(struct sysctl_conf *c, const char *path, const char *note);
/*
 * The text of a file, which need not be text at all: lines that are no assignments are passed over
 * and counted in the file's note. `quotes`: a value may stand in quotes, and keys without a dot or
 * slash are some other program's (/etc/default). As sysctl_conf_assign().
 */
int sysctl_conf_read(struct sysctl_conf *c, size_t file, const char *text, size_t len, bool quotes);
/*
 * One assignment; `path` is normalised ("vm/panic_on_oom"), `value` NULL for "-key". 0, -ENOMEM,
 * or -EOVERFLOW: there are SYSCTL_ASSIGNS_MAX.
 */
int sysctl_conf_assign(struct sysctl_conf *c, size_t file, unsigned int line, const char *path,
		       const char *value, bool ignore_failure);
/*
 * When all files are read: of pairs like vm.dirty_ratio and vm.dirty_bytes the kernel keeps one, the last
 * that was written. Adds a 0 for the other. As sysctl_conf_assign().
 */
int sysctl_conf_settle(struct sysctl_conf *c);
void sysctl_conf_free(struct sysctl_conf *c);

/* What sets this sysctl ("vm.panic_on_oom"); NULL: nothing does, so the kernel's default stays. */
const struct sysctl_assign *sysctl_conf_find(const struct sysctl_conf *c, const char *name);

/* Does it bear on memory or on what an OOM does? Also for a glob that may name such a one. */
bool sysctl_is_memory(const char *name);

#endif
