// SPDX-License-Identifier: MIT
/*
 * A kernel that the user has: an image, a build tree, or a distribution's package. What is drawn from it is
 * kept in the cache by its content, so that the next run starts at once and a rebuilt one is not mistaken
 * for the old.
 */
#include "harness/archive.h"
#include "harness/folder.h"
#include "harness/image.h"
#include "harness/kernels_cache.h"
#include "harness/modules.h"

#include <sys/stat.h>
#include <zlib.h>

/* The config of a kernel outside the cache, at the places where it usually lies. */
static void find_config(const char *path, const char *release, char *buf, size_t len)
{
	const char *slash = strrchr(path, '/');
	int dir = slash ? (int)(slash - path) + 1 : 0;
	static const char *const places[] = { "config-%2$s", "config", ".config",
					      "../../../.config" };

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		int n = snprintf(buf, len, "%.*s", dir, path);

		if (i == 0)
			snprintf(buf + n, len - n, "config-%s", release);
		else
			snprintf(buf + n, len - n, "%s", places[i]);
		if (!access(buf, R_OK))
			return;
	}
	buf[0] = '\0';
}

/* A file's sum and size name what was extracted from it, whatever path it had. */
static int content_key(const char *path, char *buf, size_t len, struct fail *f)
{
	FILE *in __fclose = fopen(path, "re");
	static unsigned char block[KiB(64)];
	uLong crc = crc32(0, NULL, 0), adler = adler32(0, NULL, 0);
	uint64_t bytes = 0;
	size_t n;

	if (!in)
		return fail_errno(f, -errno, "%s", path);
	while ((n = fread(block, 1, sizeof(block), in))) {
		crc = crc32(crc, block, n);
		adler = adler32(adler, block, n);
		bytes += n;
	}
	if (ferror(in))
		return fail_errno(f, -EIO, "read %s", path);
	snprintf(buf, len, "path-%08lx%08lx-%llu", crc, adler, (unsigned long long)bytes);
	return 0;
}

/* Extracts the vmlinux of a bzImage into the cache; without one QEMU boots the bzImage itself. */
static int extract_beside(struct kernel *k, void (*progress)(const char *line), struct fail *f)
{
	char cache[400], key[64], dir[480];
	int lock __close = -1;
	int err = kernels_cache_dir(cache, sizeof(cache), f);

	err = err ?: content_key(k->vmlinuz, key, sizeof(key), f);
	if (err)
		return err;
	snprintf(dir, sizeof(dir), "%s/%s", cache, key);
	lock = kernels_cache_lock(cache, progress, f);
	if (lock < 0)
		return lock;
	err = folder_make(dir, f);
	if (err)
		return err;
	snprintf(k->image, sizeof(k->image), "%s/vmlinux", dir);
	if (!access(k->image, R_OK))
		return 0;
	err = vmlinux_extract(k->vmlinuz, k->image, f);
	if (!err)
		return 0;
	kernels_say(progress, "%s: booted as it is, more slowly (%s)", k->spec, f->where);
	str_copy(k->image, sizeof(k->image), k->vmlinuz);
	return 0;
}

static int get_image(const char *path, void (*progress)(const char *line), struct kernel *ret,
		     struct fail *f)
{
	char *whole __free = realpath(path, NULL);
	const char *base = strrchr(path, '/');
	struct image im;
	int err;

	if (!whole)
		return fail_set(f, -EINVAL,
				"no kernel '%s': %s; give the path of an image, debian:6.1 or "
				"debian:latest",
				path, strerror(errno));
	err = image_probe(path, &im, f);
	if (err)
		return err;
	str_copy(ret->spec, sizeof(ret->spec), base ? base + 1 : path);
	if (!str_copy(ret->vmlinuz, sizeof(ret->vmlinuz), whole))
		return fail_set(f, -ENAMETOOLONG, "%s: path too long", whole);
	str_copy(ret->image, sizeof(ret->image), whole);
	str_copy(ret->release, sizeof(ret->release), im.release[0] ? im.release : "unknown");
	find_config(whole, ret->release, ret->config, sizeof(ret->config));
	return im.kind == IMAGE_BZIMAGE ? extract_beside(ret, progress, f) : 0;
}

