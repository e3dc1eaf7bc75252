// SPDX-License-Identifier: MIT
/* What a machine must have for a case, and which sizes would make its verdict worthless. */
#include "harness/machine_features.h"
#include "harness/plan_impl.h"
#include "lib/memcg.h"

int plan_check_controllers(const struct oom_case *c, const struct machine *m,
			   enum cgroup_version cg, struct fail *f)
{
	const char *version = cgroup_version_name(cg);
	bool cpuset = cg == CGROUP_V1 ? m->cpuset_v1 : m->cpuset_v2;

	if (cg == CGROUP_V1 ? !c->needs.v1 : !c->needs.v2)
		return fail_set(f, -EOPNOTSUPP, "not a case for cgroup %s", version);
	if (cg == CGROUP_V1 ? !m->memcg_v1 : !m->memcg_v2)
		return fail_set(f, -EOPNOTSUPP, "this kernel has no memory controller on cgroup %s",
				version);
	for (size_t i = 0; i < c->nr_cgroups; i++)
		for (size_t j = 0; j < c->cgroups[i].nr_settings; j++)
			if (!cpuset && str_starts(c->cgroups[i].settings[j].name, "cpuset."))
				return fail_set(f, -EOPNOTSUPP,
						"this kernel has no cpuset controller on cgroup %s",
						version);
	return 0;
}

static int check_features(const struct case_needs *n, const struct machine *m, struct fail *f)
{
	for (size_t i = 0; machine_feature_names[i]; i++)
		if (n->features >> i & ~m->features >> i & 1)
			return fail_set(f, -EOPNOTSUPP, "this kernel has no %s",
					machine_feature_names[i]);
	return 0;
}

/* `name`: the v2 one. */
static int check_file(const struct machine *m, enum cgroup_version cg, const char *name,
		      struct fail *f)
{
	const char *file = cg == CGROUP_V1 ? memcg_knob_v1(name) : name;

	if (!str_starts(name, "memory.") || str_eq(m->memcg_files, MACHINE_ALL_FILES))
		return 0;
	if (!file || !word_in_list(m->memcg_files, file))
		return fail_set(f, -EOPNOTSUPP, "this kernel has no %s on cgroup %s", file ?: name,
				cgroup_version_name(cg));
	return 0;
}

/* The cgroup's file that a step cannot do without; NULL: none, or how it fails is what is asked. */
static const char *step_file(const struct case_step *s)
{
	if (s->op == STEP_SET)
		return s->setting.name;
	return s->file.place == FILE_OF_CGROUP && !*s->errno_name ? s->file.name : NULL;
}

/* Files that the case names, and those that it writes, reads and waits for. */
static int check_files(const struct oom_case *c, const struct machine *m, enum cgroup_version cg,
		       struct fail *f)
{
	char list[sizeof(c->needs.cgroup_files)], *rest = list, *name;
	int err = 0;

	str_copy(list, sizeof(list), c->needs.cgroup_files);
	while (!err && (name = strsep(&rest, " ")))
		err = check_file(m, cg, name, f);
	for (size_t i = 0; i < c->nr_cgroups; i++)
		for (size_t j = 0; !err && j < c->cgroups[i].nr_settings; j++)
			err = check_file(m, cg, c->cgroups[i].settings[j].name, f);
	for (size_t i = 0; !err && i < c->nr_steps; i++)
		if (step_file(&c->steps[i]))
			err = check_file(m, cg, step_file(&c->steps[i]), f);
	return err;
}

static int check_programs(const struct case_needs *n, const struct machine *m, struct fail *f)
{
	char list[sizeof(n->programs)], *rest = list, *name;

	str_copy(list, sizeof(list), n->programs);
	while (*n->programs && (name = strsep(&rest, " ")))
		if (!word_in_list(m->programs, name) && !str_eq(m->programs, MACHINE_ALL_FILES))
			return fail_set(f, -EOPNOTSUPP,
					"needs the program %s, which this host has not in $PATH",
					name);
	return 0;
}

static int check_mount(const struct oom_case *c, const struct machine *m, struct fail *f)
{
	char list[sizeof(c->mount)], *rest = list, *word;

	str_copy(list, sizeof(list), c->mount);
	while (*c->mount && (word = strsep(&rest, ",")))
		if (!word_in_list(m->cgroup2_options, word) &&
		    !str_eq(m->cgroup2_options, MACHINE_ALL_FILES))
			return fail_set(f, -EOPNOTSUPP,
					"this kernel's cgroup2 has no mount option %s", word);
	return 0;
}

static int check_disks(const struct case_needs *n, const struct machine *m, struct fail *f)
{
	if (n->disk_bytes && !m->disk)
		return fail_set(f, -EOPNOTSUPP,
				"needs a disk, and this kernel has no driver for it built in");
	if (!n->swap_bytes || m->swap_total_kb)
		return 0;
	if (n->swap_kind == SWAP_ZRAM)
		return fail_set(f, -EOPNOTSUPP, "this kernel has no zram");
	return fail_set(f, -EOPNOTSUPP,
			"needs swap, and this kernel has no driver for the swap disk built in");
}

/* The lowest it gives itself or its children. */
static int64_t lowest_adj(const struct case_worker *w)
{
	static const char option[] = "--child-adj=";
	int64_t adj = w->oom_score_adj;

	for (size_t i = 0; i < w->nr_extra_args; i++)
		if (str_starts(w->extra_args[i], option))
			adj = min(adj,
				  (int64_t)strtol(w->extra_args[i] + strlen(option), NULL, 10));
	return adj;
}

