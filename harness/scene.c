// SPDX-License-Identifier: MIT
/*
 * The scene: sysctls and cgroups as the plan says, each change told to the guardian before it is
 * made and read back after. Restoring is the same list backwards.
 */
#include "harness/guard.h"
#include "harness/stage.h"
#include "lib/sysctl.h"

#define REMOVE_LEAST_MS 3000

int scene_broken(struct stage *s, int err, const char *what, const char *name)
{
	emit_text(s, "broken", "what", "%s %s: %s", what, name, strerror(-err));
	return err;
}

/* Word by word: what is printed between them is tabs, and some take fewer words than they print. */
static bool reads_as_written(const char *wrote, const char *reads)
{
	while (*wrote) {
		size_t w = strcspn(wrote, " \t"), r = strcspn(reads, " \t");

		if (w != r || strncmp(wrote, reads, w) != 0)
			return false;
		wrote += w;
		reads += r;
		wrote += strspn(wrote, " \t");
		reads += strspn(reads, " \t");
	}
	return true;
}

static int set_sysctl(struct stage *s, const struct case_setting *set)
{
	char reads[256];
	int err = sysctl_set(s->player->root, set->name, set->value);
	ssize_t n;

	if (err)
		return scene_broken(s, err, "set sysctl", set->name);
	n = sysctl_get(s->player->root, set->name, reads, sizeof(reads));
	if (n < 0)
		return scene_broken(s, (int)n, "read sysctl", set->name);
	if (reads_as_written(set->value, reads))
		return 0;
	emit_text(s, "broken", "what", "sysctl %s: wrote %s, reads %s", set->name, set->value,
		  reads);
	return -EIO;
}

static int set_sysctls(struct stage *s)
{
	const struct plan *p = s->plan;

	if (p->nr_sysctls > STAGE_SYSCTLS_MAX)
		return scene_broken(s, -E2BIG, "sysctls of", p->name);
	for (size_t i = 0; i < p->nr_sysctls; i++) {
		const struct case_setting *set = &p->sysctls[i];
		char *old = s->old_sysctls[i];
		ssize_t n = sysctl_get(s->player->root, set->name, old, sizeof(s->old_sysctls[i]));
		int err = n < 0 ? (int)n : 0;

		if (!err)
			err = guard_tell_sysctl(s->player->guardian, set->name, old);
		if (err)
			return scene_broken(s, err, "sysctl", set->name);
		s->nr_sysctls_set = i + 1;
		err = set_sysctl(s, set);
		if (err)
			return err;
	}
	return 0;
}

static bool plan_wants_cpuset(const struct plan *p)
{
	for (size_t i = 0; i < p->nr_cgroups; i++)
		for (size_t j = 0; j < p->cgroups[i].nr_settings; j++)
			if (str_starts(p->cgroups[i].settings[j].name, "cpuset."))
				return true;
	return false;
}

static int make_root(struct stage *s)
{
	const struct plan *p = s->plan;
	char name[64], path[CASE_PATH_LEN];
	int err;

	snprintf(name, sizeof(name), "oomlab-%s", p->run_id);
	s->wants_cpuset = plan_wants_cpuset(p);
	err = cgroup_mounts_read(s->player->root, &s->mounts);
	if (!err)
		err = guard_tell_cgroup(s->player->guardian, p->cgroup, name);
	s->cg_told = !err;
	if (!err)
		err = memcg_root_create(s->player->root, &s->mounts, p->cgroup, name,
					s->wants_cpuset, &s->cg);
	if (err)
		return scene_broken(s, err, "make the cgroup", name);
	s->cg_made = true;
	/* The log prints paths from the hierarchy's root, where ours stands. */
	snprintf(path, sizeof(path), "/%s", name);
	emit_begin(s, "root");
	jsonw_str(&s->w, "path", path);
	emit_end(s);
	return 0;
}

int scene_set_knob(struct stage *s, const char *path, const struct case_setting *set)
{
	char reads[256];
	int err = memcg_set(&s->cg, path, set->name, set->value);
	ssize_t n;

	if (err)
		return err;
	n = memcg_get(&s->cg, path, set->name, reads, sizeof(reads));
	emit_begin(s, "knob");
	jsonw_str(&s->w, "cgroup", path);
	jsonw_str(&s->w, "file", set->name);
	jsonw_str(&s->w, "wrote", set->value);
	jsonw_str(&s->w, "reads", n < 0 ? NULL : reads);
	emit_end(s);
	return 0;
}

static int make_cgroups(struct stage *s)
{
	const struct plan *p = s->plan;

	if (p->nr_cgroups > STAGE_CGROUPS_MAX)
		return scene_broken(s, -E2BIG, "cgroups of", p->name);
	for (size_t i = 0; i < p->nr_cgroups; i++) {
		int err = memcg_create(&s->cg, p->cgroups[i].path);

		if (err)
			return scene_broken(s, err, "make the cgroup", p->cgroups[i].path);
	}
	/* Limits after all cgroups are there: on v1 a memsw limit needs the memory limit first. */
	for (size_t i = 0; i < p->nr_cgroups; i++) {
		const struct case_cgroup *cg = &p->cgroups[i];

		for (size_t j = 0; j < cg->nr_settings; j++) {
			char name[400];
			int err = scene_set_knob(s, cg->path, &cg->settings[j]);

			snprintf(name, sizeof(name), "%s/%s", cg->path, cg->settings[j].name);
			if (err)
				return scene_broken(s, err, "write", name);
		}
	}
	return 0;
}

int scene_build(struct stage *s)
{
	int err = set_sysctls(s);

	if (!err)
		err = scene_vm_build(s);
	if (!err)
		err = make_root(s);
	if (!err)
		err = make_cgroups(s);
	return err;
}

void scene_restore(struct stage *s)
{
	char seen[256], name[64];
	unsigned int nr_told = (unsigned int)s->nr_sysctls_set + s->cg_told;
	bool owing = false;
	int err;

	if (s->cg_made) {
		memcg_root_close(&s->cg);
		snprintf(name, sizeof(name), "oomlab-%s", s->plan->run_id);
		err = memcg_destroy(s->player->root, &s->mounts, s->plan->cgroup, name,
				    (unsigned int)stage_teardown_ms(s, REMOVE_LEAST_MS));
		if (err)
			emit_text(s, "left", "what", "cgroup %s: %s", name, strerror(-err));
		owing |= err != 0;
	}
	scene_vm_restore(s);
	while (s->nr_sysctls_set) {
		size_t i = --s->nr_sysctls_set;
		const char *sysctl = s->plan->sysctls[i].name;

		err = sysctl_set(s->player->root, sysctl, s->old_sysctls[i]);
		if (!err && (sysctl_get(s->player->root, sysctl, seen, sizeof(seen)) < 0 ||
			     !str_eq(seen, s->old_sysctls[i])))
			err = -EIO;
		if (err)
			emit_text(s, "left", "what", "sysctl %s: %s", sysctl, strerror(-err));
		owing |= err != 0;
	}
	if (!owing)
		guard_tell_clean(s->player->guardian, nr_told);
}
