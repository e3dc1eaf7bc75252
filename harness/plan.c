// SPDX-License-Identifier: MIT
#include "harness/plan.h"
#include "harness/plan_impl.h"

static const char *const op_names[] = {
	[STEP_START] = "start",
	[STEP_TRIGGER] = "trigger",
	[STEP_WAIT_OOM] = "wait_kills",
	[STEP_WAIT_DEATH] = "wait_death",
	[STEP_WAIT_READY] = "wait_ready",
	[STEP_KILL] = "kill",
	[STEP_SET] = "set",
	[STEP_SYSRQ] = "sysrq",
	[STEP_KMSG] = "kmsg",
};

static const char *const expect_names[] = {
	[EXPECT_VICTIMS] = "victims",	  [EXPECT_VICTIMS_ANY_ORDER] = "victims_any_order",
	[EXPECT_SURVIVORS] = "survivors", [EXPECT_NO_OOM] = "no_oom",
	[EXPECT_ENOMEM] = "enomem",	  [EXPECT_CONSTRAINT] = "constraint",
	[EXPECT_OOM_MEMCG] = "oom_memcg", [EXPECT_TASK_MEMCG] = "task_memcg",
	[EXPECT_NODEMASK] = "nodemask",	  [EXPECT_MEMS_ALLOWED] = "mems_allowed",
	[EXPECT_LIMIT] = "limit",	  [EXPECT_USAGE] = "usage",
	[EXPECT_COUNTER] = "counter",	  [EXPECT_VMSTAT] = "vmstat",
	[EXPECT_NODE_FREE] = "node_free", [EXPECT_ZONE_BELOW] = "zone_free_below",
	[EXPECT_MODEL] = "model",	  [EXPECT_PANIC] = "panic",
};

const char *step_op_name(enum step_op op)
{
	return (size_t)op < ARRAY_SIZE(op_names) ? op_names[op] : NULL;
}

const char *expect_kind_name(enum expect_kind kind)
{
	return (size_t)kind < ARRAY_SIZE(expect_names) ? expect_names[kind] : NULL;
}

const struct plan_worker *plan_worker(const struct plan *p, const char *name)
{
	for (size_t i = 0; i < p->nr_workers; i++)
		if (str_eq(p->workers[i].name, name))
			return &p->workers[i];
	return NULL;
}

const char *plan_knob(const struct plan *p, const char *cgroup, const char *file)
{
	for (size_t i = 0; i < p->nr_cgroups; i++) {
		const struct case_cgroup *cg = &p->cgroups[i];

		if (!str_eq(cg->path, cgroup))
			continue;
		for (size_t j = 0; j < cg->nr_settings; j++)
			if (str_eq(cg->settings[j].name, file))
				return cg->settings[j].value;
	}
	return NULL;
}

bool plan_parent(char *path)
{
	char *slash = strrchr(path, '/');

	if (!*path)
		return false;
	*(slash ? slash : path) = '\0';
	return true;
}

void plan_free(struct plan *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->nr_cgroups; i++)
		free(p->cgroups[i].settings);
	for (size_t i = 0; i < p->nr_workers; i++) {
		for (size_t j = 0; j < p->workers[i].nr_argv; j++)
			free(p->workers[i].argv[j]);
		free(p->workers[i].argv);
	}
	for (size_t i = 0; i < p->nr_expects; i++)
		free(p->expects[i].names);
	free(p->sysctls);
	free(p->cgroups);
	free(p->workers);
	free(p->steps);
	free(p->expects);
	free(p);
}

/* Waits are for memory to be filled: the slower the machine, the longer. */
static uint64_t fill_ms(const struct plan *p, const struct machine *m)
{
	uint64_t kb = 0, kb_per_s = m->fill_kb_per_s ? m->fill_kb_per_s : 50000;

	for (size_t i = 0; i < p->nr_workers; i++)
		kb += p->workers[i].bytes / 1024;
	return kb * 4 * 1000 / kb_per_s;
}

static int copy_steps(const struct oom_case *c, const struct machine *m, struct plan *p)
{
	uint64_t more_ms = fill_ms(p, m);

	p->timeout_ms = c->timeout_ms + more_ms;
	p->steps = calloc(c->nr_steps + 1, sizeof(*p->steps));
	if (!p->steps)
		return -ENOMEM;
	p->nr_steps = c->nr_steps;
	for (size_t i = 0; i < c->nr_steps; i++) {
		struct case_step *s = &p->steps[i];

		*s = c->steps[i];
		s->timeout_ms += s->timeout_ms ? more_ms : 0;
		s->where = s->setting.where = (struct where){ 0 };
	}
	return 0;
}

int plan_make(const struct oom_case *c, const struct machine *m, enum cgroup_version cg,
	      struct plan **ret, struct fail *f)
{
	struct plan *p;
	int err = plan_needs(c, m, cg, f);

	*ret = NULL;
	if (err)
		return err;
	p = calloc(1, sizeof(*p));
	if (!p)
		return fail_set(f, -ENOMEM, "%s: no memory for its plan", c->name);
	str_copy(p->name, sizeof(p->name), c->name);
	p->cgroup = cg;
	p->scope = c->scope;
	err = plan_resolve(c, m, p, f);
	if (!err) {
		err = copy_steps(c, m, p);
		if (err)
			fail_set(f, err, "%s: no memory for its plan", c->name);
	}
	if (!err)
		err = plan_expects(c, m, p, f);
	if (!err)
		err = plan_predict(m, p, f);
	if (err)
		plan_free(p);
	else
		*ret = p;
	return err;
}