static int check_kernel(const struct case_needs *n, const struct machine *m, struct fail *f)
{
	unsigned int major, minor;
	bool older;

	if (!n->kernel_major || sscanf(m->release, "%u.%u", &major, &minor) != 2)
		return 0;
	older = major < n->kernel_major || (major == n->kernel_major && minor < n->kernel_minor);
	if (older == n->kernel_before)
		return 0;
	return fail_set(f, -EOPNOTSUPP, "needs %s %u.%u%s",
			n->kernel_before ? "a kernel before" : "kernel", n->kernel_major,
			n->kernel_minor, n->kernel_before ? "" : " or later");
}

int plan_check_needs(const struct oom_case *c, const struct machine *m, enum cgroup_version cg,
		     struct fail *f)
{
	const struct case_needs *n = &c->needs;
	int err = plan_check_controllers(c, m, cg, f);

	if (err)
		return err;
	for (size_t i = 0; i < c->nr_workers; i++)
		if (lowest_adj(&c->workers[i]) < m->adj_floor)
			return fail_set(f, -EOPNOTSUPP,
					"%s needs oom_score_adj %lld, and without CAP_SYS_RESOURCE "
					"none below %d "
					"can be given here",
					c->workers[i].name, (long long)lowest_adj(&c->workers[i]),
					m->adj_floor);
	if (m->nr_nodes < n->nr_nodes && n->nr_nodes > 1)
		return fail_set(f, -EOPNOTSUPP, "needs %u NUMA nodes, this machine has %u",
				n->nr_nodes, m->nr_nodes);
	return check_disks(n, m, f) ?: check_features(n, m, f) ?: check_files(c, m, cg, f) ?:
	       check_mount(c, m, f) ?: check_kernel(n, m, f) ?:
	       check_programs(n, m, f);
}

static uint64_t limit_set(const struct case_setting *set)
{
	/* The v1 name of the same file: what it does to the limit is not followed. */
	if (str_eq(set->name, "memory.limit_in_bytes"))
		return UINT64_MAX;
	if (!str_eq(set->name, "memory.max"))
		return 0;
	return str_eq(set->value, "max") ? UINT64_MAX : strtoull(set->value, NULL, 10);
}

/* What `write` writes is text for the kernel, which reads sizes its own way. */
static uint64_t limit_by_step(const struct case_step *s)
{
	if (s->op == STEP_SET)
		return limit_set(&s->setting);
	return s->op == STEP_WRITE && (str_eq(s->file.name, "memory.max") ||
				       str_eq(s->file.name, "memory.limit_in_bytes"))
		       ? UINT64_MAX
		       : 0;
}

/* The scene's limit, or a higher one that a step sets. */
static uint64_t highest_limit(const struct plan *p, const char *cgroup)
{
	uint64_t limit = plan_limit(p, cgroup);

	for (size_t i = 0; i < p->nr_cgroups; i++)
		for (size_t j = 0; j < p->cgroups[i].nr_settings; j++)
			if (str_eq(p->cgroups[i].path, cgroup))
				limit = max(limit, limit_set(&p->cgroups[i].settings[j]));
	for (size_t i = 0; i < p->nr_steps; i++)
		if (str_eq(p->steps[i].cgroup, cgroup))
			limit = max(limit, limit_by_step(&p->steps[i]));
	return limit;
}

/* There from the start, or moved there. */
static bool comes_below(const struct plan *p, const struct plan_worker *w, const char *top)
{
	for (size_t i = 0; i < p->nr_steps; i++)
		if (p->steps[i].op == STEP_MOVE && str_eq(p->steps[i].worker, w->name) &&
		    plan_is_below(p->steps[i].cgroup, top))
			return true;
	return plan_is_below(w->cgroup, top);
}

/* What the cgroup can come to hold: its limit, or all that its workers ask for. */
static uint64_t most_bytes(const struct plan *p, const char *top)
{
	uint64_t limit = highest_limit(p, top), sum = 0;

	for (size_t i = 0; i < p->nr_workers; i++)
		if (comes_below(p, &p->workers[i], top))
			sum += p->workers[i].bytes;
	return min(limit, sum);
}

/*
 * A memcg's OOM proves nothing where the machine itself may run out first: the kill would come all the
 * same, with another cause. All that the case can take must leave a quarter of what is available.
 */
int plan_check_sizes(const struct plan *p, const struct machine *m, struct fail *f)
{
	uint64_t available = m->mem_available_kb * 1024, sum = 0;
	char need[32], have[32];

	if (p->scope != SCOPE_MEMCG)
		return 0;
	for (size_t i = 0; i < p->nr_cgroups; i++)
		if (!strchr(p->cgroups[i].path, '/'))
			sum += most_bytes(p, p->cgroups[i].path);
	for (size_t i = 0; i < p->nr_workers; i++)
		if (!*p->workers[i].cgroup)
			sum += p->workers[i].bytes;
	if (sum <= available - available / 4)
		return 0;
	return fail_set(f, -EINVAL,
			"refused: the case can take %s where %s are available: the machine itself "
			"could run "
			"out of memory before the memcg does",
			bytes_format(sum, need, sizeof(need)),
			bytes_format(available, have, sizeof(have)));
}
