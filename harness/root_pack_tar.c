// SPDX-License-Identifier: MIT
/*
 * A tarball's root for a guest, from one archive into the other: folders and links at first, then the files
 * as they come, then further names of files.
 */
#include "harness/root_pack_impl.h"

#include <archive.h>
#include <sys/stat.h>

#define HARD_INO 0x40000000U /* above those that are counted */

struct packing {
	struct root_packing *p;
	struct root_tar *t;
};

static bool is_packed(const struct tar_node *n)
{
	return !n->bad && n->kind != TAR_OTHER && !root_pack_left_out(n->path);
}

static int add_name(struct root_packing *p, const struct tar_node *n, struct fail *f)
{
	const struct initramfs_item item = {
		.path = n->path,
		.mode = n->mode | (n->kind == TAR_DIR ? S_IFDIR : S_IFLNK),
		.link = n->kind == TAR_LINK ? n->link : NULL,
	};

	return initramfs_add(&p->cpio, &item, f);
}

/* A file is there under its own name, or under that of a hard link where its own is left out. */
static int want(struct root_packing *p, struct root_tar *t, struct tar_node *n, struct fail *f)
{
	struct tar_node *file = n->link ? root_tar_node(t, n->link) : n;

	if (file->wanted)
		return 0;
	file->wanted = true;
	file->as = root_pack_left_out(file->path) ? n->path : file->path;
	return root_pack_count(p, file->bytes, f);
}

static ssize_t read_data(void *ctx, void *buf, size_t len)
{
	la_ssize_t n = archive_read_data(ctx, buf, len);

	return n < 0 ? -EIO : n;
}

static int add_file(struct packing *k, const struct tar_node *file, const char *path,
		    struct archive *a, struct fail *f)
{
	const struct initramfs_item item = { .path = path, .mode = file->mode | S_IFREG };
	const struct initramfs_data data = {
		.bytes = a ? file->bytes : 0,
		.ino = HARD_INO + (unsigned int)(file - k->t->nodes),
		.nr_links = file->nr_links + 1,
		.read = read_data,
		.ctx = a,
	};

	return initramfs_add_data(&k->p->cpio, &item, &data, f);
}

static int add_wanted(void *ctx, struct tar_node *n, struct archive *a, struct fail *f)
{
	struct packing *k = ctx;

	return root_pack_count(k->p, 0, f) ?: add_file(k, n, n->as, a, f);
}

int root_pack_tar(struct root_packing *p, struct root_tar *t, struct fail *f)
{
	struct packing k = { p, t };
	int err = 0;

	for (size_t i = 0; !err && i < t->nr; i++) {
		struct tar_node *n = &t->nodes[i];

		if (is_packed(n))
			err = n->kind == TAR_FILE ? want(p, t, n, f) : add_name(p, n, f);
	}
	err = err ?: root_tar_walk(t, add_wanted, &k, f);
	for (size_t i = 0; !err && i < t->nr; i++) {
		const struct tar_node *n = &t->nodes[i], *file;

		if (!is_packed(n) || n->kind != TAR_FILE || !n->link)
			continue;
		file = root_tar_node(t, n->link);
		if (file->as != n->path)
			err = add_file(&k, file, n->path, NULL, f);
	}
	return err;
}
