// SPDX-License-Identifier: MIT
/* Which expectations hold on this kernel and cgroup version: later rows replace earlier ones. */
#include "harness/plan_impl.h"

static bool is_victims(enum expect_kind k)
{
	return k == EXPECT_VICTIMS || k == EXPECT_VICTIMS_ANY_ORDER;
}

static bool same_row(const struct case_expect *a, const struct case_expect *b)
{
	return (a->kind == b->kind || (is_victims(a->kind) && is_victims(b->kind))) &&
	       str_eq(a->subject, b->subject) && str_eq(a->file, b->file) && str_eq(a->key, b->key);
}

/* A row under `when` beats one without, wherever it stands; among equals the later one wins. */
static bool is_always(const struct case_expect *e)
{
	return !e->when.cgroup && !*e->when.op;
}

static bool is_beaten(const struct oom_case *c, const struct machine *m, enum cgroup_version cg,
		      size_t i)
{
	for (size_t j = 0; j < c->nr_expects; j++) {
		const struct case_expect *a = &c->expects[i], *b = &c->expects[j];

		if (i == j || !same_row(a, b) || !case_when_holds(&b->when, cg, m->release))
			continue;
		if (is_always(a) != is_always(b) ? is_always(a) : j > i)
			return true;
	}
	return false;
}

static int copy_expect(const struct case_expect *from, struct case_expect *to)
{
	*to = *from;
	to->where = (struct where){ 0 };
	to->when = (struct case_when){ 0 };
	to->names = calloc(from->nr_names + 1, sizeof(*to->names));
	if (!to->names)
		return -ENOMEM;
	if (from->nr_names)
		memcpy(to->names, from->names, from->nr_names * sizeof(*to->names));
	return 0;
}

int plan_expects(const struct oom_case *c, const struct machine *m, struct plan *p, struct fail *f)
{
	p->expects = calloc(c->nr_expects + 1, sizeof(*p->expects));
	for (size_t i = 0; p->expects && i < c->nr_expects; i++) {
		const struct case_expect *e = &c->expects[i];

		if (e->dropped || !case_when_holds(&e->when, p->cgroup, m->release) ||
		    is_beaten(c, m, p->cgroup, i))
			continue;
		if (copy_expect(e, &p->expects[p->nr_expects++]) < 0)
			return fail_set(f, -ENOMEM, "%s: no memory for its plan", c->name);
		if (is_victims(e->kind))
			p->nr_kills += (unsigned int)e->nr_names;
	}
	if (!p->expects)
		return fail_set(f, -ENOMEM, "%s: no memory for its plan", c->name);
	if (!p->nr_expects)
		return fail_set(f, -EINVAL, "%s: nothing is expected on cgroup %s and kernel %s",
				c->name, cgroup_version_name(p->cgroup), m->release);
	return 0;
}
