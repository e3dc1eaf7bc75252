// SPDX-License-Identifier: MIT
/* From what the user named to a kernel that QEMU can boot. See kernels.h. */
#include "harness/kernels.h"
#include "harness/folder.h"
#include "harness/image.h"
#include "harness/kernels_cache.h"
#include "harness/paths.h"
#include "harness/qemu.h"
#include "lib/fs.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <zlib.h>

#define DEBIAN "debian:"

/*
 * Debian's cloud kernels boot fastest and have NVMe built in (swap without a module). Rows: where
 * we take another flavour.
 */
static const struct {
	const char *series;
	unsigned int qemu_below;
	const char *flavour;
	const char *why;
} flavours[] = {
	{ "6.12", 10, "amd64",
	  "QEMU before 10 crashes Debian's 6.12 cloud kernel at random without KVM (double faults, "
	  "4 of 20 boots on a busy machine); the generic one never did" },
};

void kernels_say(void (*progress)(const char *line), const char *fmt, ...)
{
	char line[512];
	va_list ap;

	if (!progress)
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	progress(line);
}

/* An installed program has nothing to write beside it. */
static int user_cache(char *buf, size_t len, struct fail *f)
{
	const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	int n;

	if (xdg && xdg[0] == '/')
		n = snprintf(buf, len, "%s/oomlab", xdg);
	else if (home && home[0] == '/')
		n = snprintf(buf, len, "%s/.cache/oomlab", home);
	else
		return fail_set(f, -EINVAL,
				"no place for kernels: neither OOMLAB_CACHE, XDG_CACHE_HOME nor "
				"HOME is an absolute path");
	if ((size_t)n >= len)
		return fail_set(f, -ENAMETOOLONG, "%s: path too long", buf);
	return folder_make(buf, f);
}

int kernels_cache_dir(char *buf, size_t len, struct fail *f)
{
	const char *env = getenv("OOMLAB_CACHE");
	char exe[400];
	ssize_t n;

	if (env && *env) {
		if (env[0] != '/' || !str_copy(buf, len, env))
			return fail_set(f, -EINVAL, "OOMLAB_CACHE=%s: give an absolute path", env);
		return folder_make(buf, f);
	}
	if (paths_share("", exe, sizeof(exe)))
		return user_cache(buf, len, f);
	n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	if (n < 0)
		return fail_errno(f, -errno, "/proc/self/exe");
	exe[n] = '\0';
	*strrchr(exe, '/') = '\0';
	if ((size_t)snprintf(buf, len, "%s/kernels", exe) >= len)
		return fail_set(f, -ENAMETOOLONG, "%s/kernels: path too long", exe);
	return folder_make(buf, f);
}

static const char *flavour_for(const char *series, const char **why)
{
	struct qemu q;
	struct fail f;

	*why = NULL;
	if (!series)
		return "cloud-amd64";
	if (qemu_find(&q, &f))
		q.major = 0;
	for (size_t i = 0; i < ARRAY_SIZE(flavours); i++)
		if (deb_version_in(series, flavours[i].series) &&
		    q.major < flavours[i].qemu_below) {
			*why = flavours[i].why;
			return flavours[i].flavour;
		}
	return "cloud-amd64";
}

/* "6.1", "6.1.192": digits and dots, at least one dot between. */
static bool is_series(const char *s)
{
	bool dot = false;

	if (!isdigit(s[0]) || strlen(s) > 24)
		return false;
	for (size_t i = 1; s[i]; i++) {
		if (s[i] == '.' && isdigit(s[i - 1]) && isdigit(s[i + 1]))
			dot = true;
		else if (!isdigit(s[i]))
			return false;
	}
	return dot;
}

/* Whole, and with all that is extracted today? */
static bool is_fresh(const char *dir, struct kernel *ret, struct fail *f)
{
	return !kernels_cache_load(dir, ret, f) && !ret->stale;
}

static int get_debian(const char *spec, bool refresh, void (*progress)(const char *line),
		      struct kernel *ret, struct fail *f)
{
	const char *name = spec + strlen(DEBIAN), *series = name, *flavour, *why;
	char cache[400], link[64], dir[480];
	int lock __close = -1;
	int err;

	if (str_eq(name, "latest"))
		series = NULL;
	else if (!is_series(name))
		return fail_set(
			f, -EINVAL,
			"no kernel '%s': a Debian one is named debian:6.1 (or debian:latest), "
			"any other by the path of its image",
			spec);
	flavour = flavour_for(series, &why);
	err = kernels_cache_dir(cache, sizeof(cache), f);
	if (err)
		return err;
	snprintf(link, sizeof(link), "debian-%s-%s", name, flavour);
	snprintf(dir, sizeof(dir), "%s/%s", cache, link);
	if (!refresh && is_fresh(dir, ret, f))
		return 0;
	lock = kernels_cache_lock(cache, progress, f);
	if (lock < 0)
		return lock;
	if (!refresh && is_fresh(dir, ret, f)) /* who held the lock fetched it */
		return 0;
	if (why)
		kernels_say(progress, "%s: the %s kernel, for %s", spec, flavour, why);
	err = kernels_fetch(cache, series, flavour, link, progress, f);
	if (!err || refresh || !ret->stale)
		return err ?: kernels_cache_load(dir, ret, f);
	kernels_say(progress, "%s: used as an older oomlab left it, without zram (%s)", spec,
		    f->where);
	return 0;
}

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

static int get_path(const char *path, void (*progress)(const char *line), struct kernel *ret,
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

static int get(const char *spec, bool refresh, void (*progress)(const char *line),
	       struct kernel *ret, struct fail *f)
{
	memset(ret, 0, sizeof(*ret));
	if (!str_starts(spec, DEBIAN))
		return get_path(spec, progress, ret, f);
	str_copy(ret->spec, sizeof(ret->spec), spec);
	return get_debian(spec, refresh, progress, ret, f);
}

int kernel_get(const char *spec, void (*progress)(const char *line), struct kernel *ret,
	       struct fail *f)
{
	return get(spec, false, progress, ret, f);
}

int kernel_refresh(const char *spec, void (*progress)(const char *line), struct kernel *ret,
		   struct fail *f)
{
	return get(spec, true, progress, ret, f);
}

/* CONFIG_SWAP=y */
int kernel_config(const struct kernel *k, const char *option)
{
	FILE *in __fclose = k->config[0] ? fopen(k->config, "re") : NULL;
	size_t n = strlen(option);
	char line[512];

	if (!in)
		return -ENOENT;
	while (fgets(line, sizeof(line), in))
		if (str_starts(line, "CONFIG_") && str_starts(line + 7, option) &&
		    line[7 + n] == '=')
			return line[8 + n] == 'y';
	return 0;
}
