/* SPDX-License-Identifier: MIT */
/* Archives the kernel unpacks as its first root: newc cpio, deterministic. */
#ifndef OOM_HARNESS_INITRAMFS_H
#define OOM_HARNESS_INITRAMFS_H

#include "lib/base.h"
#include "lib/fail.h"

struct initramfs_item {
	const char
		*path; /* in the archive, without a leading '/'; folders before what is in them */
	mode_t mode;
	const char *from; /* contents of a regular file, else NULL */
	dev_t dev;
	const char *link; /* what a symbolic link leads to, else NULL */
};

int initramfs_pack(const char *file, const struct initramfs_item *items, size_t nr, struct fail *f);

/* The same item by item. */
struct initramfs {
	struct archive *a;
	const char *file; /* the caller's */
	unsigned int ino;
};

/* Where the contents of a regular file come from, if from no file. */
struct initramfs_data {
	uint64_t bytes;
	unsigned int ino,
		nr_links; /* above 1: names of equal ino are one file; one of them has its bytes */
	ssize_t (*read)(void *ctx, void *buf, size_t len); /* -errno: said in the ctx */
	void *ctx;
};

/* 0 or -errno with f; ended in any case, which gives err or what is wrong then. */
int initramfs_begin(struct initramfs *w, const char *file, struct fail *f);
int initramfs_add(struct initramfs *w, const struct initramfs_item *it, struct fail *f);
int initramfs_add_data(struct initramfs *w, const struct initramfs_item *it,
		       const struct initramfs_data *d, struct fail *f);
int initramfs_end(struct initramfs *w, int err, struct fail *f);

#endif
