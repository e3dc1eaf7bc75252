// SPDX-License-Identifier: MIT
/* See kernels_cache.h. */
#include "harness/kernels_cache.h"
#include "harness/folder.h"
#include "lib/jsonw.h"

#include <dirent.h>
#include <fcntl.h>
#include <jansson.h>
#include <sys/file.h>
#include <sys/stat.h>

/* A file of the kernel's folder, if it is there. */
static void file_in(const char *dir, const char *name, char *buf, size_t len)
{
	if ((size_t)snprintf(buf, len, "%s/%s", dir, name) >= len || access(buf, R_OK))
		buf[0] = '\0';
}

/* What is extracted from a package. 2: zram's modules too. Without the number: 1. */
#define FORMAT 2

/* {"package":"linux-image-6.1.0-56-cloud-amd64","version":"6.1.192-2","release":"6.1.0-56-cloud-amd64","format":2}
 */
int kernels_cache_load(const char *dir, struct kernel *ret, struct fail *f)
{
	const char *package, *version, *release;
	char path[512];
	json_error_t e;
	json_t *o;
	int format = 1;

	if ((size_t)snprintf(path, sizeof(path), "%s/kernel.json", dir) >= sizeof(path))
		return fail_set(f, -ENAMETOOLONG, "%s: path too long", dir);
	if (access(path, R_OK))
		return fail_errno(f, -errno, "%s", path);
	o = json_load_file(path, JSON_REJECT_DUPLICATES, &e);
	if (!o || json_unpack(o, "{s:s, s:s, s:s, s?i}", "package", &package, "version", &version,
			      "release", &release, "format", &format)) {
		json_decref(o);
		return fail_set(f, -EBADMSG, "%s: not what we write there; remove %s", path, dir);
	}
	snprintf(ret->package, sizeof(ret->package), "%.80s %.40s", package, version);
	str_copy(ret->release, sizeof(ret->release), release);
	json_decref(o);
	file_in(dir, "vmlinuz", ret->vmlinuz, sizeof(ret->vmlinuz));
	file_in(dir, "vmlinux", ret->image, sizeof(ret->image));
	file_in(dir, "config", ret->config, sizeof(ret->config));
	file_in(dir, "modules.cpio", ret->modules, sizeof(ret->modules));
	if (!ret->vmlinuz[0])
		return fail_set(f, -EBADMSG, "%s: no vmlinuz in it; remove it", dir);
	if (!ret->image[0])
		str_copy(ret->image, sizeof(ret->image), ret->vmlinuz);
	ret->stale = format < FORMAT;
	return 0;
}

int kernels_cache_describe(const char *dir, const struct kernel *k, struct fail *f)
{
	char package[128], text[1024], path[512];
	char *version;
	struct jsonw w;
	ssize_t n;

	str_copy(package, sizeof(package), k->package);
	version = strchr(package, ' ');
	if (!version)
		return fail_set(f, -EINVAL, "package '%s' has no version", package);
	*version++ = '\0';
	jsonw_init(&w, text, sizeof(text) - 1);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "package", package);
	jsonw_str(&w, "version", version);
	jsonw_str(&w, "release", k->release);
	jsonw_u64(&w, "format", FORMAT);
	n = jsonw_finish(&w);
	if (n < 0)
		return fail_errno(f, n, "describe %s", package);
	text[n] = '\0';
	snprintf(path, sizeof(path), "%s/kernel.json", dir);
	return folder_write(path, text, f);
}

int kernels_cache_link(const char *cache, const char *name, const char *folder, struct fail *f)
{
	char tmp[512], path[512];

	snprintf(path, sizeof(path), "%s/%s", cache, name);
	snprintf(tmp, sizeof(tmp), "%s/.link.%d", cache, getpid());
	unlink(tmp);
	if (symlink(folder, tmp) || rename(tmp, path))
		return fail_errno(f, -errno, "link %s", path);
	return 0;
}

int kernels_cache_lock(const char *cache, void (*progress)(const char *line), struct fail *f)
{
	char path[512];
	int fd __close = -1;

	snprintf(path, sizeof(path), "%s/lock", cache);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0)
		return fail_errno(f, -errno, "open %s", path);
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		kernels_say(progress, "waiting for another oomlab that uses %s", cache);
		while (flock(fd, LOCK_EX))
			if (errno != EINTR)
				return fail_errno(f, -errno, "lock %s", path);
	}
	return take_fd(&fd);
}

static int is_name(const struct dirent *d)
{
	return str_starts(d->d_name, "debian-");
}

/* "debian-6.1-cloud-amd64" means "debian:6.1". */
static void spec_of(const char *link, char *buf, size_t len)
{
	const char *series = link + strlen("debian-");

	snprintf(buf, len, "debian:%.*s", (int)strcspn(series, "-"), series);
}

int kernels_cache_each(const char *cache, void (*each)(void *ctx, const struct kernel *k),
		       void *ctx)
{
	struct dirent **names;
	int n = scandir(cache, &names, is_name, versionsort);

	if (n < 0)
		return -errno;
	for (int i = 0; i < n; i++) {
		struct kernel k = {};
		char dir[512];
		struct fail f;

		spec_of(names[i]->d_name, k.spec, sizeof(k.spec));
		if ((size_t)snprintf(dir, sizeof(dir), "%s/%s", cache, names[i]->d_name) <
			    sizeof(dir) &&
		    !kernels_cache_load(dir, &k, &f))
			each(ctx, &k);
		free(names[i]);
	}
	free(names);
	return 0;
}
