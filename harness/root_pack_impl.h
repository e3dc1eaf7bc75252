/* SPDX-License-Identifier: MIT */
/* The two kinds of roots that are packed for a guest. See root_pack.h. */
#ifndef OOM_HARNESS_ROOT_PACK_IMPL_H
#define OOM_HARNESS_ROOT_PACK_IMPL_H

#include "harness/initramfs.h"
#include "harness/root_tar.h"

struct root_packing {
	const char *root;
	struct initramfs cpio;
	uint64_t bytes; /* of the files so far */
};

/* `path` without a leading '/'; a folder's is no part of what is below it. */
bool root_pack_left_out(const char *path);
/* A file more. 0, -EFBIG: no guest could hold all that; -EINTR: a signal; with f. */
int root_pack_count(struct root_packing *p, uint64_t bytes, struct fail *f);

/* All of the root that is not left out. 0 or -errno with f. */
int root_pack_folder(struct root_packing *p, struct fail *f);
int root_pack_tar(struct root_packing *p, struct root_tar *t, struct fail *f);

#endif
