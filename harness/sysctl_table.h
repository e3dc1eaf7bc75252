/* SPDX-License-Identifier: MIT */
/*
 * The defaults of a kernel: what /proc/sys of a guest says before anyone has written there. Kept as
 * cases/profiles/defaults/KERNEL.txt in the form of sysctl.d.
 */
#ifndef OOM_HARNESS_SYSCTL_TABLE_H
#define OOM_HARNESS_SYSCTL_TABLE_H

#include "harness/vm.h"
#include "lib/sysctl_root.h"

struct sysctl_default {
	char *name;
	char *value;  /* NULL: there, but cannot be read */
	bool by_size; /* another in a larger machine */
};

struct sysctl_table {		     /* zeroed is empty */
	char kernel[64];	     /* "debian-6.1" */
	struct sysctl_default *rows; /* sorted by name */
	size_t nr;
};

/* As a file: "~" before a value that depends on the machine, "-" before a name that cannot be read. */
int sysctl_table_parse(const char *kernel, const char *text, size_t len, struct sysctl_table *ret);
void sysctl_table_write(const struct sysctl_table *t, FILE *f);
void sysctl_table_free(struct sysctl_table *t);

/* NULL: this kernel has no such sysctl. */
const struct sysctl_default *sysctl_table_find(const struct sysctl_table *t, const char *name);
/* Marks what the larger machine has another value of. */
void sysctl_table_compare(struct sysctl_table *t, const struct sysctl_table *larger);

/* "debian-6.1" of "debian:6.1": a file's name. Returns buf. */
const char *sysctl_table_name(const char *spec, char *buf, size_t len);
/* The stored table of a kernel; -ENOENT: there is none. 0 or -errno with f. */
int sysctl_table_load(const char *spec, struct sysctl_table *ret, struct fail *f);
/* All that are stored, sorted as versions are. 0 or -errno with f. */
int sysctl_tables_load(struct sysctl_table **ret, size_t *nr, struct fail *f);
void sysctl_tables_free(struct sysctl_table *tables, size_t nr);

/*
 * Boots a kernel as it is and asks it. `larger`: more memory, CPUs and nodes. With a `root`, that is what
 * is booted, by its own init, and the values are what its boot has left. 0 or -errno with f.
 */
int sysctl_table_boot(const struct kernel *k, const char *root, bool larger,
		      struct sysctl_table *ret, struct fail *f);

#endif
