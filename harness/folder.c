// SPDX-License-Identifier: MIT
/* See folder.h. */
#include "harness/folder.h"

#include <ftw.h>
#include <sys/stat.h>

int folder_make(const char *path, struct fail *f)
{
	char part[512];
	size_t n = 0;

	if (!str_copy(part, sizeof(part), path))
		return fail_set(f, -ENAMETOOLONG, "%s: path too long", path);
	while (part[n]) {
		n += 1 + strcspn(part + n + 1, "/");
		part[n] = '\0';
		if (mkdir(part, 0755) && errno != EEXIST)
			return fail_errno(f, -errno, "create folder %s", part);
		part[n] = path[n];
	}
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path) ? -errno : 0;
}

int folder_remove(const char *path)
{
	int err = nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);

	return err == -1 ? -errno : err;
}

int folder_write(const char *path, const char *text, struct fail *f)
{
	char tmp[600];
	FILE *out;
	bool bad;

	if ((size_t)snprintf(tmp, sizeof(tmp), "%s.part.%d", path, getpid()) >= sizeof(tmp))
		return fail_set(f, -ENAMETOOLONG, "%s: path too long", path);
	out = fopen(tmp, "we");
	if (!out)
		return fail_errno(f, -errno, "create %s", tmp);
	bad = fputs(text, out) < 0;
	bad |= fclose(out) != 0;
	if (bad || rename(tmp, path))
		return fail_errno(f, -errno, "write %s", path);
	return 0;
}
