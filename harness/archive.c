// SPDX-License-Identifier: MIT
/*
 * See archive.h. A .deb is read in one pass: the outer reader's data.tar.* member is the inner
 * reader's input, so nothing is unpacked to disk but the files that are wanted.
 */
#include "harness/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <sys/stat.h>

#define BLOCK KiB(64)

typedef struct archive reader;

static void cleanup_reader(reader **a)
{
	archive_read_free(*a);
}
#define __reader __attribute__((cleanup(cleanup_reader)))

/* Not ..._filter_all(): that one also runs programs for formats no kernel package uses. */
static void support_filters(reader *a)
{
	archive_read_support_filter_gzip(a);
	archive_read_support_filter_bzip2(a);
	archive_read_support_filter_xz(a);
	archive_read_support_filter_lzma(a);
	archive_read_support_filter_zstd(a);
	archive_read_support_filter_lz4(a);
}

/* The inner reader asks for more of the member the outer one stands at. */
static la_ssize_t member_read(reader *a, void *outer, const void **block)
{
	size_t len;
	la_int64_t offset;
	int r = archive_read_data_block(outer, block, &len, &offset);

	if (r == ARCHIVE_EOF)
		return 0;
	if (r < ARCHIVE_OK) {
		archive_set_error(a, EIO, "%s", archive_error_string(outer));
		return -1;
	}
	return len;
}

/* Opens a .deb up to the entries of its data.tar.*. */
static int deb_open(const char *deb, reader *outer, reader *inner, struct fail *f)
{
	struct archive_entry *e;
	int r;

	archive_read_support_format_ar(outer);
	archive_read_support_format_tar(inner);
	support_filters(inner);
	if (archive_read_open_filename(outer, deb, BLOCK))
		return fail_set(f, -EBADMSG, "%s: %s", deb, archive_error_string(outer));
	while ((r = archive_read_next_header(outer, &e)) == ARCHIVE_OK) {
		const char *name = archive_entry_pathname(e);

		if (!name || !str_starts(name, "data.tar"))
			continue;
		if (archive_read_open(inner, outer, NULL, member_read, NULL))
			return fail_set(f, -EBADMSG, "%s: %s: %s", deb, name,
					archive_error_string(inner));
		return 0;
	}
	return fail_set(f, -EBADMSG, "%s: %s", deb,
			r == ARCHIVE_EOF ? "no data.tar in it, so no .deb"
					 : archive_error_string(outer));
}

/* The next regular file's path without "./"; 0 with *path NULL at the end. */
static int next_file(reader *inner, const char *deb, const char **path, uint64_t *bytes,
		     struct fail *f)
{
	struct archive_entry *e;
	int r;

	*path = NULL;
	while ((r = archive_read_next_header(inner, &e)) == ARCHIVE_OK || r == ARCHIVE_WARN) {
		const char *name = archive_entry_pathname(e);

		if (!name || archive_entry_filetype(e) != AE_IFREG)
			continue;
		*path = str_starts(name, "./") ? name + 2 : name;
		*bytes = archive_entry_size(e);
		return 0;
	}
	if (r == ARCHIVE_EOF)
		return 0;
	return fail_set(f, -EBADMSG, "%s: %s", deb, archive_error_string(inner));
}

static int save(reader *inner, const char *deb, const char *to, struct fail *f)
{
	int fd __close = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0)
		return fail_errno(f, -errno, "create %s", to);
	if (archive_read_data_into_fd(inner, fd))
		return fail_set(f, -EBADMSG, "%s: %s", deb, archive_error_string(inner));
	return 0;
}

/* An .rpm is a header before a compressed cpio, any other package a compressed tar. */
static int plain_open(const char *package, reader *a, struct fail *f)
{
	archive_read_support_format_tar(a);
	archive_read_support_format_cpio(a);
	archive_read_support_filter_rpm(a);
	support_filters(a);
	if (archive_read_open_filename(a, package, BLOCK))
		return fail_set(f, -EBADMSG, "%s: %s", package, archive_error_string(a));
	return 0;
}

