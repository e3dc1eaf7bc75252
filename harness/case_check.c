// SPDX-License-Identifier: MIT
/*
 * Mistakes that no single key shows: workers nobody starts, victims that are survivors, a panic
 * scope without a panic. Sizes are in case_check_sizes.c.
 */
#include "harness/schema.h"
#include "lib/nodemask.h"

#define told_at(r, w, ...) diag_add((r)->d, (w)->line, (w)->column, __VA_ARGS__)

static const struct case_expect *find_expect(const struct oom_case *c, enum expect_kind kind)
{
	for (size_t i = 0; i < c->nr_expects; i++)
		if (c->expects[i].kind == kind && !c->expects[i].dropped)
			return &c->expects[i];
	return NULL;
}

static bool is_named(const struct case_expect *e, const char *name)
{
	for (size_t i = 0; i < e->nr_names; i++)
		if (str_eq(e->names[i], name))
			return true;
	return false;
}

static bool starts(const struct case_step *s)
{
	return s->op == STEP_START || s->op == STEP_TRIGGER;
}

/* How often the worker (of a child: its parent) is started in the first n steps. */
static unsigned int nr_starts(const struct oom_case *c, const char *task, size_t n)
{
	unsigned int starts_seen = 0, child;
	char worker[16];

	if (!task_split(task, worker, sizeof(worker), &child))
		return 0;

	for (size_t i = 0; i < n; i++)
		starts_seen += starts(&c->steps[i]) && str_eq(c->steps[i].worker, worker);
	return starts_seen;
}

static size_t nr_children(const struct oom_case *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->nr_workers; i++)
		n += task_children(c->workers[i].kind, c->workers[i].extra_args,
				   c->workers[i].nr_extra_args);
	return n;
}

static void check_steps(struct reader *r)
{
	const struct oom_case *c = r->c;

	for (size_t i = 0; i < c->nr_steps; i++) {
		const struct case_step *s = &c->steps[i];
		unsigned int before = *s->worker ? nr_starts(c, s->worker, i) : 1;

		if (starts(s) && before)
			told_at(r, &s->where, "'%s' is started twice; a worker lives once",
				s->worker);
		else if (!starts(s) && !before)
			told_at(r, &s->where, "'%s' is not started by the steps before this one",
				s->worker);
		if (s->op == STEP_WAIT_OOM && s->count > c->nr_workers + nr_children(c))
			told_at(r, &s->where, "%llu kills are waited for, there are %zu workers",
				(unsigned long long)s->count, c->nr_workers);
	}
	if (nr_children(c) > CASE_CHILDREN_MAX)
		told_at(r, &c->workers[0].where,
			"the workers have %zu children, at most %d are due", nr_children(c),
			CASE_CHILDREN_MAX);
	for (size_t i = 0; !r->steps_bad && i < c->nr_workers; i++)
		if (!nr_starts(c, c->workers[i].name, c->nr_steps))
			told_at(r, &c->workers[i].where,
				"worker '%s' is never started; give it a "
				"step, or take it out",
				c->workers[i].name);
}

static bool when_equal(const struct case_when *a, const struct case_when *b)
{
	return a->cgroup == b->cgroup && str_eq(a->op, b->op) && a->major == b->major &&
	       a->minor == b->minor;
}

/* Rows that hold at the same places must not contradict. */
static void check_pair(struct reader *r, const struct case_expect *a, const struct case_expect *b)
{
	bool a_kills = a->kind <= EXPECT_VICTIMS_ANY_ORDER, a_taken = a->kind == EXPECT_TAKEN_ALONG;
	bool b_taken = b->kind == EXPECT_TAKEN_ALONG;

	if (a->dropped || b->dropped || !when_equal(&a->when, &b->when))
		return;
	if (a_kills && b->kind == EXPECT_NO_OOM)
		told_at(r, &b->where, "no_oom: there are victims; take one of the two out");
	if ((!a_kills && !a_taken) ||
	    (b->kind != EXPECT_SURVIVORS && b->kind != EXPECT_ENOMEM && (a_taken || !b_taken)))
		return;
	for (size_t i = 0; i < b->nr_names; i++)
		if (is_named(a, b->names[i]))
			told_at(r, &b->where, "'%s' is among the %s too; one of the two is due",
				b->names[i], a_kills ? "victims" : "taken_along");
}

static void check_panic(struct reader *r, const struct ynode *root)
{
	const struct oom_case *c = r->c;
	const struct case_expect *panic = find_expect(c, EXPECT_PANIC);
	const struct ynode *scope = ynode_get(root, "scope");

	if (c->scope == SCOPE_PANIC && !panic && scope)
		told(r, scope, "scope panic: expect must say what the panic says, 'panic: TEXT'");
	else if (panic && c->scope != SCOPE_PANIC)
		told_at(r, &panic->where, "a panic is expected, so 'scope: panic' is due, not %s",
			scope_name(c->scope));
}

