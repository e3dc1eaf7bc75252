// SPDX-License-Identifier: MIT
/* See folder.h. */
#include "harness/folder.h"
#include "lib/fs.h"

#include <fcntl.h>
#include <ftw.h>
#include <sys/sendfile.h>
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

/* Part by part, so that none of them may be a link. */
int folder_open_below(const char *base, const char *dir)
{
	char part[512], *rest = part, *name;
	int fd = fs_root_open(base);

	if (fd < 0 || !*dir || !str_copy(part, sizeof(part), dir)) {
		cleanup_close(&fd);
		return fd < 0 ? fd : -ENOENT;
	}
	while (fd >= 0 && (name = strsep(&rest, "/"))) {
		int next = -1;

		errno = ENOENT;
		if (*name && !str_eq(name, "..") && !str_eq(name, "."))
			next = openat(fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
		next = next < 0 ? -errno : next;
		close(fd);
		fd = next;
	}
	return fd;
}

int folder_copy_file(const char *from, const char *to)
{
	int in __close = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	int out __close = -1;
	struct stat st;
	ssize_t n;

	if (in < 0 || fstat(in, &st) < 0 || !S_ISREG(st.st_mode))
		return in < 0 && errno != ENOENT ? -errno : 0;
	out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (out < 0)
		return -errno;
	while ((n = sendfile(out, in, NULL, MiB(64))) > 0)
		;
	return n < 0 ? -errno : 0;
}