static bool is_deb(const char *package)
{
	FILE *in __fclose = fopen(package, "re");
	char magic[8];

	return in && fread(magic, 1, sizeof(magic), in) == sizeof(magic) &&
	       memcmp(magic, "!<arch>\n", sizeof(magic)) == 0;
}

int archive_extract(const char *package, struct archive_want *want, size_t nr, struct fail *f)
{
	reader *outer __reader = archive_read_new();
	reader *inner __reader = archive_read_new();
	const char *path;
	uint64_t bytes;
	int err;

	if (!outer || !inner)
		return fail_errno(f, -ENOMEM, "%s", package);
	err = is_deb(package) ? deb_open(package, outer, inner, f) : plain_open(package, inner, f);
	while (!err) {
		err = next_file(inner, package, &path, &bytes, f);
		if (err || !path)
			break;
		for (size_t i = 0; i < nr && !err; i++) {
			if (want[i].found || fnmatch(want[i].match, path, FNM_PATHNAME))
				continue;
			err = save(inner, package, want[i].to, f);
			want[i].found = !err;
			break;
		}
	}
	return err;
}

static int read_all(reader *a, size_t limit, char **ret, size_t *ret_len, struct fail *f)
{
	size_t have = 0, room = MiB(4);
	char *buf = malloc(room);

	while (buf) {
		la_ssize_t n = archive_read_data(a, buf + have, room - have);

		if (n == 0 && have) {
			*ret = buf;
			*ret_len = have;
			return 0;
		}
		if (n <= 0) {
			free(buf);
			return fail_set(f, -EBADMSG, "%s", archive_error_string(a) ?: "no data");
		}
		have += n;
		if (have > limit) {
			free(buf);
			return fail_set(f, -EFBIG, "more than %zu bytes", limit);
		}
		if (have == room) {
			char *more = realloc(buf, room * 2);

			if (!more)
				free(buf);
			buf = more;
			room *= 2;
		}
	}
	return fail_errno(f, -ENOMEM, "decompress");
}

int archive_decompress(const void *data, size_t len, size_t limit, char **ret, size_t *ret_len,
		       struct fail *f)
{
	reader *a __reader = archive_read_new();
	struct archive_entry *e;

	if (!a)
		return fail_errno(f, -ENOMEM, "decompress");
	support_filters(a);
	archive_read_support_format_raw(a);
	if (archive_read_open_memory(a, data, len) || archive_read_next_header(a, &e))
		return fail_set(f, -EBADMSG, "%s",
				archive_error_string(a) ?: "not compressed data");
	return read_all(a, limit, ret, ret_len, f);
}

int archive_open_tar(const char *file, struct archive **ret, struct fail *f)
{
	struct stat st;

	*ret = archive_read_new();
	if (!*ret)
		return fail_errno(f, -ENOMEM, "%s", file);
	if (stat(file, &st))
		return fail_errno(f, -errno, "%s", file);
	if (!st.st_size)
		return fail_set(f, -EBADMSG, "%s: an empty file", file);
	archive_read_support_format_tar(*ret);
	support_filters(*ret);
	if (archive_read_open_filename(*ret, file, BLOCK))
		return fail_set(f, -EBADMSG, "%s: no tar archive: %s", file,
				archive_error_string(*ret));
	return 0;
}

int archive_next_header(struct archive *a, struct archive_entry **e, const char *file,
			struct fail *f)
{
	int r = archive_read_next_header(a, e);

	if (r == ARCHIVE_OK || r == ARCHIVE_WARN)
		return 1;
	if (r != ARCHIVE_EOF)
		return fail_set(f, -EBADMSG, "%s: %s", file, archive_error_string(a));
	/* It ends with two blocks of zeros, which libarchive does not miss. */
	if (archive_filter_bytes(a, 0) == archive_read_header_position(a))
		return fail_set(f, -EBADMSG, "%s: cut short: the end of a tar is missing", file);
	return 0;
}
