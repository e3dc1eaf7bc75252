/* SPDX-License-Identifier: MIT */
/*
 * Kernels to boot: a path to a vmlinuz/bzImage/vmlinux, or "debian:6.1", "debian:latest", fetched
 * once through a private apt state made from the system's own sources and kept in the cache.
 */
#ifndef OOM_HARNESS_KERNELS_H
#define OOM_HARNESS_KERNELS_H

#include "lib/base.h"
#include "lib/fail.h"

struct kernel {
	char spec[64];	 /* as the user named it: "debian:6.1"; a path's basename */
	char image[512]; /* what QEMU's -kernel gets: the PVH vmlinux if it could be extracted */
	char vmlinuz[512];
	char release[80];  /* from the image's own header: "6.1.0-39-cloud-amd64" */
	char config[512];  /* "" if there is none */
	char modules[512]; /* a cpio of modules the guest loads for swap; "" if none is needed */
	bool stale;	   /* extracted by an older oomlab, without all of today's modules */
	char package[128]; /* "linux-image-6.1.0-39-cloud-amd64 6.1.148-1"; "" for a path */
};

/* The cache: $OOMLAB_CACHE, else kernels/ beside the program, or the user's own cache for an installed one. */
int kernels_cache_dir(char *buf, size_t len, struct fail *f);
/*
 * Finds or fetches. `progress` (may be NULL) gets one line of what is being done. 0; -EINVAL: no
 * such name or no kernel image, with what to do in f; -errno. Never installs or changes a system
 * package.
 */
int kernel_get(const char *spec, void (*progress)(const char *line), struct kernel *ret,
	       struct fail *f);
/* The same, but a newer package of that name is fetched if there is one. */
int kernel_refresh(const char *spec, void (*progress)(const char *line), struct kernel *ret,
		   struct fail *f);
/* Does the kernel's config say y (1), m or n (0)? -ENOENT: there is no config. */
int kernel_config(const struct kernel *k, const char *option);

#endif
