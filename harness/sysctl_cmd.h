/* SPDX-License-Identifier: MIT */
/* What the verbs of `oomlab sysctl` share: options, and the settings of a root or of this kernel. */
#ifndef OOM_HARNESS_SYSCTL_CMD_H
#define OOM_HARNESS_SYSCTL_CMD_H

#include "harness/cmd.h"
#include "lib/jsonw.h"
#include "lib/sysctl_root.h"

struct sysctl_args {
	const char *root;    /* --root: a folder or a tarball; NULL with --host */
	const char *kernels; /* --kernel K[,K...] */
	const char *out;     /* --out DIR */
	const char *results; /* --results DIR */
	bool host, json, all, prove, boot, help;
	char **words; /* what is no option */
	size_t nr_words;
};

/*
 * Reads the settings: of the root and of the files named, or of the running kernel, whose "file" is
 * /proc/sys. Tells what is wrong and gives EXIT_USAGE, or 0. The caller frees *c in any case.
 */
int sysctl_settings(const struct sysctl_args *a, char **files, size_t nr_files,
		    struct sysctl_conf *c);

/* --boot: adds what the root has after its own boot where its files say otherwise. As above. */
int sysctl_own_boot(const struct sysctl_args *a, struct sysctl_conf *c);

/* What is to be said of files: of all, or only where it may be what nobody meant. */
void sysctl_notes_text(const struct sysctl_conf *c, bool all);
void sysctl_notes_json(struct jsonw *w, const struct sysctl_conf *c); /* an array; not all */

/* The verbs, one file each. */
int sysctl_check(const struct sysctl_args *a);
int sysctl_drift(const struct sysctl_args *a);
int sysctl_golden(const struct sysctl_args *a);
int sysctl_show(const struct sysctl_args *a);

/* Bytes of a file of others, as plain ASCII of one line. Returns how many columns that are. */
int sysctl_put(FILE *f, const char *text);
/* "FILE:LINE", and of what the kernel makes 0 why. Returns buf. */
const char *sysctl_place(const struct sysctl_conf *c, const struct sysctl_assign *a, char *buf,
			 size_t len);
int sysctl_to_stdout(void *ctx, const char *text, size_t len); /* for jsonw */

#endif
