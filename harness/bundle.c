// SPDX-License-Identifier: MIT
#include "harness/bundle.h"
#include "harness/folder.h"

#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#define BLOCK KiB(64)

struct bundle {
	struct archive *a;
	char file[512], top[64];
	time_t now;
};

/*
 * The tar writer links libarchive's table of all formats, and in it xar, which wants libxml2 and that ICU:
 * 30 MiB of a static program that nobody would run.
 */
int archive_write_set_format_xar(struct archive *a)
{
	(void)a;
	return ARCHIVE_FATAL;
}

static int failed(struct bundle *b, struct fail *f)
{
	return fail_set(f, -EIO, "%s: %s", b->file, archive_error_string(b->a) ?: "not written");
}

int bundle_open(const char *file, const char *top, struct bundle **ret, struct fail *f)
{
	struct bundle *b = calloc(1, sizeof(*b));
	int err = 0;

	if (!b || !(b->a = archive_write_new())) {
		free(b);
		return fail_errno(f, -ENOMEM, "%s", file);
	}
	b->now = time(NULL);
	str_copy(b->top, sizeof(b->top), top);
	if (!str_copy(b->file, sizeof(b->file), file))
		err = fail_set(f, -ENAMETOOLONG, "%s: the path is too long", file);
	else if (archive_write_set_format_pax_restricted(b->a) ||
		 archive_write_add_filter_zstd(b->a) || archive_write_open_filename(b->a, file))
		err = failed(b, f);
	if (err) {
		archive_write_free(b->a);
		free(b);
		return err;
	}
	*ret = b;
	return 0;
}

/* Owned by nobody in particular, and of one time. */
static int put_header(struct bundle *b, const char *name, int64_t bytes, struct fail *f)
{
	struct archive_entry *e = archive_entry_new();
	char path[1024];
	int r;

	if (!e)
		return fail_errno(f, -ENOMEM, "%s", name);
	snprintf(path, sizeof(path), "%s/%s", b->top, name);
	archive_entry_set_pathname(e, path);
	archive_entry_set_filetype(e, AE_IFREG);
	archive_entry_set_perm(e, 0644);
	archive_entry_set_size(e, bytes);
	archive_entry_set_mtime(e, b->now, 0);
	r = archive_write_header(b->a, e);
	archive_entry_free(e);
	return r == ARCHIVE_OK ? 0 : failed(b, f);
}

static int put_data(struct bundle *b, const void *data, size_t len, struct fail *f)
{
	return archive_write_data(b->a, data, len) == (la_ssize_t)len ? 0 : failed(b, f);
}

int bundle_text(struct bundle *b, const char *name, const char *text, size_t len, struct fail *f)
{
	int err = put_header(b, name, (int64_t)len, f);

	return err || !len ? err : put_data(b, text, len, f);
}

/* A file that grows or shrinks meanwhile is kept as long as it was said to be. */
static int put_fd(struct bundle *b, const char *name, int fd, int64_t bytes, struct fail *f)
{
	static char block[BLOCK];
	int err = put_header(b, name, bytes, f);

	while (!err && bytes > 0) {
		ssize_t n = read(fd, block, (size_t)min(bytes, (int64_t)sizeof(block)));

		if (n < 0)
			return fail_errno(f, -errno, "read %s", name);
		if (n == 0) {
			n = (ssize_t)min(bytes, (int64_t)sizeof(block));
			memset(block, 0, (size_t)n);
		}
		err = put_data(b, block, (size_t)n, f);
		bytes -= n;
	}
	return err;
}

static int put_file(struct bundle *b, int dir, const char *folder, const char *name, struct fail *f)
{
	int fd __close = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	char path[800];
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return errno == ELOOP ? 0 : fail_errno(f, -errno, "%s/%s", folder, name);
	if (!S_ISREG(st.st_mode))
		return 0;
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return put_fd(b, path, fd, st.st_size, f);
}

static int by_name(const struct dirent **x, const struct dirent **y)
{
	return strcmp((*x)->d_name, (*y)->d_name);
}

static int is_plain(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

int bundle_folder(struct bundle *b, const char *base, const char *dir, struct fail *f)
{
	int fd __close = folder_open_below(base, dir), err = 0, n;
	struct dirent **names;

	if (fd < 0)
		return fail_errno(f, fd, "%s/%s", base, dir);
	n = scandirat(fd, ".", &names, is_plain, by_name);
	if (n < 0)
		return fail_errno(f, -errno, "%s/%s", base, dir);
	for (int i = 0; i < n; i++) {
		if (!err)
			err = put_file(b, fd, dir, names[i]->d_name, f);
		free(names[i]);
	}
	free(names);
	return err;
}

int bundle_close(struct bundle *b, struct fail *f)
{
	int err = archive_write_close(b->a) == ARCHIVE_OK ? 0 : failed(b, f);

	archive_write_free(b->a);
	if (err)
		unlink(b->file);
	free(b);
	return err;
}

void bundle_abort(struct bundle *b)
{
	archive_write_fail(b->a);
	archive_write_free(b->a);
	unlink(b->file);
	free(b);
}