static void check_nodes_of(struct reader *r, const struct where *where, const char *what,
			   const char *list)
{
	struct nodemask nodes;

	if (nodemask_parse(list, &nodes) < 0)
		return;
	for (unsigned int n = r->c->needs.nr_nodes; n < NODEMASK_MAX; n++) {
		if (nodemask_has(&nodes, n)) {
			told_at(r, where,
				"%s '%s': the machine has %u node%s; say needs: {nodes: "
				"%u}",
				what, list, r->c->needs.nr_nodes,
				r->c->needs.nr_nodes == 1 ? "" : "s", n + 1);
			return;
		}
	}
}

static void check_nodes(struct reader *r, const struct ynode *root)
{
	const struct oom_case *c = r->c;

	if (c->scope == SCOPE_NODE && c->needs.nr_nodes < 2 && ynode_get(root, "scope"))
		told(r, ynode_get(root, "scope"), "scope node: needs: {nodes: 2} is due at least");
	for (size_t i = 0; i < c->nr_workers; i++) {
		const char *colon = strchr(c->workers[i].mempolicy, ':');

		if (colon)
			check_nodes_of(r, &c->workers[i].where, "mempolicy", colon + 1);
	}
	for (size_t i = 0; i < c->nr_cgroups; i++)
		for (size_t j = 0; j < c->cgroups[i].nr_settings; j++) {
			const struct case_setting *s = &c->cgroups[i].settings[j];

			if (str_eq(s->name, "cpuset.mems"))
				check_nodes_of(r, &s->where, s->name, s->value);
		}
}

/* v2 refuses processes in a cgroup whose children have controllers ("no internal processes"). */
static void check_leaf(struct reader *r, const struct where *where, const char *worker,
		       const char *cgroup)
{
	size_t n = strlen(cgroup);

	for (size_t j = 0; j < r->c->nr_cgroups; j++) {
		const char *path = r->c->cgroups[j].path;

		if (n && (strncmp(path, cgroup, n) != 0 || path[n] != '/'))
			continue;
		told_at(r, where,
			"worker '%s' lives in '%s', which has a child '%s': v2 refuses that; give "
			"it a cgroup without children",
			worker, n ? cgroup : ".", path);
		return;
	}
}

static void check_leaves(struct reader *r)
{
	const struct oom_case *c = r->c;

	if (!c->needs.v2 || r->places_bad)
		return;
	for (size_t i = 0; i < c->nr_workers; i++)
		check_leaf(r, &c->workers[i].where, c->workers[i].name, c->workers[i].cgroup);
	for (size_t i = 0; !r->steps_bad && i < c->nr_steps; i++)
		if (c->steps[i].op == STEP_MOVE)
			check_leaf(r, &c->steps[i].where, c->steps[i].worker, c->steps[i].cgroup);
}

/* Only a guest's own disk is written over. */
static void check_overwrite(struct reader *r)
{
	const struct oom_case *c = r->c;

	for (size_t i = 0; !c->needs.disk_bytes && i < c->nr_workers; i++)
		for (size_t j = 0; j < c->workers[i].nr_extra_args; j++)
			if (str_starts(c->workers[i].extra_args[j], "--overwrite"))
				told_at(r, &c->workers[i].where,
					"worker '%s': --overwrite takes a disk of the guest; say "
					"needs: {disk: 64MiB}",
					c->workers[i].name);
}

static void check_any(struct reader *r, const struct ynode *root)
{
	const struct ynode *expect = ynode_get(root, "expect");

	for (size_t i = 0; i < r->c->nr_expects; i++)
		if (!r->c->expects[i].dropped)
			return;
	if (expect && expect->kind == YNODE_MAP && expect->child && !r->d->nr)
		told(r, expect,
		     "expect: nothing is expected; say who dies (victims) or no_oom: "
		     "true");
}

void case_check(struct reader *r, const struct ynode *root)
{
	const struct oom_case *c = r->c;

	if (root->kind != YNODE_MAP)
		return;
	if (ynode_get(root, "steps"))
		check_steps(r);
	for (size_t i = 0; i < c->nr_expects; i++)
		for (size_t j = 0; j < c->nr_expects; j++)
			check_pair(r, &c->expects[i], &c->expects[j]);
	check_panic(r, root);
	check_nodes(r, root);
	check_leaves(r);
	check_overwrite(r);
	check_any(r, root);
	case_check_sizes(r, root);
}
