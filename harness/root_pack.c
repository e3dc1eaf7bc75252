// SPDX-License-Identifier: MIT
#include "harness/root_pack.h"
#include "harness/arena.h"
#include "harness/folder.h"
#include "harness/paths.h"
#include "harness/root_pack_impl.h"
#include "lib/fs.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#define ROOT_MAX_BYTES MiB(1536)

static const char unit[] = "[Unit]\n"
			   "Description=what this boot has set\n"
			   "After=multi-user.target graphical.target\n"
			   "[Service]\n"
			   "ExecStart=@/oomlab-agent oomlab-agent\n"
			   "StandardOutput=null\n";

/* What no boot needs, what the guest's kernel has no use for, and what is mounted over. */
bool root_pack_left_out(const char *path)
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

int root_pack_count(struct root_packing *p, uint64_t bytes, struct fail *f)
{
	p->bytes += min(bytes, ROOT_MAX_BYTES + 1);
	if (p->bytes > ROOT_MAX_BYTES)
		return fail_set(f, -EFBIG,
				"%s: more than 1.5 GiB, too large to be booted from memory",
				p->root);
	return arena_interrupted() ? fail_errno(f, -EINTR, "pack %s", p->root) : 0;
}

/* Behind the root's own, over what it has of the same name. */
static int add_ours(struct root_packing *p, const char *init, const char *agent,
		    const char *unit_file, const char *empty, struct fail *f)
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
		err = initramfs_add(&p->cpio, &ours[i], f);
	return err;
}

static bool has_file(const char *root, const struct root_tar *tar, const char *path)
{
	int dir __close = -1, init __close = -1, err;

	if (tar)
		return root_tar_find(tar, path, true, &err) != NULL;
	dir = fs_root_open(root);
	if (dir >= 0)
		init = fs_open_in_root(dir, path, O_PATH);
	return init >= 0;
}

static const char *find_init(const char *root, const struct root_tar *tar)
{
	static const char *const inits[] = { "/usr/lib/systemd/systemd", "/lib/systemd/systemd" };

	for (size_t i = 0; i < ARRAY_SIZE(inits); i++)
		if (has_file(root, tar, inits[i]))
			return inits[i];
	return NULL;
}

static int pack(struct root_packing *p, struct root_tar *tar, const char *dir, const char *cpio,
		struct fail *f)
{
	char oomlab[512], oomhog[512], unit_file[600], empty[600];
	const char *init = find_init(p->root, tar);
	int err = paths_programs(oomlab, oomhog, sizeof(oomlab));

	if (!init)
		return fail_set(f, -EINVAL, "%s: no systemd there: its init cannot be booted here",
				p->root);
	if (err)
		return fail_errno(f, err, "no oomhog beside %s: build it with 'make'", oomlab);
	snprintf(unit_file, sizeof(unit_file), "%s/unit", dir);
	snprintf(empty, sizeof(empty), "%s/empty", dir);
	err = folder_write(unit_file, unit, f) ?: folder_write(empty, "", f);
	if (err)
		return err;
	err = initramfs_begin(&p->cpio, cpio, f);
	err = err ?: tar ? root_pack_tar(p, tar, f) : root_pack_folder(p, f);
	err = err ?: add_ours(p, init, oomlab, unit_file, empty, f);
	return initramfs_end(&p->cpio, err, f);
}

int root_pack(const char *root, const char *dir, const char *cpio, uint64_t *bytes, struct fail *f)
{
	struct root_packing p = { .root = root };
	struct root_tar tar = { 0 };
	bool is_tar = root_is_tar(root);
	int err = is_tar ? root_tar_read(root, &tar, f) : 0;

	err = err ?: pack(&p, is_tar ? &tar : NULL, dir, cpio, f);
	root_tar_free(&tar);
	*bytes = p.bytes;
	return err;
}
