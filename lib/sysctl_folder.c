// SPDX-License-Identifier: MIT
/* The root that is a folder: see sysctl_root.h. */
#include "lib/fs.h"
#include "lib/sysctl_root.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

static int id(void *ctx, const char *path, struct sysctl_id *ret)
{
	int fd __close = fs_open_in_root(*(int *)ctx, path, O_PATH);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return fd < 0 ? fd : -errno;
	*ret = (struct sysctl_id){ .dev = st.st_dev, .ino = st.st_ino };
	return 0;
}

static int each(void *ctx, const char *dir, int (*found)(void *to, const char *name), void *to)
{
	int fd __close = fs_open_in_root(*(int *)ctx, dir, O_RDONLY | O_DIRECTORY), err = 0;
	const struct dirent *e;
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (!d)
		return fd < 0 ? fd : -errno;
	take_fd(&fd);
	while (!err && (e = readdir(d)))
		err = found(to, e->d_name);
	closedir(d);
	return err;
}

static int read_text(void *ctx, const char *path, char **text, size_t *len)
{
	return fs_read_in_root(*(int *)ctx, path, SYSCTL_FILE_MAX, text, len);
}

static int read_link(void *ctx, const char *path, char *buf, size_t len)
{
	const char *name = strrchr(path, '/');
	char parent[PATH_MAX];
	int dir __close = -1;
	ssize_t n;

	snprintf(parent, sizeof(parent), "%.*s", name ? (int)(name - path) + 1 : 0, path);
	dir = fs_open_in_root(*(int *)ctx, parent, O_PATH);
	if (dir < 0)
		return dir;
	n = readlinkat(dir, name ? name + 1 : path, buf, len - 1);
	buf[n < 0 ? 0 : n] = '\0';
	return n < 0 ? -errno : 0;
}

struct sysctl_source sysctl_folder(int *root)
{
	return (struct sysctl_source){ root, id, each, read_text, read_link };
}
