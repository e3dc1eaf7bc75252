// SPDX-License-Identifier: MIT
/* Percentages become bytes of this machine, workers become argument vectors of oomhog. */
#include "harness/plan_impl.h"
#include "lib/nodemask.h"

#include <stdarg.h>

static int no_memory(const struct oom_case *c, struct fail *f)
{
	return fail_set(f, -ENOMEM, "%s: no memory for its plan", c->name);
}

static const struct machine_node *find_node(const struct machine *m, int id)
{
	for (unsigned int i = 0; i < m->nr_nodes; i++)
		if (m->nodes[i].id == id)
			return &m->nodes[i];
	return NULL;
}

/* memory.max of the nearest cgroup that has one, UINT64_MAX if none has. */
static uint64_t nearest_limit(const struct plan *p, const char *cgroup)
{
	char path[CASE_PATH_LEN];

	str_copy(path, sizeof(path), cgroup);
	do {
		const char *max = plan_knob(p, path, "memory.max");

		if (max && !str_eq(max, "max"))
			return strtoull(max, NULL, 10);
	} while (plan_parent(path));
	return UINT64_MAX;
}

/* What a percentage is of; 0 if there is no such thing here. */
static uint64_t whole_bytes(const struct plan *p, const struct machine *m,
			    const struct size_spec *size, const char *cgroup, int bound_node)
{
	const struct machine_node *node = find_node(m, size->node >= 0 ? size->node : bound_node);
	uint64_t limit;

	switch (size->base) {
	case SIZE_OF_MEMTOTAL:
		return m->mem_total_kb * 1024;
	case SIZE_OF_AVAILABLE:
		return m->mem_available_kb * 1024;
	case SIZE_OF_NODE:
		return node ? node->total_kb * 1024 : 0;
	case SIZE_OF_NODE_FREE:
		return node ? node->free_kb * 1024 : 0;
	case SIZE_OF_LIMIT:
		limit = nearest_limit(p, cgroup);
		return limit == UINT64_MAX ? 0 : limit;
	case SIZE_OF_SWAP:
		return m->swap_total_kb * 1024;
	default:
		return UINT64_MAX;
	}
}

static int resolve_size(const struct oom_case *c, const struct plan *p, const struct machine *m,
			const struct size_spec *size, const char *of, const char *cgroup,
			int bound_node, uint64_t *ret, struct fail *f)
{
	uint64_t whole = whole_bytes(p, m, size, cgroup, bound_node);

	*ret = size_resolve(size, whole, m->page_bytes);
	if (whole && *ret)
		return 0;
	return fail_set(f, -EINVAL, "%s: size of %s: there is nothing here to take a share of",
			c->name, of);
}

/* Without swap a v1 kernel may lack the file, and there is nothing to limit. */
static bool is_moot(const struct plan *p, const struct machine *m, const char *name)
{
	return p->cgroup == CGROUP_V1 && !m->swap_total_kb && str_eq(name, "memory.swap.max");
}

static int resolve_setting(const struct oom_case *c, const struct plan *p, const struct machine *m,
			   struct case_setting *s, struct fail *f)
{
	uint64_t bytes;
	int err;

	s->where = (struct where){ 0 };
	if (!s->is_size || s->size.base == SIZE_BYTES)
		return 0;
	err = resolve_size(c, p, m, &s->size, s->name, "", -1, &bytes, f);
	if (!err)
		snprintf(s->value, sizeof(s->value), "%llu", (unsigned long long)bytes);
	return err;
}

static int resolve_cgroup(const struct oom_case *c, const struct machine *m,
			  const struct case_cgroup *from, struct plan *p, struct case_cgroup *to,
			  struct fail *f)
{
	int err = 0;

	str_copy(to->path, sizeof(to->path), from->path);
	to->settings = calloc(from->nr_settings + 1, sizeof(*to->settings));
	if (!to->settings)
		return no_memory(c, f);
	for (size_t i = 0; i < from->nr_settings && !err; i++) {
		struct case_setting *s = &to->settings[to->nr_settings];

		if (is_moot(p, m, from->settings[i].name))
			continue;
		*s = from->settings[i];
		to->nr_settings++;
		err = resolve_setting(c, p, m, s, f);
	}
	return err;
}

static int resolve_scene(const struct oom_case *c, const struct machine *m, struct plan *p,
			 struct fail *f)
{
	int err = 0;

	p->sysctls = calloc(c->nr_sysctls + 1, sizeof(*p->sysctls));
	p->cgroups = calloc(c->nr_cgroups + 1, sizeof(*p->cgroups));
	if (!p->sysctls || !p->cgroups)
		return no_memory(c, f);
	p->nr_sysctls = c->nr_sysctls;
	for (size_t i = 0; i < c->nr_sysctls; i++) {
		p->sysctls[i] = c->sysctls[i];
		p->sysctls[i].where = (struct where){ 0 };
	}
	for (size_t i = 0; i < c->nr_cgroups && !err; i++) {
		p->nr_cgroups++;
		err = resolve_cgroup(c, m, &c->cgroups[i], p, &p->cgroups[i], f);
	}
	return err;
}

