// SPDX-License-Identifier: MIT
/* expect: counters: which files a cgroup has to count with, and the keys in them. */
#include "harness/schema.h"

static const char *const events_keys[] = {
	"low", "high", "max", "oom", "oom_kill", "oom_group_kill", "sock_throttled", NULL
};
static const char *const swap_keys[] = { "high", "max", "fail", NULL };
static const char *const control_keys[] = { "oom_kill_disable", "under_oom", "oom_kill", NULL };

/* The files the player records (harness/counters.c). A file without keys holds one number. */
static const struct counter_file {
	const char *name;
	enum cgroup_version version;
	const char *const *keys;
} files[] = {
	{ "memory.events", CGROUP_V2, events_keys },
	{ "memory.events.local", CGROUP_V2, events_keys },
	{ "memory.failcnt", CGROUP_V1, NULL },
	{ "memory.oom_control", CGROUP_V1, control_keys },
	{ "memory.swap.events", CGROUP_V2, swap_keys },
};

static const struct counter_file *find_file(struct reader *r, const struct ynode *key)
{
	static const char *const names[] = { "memory.events",	   "memory.events.local",
					     "memory.failcnt",	   "memory.oom_control",
					     "memory.swap.events", NULL };
	int i;

	return value_choice(r, key, "counter file", names, &i) ? &files[i] : NULL;
}

static bool drops(const struct ynode *counters, const char *cgroup, const char *file)
{
	const struct ynode *cg =
		counters && counters->kind == YNODE_MAP ? ynode_get(counters, cgroup) : NULL;
	const struct ynode *f = cg && cg->kind == YNODE_MAP ? ynode_get(cg, file) : NULL;

	return (cg && ynode_is_null(cg)) || (f && ynode_is_null(f));
}

/* Does a `when` for exactly that version drop the file ("memory.events: ~") or the cgroup? */
static bool dropped_on(const struct reader *r, const char *version, const char *cgroup,
		       const char *file)
{
	const struct ynode *when = ynode_get(r->expect, "when");

	for (const struct ynode *w = when ? when->child : NULL; w; w = w->next) {
		const struct ynode *cond = w->kind == YNODE_MAP ? ynode_get(w, "if") : NULL;
		const struct ynode *cg =
			cond && cond->kind == YNODE_MAP ? ynode_get(cond, "cgroup") : NULL;

		if (cg && !cond->child->next && cg->kind == YNODE_SCALAR &&
		    str_eq(cg->text, version) && drops(ynode_get(w, "counters"), cgroup, file))
			return true;
	}
	return false;
}

/* Is the file there wherever this row holds? */
static bool version_ok(struct reader *r, const struct ynode *key, const char *cgroup,
		       const struct counter_file *f)
{
	const struct case_needs *needs = &r->c->needs;
	enum cgroup_version other = f->version == CGROUP_V2 ? CGROUP_V1 : CGROUP_V2;
	const char *without = cgroup_version_name(other);

	if (!(other == CGROUP_V1 ? needs->v1 : needs->v2) || r->when.cgroup == f->version)
		return true;
	if (!r->when.cgroup && dropped_on(r, without, cgroup, f->name))
		return true;
	told(r, key,
	     "'%s' is not there on %s; move it under 'when: - if: {cgroup: %s}', or drop it there "
	     "('%s: ~')",
	     f->name, without, cgroup_version_name(f->version), f->name);
	return false;
}

static void read_one(struct reader *r, const struct ynode *v, const char *cgroup, const char *file,
		     const char *key)
{
	struct case_expect *e = new_expect_at(r, v, EXPECT_COUNTER, cgroup, file, key);

	if (e)
		value_range(r, v, key, RANGE_NUMBERS, &e->range);
}

/* `path` is the cgroup as the file names it, `cgroup` as we do: "." is "". */
static void read_file(struct reader *r, const struct ynode *v, const char *path, const char *cgroup)
{
	const struct counter_file *f = find_file(r, v->key);
	int i;

	if (f && r->in_when && ynode_is_null(v)) {
		new_expect_at(r, v, EXPECT_COUNTER, cgroup, f->name, "");
		return;
	}
	if (!f || !version_ok(r, v->key, path, f))
		return;
	if (!f->keys) {
		read_one(r, v, cgroup, f->name, "value");
		return;
	}
	if (!value_is_map(r, v, f->name))
		return;
	for (v = v->child; v; v = v->next)
		if (value_choice(r, v->key, f->name, f->keys, &i))
			read_one(r, v, cgroup, f->name, f->keys[i]);
}

void read_counters(struct reader *r, const struct schema_row *row, const struct ynode *v, void *to)
{
	(void)to;
	if (!value_is_map(r, v, row->key))
		return;
	for (v = v->child; v; v = v->next) {
		const char *cgroup = read_cgroup_ref(r, v->key);

		if (!cgroup)
			continue;
		/* The root's path is "", and so is "any cgroup": it has to be dropped file by file. */
		if (r->in_when && *cgroup && ynode_is_null(v))
			new_expect_at(r, v, EXPECT_COUNTER, cgroup, "", "");
		else if (value_is_map(r, v, v->key->text))
			for (const struct ynode *f = v->child; f; f = f->next)
				read_file(r, f, v->key->text, cgroup);
	}
}
