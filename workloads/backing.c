// SPDX-License-Identifier: MIT
#include "workloads/backing.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#define TMPFS_MAGIC 0x01021994
#define RAMFS_MAGIC 0x858458f6

/* Without a name from the start where the file system can, else for a moment with one. */
static int unnamed_file(const char *dir)
{
	char name[512];
	int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd >= 0)
		return fd;
	if (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT && errno != EINVAL)
		return -errno;
	if ((size_t)snprintf(name, sizeof(name), "%s/oomhog-XXXXXX", dir) >= sizeof(name))
		return -ENAMETOOLONG;
	fd = mkostemp(name, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	unlink(name);
	return fd;
}

static enum ready_what refuse(struct hog *h, int err, const char *path, const char *why)
{
	if (why)
		fail_set(&h->fail, err, "%.200s: %s", path, why);
	else
		fail_errno(&h->fail, err, "%.200s", path);
	return READY_FILE;
}

static enum ready_what open_existing(struct hog *h, uint64_t bytes, const char *path, int flags,
				     struct backing *b)
{
	char have[32];
	off_t size;

	b->existing = true;
	b->fd = open(path, flags | O_CLOEXEC);
	if (b->fd < 0)
		return refuse(h, -errno, path, NULL);
	size = lseek(b->fd, 0, SEEK_END); /* a block device has no st_size */
	if (size < 0 || lseek(b->fd, 0, SEEK_SET) < 0)
		return refuse(h, -errno, path, NULL);
	if ((uint64_t)size >= bytes)
		return READY_YES;
	fail_set(&h->fail, -EINVAL, "%.200s: has only %s", path,
		 bytes_format((uint64_t)size, have, sizeof(have)));
	return READY_FILE;
}

static enum ready_what open_new(struct hog *h, uint64_t bytes, const char *dir, struct backing *b)
{
	b->fd = unnamed_file(dir);
	if (b->fd < 0)
		return refuse(h, b->fd, dir, NULL);
	if (ftruncate(b->fd, (off_t)bytes) < 0)
		return refuse(h, -errno, dir, NULL);
	return READY_YES;
}

enum ready_what backing_open(struct hog *h, uint64_t bytes, const char *path, struct backing *ret)
{
	struct backing b = { .fd = -1 };
	enum ready_what what;
	struct statfs fs;
	struct stat st;

	if (!path)
		path = access("/var/tmp", W_OK) == 0 ? "/var/tmp" : "/tmp";
	if (stat(path, &st) < 0)
		return refuse(h, -errno, path, NULL);
	if (S_ISDIR(st.st_mode))
		what = open_new(h, bytes, path, &b);
	else if (S_ISREG(st.st_mode) || S_ISBLK(st.st_mode))
		what = open_existing(h, bytes, path, O_RDONLY, &b);
	else
		what = refuse(h, -EINVAL, path, "no directory, file or block device");
	if (what != READY_YES)
		return what;
	if (fstatfs(b.fd, &fs) == 0) {
		b.is_tmpfs = fs.f_type == TMPFS_MAGIC;
		b.is_ram = b.is_tmpfs || fs.f_type == RAMFS_MAGIC;
	}
	*ret = b;
	return READY_YES;
}

/* The root of a mount that is in no namespace and goes with its last file. */
static int ramfs_mount(void)
{
	int fs __close = (int)syscall(SYS_fsopen, "ramfs", FSOPEN_CLOEXEC), fd;

	if (fs < 0 || syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -errno;
	fd = (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, 0);
	return fd < 0 ? -errno : fd;
}

enum ready_what backing_ramfs(struct hog *h, uint64_t bytes, struct backing *ret)
{
	int root __close = ramfs_mount();
	char path[64];

	if (root < 0)
		return refuse(h, root, "a ramfs of its own", NULL);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", root);
	return backing_open(h, bytes, path, ret);
}

enum ready_what backing_overwrite(struct hog *h, const char *path, struct backing *ret)
{
	static const char why[] = "no block device, and nothing else is overwritten";
	enum ready_what what;
	struct stat st;

	if (stat(path, &st) < 0)
		return refuse(h, -errno, path, NULL);
	if (!S_ISBLK(st.st_mode))
		return refuse(h, -EINVAL, path, why);
	*ret = (struct backing){ .fd = -1 };
	/* EBUSY where it is in use. */
	what = open_existing(h, h->bytes, path, O_RDWR | O_EXCL, ret);
	if (what != READY_YES)
		return what;
	/* The path may have become another's meanwhile. */
	return fstat(ret->fd, &st) < 0 || !S_ISBLK(st.st_mode) ? refuse(h, -EINVAL, path, why)
							       : READY_YES;
}