static int add_arg(struct plan_worker *w, const char *fmt, ...) __printf(2, 3);

static int add_arg(struct plan_worker *w, const char *fmt, ...)
{
	char text[300];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	w->argv[w->nr_argv] = strdup(text);
	return w->argv[w->nr_argv++] ? 0 : -ENOMEM;
}

static int make_argv(const struct case_worker *from, struct plan_worker *to)
{
	int err = 0;

	if (from->nr_extra_args > PLAN_ARGS_MAX - 20)
		return -E2BIG;
	to->argv = calloc(PLAN_ARGS_MAX + 1, sizeof(*to->argv));
	if (!to->argv)
		return -ENOMEM;
	err |= add_arg(to, "oomhog");
	err |= add_arg(to, "%s", from->kind);
	err |= add_arg(to, "--name");
	err |= add_arg(to, "%s", from->name);
	err |= add_arg(to, "--size");
	err |= add_arg(to, "%llu", (unsigned long long)to->bytes);
	err |= add_arg(to, "--oom-score-adj");
	err |= add_arg(to, "%d", from->oom_score_adj);
	if (*from->mempolicy) {
		err |= add_arg(to, "--mempolicy");
		err |= add_arg(to, "%s", from->mempolicy);
	}
	if (*from->rate) {
		err |= add_arg(to, "--rate");
		err |= add_arg(to, "%s", from->rate);
	}
	err |= add_arg(to, "--ready-fd");
	err |= add_arg(to, "3");
	err |= add_arg(to, "--hold");
	err |= add_arg(to, "forever");
	err |= add_arg(to, "--die-with-parent");
	for (size_t i = 0; i < from->nr_extra_args; i++)
		err |= add_arg(to, "%s", from->extra_args[i]);
	return err ? -ENOMEM : 0;
}

/* The first node of "bind:1", -1 for other policies. */
static int bound_node(const char *policy)
{
	struct nodemask nodes;

	if (!str_starts(policy, "bind:") || nodemask_parse(policy + 5, &nodes) < 0)
		return -1;
	return nodemask_first(&nodes);
}

static int resolve_worker(const struct oom_case *c, const struct machine *m, const struct plan *p,
			  const struct case_worker *from, struct plan_worker *to, struct fail *f)
{
	uint64_t most = (m->mem_total_kb + m->swap_total_kb) * 1024;
	char want[32], have[32];
	int err;

	str_copy(to->name, sizeof(to->name), from->name);
	str_copy(to->cgroup, sizeof(to->cgroup), from->cgroup);
	to->oom_score_adj = from->oom_score_adj;
	err = resolve_size(c, p, m, &from->size, from->name, from->cgroup,
			   bound_node(from->mempolicy), &to->bytes, f);
	if (err)
		return err;
	if (to->bytes > most)
		return fail_set(f, -EINVAL,
				"%s: worker %s: %s is above memory and swap here (%s): ENOMEM "
				"instead of an OOM",
				c->name, from->name, bytes_format(to->bytes, want, sizeof(want)),
				bytes_format(most, have, sizeof(have)));
	err = make_argv(from, to);
	return err == -E2BIG
		       ? fail_set(f, -EINVAL, "%s: worker %s: too many args", c->name, from->name)
	       : err ? no_memory(c, f)
		     : 0;
}

/* A limit must be what runs out first: far below what the machine has free. */
static int check_limits(const struct oom_case *c, const struct machine *m, const struct plan *p,
			struct fail *f)
{
	char want[32], have[32];

	for (size_t i = 0; c->scope == SCOPE_MEMCG && i < p->nr_cgroups; i++) {
		const char *max = plan_knob(p, p->cgroups[i].path, "memory.max");
		uint64_t limit = max && !str_eq(max, "max") ? strtoull(max, NULL, 10) : 0;

		if (limit > m->mem_available_kb * 1024 / 4 * 3)
			return fail_set(
				f, -EINVAL,
				"%s: memory.max of %s is %s, with %s available memory "
				"would run out globally first",
				c->name, p->cgroups[i].path,
				bytes_format(limit, want, sizeof(want)),
				bytes_format(m->mem_available_kb * 1024, have, sizeof(have)));
	}
	return 0;
}

int plan_resolve(const struct oom_case *c, const struct machine *m, struct plan *p, struct fail *f)
{
	int err = resolve_scene(c, m, p, f);

	if (!err)
		err = check_limits(c, m, p, f);
	if (err)
		return err;
	p->workers = calloc(c->nr_workers + 1, sizeof(*p->workers));
	if (!p->workers)
		return no_memory(c, f);
	for (size_t i = 0; i < c->nr_workers && !err; i++) {
		p->nr_workers++;
		err = resolve_worker(c, m, p, &c->workers[i], &p->workers[i], f);
	}
	return err;
}
