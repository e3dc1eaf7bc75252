// SPDX-License-Identifier: MIT
#include "harness/root_pack_impl.h"

#include <fts.h>
#include <sys/stat.h>

static int add_entry(struct root_packing *p, const FTSENT *e, const char *path, struct fail *f)
{
	mode_t mode = e->fts_statp->st_mode;
	struct initramfs_item item = { .path = path, .mode = (mode & S_IFMT) | (mode & 07777) };
	char target[4096];
	int err = 0;

	if (S_ISREG(mode)) {
		item.from = e->fts_path;
		err = root_pack_count(p, (uint64_t)e->fts_statp->st_size, f);
	} else if (S_ISLNK(mode)) {
		ssize_t n = readlink(e->fts_accpath, target, sizeof(target) - 1);

		target[n < 0 ? 0 : n] = '\0';
		item.link = target;
	} else if (!S_ISDIR(mode)) {
		return 0;
	}
	return err ?: initramfs_add(&p->cpio, &item, f);
}

int root_pack_folder(struct root_packing *p, struct fail *f)
{
	char *const roots[] = { (char *)p->root, NULL };
	FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, NULL);
	size_t skip = strlen(p->root);
	FTSENT *e;
	int err = 0;

	if (!tree)
		return fail_errno(f, -errno, "%s", p->root);
	while (!err && (e = fts_read(tree))) {
		const char *path = e->fts_path + skip;

		path += strspn(path, "/");
		if (e->fts_info == FTS_DP || !*path)
			continue;
		if (root_pack_left_out(path))
			fts_set(tree, e, FTS_SKIP);
		else if (e->fts_info == FTS_D || e->fts_info == FTS_F || e->fts_info == FTS_SL ||
			 e->fts_info == FTS_SLNONE)
			err = add_entry(p, e, path, f);
		else if (e->fts_info == FTS_DNR || e->fts_info == FTS_ERR || e->fts_info == FTS_NS)
			err = fail_errno(f, -e->fts_errno, "%s", e->fts_path);
	}
	fts_close(tree);
	return err;
}
