/* SPDX-License-Identifier: MIT */
/*
 * Kernel images (x86): what a file is, which release it is, and the ELF vmlinux inside a bzImage.
 * QEMU starts a vmlinux with a PVH note directly; the bzImage would decompress itself in the guest,
 * which takes seconds without KVM.
 */
#ifndef OOM_HARNESS_IMAGE_H
#define OOM_HARNESS_IMAGE_H

#include "lib/base.h"
#include "lib/fail.h"

enum image_kind { IMAGE_NONE, IMAGE_BZIMAGE, IMAGE_ELF };

struct image {
	enum image_kind kind;
	char release[80];	     /* "6.1.0-56-cloud-amd64"; "" if the image does not say */
	bool pvh;		     /* an ELF with a PVH entry note */
	size_t payload, payload_len; /* of a bzImage: the compressed vmlinux with its size word */
};

/* Pure: looks at the bytes. IMAGE_NONE for what is neither. */
void image_parse(const void *data, size_t len, struct image *ret);
/* Reads a file. 0, -EINVAL with what to do in f if it is no kernel, or -errno. */
int image_probe(const char *file, struct image *ret, struct fail *f);
/* Pure: the vmlinux of a bzImage, malloc'd. 0, -EBADMSG, -ENOEXEC if QEMU could not start it. */
int vmlinux_decompress(const void *data, size_t len, char **ret, size_t *ret_len, struct fail *f);
/* The same from file to file; `to` appears whole or not at all. */
int vmlinux_extract(const char *bzimage, const char *to, struct fail *f);

#endif
