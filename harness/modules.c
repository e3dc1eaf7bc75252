// SPDX-License-Identifier: MIT
/* See modules.h. The guest loads them in whatever order works, so nothing here knows dependencies.
 */
#include "harness/modules.h"
#include "harness/initramfs.h"

#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#define MODULE_MAX MiB(16)

/*
 * Below kernel/ of the modules' folder, less what stands behind ".ko" ("nvme.ko.xz" since 6.12). zram
 * asks the crypto layer for its default compressor until 6.11, and is linked to all of its own since.
 */
static const char *const files[MODULES_NAMES] = {
	"crypto/lzo-rle",
	"crypto/lzo",
	"drivers/block/zram/zram",
	"drivers/nvme/common/nvme-auth",
	"drivers/nvme/common/nvme-keyring",
	"drivers/nvme/host/nvme-core",
	"drivers/nvme/host/nvme",
	"lib/842/842_compress",
	"lib/842/842_decompress",
	"lib/lz4/lz4_compress",
	"lib/lz4/lz4_decompress",
	"lib/lz4/lz4hc_compress",
	"lib/lzo/lzo_compress",
	"lib/lzo/lzo_decompress",
	"lib/zlib_deflate/zlib_deflate",
	"lib/zstd/zstd_common",
	"lib/zstd/zstd_compress",
	"lib/zstd/zstd_decompress",
	"mm/zsmalloc",
};

static void module_path(const char *dir, size_t i, char *buf)
{
	snprintf(buf, MODULES_PATH, "%s/%s.ko", dir, strrchr(files[i], '/') + 1);
}

void modules_want(const char *dir, struct modules_want *w)
{
	for (size_t i = 0; i < MODULES_WANTED; i++) {
		size_t name = i % MODULES_NAMES;

		snprintf(w->match[i], sizeof(w->match[i]), "%slib/modules/*/kernel/%s.ko*",
			 i == name ? "" : "usr/", files[name]);
		module_path(dir, name, w->to[name]);
		w->want[i] = (struct archive_want){ w->match[i], w->to[name], false };
	}
}

bool modules_have(const char *dir, const char *name)
{
	char path[MODULES_PATH];

	snprintf(path, sizeof(path), "%s/%s.ko", dir, name);
	return !access(path, R_OK);
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
	char paths[MODULES_NAMES][MODULES_PATH], names[MODULES_NAMES][64], cpio[MODULES_PATH];
	struct initramfs_item items[MODULES_NAMES + 1] = {
		{ "modules", S_IFDIR | 0755, NULL, 0, NULL },
	};
	size_t nr = 1;
	int err = 0;

	for (size_t i = 0; i < MODULES_NAMES && !err; i++) {
		module_path(dir, i, paths[i]);
		if (access(paths[i], R_OK))
			continue;
		snprintf(names[i], sizeof(names[i]), "modules/%s", strrchr(paths[i], '/') + 1);
		items[nr++] =
			(struct initramfs_item){ names[i], S_IFREG | 0644, paths[i], 0, NULL };
		err = decompress(paths[i], f);
	}
	snprintf(cpio, sizeof(cpio), "%s/modules.cpio", dir);
	if (!err && nr > 1)
		err = initramfs_pack(cpio, items, nr, f);
	for (size_t i = 1; i < nr; i++)
		unlink(items[i].from);
	return err;
}

static int copy_module(const char *from, const char *to)
{
	int in __close = open(from, O_RDONLY | O_CLOEXEC), out __close = -1;
	ssize_t n;

	if (in < 0)
		return errno == ENOENT ? 0 : -errno;
	out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (out < 0)
		return -errno;
	while ((n = sendfile(out, in, NULL, MODULE_MAX)) > 0)
		;
	return n < 0 ? -errno : 0;
}

int modules_from_tree(const char *tree, const char *dir, struct fail *f)
{
	char from[MODULES_PATH + 64], to[MODULES_PATH];

	for (size_t i = 0; i < MODULES_NAMES; i++) {
		int err;

		snprintf(from, sizeof(from), "%s/%s.ko", tree, files[i]);
		module_path(dir, i, to);
		err = copy_module(from, to);
		if (err)
			return fail_errno(f, err, "copy %s", from);
	}
	return modules_pack(dir, f);
}
