/* SPDX-License-Identifier: MIT */
/*
 * The file behind a workload of file memory: a new one without a name in --path (gone with the
 * process, however it dies), or an existing file or block device that is only read, unless --overwrite
 * was said for a block device.
 */
#ifndef OOM_WORKLOADS_BACKING_H
#define OOM_WORKLOADS_BACKING_H

#include "workloads/workload.h"

struct backing {
	int fd;
	bool is_ram;   /* tmpfs or ramfs: what is cached is all there is */
	bool is_tmpfs; /* its pages are shmem, not file */
	bool existing; /* not ours: never to be written, unless it is a disk to be overwritten */
};

/* --path's help, and where files go without it: /var/tmp, which is seldom a tmpfs, else /tmp. */
#define BACKING_PATH_HELP "directory for its file, or an existing file to read (default: /var/tmp)"

/* Opens so many bytes of file. READY_YES, or READY_FILE with the reason in h->fail. */
enum ready_what backing_open(struct hog *h, uint64_t bytes, const char *path, struct backing *ret);
/*
 * A new file in a ramfs of its own, mounted nowhere: its pages are file pages, and nothing reclaims
 * them. Needs CAP_SYS_ADMIN and Linux 5.2: READY_FILE.
 */
enum ready_what backing_ramfs(struct hog *h, uint64_t bytes, struct backing *ret);
/* A block device that nobody else has (mounted, swap, part of another), to be written. */
enum ready_what backing_overwrite(struct hog *h, const char *path, struct backing *ret);
/* file.c: its page cache, by read(2) or write(2). READY_YES, READY_ENOMEM, READY_FILE. */
enum ready_what backing_cache(struct hog *h, const struct backing *b, bool writes);

#endif
