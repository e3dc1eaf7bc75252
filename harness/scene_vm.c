// SPDX-License-Identifier: MIT
/*
 * What a scene may change in a VM only: knobs below /sys, and the mount options of cgroup2. No guardian
 * is told, because a guest that could not be put back is thrown away.
 */
#include "harness/stage.h"
#include "lib/sysfs.h"

#include <sys/mount.h>

static int set_one(struct stage *s, const struct case_setting *set)
{
	char reads[256];
	int err = sysfs_set(s->player->root, set->name, set->value);
	ssize_t n;

	if (err)
		return scene_broken(s, err, "write", set->name);
	n = sysfs_get(s->player->root, set->name, reads, sizeof(reads));
	if (n < 0)
		return scene_broken(s, (int)n, "read", set->name);
	if (sysfs_took(set->value, reads))
		return 0;
	emit_text(s, "broken", "what", "%s: wrote %s, reads %s", set->name, set->value, reads);
	return -EIO;
}

static int set_sysfs(struct stage *s)
{
	const struct plan *p = s->plan;

	if (p->nr_sysfs > STAGE_SYSFS_MAX)
		return scene_broken(s, -E2BIG, "sysfs files of", p->name);
	for (size_t i = 0; i < p->nr_sysfs; i++) {
		ssize_t n = sysfs_get(s->player->root, p->sysfs[i].name, s->old_sysfs[i],
				      sizeof(s->old_sysfs[i]));
		int err;

		if (n < 0)
			return scene_broken(s, (int)n, "read", p->sysfs[i].name);
		s->nr_sysfs_set = i + 1;
		err = set_one(s, &p->sysfs[i]);
		if (err)
			return err;
	}
	return 0;
}

/* Is each of `wanted` among the options that cgroup2 is mounted with now? */
static int check_options(struct stage *s, const char *wanted)
{
	struct cgroup_mounts now;
	char list[sizeof(s->plan->mount)], *rest = list, *word;
	int err = cgroup_mounts_read(s->player->root, &now);

	str_copy(list, sizeof(list), wanted);
	while (!err && (word = strsep(&rest, ",")))
		if (!word_in_list(now.v2_options, word))
			err = -EOPNOTSUPP;
	return err;
}

/* A remount drops what it does not name (kernel/cgroup/cgroup.c apply_cgroup_root_flags()). */
static int remount(const struct cgroup_mounts *m, const char *more)
{
	char path[300], options[600];
	const char *old = strchr(m->v2_options, ','); /* behind "rw" */

	old = old ? old + 1 : "";
	snprintf(path, sizeof(path), "/%s", m->v2);
	snprintf(options, sizeof(options), "%s%s%s", old, *old && *more ? "," : "", more);
	return mount("none", path, NULL, MS_REMOUNT, options) ? -errno : 0;
}

static int set_mount(struct stage *s)
{
	const char *more = s->plan->mount;
	int err;

	if (!*more)
		return 0;
	err = cgroup_mounts_read(s->player->root, &s->mounts_before);
	if (!err)
		err = s->mounts_before.v2[0] ? remount(&s->mounts_before, more) : -EOPNOTSUPP;
	s->mount_set = !err;
	err = err ?: check_options(s, more);
	return err ? scene_broken(s, err, "remount cgroup2 with", more) : 0;
}

int scene_vm_build(struct stage *s)
{
	return set_sysfs(s) ?: set_mount(s);
}

void scene_vm_restore(struct stage *s)
{
	char seen[256];

	if (s->mount_set) {
		struct cgroup_mounts now = { 0 };
		int err = remount(&s->mounts_before, "");

		err = err ?: cgroup_mounts_read(s->player->root, &now);
		if (err || !str_eq(now.v2_options, s->mounts_before.v2_options))
			emit_text(s, "left", "what", "mount options of cgroup2: %s",
				  now.v2_options);
		s->mount_set = false;
	}
	while (s->nr_sysfs_set) {
		size_t i = --s->nr_sysfs_set;
		const char *path = s->plan->sysfs[i].name;
		int err = sysfs_set(s->player->root, path, s->old_sysfs[i]);

		if (!err && (sysfs_get(s->player->root, path, seen, sizeof(seen)) < 0 ||
			     !sysfs_took(s->old_sysfs[i], seen)))
			err = -EIO;
		if (err)
			emit_text(s, "left", "what", "%s: %s", path, strerror(-err));
	}
}
