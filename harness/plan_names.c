// SPDX-License-Identifier: MIT
#include "harness/plan_names.h"

static const char *const ops[] = {
	[STEP_START] = "start",
	[STEP_TRIGGER] = "trigger",
	[STEP_WAIT_OOM] = "wait kills",
	[STEP_WAIT_DEATH] = "wait death",
	[STEP_WAIT_READY] = "wait ready",
	[STEP_KILL] = "kill",
	[STEP_SET] = "set",
	[STEP_SYSRQ] = "sysrq",
	[STEP_KMSG] = "kmsg",
	[STEP_READ] = "read",
	[STEP_WRITE] = "write",
	[STEP_WAIT_FILE] = "wait file",
	[STEP_WAIT_QUIET] = "wait quiet",
	[STEP_WAIT_EVENT] = "wait event",
	[STEP_EVENTFD] = "eventfd",
	[STEP_SIGNAL] = "signal",
	[STEP_MOVE] = "move",
	[STEP_REMOVE] = "remove",
};

static const char *const kinds[] = {
	[EXPECT_VICTIMS] = "victims",
	[EXPECT_VICTIMS_ANY_ORDER] = "victims_any_order",
	[EXPECT_SURVIVORS] = "survivors",
	[EXPECT_NO_OOM] = "no_oom",
	[EXPECT_ENOMEM] = "enomem",
	[EXPECT_CONSTRAINT] = "constraint",
	[EXPECT_OOM_MEMCG] = "oom_memcg",
	[EXPECT_TASK_MEMCG] = "task_memcg",
	[EXPECT_NODEMASK] = "nodemask",
	[EXPECT_MEMS_ALLOWED] = "mems_allowed",
	[EXPECT_LIMIT] = "limit",
	[EXPECT_USAGE] = "usage",
	[EXPECT_COUNTER] = "counter",
	[EXPECT_VMSTAT] = "vmstat",
	[EXPECT_NODE_FREE] = "node_free",
	[EXPECT_ZONE_BELOW] = "zone_free_below",
	[EXPECT_TASK_DUMP] = "task_dump",
	[EXPECT_MODEL] = "model",
	[EXPECT_PANIC] = "panic",
	[EXPECT_SWAP_USAGE] = "swap_usage",
	[EXPECT_FIGURE] = "figure",
	[EXPECT_RANK] = "rank",
	[EXPECT_SAME_POINTS] = "same_points",
	[EXPECT_TAKEN_ALONG] = "taken_along",
};

static const enum oom_scope scopes[] = { SCOPE_MEMCG, SCOPE_GLOBAL, SCOPE_NODE, SCOPE_PANIC };

static const char *const places[] = { "", "cgroup", "worker", "path" };

static int find(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (name && str_eq(names[i], name))
			return (int)i;
	return -EINVAL;
}

const char *step_op_name(enum step_op op)
{
	return ops[op];
}

const char *expect_kind_name(enum expect_kind kind)
{
	return kinds[kind];
}

int step_op_parse(const char *name, enum step_op *ret)
{
	int i = find(ops, ARRAY_SIZE(ops), name);

	if (i >= 0)
		*ret = (enum step_op)i;
	return i < 0 ? i : 0;
}

int expect_kind_parse(const char *name, enum expect_kind *ret)
{
	int i = find(kinds, ARRAY_SIZE(kinds), name);

	if (i >= 0)
		*ret = (enum expect_kind)i;
	return i < 0 ? i : 0;
}

const char *file_place_name(enum file_place place)
{
	return places[place];
}

int file_place_parse(const char *name, enum file_place *ret)
{
	int i = find(places, ARRAY_SIZE(places), name);

	if (i >= 0)
		*ret = (enum file_place)i;
	return i < 0 ? i : 0;
}

int scope_parse(const char *name, enum oom_scope *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(scopes); i++) {
		if (name && str_eq(scope_name(scopes[i]), name)) {
			*ret = scopes[i];
			return 0;
		}
	}
	return -EINVAL;
}
