// SPDX-License-Identifier: MIT
/* Paths of a tree that is somebody else's root: see fs.h. */
#include "lib/fs.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define LINKS_MAX 40 /* as the kernel's MAXSYMLINKS */
#define DEPTH_MAX 128

struct walk {
	int fds[DEPTH_MAX]; /* the root and the folders below it that we stand in */
	size_t depth;
	unsigned int links;
	char left[2 * PATH_MAX]; /* of the path, still to be walked */
};

static int walk_top(const struct walk *w)
{
	return w->fds[w->depth - 1];
}

static void walk_up(struct walk *w)
{
	if (w->depth > 1)
		close(w->fds[--w->depth]);
}

/* The link's target comes before what is left of the path. */
static int follow(struct walk *w, int link)
{
	char target[PATH_MAX], rest[PATH_MAX];
	ssize_t n = readlinkat(link, "", target, sizeof(target) - 1);

	if (n < 0)
		return -errno;
	if (++w->links > LINKS_MAX)
		return -ELOOP;
	target[n] = '\0';
	if (!str_copy(rest, sizeof(rest), w->left))
		return -ENAMETOOLONG;
	snprintf(w->left, sizeof(w->left), "%s/%s", target, rest);
	while (*target == '/' && w->depth > 1)
		walk_up(w);
	return 0;
}

/* One part of the path. */
static int step(struct walk *w, const char *name)
{
	int fd __close = -1, err = 0;
	struct stat st;

	if (!*name || str_eq(name, "."))
		return 0;
	if (str_eq(name, "..")) {
		walk_up(w);
		return 0;
	}
	fd = openat(walk_top(w), name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (S_ISLNK(st.st_mode))
		err = follow(w, fd);
	else if (w->depth == DEPTH_MAX)
		err = -ELOOP;
	else
		w->fds[w->depth++] = take_fd(&fd);
	return err;
}

int fs_walk_in_root(int root, const char *name)
{
	struct walk w = { .depth = 1 };
	int err = 0, fd = -1;

	w.fds[0] = fcntl(root, F_DUPFD_CLOEXEC, 3);
	if (w.fds[0] < 0)
		return -errno;
	if (!*name || strlen(name) >= PATH_MAX)
		err = *name ? -ENAMETOOLONG : -ENOENT;
	str_copy(w.left, sizeof(w.left), name);
	while (!err && *w.left) {
		char part[PATH_MAX];
		size_t n = strcspn(w.left, "/"), skip = n + (w.left[n] == '/');

		if (n >= sizeof(part)) {
			err = -ENAMETOOLONG;
			break;
		}
		memcpy(part, w.left, n);
		part[n] = '\0';
		memmove(w.left, w.left + skip, strlen(w.left + skip) + 1);
		err = step(&w, part);
	}
	if (!err)
		fd = fcntl(walk_top(&w), F_DUPFD_CLOEXEC, 3);
	while (w.depth)
		close(w.fds[--w.depth]);
	return err ? err : fd < 0 ? -errno : fd;
}

static int find(int root, const char *name)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC,
				.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
	long fd;

	do /* -EAGAIN: something was renamed meanwhile */
		fd = syscall(SYS_openat2, root, name, &how, sizeof(how));
	while (fd < 0 && errno == EAGAIN);
	if (fd < 0 && (errno == ENOSYS || errno == EPERM))
		return fs_walk_in_root(root, name);
	return fd < 0 ? -errno : (int)fd;
}

int fs_open_in_root(int root, const char *name, int flags)
{
	int at __close = find(root, name);
	char self[32];
	struct stat st;
	int fd;

	if (at < 0)
		return at;
	if (flags & O_PATH)
		return take_fd(&at);
	if (fstat(at, &st) < 0)
		return -errno;
	if (!(flags & O_DIRECTORY) && !S_ISREG(st.st_mode))
		return S_ISDIR(st.st_mode) ? -EISDIR : -EBADF;
	snprintf(self, sizeof(self), "/proc/self/fd/%d", at);
	fd = open(self, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int fs_read_in_root(int root, const char *name, size_t most, char **ret, size_t *len)
{
	int fd __close = fs_open_in_root(root, name, O_RDONLY);
	char *text __free = NULL;
	size_t cap = 0, have = 0;
	ssize_t n;

	if (fd < 0)
		return fd;
	do {
		if (have + 1 >= cap) {
			char *bigger = realloc(text, cap = cap ? 2 * cap : KiB(16));

			if (!bigger)
				return -ENOMEM;
			text = bigger;
		}
		n = read(fd, text + have, cap - have - 1);
		if (n < 0 && errno != EINTR)
			return -errno;
		have += n > 0 ? (size_t)n : 0;
		if (have > most)
			return -EFBIG;
	} while (n != 0);
	text[have] = '\0';
	*len = have;
	*ret = take_ptr(text);
	return 0;
}
