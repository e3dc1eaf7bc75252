/* SPDX-License-Identifier: MIT */
/*
 * A distribution's root as a tarball. Its names are read into memory, and of its contents what is asked for:
 * nothing is unpacked. The archive is somebody else's: a name with "..", one that goes through a
 * link, a hard link to what is not there are passed over and told of, and links lead nowhere but into it.
 */
#ifndef OOM_HARNESS_ROOT_TAR_H
#define OOM_HARNESS_ROOT_TAR_H

#include "lib/base.h"
#include "lib/fail.h"

struct archive;

enum tar_kind { TAR_DIR, TAR_FILE, TAR_LINK, TAR_OTHER };

struct tar_node {
	char *path; /* "etc/sysctl.d/99-x.conf" */
	char *link; /* what a symbolic link leads to; of a hard link the path of its file */
	enum tar_kind kind;
	mode_t mode;
	uint64_t bytes;
	uint32_t nr;	   /* of its header in the archive, from 0; TAR_IMPLIED: it has none */
	uint32_t nr_links; /* of a file: hard links to it */
	bool bad;	   /* passed over */
	bool wanted;
	const char *as; /* the name it is packed under */
	char *text;	/* of what was wanted; bytes long */
};

#define TAR_IMPLIED UINT32_MAX

struct root_tar {
	char *file;
	struct tar_node *nodes; /* sorted by path */
	size_t nr;
	size_t nr_bad, nr_absolute;
	char first_bad[320]; /* "'../x' has a .. in it", plain text */
};

/* Is this what --root names: a regular file, and so a tarball? */
bool root_is_tar(const char *path);
/*
 * Reads all its headers. 0, or -errno with f: no tar, cut short, too many names, a container image's
 * archive, or no root. The caller frees in any case.
 */
int root_tar_read(const char *file, struct root_tar *t, struct fail *f);
void root_tar_free(struct root_tar *t);

/* As a process that had the archive for its root would find it. Or NULL with *err -ENOENT, -ELOOP, ... */
struct tar_node *root_tar_find(const struct root_tar *t, const char *path, bool follow, int *err);
/* By its very path; NULL: there is none, or it is passed over. */
struct tar_node *root_tar_node(const struct root_tar *t, const char *path);
/* The first node that does not sort before `path`. */
size_t root_tar_from(const struct root_tar *t, const char *path);

/*
 * Once more through the archive: calls each() at the header of each node that is wanted. Its contents
 * are read by archive_read_data(3). 0, or the first error.
 */
int root_tar_walk(struct root_tar *t,
		  int (*each)(void *ctx, struct tar_node *n, struct archive *a, struct fail *f),
		  void *ctx, struct fail *f);

/* What its sysctl.d folders, and the named files, say: as sysctl_root.h has it. 0 or -errno with f. */
struct sysctl_conf;
int root_tar_settings(const char *file, char **named, size_t nr_named, struct sysctl_conf *c,
		      struct fail *f);

#endif
