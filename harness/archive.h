/* SPDX-License-Identifier: MIT */
/* Single files out of packages, by libarchive: .deb (an ar archive around a tar), and plain
 * streams. */
#ifndef OOM_HARNESS_ARCHIVE_H
#define OOM_HARNESS_ARCHIVE_H

#include "lib/base.h"
#include "lib/fail.h"

/*
 * One wanted file: `match` is an fnmatch(3) pattern over its path without a leading "./" ('*' does
 * not cross a '/'), `to` the file it goes to. found is set; the first match wins.
 */
struct archive_want {
	const char *match;
	const char *to;
	bool found;
};

/*
 * Extracts what is wanted from a .deb, a .rpm or a plain tar (Arch's packages are that); nothing of the
 * archive decides where a file goes. 0 or -errno.
 */
int archive_extract(const char *package, struct archive_want *want, size_t nr, struct fail *f);
/*
 * Decompresses gzip, xz, zstd, lz4, lzma or bzip2 data in memory. *ret is malloc'd. 0, -EBADMSG,
 * -EFBIG above `limit`, -ENOMEM.
 */
int archive_decompress(const void *data, size_t len, size_t limit, char **ret, size_t *ret_len,
		       struct fail *f);

struct archive;
struct archive_entry;

/* A tar, plain or compressed as above, to be read by libarchive; *ret is freed in any case. 0 or -errno. */
int archive_open_tar(const char *file, struct archive **ret, struct fail *f);
/* 1; 0 at the end; -EBADMSG with f, also where the end of a tar is missing. */
int archive_next_header(struct archive *a, struct archive_entry **e, const char *file,
			struct fail *f);

#endif
