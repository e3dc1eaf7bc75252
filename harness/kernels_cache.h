/* SPDX-License-Identifier: MIT */
/*
 * The cache of fetched kernels: a folder for each package and version with vmlinuz, vmlinux,
 * config, modules.cpio and kernel.json, and a link for each name ("debian-6.1-cloud-amd64") to the
 * folder it means. A folder is filled elsewhere and renamed into place: what is there is whole.
 */
#ifndef OOM_HARNESS_KERNELS_CACHE_H
#define OOM_HARNESS_KERNELS_CACHE_H

#include "harness/deb.h"
#include "harness/kernels.h"

/* Loads the kernel in folder `dir`. 0; -ENOENT: not there; -EBADMSG: not whole. ret->spec is left.
 */
int kernels_cache_load(const char *dir, struct kernel *ret, struct fail *f);
/* Writes kernel.json into `dir`, the last file to be written. */
int kernels_cache_describe(const char *dir, const struct kernel *k, struct fail *f);
/* Makes the link `name` to folder `folder` (both in the cache), atomically. */
int kernels_cache_link(const char *cache, const char *name, const char *folder, struct fail *f);
/* Waits for the cache's lock; closing the fd gives it back. `progress` hears of a wait. fd or
 * -errno. */
int kernels_cache_lock(const char *cache, void (*progress)(const char *line), struct fail *f);
/* Calls `each` for every kernel of the cache, by link name, sorted. */
int kernels_cache_each(const char *cache, void (*each)(void *ctx, const struct kernel *k),
		       void *ctx);

/* Downloads into a new folder of the cache and links it. */
int kernels_fetch(const char *cache, const char *series, const char *flavour, const char *link,
		  void (*progress)(const char *line), struct fail *f);
/* Draws image, config and modules out of a package (.deb, .rpm, tar) into folder `dir`. 0 or -errno. */
int kernels_unpack(const char *package, const char *dir, struct fail *f);
/* With a vmlinuz in `dir`: its release, a vmlinux and modules.cpio beside it. 0 or -errno. */
int kernels_prepare(const char *dir, void (*progress)(const char *line), struct kernel *k,
		    struct fail *f);
/* kernels_path.c: an image, a build tree or a package of the user's. As kernel_get(). */
int kernels_from_path(const char *path, void (*progress)(const char *line), struct kernel *ret,
		      struct fail *f);
/* Tells `progress`, if there is one, a line. */
void kernels_say(void (*progress)(const char *line), const char *fmt, ...) __printf(2, 3);

#endif
