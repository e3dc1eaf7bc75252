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

typedef struct archive writer;

static int add_contents(writer *a, const char *from, struct fail *f)
{
	int fd __close = open(from, O_RDONLY | O_CLOEXEC);
	static char block[KiB(64)];
	ssize_t n;

	if (fd < 0)
		return fail_errno(f, -errno, "%s", from);
	while ((n = read(fd, block, sizeof(block))) > 0)
		if (archive_write_data(a, block, n) != n)
			return fail_set(f, -EIO, "initramfs: %s", archive_error_string(a));
	return n < 0 ? fail_errno(f, -errno, "read %s", from) : 0;
}

static int add(writer *a, const struct initramfs_item *it, unsigned int ino, struct fail *f)
{
	struct archive_entry *e = archive_entry_new();
	struct stat st = {};
	int err = 0;

	if (!e)
		return fail_errno(f, -ENOMEM, "initramfs");
	if (it->link)
		archive_entry_set_symlink(e, it->link);
	if (it->from && stat(it->from, &st))
		err = fail_errno(f, -errno, "%s", it->from);
	archive_entry_set_pathname(e, it->path);
	archive_entry_set_mode(e, it->mode);
	archive_entry_set_rdev(e, it->dev);
	archive_entry_set_size(e, st.st_size); /* also 0 must be said, or the header is refused */
	archive_entry_set_mtime(e, 0, 0);
	archive_entry_set_ino(e, ino);
	archive_entry_set_nlink(e, 1);
	if (!err && archive_write_header(a, e) != ARCHIVE_OK)
		err = fail_set(f, -EIO, "initramfs: %s: %s", it->path, archive_error_string(a));
	archive_entry_free(e);
	if (!err && it->from)
		err = add_contents(a, it->from, f);
	return err;
}

int initramfs_pack(const char *file, const struct initramfs_item *items, size_t nr, struct fail *f)
{
	writer *a = archive_write_new();
	char tmp[600];
	int err = 0;

	if (!a)
		return fail_errno(f, -ENOMEM, "initramfs");
	if ((size_t)snprintf(tmp, sizeof(tmp), "%s.part", file) >= sizeof(tmp))
		err = fail_set(f, -ENAMETOOLONG, "%s: path too long", file);
	else if (archive_write_set_format_cpio_newc(a) != ARCHIVE_OK ||
		 archive_write_open_filename(a, tmp) != ARCHIVE_OK)
		err = fail_set(f, -EIO, "%s: %s", file, archive_error_string(a));
	for (size_t i = 0; i < nr && !err; i++)
		err = add(a, &items[i], i + 1, f);
	if (!err && archive_write_close(a) != ARCHIVE_OK)
		err = fail_set(f, -EIO, "%s: %s", file, archive_error_string(a));
	archive_write_free(a);
	if (!err && rename(tmp, file))
		err = fail_errno(f, -errno, "rename %s", tmp);
	if (err)
		unlink(tmp);
	return err;
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
