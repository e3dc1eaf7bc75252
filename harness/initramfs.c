// SPDX-License-Identifier: MIT
/*
 * The guest's whole user space: this program as /init, the workloads, a console node and the mount
 * points. Times, owners and inode numbers are fixed, so equal programs give equal archives.
 */
#include "harness/initramfs.h"
#include "harness/vm.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

static ssize_t read_fd(void *ctx, void *buf, size_t len)
{
	ssize_t n = read(*(int *)ctx, buf, len);

	return n < 0 ? -errno : n;
}

static int add_contents(struct initramfs *w, const char *path, const struct initramfs_data *d,
			struct fail *f)
{
	static char block[KiB(64)];
	uint64_t left = d->bytes;

	while (left) {
		ssize_t n = d->read(d->ctx, block, min(left, (uint64_t)sizeof(block)));

		if (n < 0)
			return fail_errno(f, (int)n, "read %s", path);
		if (!n)
			return fail_set(f, -EIO, "read %s: it has become shorter", path);
		if (archive_write_data(w->a, block, n) != n)
			return fail_set(f, -EIO, "initramfs: %s", archive_error_string(w->a));
		left -= (uint64_t)n;
	}
	return 0;
}

int initramfs_add_data(struct initramfs *w, const struct initramfs_item *it,
		       const struct initramfs_data *d, struct fail *f)
{
	struct archive_entry *e = archive_entry_new();
	int err = 0;

	if (!e)
		return fail_errno(f, -ENOMEM, "initramfs");
	if (it->link)
		archive_entry_set_symlink(e, it->link);
	archive_entry_set_pathname(e, it->path);
	archive_entry_set_mode(e, it->mode);
	archive_entry_set_rdev(e, it->dev);
	archive_entry_set_size(e, d->bytes); /* also 0 must be said, or the header is refused */
	archive_entry_set_mtime(e, 0, 0);
	archive_entry_set_ino(e, d->ino ?: ++w->ino);
	archive_entry_set_nlink(e, max(d->nr_links, 1U));
	if (archive_write_header(w->a, e) != ARCHIVE_OK)
		err = fail_set(f, -EIO, "initramfs: %s: %s", it->path, archive_error_string(w->a));
	archive_entry_free(e);
	return err ?: add_contents(w, it->from ?: it->path, d, f);
}

int initramfs_add(struct initramfs *w, const struct initramfs_item *it, struct fail *f)
{
	int fd __close = it->from ? open(it->from, O_RDONLY | O_CLOEXEC) : -1;
	struct initramfs_data d = { .read = read_fd, .ctx = &fd };
	struct stat st = { 0 };

	if (it->from && (fd < 0 || fstat(fd, &st)))
		return fail_errno(f, -errno, "%s", it->from);
	d.bytes = (uint64_t)st.st_size;
	return initramfs_add_data(w, it, &d, f);
}

static int part_name(const struct initramfs *w, char *buf, size_t len, struct fail *f)
{
	if ((size_t)snprintf(buf, len, "%s.part", w->file) >= len)
		return fail_set(f, -ENAMETOOLONG, "%s: path too long", w->file);
	return 0;
}

int initramfs_begin(struct initramfs *w, const char *file, struct fail *f)
{
	char tmp[600];
	int err;

	*w = (struct initramfs){ .a = archive_write_new(), .file = file };
	if (!w->a)
		return fail_errno(f, -ENOMEM, "initramfs");
	err = part_name(w, tmp, sizeof(tmp), f);
	if (!err && (archive_write_set_format_cpio_newc(w->a) != ARCHIVE_OK ||
		     archive_write_open_filename(w->a, tmp) != ARCHIVE_OK))
		err = fail_set(f, -EIO, "%s: %s", file, archive_error_string(w->a));
	return err;
}

int initramfs_end(struct initramfs *w, int err, struct fail *f)
{
	struct fail unsaid;
	char tmp[600];

	if (!err && archive_write_close(w->a) != ARCHIVE_OK)
		err = fail_set(f, -EIO, "%s: %s", w->file, archive_error_string(w->a));
	archive_write_free(w->a);
	if (part_name(w, tmp, sizeof(tmp), &unsaid))
		return err;
	if (!err && rename(tmp, w->file))
		err = fail_errno(f, -errno, "rename %s", tmp);
	if (err)
		unlink(tmp);
	return err;
}

int initramfs_pack(const char *file, const struct initramfs_item *items, size_t nr, struct fail *f)
{
	struct initramfs w;
	int err = initramfs_begin(&w, file, f);

	for (size_t i = 0; i < nr && !err; i++)
		err = initramfs_add(&w, &items[i], f);
	return initramfs_end(&w, err, f);
}

int initramfs_write(const char *file, const char *oomlab, const char *oomhog, struct fail *f)
{
	const struct initramfs_item items[] = {
		{ "dev", S_IFDIR | 0755, NULL, 0, NULL },
		/* Without it PID 1 starts with no standard files. */
		{ "dev/console", S_IFCHR | 0600, NULL, makedev(5, 1), NULL },
		{ "init", S_IFREG | 0755, oomlab, 0, NULL },
		{ "oomhog", S_IFREG | 0755, oomhog, 0, NULL },
		{ "proc", S_IFDIR | 0755, NULL, 0, NULL },
		{ "run", S_IFDIR | 0755, NULL, 0, NULL },
		{ "sys", S_IFDIR | 0755, NULL, 0, NULL },
		{ "tmp", S_IFDIR | 01777, NULL, 0, NULL },
	};

	return initramfs_pack(file, items, ARRAY_SIZE(items), f);
}
