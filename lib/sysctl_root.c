// SPDX-License-Identifier: MIT
#include "lib/sysctl_root.h"
#include "lib/fs.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#define FILE_MAX_BYTES MiB(16)
#define FILES_MAX      4096

struct found { /* NAME.conf in one of the folders */
	char *name;
	const char *dir;
};

struct finding {
	struct found *files;
	size_t nr;
	struct stat dirs[5]; /* those that were read: /lib may be /usr/lib */
	size_t nr_dirs;
};

static int add(struct finding *f, const char *dir, const char *name)
{
	struct found *bigger;

	if (f->nr == FILES_MAX)
		return -E2BIG;
	bigger = reallocarray(f->files, f->nr + 1, sizeof(*bigger));
	if (!bigger)
		return -ENOMEM;
	f->files = bigger;
	f->files[f->nr] = (struct found){ strdup(name), dir };
	return f->files[f->nr].name ? (f->nr++, 0) : -ENOMEM;
}

static bool is_conf(const struct dirent *e)
{
	size_t n = strlen(e->d_name);

	if (e->d_type != DT_REG && e->d_type != DT_LNK && e->d_type != DT_UNKNOWN)
		return false;
	return e->d_name[0] != '.' && n > 5 && str_eq(e->d_name + n - 5, ".conf");
}

static bool seen_before(struct finding *f, int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return false;
	for (size_t i = 0; i < f->nr_dirs; i++)
		if (f->dirs[i].st_dev == st.st_dev && f->dirs[i].st_ino == st.st_ino)
			return true;
	f->dirs[f->nr_dirs++] = st;
	return false;
}

static int find_in(struct finding *f, int root, const char *dir)
{
	int fd __close = fs_open_in_root(root, dir, O_RDONLY | O_DIRECTORY);
	const struct dirent *e;
	int err = 0;
	DIR *d;

	if (fd < 0)
		return fd == -ENOENT || fd == -ENOTDIR ? 0 : fd;
	if (seen_before(f, fd))
		return 0;
	d = fdopendir(fd);
	if (!d)
		return -errno;
	take_fd(&fd);
	while (!err && (e = readdir(d)))
		if (is_conf(e))
			err = add(f, dir, e->d_name);
	closedir(d);
	return err;
}

/* qsort(3) keeps no order of equals: of one name the folder that hides the others comes first. */
static const char *const dirs[] = { "/etc/sysctl.d", "/run/sysctl.d", "/usr/local/lib/sysctl.d",
				    "/usr/lib/sysctl.d", "/lib/sysctl.d" };

static size_t rank(const char *dir)
{
	size_t i = 0;

	while (dirs[i] != dir)
		i++;
	return i;
}

static int by_name(const void *a, const void *b)
{
	const struct found *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : (rank(x->dir) > rank(y->dir)) - (rank(x->dir) < rank(y->dir));
}

static const char *why_not(int err)
{
	return err == -EFBIG   ? "is larger than 16 MiB, not read"
	       : err == -EBADF ? "is no regular file, not read"
			       : strerror(-err);
}

static int note(struct sysctl_conf *c, const char *path, const char *text)
{
	ssize_t i = sysctl_conf_add_file(c, path, text);

	return i < 0 ? (int)i : 0;
}

static int read_file(int root, const char *path, struct sysctl_conf *c, bool quotes)
{
	char *text __free = NULL;
	int at __close = fs_open_in_root(root, path, O_PATH);
	struct stat st = { 0 };
	ssize_t file;
	size_t len;
	int err;

	if (at < 0 || fstat(at, &st) < 0)
		return at < 0 ? at : -errno;
	err = fs_read_in_root(root, path, FILE_MAX_BYTES, &text, &len);
	if (err)
		return err;
	file = sysctl_conf_add_file(c, path, NULL);
	if (file < 0)
		return (int)file;
	c->files[file].dev = st.st_dev;
	c->files[file].ino = st.st_ino;
	return sysctl_conf_read(c, (size_t)file, text, len, quotes);
}

/* Is it a link to /dev/null, whether or not this root has one? */
static bool is_masked(int root, const struct found *f)
{
	int dir __close = fs_open_in_root(root, f->dir, O_PATH);
	char target[16];
	ssize_t n = readlinkat(dir, f->name, target, sizeof(target) - 1);

	target[n < 0 ? 0 : n] = '\0';
	return str_eq(target, "/dev/null");
}

static int read_found(int root, const struct found *f, const struct found *hidden_by,
		      struct sysctl_conf *c)
{
	char path[300], text[320];
	int err;

	snprintf(path, sizeof(path), "%s/%s", f->dir, f->name);
	if (hidden_by) {
		snprintf(text, sizeof(text), "hidden by %s/%s", hidden_by->dir, hidden_by->name);
		return note(c, path, text);
	}
	if (is_masked(root, f))
		return note(c, path, "is a link to /dev/null: none of this name is read");
	err = read_file(root, path, c, false);
	return err && err != -ENOMEM ? note(c, path, why_not(err)) : err;
}

/* procps reads it, systemd-sysctl only where a link in sysctl.d leads there, as Debian's 99-sysctl.conf. */
static int note_sysctl_conf(int root, struct sysctl_conf *c)
{
	static const char path[] = "/etc/sysctl.conf";
	int fd __close = fs_open_in_root(root, path, O_PATH);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return 0;
	for (size_t i = 0; i < c->nr_files; i++)
		if (c->files[i].read && c->files[i].dev == st.st_dev &&
		    c->files[i].ino == st.st_ino)
			return 0;
	return note(c, path, "is not read: no link in /etc/sysctl.d leads there");
}

int sysctl_root_read(int root, struct sysctl_conf *c, struct fail *f)
{
	struct finding found = { 0 };
	size_t first = 0;
	int err = 0;

	for (size_t i = 0; !err && i < ARRAY_SIZE(dirs); i++) {
		err = find_in(&found, root, dirs[i]);
		if (err)
			fail_errno(f, err, "%s", dirs[i]);
	}
	if (!err && found.nr)
		qsort(found.files, found.nr, sizeof(*found.files), by_name);
	for (size_t i = 0; !err && i < found.nr; i++) {
		if (!str_eq(found.files[i].name, found.files[first].name))
			first = i;
		err = read_found(root, &found.files[i], first == i ? NULL : &found.files[first], c);
		if (err)
			fail_errno(f, err, "%s/%s", found.files[i].dir, found.files[i].name);
	}
	if (!err)
		err = note_sysctl_conf(root, c);
	for (size_t i = 0; i < found.nr; i++)
		free(found.files[i].name);
	free(found.files);
	return err;
}

int sysctl_root_read_file(int root, const char *path, struct sysctl_conf *c, struct fail *f)
{
	int err = read_file(root, path, c, true);

	return err == -EFBIG || err == -EBADF ? fail_set(f, err, "%s %s", path, why_not(err))
	       : err			      ? fail_errno(f, err, "%s", path)
					      : 0;
}
