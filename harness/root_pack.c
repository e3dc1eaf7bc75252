// SPDX-License-Identifier: MIT
#include "harness/root_pack.h"
#include "harness/folder.h"
#include "harness/initramfs.h"
#include "harness/paths.h"
#include "lib/fs.h"

#include <fcntl.h>
#include <fts.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#define ROOT_MAX_BYTES MiB(1536)

static const char unit[] = "[Unit]\n"
			   "Description=what this boot has set\n"
			   "After=multi-user.target graphical.target\n"
			   "[Service]\n"
			   "ExecStart=@/oomlab-agent oomlab-agent\n"
			   "StandardOutput=null\n";

struct packing {
	struct initramfs_item *items;
	size_t nr;
	uint64_t bytes;
	char **owned; /* texts the items point to */
	size_t nr_owned;
};

static char *own(struct packing *p, char *text)
{
	char **bigger = reallocarray(p->owned, p->nr_owned + 1, sizeof(*bigger));

	if (bigger)
		p->owned = bigger;
	if (!bigger || !text) {
		free(text);
		return NULL;
	}
	return p->owned[p->nr_owned++] = text;
}

static int add(struct packing *p, struct initramfs_item item)
{
	struct initramfs_item *bigger = reallocarray(p->items, p->nr + 1, sizeof(*bigger));

	if (!bigger)
		return -ENOMEM;
	p->items = bigger;
	p->items[p->nr++] = item;
	return 0;
}

/* What no boot needs, what the guest's kernel has no use for, and what is mounted over. */
static bool left_out(const char *path)
{
	static const char *const below[] = { "boot/",
					     "dev/",
					     "proc/",
					     "run/",
					     "sys/",
					     "tmp/",
					     "lib/modules/",
					     "var/cache/",
					     "var/lib/apt/",
					     "usr/lib/modules/",
					     "usr/lib/firmware/",
					     "usr/share/doc/",
					     "usr/share/man/",
					     "usr/share/locale/",
					     "var/log/" };

	for (size_t i = 0; i < ARRAY_SIZE(below); i++)
		if (str_starts(path, below[i]))
			return true;
	return str_eq(path, "init") || str_eq(path, "etc/fstab"); /* ours come instead */
}

static int add_entry(struct packing *p, const FTSENT *e, const char *path)
{
	struct initramfs_item item = { .path = own(p, strdup(path)) };
	mode_t mode = e->fts_statp->st_mode;

	if (!item.path)
		return -ENOMEM;
	item.mode = (mode & S_IFMT) | (mode & 07777);
	if (S_ISREG(mode)) {
		item.from = own(p, strdup(e->fts_path));
		p->bytes += (uint64_t)e->fts_statp->st_size;
		if (!item.from)
			return -ENOMEM;
	} else if (S_ISLNK(mode)) {
		char target[4096];
		ssize_t n = readlink(e->fts_accpath, target, sizeof(target) - 1);

		target[n < 0 ? 0 : n] = '\0';
		item.link = own(p, strdup(target));
		if (!item.link)
			return -ENOMEM;
	} else if (!S_ISDIR(mode)) {
		return 0;
	}
	return p->bytes > ROOT_MAX_BYTES ? -EFBIG : add(p, item);
}

static int add_root(struct packing *p, const char *root)
{
	char *const roots[] = { (char *)root, NULL };
	FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, NULL);
	size_t skip = strlen(root);
	FTSENT *e;
	int err = 0;

	while (tree && !err && (e = fts_read(tree))) {
		const char *path = e->fts_path + skip;

		path += strspn(path, "/");
		if (e->fts_info == FTS_DP || !*path)
			continue;
		if (left_out(path))
			fts_set(tree, e, FTS_SKIP);
		else if (e->fts_info == FTS_D || e->fts_info == FTS_F || e->fts_info == FTS_SL ||
			 e->fts_info == FTS_SLNONE)
			err = add_entry(p, e, path);
		else if (e->fts_info == FTS_DNR || e->fts_info == FTS_ERR || e->fts_info == FTS_NS)
			err = -e->fts_errno;
	}
	if (!tree)
		return -errno;
	fts_close(tree);
	return err;
}

/* Behind the root's own, over what it has of the same name. */
static int add_ours(struct packing *p, const char *init, const char *agent, const char *unit_file,
		    const char *empty)
{
	const struct initramfs_item ours[] = {
		{ "dev/console", S_IFCHR | 0600, NULL, makedev(5, 1), NULL },
		{ "etc/systemd", S_IFDIR | 0755, NULL, 0, NULL },
		{ "etc/systemd/system", S_IFDIR | 0755, NULL, 0, NULL },
		{ "etc/systemd/system/oomlab-agent.service", S_IFREG | 0644, unit_file, 0, NULL },
		{ "etc/fstab", S_IFREG | 0644, empty, 0, NULL }, /* its disks are not there */
		{ "oomlab-agent", S_IFREG | 0755, agent, 0, NULL },
		{ "init", S_IFLNK | 0777, NULL, 0, init },
	};
	int err = 0;

	for (size_t i = 0; !err && i < ARRAY_SIZE(ours); i++)
		err = add(p, ours[i]);
	return err;
}

static const char *find_init(const char *root)
{
	static const char *const inits[] = { "/usr/lib/systemd/systemd", "/lib/systemd/systemd" };
	int fd __close = fs_root_open(root);

	for (size_t i = 0; fd >= 0 && i < ARRAY_SIZE(inits); i++) {
		int init __close = fs_open_in_root(fd, inits[i], O_PATH);

		if (init >= 0)
			return inits[i];
	}
	return NULL;
}

int root_pack(const char *root, const char *dir, const char *cpio, uint64_t *bytes, struct fail *f)
{
	char oomlab[512], oomhog[512], unit_file[600], empty[600];
	const char *init = find_init(root);
	struct packing p = { 0 };
	int err = paths_programs(oomlab, oomhog, sizeof(oomlab));

	if (!init)
		return fail_set(f, -EINVAL, "%s: no systemd there: its init cannot be booted here",
				root);
	snprintf(unit_file, sizeof(unit_file), "%s/unit", dir);
	snprintf(empty, sizeof(empty), "%s/empty", dir);
	if (err)
		return fail_errno(f, err, "no oomhog beside %s: build it with 'make'", oomlab);
	err = folder_write(unit_file, unit, f) ?: folder_write(empty, "", f);
	if (err)
		return err;
	err = add_root(&p, root);
	if (!err)
		err = add_ours(&p, init, oomlab, unit_file, empty);
	if (err == -EFBIG)
		fail_set(f, err, "%s: more than 1.5 GiB, too large to be booted from memory", root);
	else if (err)
		fail_errno(f, err, "%s", root);
	else
		err = initramfs_pack(cpio, p.items, p.nr, f);
	*bytes = p.bytes;
	for (size_t i = 0; i < p.nr_owned; i++)
		free(p.owned[i]);
	free(p.owned);
	free(p.items);
	return err;
}
