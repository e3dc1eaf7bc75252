// SPDX-License-Identifier: MIT
/*
 * Sizes that cannot do what they are for on a machine of the memory the case asks for. Percentages
 * are left to the planner, which knows the machine.
 */
#include "harness/schema.h"

#define told_at(r, w, ...) diag_add((r)->d, (w)->line, (w)->column, __VA_ARGS__)

static const struct case_cgroup *find_cgroup(const struct oom_case *c, const char *path)
{
	for (size_t i = 0; i < c->nr_cgroups; i++)
		if (str_eq(c->cgroups[i].path, path))
			return &c->cgroups[i];
	return NULL;
}

static bool has_limit(const struct case_cgroup *cg)
{
	for (size_t i = 0; i < cg->nr_settings; i++)
		if (str_eq(cg->settings[i].name, "memory.max"))
			return true;
	return false;
}

static bool is_limited(const struct oom_case *c, const char *path)
{
	char name[CASE_PATH_LEN];
	char *slash;

	str_copy(name, sizeof(name), path);
	while (*name) {
		const struct case_cgroup *cg = find_cgroup(c, name);

		if (cg && has_limit(cg))
			return true;
		slash = strrchr(name, '/');
		*(slash ? slash : name) = '\0';
	}
	return false;
}

static bool sets_limit(const struct oom_case *c)
{
	for (size_t i = 0; i < c->nr_steps; i++)
		if (c->steps[i].op == STEP_SET && str_eq(c->steps[i].setting.name, "memory.max"))
			return true;
	for (size_t i = 0; i < c->nr_cgroups; i++)
		if (has_limit(&c->cgroups[i]))
			return true;
	return false;
}

/* One allocation above RAM plus swap is refused by the overcommit heuristic: ENOMEM, no OOM. */
static void check_worker(struct reader *r, const struct case_worker *w)
{
	const struct case_needs *needs = &r->c->needs;
	char size[32], ram[32];

	if (w->size.base == SIZE_BYTES && w->size.bytes > needs->memory_bytes + needs->swap_bytes)
		told_at(r, &w->where,
			"worker '%s': %s are more than the machine's %s of memory and swap, which "
			"overcommit refuses with ENOMEM",
			w->name, bytes_format(w->size.bytes, size, sizeof(size)),
			bytes_format(needs->memory_bytes + needs->swap_bytes, ram, sizeof(ram)));
	if (w->size.base == SIZE_OF_LIMIT && !is_limited(r->c, w->cgroup))
		told_at(r, &w->where,
			"worker '%s': '%% of limit', but no cgroup above it has a "
			"memory.max",
			w->name);
	if (w->size.base == SIZE_OF_SWAP && !needs->swap_bytes)
		told_at(r, &w->where, "worker '%s': '%% of swap', but needs has no swap", w->name);
	if ((w->size.base == SIZE_OF_NODE || w->size.base == SIZE_OF_NODE_FREE) &&
	    w->size.node < 0 && !str_starts(w->mempolicy, "bind:"))
		told_at(r, &w->where,
			"worker '%s': '%% of node' needs the node's number, or a "
			"mempolicy bind:NODE",
			w->name);
	if (w->size.node >= (int)needs->nr_nodes)
		told_at(r, &w->where, "worker '%s': there is no node %d; say needs: {nodes: %d}",
			w->name, w->size.node, w->size.node + 1);
}

/*
 * A limit near the machine's memory is not what runs out first: the OOM is then a global one. Other
 * suites' memcg tests have failed so on small machines.
 */
static void check_limit(struct reader *r, const struct case_setting *s)
{
	uint64_t memory_bytes = r->c->needs.memory_bytes;
	char limit[32], ram[32];

	if (!str_eq(s->name, "memory.max") || !s->is_size || s->size.base != SIZE_BYTES ||
	    r->c->scope != SCOPE_MEMCG || s->size.bytes <= memory_bytes / 2)
		return;
	told_at(r, &s->where,
		"memory.max %s: the machine has %s, so memory would run out globally before the "
		"limit; at most half is due",
		bytes_format(s->size.bytes, limit, sizeof(limit)),
		bytes_format(memory_bytes, ram, sizeof(ram)));
}

void case_check_sizes(struct reader *r, const struct ynode *root)
{
	const struct oom_case *c = r->c;
	const struct ynode *scope = ynode_get(root, "scope");

	for (size_t i = 0; i < c->nr_workers; i++)
		check_worker(r, &c->workers[i]);
	for (size_t i = 0; i < c->nr_cgroups; i++)
		for (size_t j = 0; j < c->cgroups[i].nr_settings; j++)
			check_limit(r, &c->cgroups[i].settings[j]);
	for (size_t i = 0; i < c->nr_steps; i++)
		if (c->steps[i].op == STEP_SET)
			check_limit(r, &c->steps[i].setting);
	/* With other mistakes told, the limit that is missing here may be one of them. */
	if (scope && c->scope == SCOPE_MEMCG && !sets_limit(c) && !r->d->nr)
		told(r, scope, "scope memcg: some cgroup's memory.max is due, or nothing runs out");
}
