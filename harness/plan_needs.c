// SPDX-License-Identifier: MIT
/* Does the machine have what the case needs? If not, the case is skipped, and this says why. */
#include "harness/plan_impl.h"

static bool wants_cpuset(const struct oom_case *c)
{
	for (size_t i = 0; i < c->nr_cgroups; i++)
		for (size_t j = 0; j < c->cgroups[i].nr_settings; j++)
			if (str_starts(c->cgroups[i].settings[j].name, "cpuset."))
				return true;
	return false;
}

static int cgroup_needs(const struct oom_case *c, const struct machine *m, enum cgroup_version cg,
			struct fail *f)
{
	const char *version = cgroup_version_name(cg);
	const char *release = *m->release ? m->release : "this kernel";

	if (!(cg == CGROUP_V1 ? c->needs.v1 : c->needs.v2))
		return fail_set(f, -EOPNOTSUPP, "the case is for cgroup %s only",
				cg == CGROUP_V1 ? "v2" : "v1");
	if (!(cg == CGROUP_V1 ? m->memcg_v1 : m->memcg_v2))
		return fail_set(f, -EOPNOTSUPP, "%s has no %s memory controller", release, version);
	if (wants_cpuset(c) && !(cg == CGROUP_V1 ? m->cpuset_v1 : m->cpuset_v2))
		return fail_set(f, -EOPNOTSUPP, "%s has no %s cpuset controller", release, version);
	return 0;
}

int plan_needs(const struct oom_case *c, const struct machine *m, enum cgroup_version cg,
	       struct fail *f)
{
	const struct case_needs *n = &c->needs;
	const struct case_when kernel = { 0, ">=", n->kernel_major, n->kernel_minor };
	char want[32], have[32];
	int err = cgroup_needs(c, m, cg, f);

	if (err)
		return err;
	if (n->kernel_major && *m->release && !case_when_holds(&kernel, cg, m->release))
		return fail_set(f, -EOPNOTSUPP, "needs kernel %u.%u or newer, this is %s",
				n->kernel_major, n->kernel_minor, m->release);
	if (n->nr_nodes > 1 && m->nr_nodes < n->nr_nodes)
		return fail_set(f, -EOPNOTSUPP, "needs %u NUMA nodes with memory, there %s %u",
				n->nr_nodes, m->nr_nodes == 1 ? "is" : "are", m->nr_nodes);
	/* What the kernel keeps for itself is not in MemTotal: a quarter at most. */
	if (m->mem_total_kb < n->memory_bytes / 1024 * 3 / 4)
		return fail_set(f, -EOPNOTSUPP, "needs a machine of %s, MemTotal is %s",
				bytes_format(n->memory_bytes, want, sizeof(want)),
				bytes_format(m->mem_total_kb * 1024, have, sizeof(have)));
	if (n->swap_bytes && m->swap_total_kb + 1024 < n->swap_bytes / 1024)
		return fail_set(f, -EOPNOTSUPP, "needs %s of swap, there are %s",
				bytes_format(n->swap_bytes, want, sizeof(want)),
				bytes_format(m->swap_total_kb * 1024, have, sizeof(have)));
	return 0;
}