/* Modules of a build tree lie where their sources do. */
static int tree_modules(const char *tree, struct kernel *k, struct fail *f)
{
	char cache[400], key[64], dir[480];
	int err = kernels_cache_dir(cache, sizeof(cache), f);

	err = err ?: content_key(k->vmlinuz, key, sizeof(key), f);
	if (err)
		return err;
	snprintf(dir, sizeof(dir), "%s/%s", cache, key);
	err = folder_make(dir, f);
	err = err ?: modules_from_tree(tree, dir, f);
	snprintf(k->modules, sizeof(k->modules), "%s/modules.cpio", dir);
	if (access(k->modules, R_OK))
		k->modules[0] = '\0';
	return err;
}

/* "../linux": what `make` left there. */
static int get_tree(const char *tree, void (*progress)(const char *line), struct kernel *ret,
		    struct fail *f)
{
	static const char *const images[] = { "arch/x86/boot/bzImage", "vmlinux" };
	char *whole __free = realpath(tree, NULL);
	char path[512];

	for (size_t i = 0; whole && i < ARRAY_SIZE(images); i++) {
		int err;

		snprintf(path, sizeof(path), "%.480s/%s", whole, images[i]);
		if (access(path, R_OK))
			continue;
		err = get_image(path, progress, ret, f);
		if (err)
			return err;
		/* Ten trees have ten images of one name: the tree's tells them apart. */
		str_copy(ret->spec, sizeof(ret->spec), strrchr(whole, '/') + 1);
		snprintf(path, sizeof(path), "%.480s/.config", whole);
		if (!access(path, R_OK))
			str_copy(ret->config, sizeof(ret->config), path);
		return tree_modules(whole, ret, f);
	}
	return fail_set(
		f, -EINVAL,
		"%s: a folder without arch/x86/boot/bzImage and vmlinux: no kernel was built "
		"there",
		tree);
}

static int unpack_anew(const char *file, const char *cache, const char *dir, const char *base,
		       void (*progress)(const char *line), struct fail *f)
{
	struct kernel k = { 0 };
	char part[480], path[512];
	int err;

	snprintf(part, sizeof(part), "%s/.part", cache); /* ours: we hold the lock */
	folder_remove(part);
	err = folder_make(part, f) ?: kernels_unpack(file, part, f);
	snprintf(path, sizeof(path), "%s/vmlinuz", part);
	if (!err && access(path, R_OK))
		err = fail_set(f, -EINVAL,
			       "%s: no vmlinuz in it; the package that holds one is due "
			       "(linux-image-*, linux-binary-*, kernel-core)",
			       file);
	err = err ?: kernels_prepare(part, progress, &k, f);
	snprintf(k.package, sizeof(k.package), "%.80s (file)", base);
	err = err ?: kernels_cache_describe(part, &k, f);
	folder_remove(dir);
	if (!err && rename(part, dir))
		err = fail_errno(f, -errno, "rename %s", part);
	if (err)
		folder_remove(part);
	return err;
}

/* A .deb, .rpm or .pkg.tar.*: unpacked once. */
static int get_package(const char *file, void (*progress)(const char *line), struct kernel *ret,
		       struct fail *f)
{
	const char *slash = strrchr(file, '/'), *base = slash ? slash + 1 : file;
	char cache[400], key[64], dir[480];
	int lock __close = -1;
	int err = kernels_cache_dir(cache, sizeof(cache), f);

	err = err ?: content_key(file, key, sizeof(key), f);
	if (err)
		return err;
	str_copy(ret->spec, sizeof(ret->spec), base);
	snprintf(dir, sizeof(dir), "%s/%s", cache, key);
	lock = kernels_cache_lock(cache, progress, f);
	if (lock < 0)
		return lock;
	if (!kernels_cache_load(dir, ret, f) && !ret->stale)
		return 0;
	err = unpack_anew(file, cache, dir, base, progress, f);
	return err ?: kernels_cache_load(dir, ret, f);
}

static bool is_package(const char *path)
{
	static const char *const ends[] = {
		".deb", ".rpm", ".tar", ".tar.zst", ".tar.xz", ".tar.gz"
	};
	size_t n = strlen(path);

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		if (n > strlen(ends[i]) && str_eq(path + n - strlen(ends[i]), ends[i]))
			return true;
	return false;
}

int kernels_from_path(const char *path, void (*progress)(const char *line), struct kernel *ret,
		      struct fail *f)
{
	struct stat st;

	if (!stat(path, &st) && S_ISDIR(st.st_mode))
		return get_tree(path, progress, ret, f);
	if (!stat(path, &st) && is_package(path))
		return get_package(path, progress, ret, f);
	return get_image(path, progress, ret, f);
}
