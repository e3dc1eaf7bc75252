// SPDX-License-Identifier: MIT
/* A case made concrete for one machine: sizes in bytes, argument vectors, the rows that hold there. */
#include "harness/plan_impl.h"

uint64_t plan_limit(const struct plan *p, const char *cgroup)
{
	for (size_t i = 0; i < p->nr_cgroups; i++) {
		const struct case_cgroup *cg = &p->cgroups[i];

		if (!str_eq(cg->path, cgroup))
			continue;
		for (size_t j = 0; j < cg->nr_settings; j++)
			if (str_eq(cg->settings[j].name, "memory.max") &&
			    !str_eq(cg->settings[j].value, "max"))
				return strtoull(cg->settings[j].value, NULL, 10);
	}
	return UINT64_MAX;
}

bool plan_is_below(const char *path, const char *top)
{
	size_t n = strlen(top);

	return n == 0 || (strncmp(path, top, n) == 0 && (path[n] == '\0' || path[n] == '/'));
}

bool plan_parent(char *path)
{
	char *slash = strrchr(path, '/');

	if (!*path)
		return false;
	*(slash ? slash : path) = '\0';
	return true;
}

static const char *cpuset_mems(const struct plan *p, const char *cgroup)
{
	char path[CASE_PATH_LEN];

	str_copy(path, sizeof(path), cgroup);
	do {
		for (size_t i = 0; i < p->nr_cgroups; i++)
			for (size_t j = 0; j < p->cgroups[i].nr_settings; j++)
				if (str_eq(p->cgroups[i].path, path) &&
				    str_eq(p->cgroups[i].settings[j].name, "cpuset.mems"))
					return p->cgroups[i].settings[j].value;
	} while (plan_parent(path));
	return NULL;
}

bool plan_nodes_of(const struct plan *p, const struct case_worker *w, struct nodemask *ret,
		   bool *by_policy)
{
	const char *mems;

	*by_policy = str_starts(w->mempolicy, "bind:");
	mems = *by_policy ? w->mempolicy + strlen("bind:") : cpuset_mems(p, w->cgroup);
	return mems && nodemask_parse(mems, ret) == 0 && nodemask_weight(ret) > 0;
}

uint64_t plan_nodes_free_kb(const struct machine *m, const struct nodemask *nodes)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < m->nr_nodes; i++)
		if (nodemask_has(nodes, (unsigned int)m->nodes[i].id))
			sum += m->nodes[i].free_kb;
	return sum;
}

static const struct machine_node *find_node(const struct machine *m, int id)
{
	for (unsigned int i = 0; i < m->nr_nodes; i++)
		if (m->nodes[i].id == id)
			return &m->nodes[i];
	return NULL;
}

/* The smallest limit above (or at) a cgroup. */
static uint64_t nearest_limit(const struct plan *p, const char *cgroup)
{
	uint64_t limit = UINT64_MAX;
	char path[CASE_PATH_LEN];

	str_copy(path, sizeof(path), cgroup);
	do
		limit = min(limit, plan_limit(p, path));
	while (plan_parent(path));
	return limit;
}

/* What a percentage is a percentage of, in bytes. */
static int whole_of(const struct plan *p, const struct machine *m, const struct size_spec *s,
		    const char *cgroup, int bound_node, uint64_t *ret, struct fail *f)
{
	const struct machine_node *node = find_node(m, s->node >= 0 ? s->node : bound_node);

	switch (s->base) {
	case SIZE_BYTES:
		*ret = 0;
		return 0;
	case SIZE_OF_MEMTOTAL:
		*ret = m->mem_total_kb * 1024;
		return 0;
	case SIZE_OF_AVAILABLE:
		*ret = m->mem_available_kb * 1024;
		return 0;
	case SIZE_OF_SWAP:
		*ret = m->swap_total_kb * 1024;
		return 0;
	case SIZE_OF_NODE:
	case SIZE_OF_NODE_FREE:
		if (!node)
			return fail_set(f, -EINVAL,
					"a size is a share of a node that this machine lacks");
		*ret = (s->base == SIZE_OF_NODE ? node->total_kb : node->free_kb) * 1024;
		return 0;
	case SIZE_OF_LIMIT:
		*ret = nearest_limit(p, cgroup);
		if (*ret == UINT64_MAX)
			return fail_set(
				f, -EINVAL,
				"a size is a share of a limit, and no cgroup above has one");
		return 0;
	}
	return -EINVAL;
}

static int resolve_setting(const struct plan *p, const struct machine *m, struct case_setting *set,
			   const char *cgroup, struct fail *f)
{
	uint64_t whole;
	int err;

	if (!set->is_size)
		return 0;
	err = whole_of(p, m, &set->size, cgroup, -1, &whole, f);
	if (!err)
		snprintf(set->value, sizeof(set->value), "%llu",
			 (unsigned long long)size_resolve(&set->size, whole, m->page_bytes));
	return err;
}

