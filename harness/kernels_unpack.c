// SPDX-License-Identifier: MIT
/* What is of use in a kernel's package, into a folder: image, config, modules. */
#include "harness/archive.h"
#include "harness/image.h"
#include "harness/kernels_cache.h"
#include "harness/modules.h"

int kernels_unpack(const char *package, const char *dir, struct fail *f)
{
	char vmlinuz[512], config[512];
	struct archive_want want[] = {
		{ "boot/vmlinuz-*", vmlinuz, false },
		{ "usr/lib/modules/*/vmlinuz", vmlinuz, false },
		{ "lib/modules/*/vmlinuz", vmlinuz, false },
		{ "boot/config-*", config, false },
		{ "usr/lib/modules/*/config", config, false },
		{ "lib/modules/*/config", config, false },
	};
	struct archive_want all[ARRAY_SIZE(want) + MODULES_WANTED];
	struct modules_want modules;

	snprintf(vmlinuz, sizeof(vmlinuz), "%s/vmlinuz", dir);
	snprintf(config, sizeof(config), "%s/config", dir);
	modules_want(dir, &modules);
	memcpy(all, want, sizeof(want));
	memcpy(all + ARRAY_SIZE(want), modules.want, sizeof(modules.want));
	return archive_extract(package, all, ARRAY_SIZE(all), f);
}

int kernels_prepare(const char *dir, void (*progress)(const char *line), struct kernel *k,
		    struct fail *f)
{
	char vmlinuz[512], vmlinux[512];
	struct image im;
	int err;

	snprintf(vmlinuz, sizeof(vmlinuz), "%s/vmlinuz", dir);
	snprintf(vmlinux, sizeof(vmlinux), "%s/vmlinux", dir);
	err = image_probe(vmlinuz, &im, f);
	if (err)
		return err;
	str_copy(k->release, sizeof(k->release), *im.release ? im.release : "unknown");
	kernels_say(progress, "extracting the vmlinux of %s", k->release);
	if (im.kind == IMAGE_BZIMAGE && vmlinux_extract(vmlinuz, vmlinux, f))
		kernels_say(progress, "%s: booted as it is, more slowly (%s)", k->release,
			    f->where);
	return modules_pack(dir, f);
}
