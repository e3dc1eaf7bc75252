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

static int get(const char *spec, bool refresh, void (*progress)(const char *line),
	       struct kernel *ret, struct fail *f)
{
	memset(ret, 0, sizeof(*ret));
	if (!str_starts(spec, DEBIAN))
		return kernels_from_path(spec, progress, ret, f);
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