static void *dup_array(const void *src, size_t n, size_t size)
{
	void *dst = calloc(n ? n : 1, size);

	if (dst && n)
		memcpy(dst, src, n * size);
	return dst;
}

static int copy_scene(struct plan *p, const struct oom_case *c, const struct machine *m,
		      struct fail *f)
{
	int err = 0;

	p->sysctls = dup_array(c->sysctls, c->nr_sysctls, sizeof(*c->sysctls));
	p->nr_sysctls = p->sysctls ? c->nr_sysctls : 0;
	p->sysfs = dup_array(c->sysfs, c->nr_sysfs, sizeof(*c->sysfs));
	p->nr_sysfs = p->sysfs ? c->nr_sysfs : 0;
	str_copy(p->mount, sizeof(p->mount), c->mount);
	p->cgroups = dup_array(c->cgroups, c->nr_cgroups, sizeof(*c->cgroups));
	p->steps = dup_array(c->steps, c->nr_steps, sizeof(*c->steps));
	if (!p->sysctls || !p->sysfs || !p->cgroups || !p->steps)
		return fail_errno(f, -ENOMEM, "%s", c->name);
	p->nr_steps = c->nr_steps;
	for (size_t i = 0; i < c->nr_cgroups; i++) {
		struct case_cgroup *cg = &p->cgroups[i];

		cg->settings =
			dup_array(c->cgroups[i].settings, cg->nr_settings, sizeof(*cg->settings));
		if (!cg->settings)
			return fail_errno(f, -ENOMEM, "%s", c->name);
		p->nr_cgroups = i + 1;
		for (size_t j = 0; !err && j < cg->nr_settings; j++)
			err = resolve_setting(p, m, &cg->settings[j], cg->path, f);
	}
	for (size_t i = 0; !err && i < p->nr_steps; i++)
		err = resolve_setting(p, m, &p->steps[i].setting, p->steps[i].cgroup, f);
	return err;
}

static int add_arg(struct plan_worker *w, const char *text)
{
	w->argv[w->nr_argv] = strdup(text);
	return w->argv[w->nr_argv++] ? 0 : -ENOMEM;
}

static int make_argv(struct plan_worker *w, const struct case_worker *from)
{
	char bytes[24];
	const char *fixed[] = { "oomhog", from->kind, "--name",		  from->name,
				"--size", bytes,      "--ready-fd",	  "3",
				"--hold", "forever",  "--die-with-parent" };
	int err = 0;

	snprintf(bytes, sizeof(bytes), "%llu", (unsigned long long)w->bytes);
	w->argv = calloc(ARRAY_SIZE(fixed) + from->nr_extra_args + 5, sizeof(*w->argv));
	if (!w->argv)
		return -ENOMEM;
	for (size_t i = 0; !err && i < ARRAY_SIZE(fixed); i++)
		err = add_arg(w, fixed[i]);
	if (!err && *from->mempolicy)
		err = add_arg(w, "--mempolicy") ?: add_arg(w, from->mempolicy);
	if (!err && *from->rate)
		err = add_arg(w, "--rate") ?: add_arg(w, from->rate);
	for (size_t i = 0; !err && i < from->nr_extra_args; i++)
		err = add_arg(w, from->extra_args[i]);
	return err;
}

static int make_workers(struct plan *p, const struct oom_case *c, const struct machine *m,
			struct fail *f)
{
	p->workers = calloc(c->nr_workers + 1, sizeof(*p->workers));
	if (!p->workers)
		return fail_errno(f, -ENOMEM, "%s", c->name);
	for (size_t i = 0; i < c->nr_workers; i++) {
		const struct case_worker *from = &c->workers[i];
		struct plan_worker *w = &p->workers[i];
		struct nodemask nodes;
		uint64_t whole;
		bool by_policy;
		int node = plan_nodes_of(p, from, &nodes, &by_policy) ? nodemask_first(&nodes) : -1;
		int err = whole_of(p, m, &from->size, from->cgroup, node, &whole, f);

		if (err)
			return err;
		p->nr_workers = i + 1;
		str_copy(w->name, sizeof(w->name), from->name);
		str_copy(w->cgroup, sizeof(w->cgroup), from->cgroup);
		w->oom_score_adj = from->oom_score_adj;
		w->uid = from->uid;
		w->nice = from->nice;
		w->bytes = size_resolve(&from->size, whole, m->page_bytes);
		if (make_argv(w, from) < 0)
			return fail_errno(f, -ENOMEM, "%s", c->name);
	}
	return 0;
}

/*
 * Does a later row speak of the same thing? A dropped row without a key means the whole
 * file, one without a file the whole cgroup.
 */
