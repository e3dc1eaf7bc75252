// SPDX-License-Identifier: MIT
/* expect: counters: which files a cgroup has to count with, and the keys in them. */
#include "harness/schema.h"

static const char *const events_keys[] = {
	"low", "high", "max", "oom", "oom_kill", "oom_group_kill", "sock_throttled", NULL
};
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
};

static const struct counter_file *find_file(struct reader *r, const struct ynode *key)
{
	static const char *const names[] = { "memory.events", "memory.events.local",
					     "memory.failcnt", "memory.oom_control", NULL };
	int i;

	return value_choice(r, key, "counter file", names, &i) ? &files[i] : NULL;
}

/* Is the file there wherever this row holds? */
static bool version_ok(struct reader *r, const struct ynode *key, const struct counter_file *f)
{
	const struct case_needs *needs = &r->c->needs;
	bool on_v1 = needs->v1 && r->when.cgroup != CGROUP_V2;
	bool on_v2 = needs->v2 && r->when.cgroup != CGROUP_V1;

	if (f->version == CGROUP_V2 ? !on_v1 : !on_v2)
		return true;
	told(r, key, "'%s' is a file of %s only; move it under 'when: - if: {cgroup: %s}'", f->name,
	     cgroup_version_name(f->version), cgroup_version_name(f->version));
	return false;
}

static void read_one(struct reader *r, const struct ynode *v, const char *cgroup, const char *file,
		     const char *key)
{
	struct case_expect *e = new_expect_at(r, v, EXPECT_COUNTER, cgroup, file, key);

	if (e)
		value_range(r, v, key, false, &e->range);
}

static void read_file(struct reader *r, const struct ynode *v, const char *cgroup)
{
	const struct counter_file *f = find_file(r, v->key);
	int i;

	if (!f || !version_ok(r, v->key, f))
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

		if (!cgroup || !value_is_map(r, v, v->key->text))
			continue;
		for (const struct ynode *f = v->child; f; f = f->next)
			read_file(r, f, cgroup);
	}
}
