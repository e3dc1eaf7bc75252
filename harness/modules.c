// SPDX-License-Identifier: MIT
/* See modules.h. The guest loads them in whatever order works, so nothing here knows dependencies.
 */
#include "harness/modules.h"
#include "harness/initramfs.h"

#include <sys/stat.h>

#define MODULE_MAX MiB(16)

/* Plain or compressed ("nvme.ko.xz" since 6.12), below /lib or /usr/lib. */
static const struct {
	const char *match, *name;
} files[] = {
	{ "lib/modules/*/kernel/drivers/nvme/common/nvme-auth.ko*", "nvme-auth.ko" },
	{ "lib/modules/*/kernel/drivers/nvme/common/nvme-keyring.ko*", "nvme-keyring.ko" },
	{ "lib/modules/*/kernel/drivers/nvme/host/nvme-core.ko*", "nvme-core.ko" },
	{ "lib/modules/*/kernel/drivers/nvme/host/nvme.ko*", "nvme.ko" },
	{ "usr/lib/modules/*/kernel/drivers/nvme/common/nvme-auth.ko*", "nvme-auth.ko" },
	{ "usr/lib/modules/*/kernel/drivers/nvme/common/nvme-keyring.ko*", "nvme-keyring.ko" },
	{ "usr/lib/modules/*/kernel/drivers/nvme/host/nvme-core.ko*", "nvme-core.ko" },
	{ "usr/lib/modules/*/kernel/drivers/nvme/host/nvme.ko*", "nvme.ko" },
};
_Static_assert(ARRAY_SIZE(files) == MODULES_WANTED, "one want for each row");

static void module_path(const char *dir, size_t i, char *buf)
{
	snprintf(buf, MODULES_PATH, "%s/%s", dir, files[i].name);
}

void modules_want(const char *dir, struct archive_want want[MODULES_WANTED],
		  char to[MODULES_WANTED][MODULES_PATH])
{
	for (size_t i = 0; i < MODULES_WANTED; i++) {
		module_path(dir, i, to[i]);
		want[i] = (struct archive_want){ files[i].match, to[i], false };
	}
}

/* In place; a plain module comes out as it went in. */
static int decompress(const char *path, struct fail *f)
{
	FILE *in __fclose = fopen(path, "r+e");
	char *packed __free = malloc(MODULE_MAX);
	char *plain __free = NULL;
	size_t n, len;
	int err;

	if (!in)
		return fail_errno(f, -errno, "open %s", path);
	if (!packed)
		return fail_errno(f, -ENOMEM, "%s", path);
	n = fread(packed, 1, MODULE_MAX, in);
	err = archive_decompress(packed, n, MODULE_MAX, &plain, &len, f);
	if (err)
		return err;
	rewind(in);
	if (fwrite(plain, 1, len, in) != len || fflush(in) || ftruncate(fileno(in), len))
		return fail_errno(f, -errno, "write %s", path);
	return 0;
}

int modules_pack(const char *dir, struct fail *f)
{
	char paths[MODULES_WANTED][MODULES_PATH], names[MODULES_WANTED][64], cpio[MODULES_PATH];
	struct initramfs_item items[MODULES_WANTED + 1] = {
		{ "modules", S_IFDIR | 0755, NULL, 0 },
	};
	size_t nr = 1;
	int err = 0;

	for (size_t i = 0; i < MODULES_WANTED / 2 && !err; i++) { /* the names come twice */
		module_path(dir, i, paths[i]);
		if (access(paths[i], R_OK))
			continue;
		snprintf(names[i], sizeof(names[i]), "modules/%s", files[i].name);
		items[nr++] = (struct initramfs_item){ names[i], S_IFREG | 0644, paths[i], 0 };
		err = decompress(paths[i], f);
	}
	snprintf(cpio, sizeof(cpio), "%s/modules.cpio", dir);
	if (!err && nr > 1)
		err = initramfs_pack(cpio, items, nr, f);
	for (size_t i = 1; i < nr; i++)
		unlink(items[i].from);
	return err;
}