static bool replaces(const struct case_expect *later, const struct case_expect *e)
{
	bool same_victims =
		later->kind <= EXPECT_VICTIMS_ANY_ORDER && e->kind <= EXPECT_VICTIMS_ANY_ORDER;

	if (later->kind != e->kind && !same_victims)
		return false;
	if (!str_eq(later->subject, e->subject))
		return false;
	if (!str_eq(later->file, e->file))
		return later->dropped && !*later->file;
	return str_eq(later->key, e->key) || (later->dropped && !*later->key);
}

static bool holds(const struct plan *p, const struct case_expect *e, const char *release)
{
	return case_when_holds(&e->when, p->cgroup, release);
}

static bool has_when(const struct case_expect *e)
{
	return e->when.cgroup || *e->when.op;
}

static int make_expects(struct plan *p, const struct oom_case *c, const char *release,
			struct fail *f)
{
	p->expects = calloc(c->nr_expects + 1, sizeof(*p->expects));
	if (!p->expects)
		return fail_errno(f, -ENOMEM, "%s", c->name);
	for (size_t i = 0; i < c->nr_expects; i++) {
		const struct case_expect *e = &c->expects[i];
		struct case_expect *to = &p->expects[p->nr_expects];
		bool replaced = !holds(p, e, release) || e->dropped;

		for (size_t j = i + 1; !replaced && j < c->nr_expects; j++)
			replaced = has_when(&c->expects[j]) && holds(p, &c->expects[j], release) &&
				   replaces(&c->expects[j], e);
		if (replaced)
			continue;
		*to = *e;
		to->names = dup_array(e->names, e->nr_names, sizeof(*e->names));
		if (!to->names)
			return fail_errno(f, -ENOMEM, "%s", c->name);
		p->nr_expects++;
		if (e->kind <= EXPECT_VICTIMS_ANY_ORDER)
			p->nr_kills = (unsigned int)e->nr_names;
	}
	return 0;
}

/*
 * A machine that faults pages slowly gets more time: four times what filling should take. So do steps with
 * a deadline of their own.
 */
static void set_deadlines(struct plan *p, const struct oom_case *c, const struct machine *m)
{
	uint64_t kb = 0, more_ms;

	for (size_t i = 0; i < p->nr_workers; i++)
		kb += p->workers[i].bytes / 1024;
	more_ms = 4 * 1000 * kb / (m->fill_kb_per_s ? m->fill_kb_per_s : 100 * 1024);
	p->timeout_ms = c->timeout_ms + more_ms;
	for (size_t i = 0; i < p->nr_steps; i++)
		if (p->steps[i].timeout_ms)
			p->steps[i].timeout_ms += more_ms;
}

int plan_make(const struct oom_case *c, const struct machine *m, enum cgroup_version cg,
	      struct plan **ret, struct fail *f)
{
	struct plan *p;
	int err = plan_check_needs(c, m, cg, f);

	if (err)
		return err;
	p = calloc(1, sizeof(*p));
	if (!p)
		return fail_errno(f, -ENOMEM, "%s", c->name);
	str_copy(p->name, sizeof(p->name), c->name);
	p->cgroup = cg;
	p->scope = c->scope;
	err = copy_scene(p, c, m, f);
	if (!err)
		err = make_workers(p, c, m, f);
	if (!err)
		err = make_expects(p, c, m->release, f);
	if (!err)
		err = plan_check_sizes(p, m, f);
	if (!err) {
		set_deadlines(p, c, m);
		err = plan_predict(p, c, m, f);
	}
	if (err)
		plan_free(p);
	else
		*ret = p;
	return err;
}

void plan_free(struct plan *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->nr_cgroups; i++)
		free(p->cgroups[i].settings);
	for (size_t i = 0; i < p->nr_workers; i++) {
		for (size_t j = 0; p->workers[i].argv && p->workers[i].argv[j]; j++)
			free(p->workers[i].argv[j]);
		free(p->workers[i].argv);
	}
	for (size_t i = 0; i < p->nr_expects; i++)
		free(p->expects[i].names);
	free(p->sysctls);
	free(p->sysfs);
	free(p->cgroups);
	free(p->workers);
	free(p->steps);
	free(p->expects);
	free(p);
}

const struct plan_worker *plan_worker(const struct plan *p, const char *name)
{
	for (size_t i = 0; i < p->nr_workers; i++)
		if (str_eq(p->workers[i].name, name))
			return &p->workers[i];
	return NULL;
}

const struct plan_worker *plan_task(const struct plan *p, const char *task)
{
	const struct plan_worker *w;
	unsigned int child;
	char name[16];

	if (!task_split(task, name, sizeof(name), &child))
		return NULL;
	w = plan_worker(p, name);
	if (!w || !child)
		return w;
	return w->nr_argv > 1 && child <= task_children(w->argv[1], w->argv, w->nr_argv) ? w : NULL;
}
