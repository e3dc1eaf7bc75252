// SPDX-License-Identifier: MIT
/* scene: sysctls, and a tree of cgroups with the files to be written. */
#include "harness/schema.h"
#include "lib/memcg.h"
#include "lib/sysctl.h"
#include "lib/sysfs.h"

#include <ctype.h>

#define CGROUPS_MAX  64 /* what the player has room for (harness/stage.h) */
#define SYSCTLS_MAX  32
#define SYSFS_MAX    16
#define CGROUP_DEPTH 8

/* Files a case may write, by their canonical (v2) names, and those only v1 has. Sorted. */
static const struct knob {
	const char *name;
	bool is_size;
} knobs[] = {
	{ "cpuset.cpus", false },	{ "cpuset.mems", false },
	{ "memory.high", true },	{ "memory.kmem.limit_in_bytes", true },
	{ "memory.low", true },		{ "memory.max", true },
	{ "memory.min", true },		{ "memory.move_charge_at_immigrate", false },
	{ "memory.oom.group", false },	{ "memory.oom_control", false },
	{ "memory.reclaim", true },	{ "memory.soft_limit_in_bytes", true },
	{ "memory.swap.high", true },	{ "memory.swap.max", true },
	{ "memory.swappiness", false }, { "memory.use_hierarchy", false },
	{ "memory.zswap.max", true },	{ "memory.zswap.writeback", false },
};

static const struct knob *knob_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(knobs); i++)
		if (str_eq(knobs[i].name, name))
			return &knobs[i];
	return NULL;
}

static void tell_unknown_knob(struct reader *r, const struct ynode *key)
{
	const char *names[ARRAY_SIZE(knobs) + 1], *near;

	if (strchr(key->text, '/')) {
		told(r, key, "'%s': a cgroup's file is due, not a path", key->text);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(knobs); i++) {
		const char *v1 = memcg_knob_v1(knobs[i].name);

		names[i] = knobs[i].name;
		if (v1 && str_eq(v1, key->text)) {
			told(r, key, "'%s' is the v1 name; write the v2 one, '%s', for both",
			     key->text, knobs[i].name);
			return;
		}
	}
	names[ARRAY_SIZE(knobs)] = NULL;
	near = diag_nearest(key->text, names);
	if (near)
		told(r, key, "no cgroup file '%s' that a case may write; did you mean '%s'?",
		     key->text, near);
	else
		told(r, key,
		     "no cgroup file '%s' that a case may write, as memory.max or "
		     "cpuset.mems",
		     key->text);
}

static bool read_size_value(struct reader *r, const struct ynode *v, struct case_setting *to)
{
	if (v->kind == YNODE_SCALAR && str_eq(v->text, "max"))
		return str_copy(to->value, sizeof(to->value), "max");
	if (!value_size(r, v, to->name, &to->size))
		return false;
	to->is_size = true;
	if (to->size.base == SIZE_BYTES)
		snprintf(to->value, sizeof(to->value), "%llu", (unsigned long long)to->size.bytes);
	if (to->size.base == SIZE_OF_LIMIT ||
	    (to->size.base >= SIZE_OF_NODE && to->size.base <= SIZE_OF_NODE_FREE &&
	     to->size.node < 0)) {
		told(r, v, "%s '%s': 'of MemTotal', 'of MemAvailable' or 'of node 1' is due here",
		     to->name, v->text);
		return false;
	}
	return true;
}

/* Text for a file: it goes there by one write(2), so one line of it. */
static bool read_text_value(struct reader *r, const struct ynode *v, const char *name, char *buf,
			    size_t len)
{
	if (!value_is_scalar(r, v, name))
		return false;
	for (const char *p = v->text; *p; p++) {
		if (!isprint((unsigned char)*p)) {
			told(r, v, "%s: plain ASCII on one line is due", name);
			return false;
		}
	}
	if (str_copy(buf, len, v->text))
		return true;
	told(r, v, "%s: at most %zu bytes are due", name, len - 1);
	return false;
}

static bool on_versions(struct reader *r, const struct ynode *v, const char *name, bool v1, bool v2)
{
	if (v1 && !memcg_knob_v1(name)) {
		told(r, v, "'%s' is not there on v1; say needs: {cgroup: v2}", name);
		return false;
	}
	if (v2 && memcg_knob_is_v1_only(name)) {
		told(r, v, "'%s' is not there on v2; say needs: {cgroup: v1}", name);
		return false;
	}
	return true;
}

bool cgroup_file_ok(struct reader *r, const struct ynode *v, const char *name)
{
	return on_versions(r, v, name, r->c->needs.v1, r->c->needs.v2);
}

bool read_knob(struct reader *r, const struct ynode *v, bool v1, bool v2, struct case_setting *to)
{
	const struct knob *k = knob_find(v->key->text);

	if (!k) {
		tell_unknown_knob(r, v->key);
		return false;
	}
	if (!on_versions(r, v->key, k->name, v1, v2))
		return false;
	str_copy(to->name, sizeof(to->name), k->name);
	to->where = (struct where){ r->c->file, v->key->line, v->key->column };
	return k->is_size ? read_size_value(r, v, to)
			  : read_text_value(r, v, k->name, to->value, sizeof(to->value));
}

bool case_sysctl_ok(const char *name)
{
	static const char *const roots[] = { "vm.", "kernel.", "fs." };
	bool known = false;

	for (size_t i = 0; i < ARRAY_SIZE(roots); i++)
		known |= str_starts(name, roots[i]);
	return known && sysctl_name_ok(name) &&
	       strlen(name) < sizeof(((struct case_setting *)NULL)->name);
}

int case_set_sysctl(struct oom_case *c, const char *name, const char *value)
{
	struct case_setting *set = NULL, *bigger;

	for (size_t i = 0; i < c->nr_sysctls; i++)
		if (str_eq(c->sysctls[i].name, name))
			set = &c->sysctls[i];
	if (!set) {
		bigger = reallocarray(c->sysctls, c->nr_sysctls + 1, sizeof(*bigger));
		if (!bigger)
			return -ENOMEM;
		c->sysctls = bigger;
		set = &bigger[c->nr_sysctls++];
		*set = (struct case_setting){ .where = { c->file, 1, 1 } };
		str_copy(set->name, sizeof(set->name), name);
	}
	str_copy(set->value, sizeof(set->value), value);
	return 0;
}

static void read_sysctl(struct reader *r, const struct ynode *v)
{
	const char *name = v->key->text;
	struct case_setting *set;

	if (!sysctl_name_ok(name) || strlen(name) >= sizeof(set->name)) {
		told(r, v->key,
		     "sysctl '%s': dots between a-z, 0-9, '_' and '-' are due, as "
		     "vm.panic_on_oom",
		     name);
	} else if (!case_sysctl_ok(name)) {
		told(r, v->key, "sysctl '%s': one below vm., kernel. or fs. is due", name);
	} else if (r->c->nr_sysctls == SYSCTLS_MAX) {
		told(r, v->key, "more than %d sysctls", SYSCTLS_MAX);
	} else if ((set = GROW(r, r->c->sysctls, r->c->nr_sysctls))) {
		str_copy(set->name, sizeof(set->name), name);
		set->where = (struct where){ r->c->file, v->key->line, v->key->column };
		read_text_value(r, v, name, set->value, sizeof(set->value));
	}
}

void read_sysctls(struct reader *r, const struct schema_row *row, const struct ynode *v, void *to)
{
	(void)to;
	if (value_is_map(r, v, row->key))
		for (v = v->child; v; v = v->next)
			read_sysctl(r, v);
}

static void read_sysfs_file(struct reader *r, const struct ynode *v)
{
	struct case_setting *set;

	if (!sysfs_path_ok(v->key->text)) {
		told(r, v->key, "sysfs '%s': a path below /sys is due, as /sys/kernel/mm/ksm/run",
		     v->key->text);
	} else if (r->c->nr_sysfs == SYSFS_MAX) {
		told(r, v->key, "more than %d files below /sys", SYSFS_MAX);
	} else if ((set = GROW(r, r->c->sysfs, r->c->nr_sysfs))) {
		str_copy(set->name, sizeof(set->name), v->key->text);
		set->where = (struct where){ r->c->file, v->key->line, v->key->column };
		read_text_value(r, v, v->key->text, set->value, sizeof(set->value));
	}
}

static void read_sysfs(struct reader *r, const struct schema_row *row, const struct ynode *v,
		       void *to)
{
	(void)to;
	if (value_is_map(r, v, row->key))
		for (v = v->child; v; v = v->next)
			read_sysfs_file(r, v);
}

static const char *const mount_options[] = { "memory_hugetlb_accounting", "memory_localevents",
					     "memory_recursiveprot", NULL };

static void each_mount_option(struct reader *r, const struct ynode *v, void *to)
{
	char *mount = to;
	size_t used = strlen(mount);
	int i;

	if (!value_choice(r, v, "mount", mount_options, &i))
		return;
	if (word_in_list(mount, mount_options[i]))
		told(r, v, "mount: '%s' stands there twice", mount_options[i]);
	else
		snprintf(mount + used, sizeof(r->c->mount) - used, "%s%s", used ? "," : "",
			 mount_options[i]);
}

static void read_mount(struct reader *r, const struct schema_row *row, const struct ynode *v,
		       void *to)
{
	(void)to;
	if (r->c->needs.v1)
		told(r, v, "mount: these are options of cgroup2; say needs: {cgroup: v2}");
	value_each(r, v, row->key, r->c->mount, each_mount_option);
}

/* NULL, or what is wrong with the path. */
static const char *path_problem(const char *path)
{
	const char *const files[] = { "memory.", "cgroup.", "cpuset." };
	unsigned int depth = 0;

	if (path[0] == '/')
		return "a relative path is due: all cgroups are made below one of ours";
	if (strlen(path) >= CASE_PATH_LEN)
		return "shorter than 192 bytes is due";
	for (const char *p = path;; p++) {
		size_t n = strcspn(p, "/");

		if (n == 0)
			return "names with single slashes between them are due, as box/child";
		if ((n == 1 && p[0] == '.') || (n == 2 && p[0] == '.' && p[1] == '.'))
			return "it must not lead out of its parent or into itself";
		if (strspn(p, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
			      "._-") < n)
			return "a-z, A-Z, 0-9, '.', '_' and '-' are due";
		for (size_t i = 0; i < ARRAY_SIZE(files); i++)
			if (str_starts(p, files[i]))
				return "a name that begins like a cgroup's file is taken";
		if (++depth > CGROUP_DEPTH)
			return "at most 8 levels are due";
		p += n;
		if (!*p)
			return NULL;
	}
}

static bool is_declared(const struct oom_case *c, const char *path, size_t len)
{
	for (size_t i = 0; i < c->nr_cgroups; i++)
		if (strlen(c->cgroups[i].path) == len &&
		    strncmp(c->cgroups[i].path, path, len) == 0)
			return true;
	return false;
}

static void read_settings(struct reader *r, const struct ynode *v, struct case_cgroup *cg)
{
	const struct case_needs *needs = &r->c->needs;

	if (ynode_is_null(v))
		return; /* `box:` alone: a cgroup with nothing set */
	if (!value_is_map(r, v, cg->path))
		return;
	for (v = v->child; v; v = v->next) {
		struct case_setting *set = GROW(r, cg->settings, cg->nr_settings);

		if (!set || !read_knob(r, v, needs->v1, needs->v2, set))
			cg->nr_settings -= set != NULL;
	}
}

static void read_cgroup(struct reader *r, const struct ynode *v)
{
	const char *path = v->key->text, *problem = path_problem(path), *slash = strrchr(path, '/');
	struct case_cgroup *cg;

	if (problem) {
		told(r, v->key, "cgroup '%s': %s", path, problem);
		r->cgroups_bad = true;
		return;
	}
	if (slash && !is_declared(r->c, path, slash - path))
		told(r, v->key, "cgroup '%s': its parent '%.*s' must be listed before it", path,
		     (int)(slash - path), path);
	if (r->c->nr_cgroups == CGROUPS_MAX) {
		told(r, v->key, "more than %d cgroups", CGROUPS_MAX);
		return;
	}
	cg = GROW(r, r->c->cgroups, r->c->nr_cgroups);
	if (!cg)
		return;
	str_copy(cg->path, sizeof(cg->path), path);
	cg->where = (struct where){ r->c->file, v->key->line, v->key->column };
	read_settings(r, v, cg);
}

void read_cgroups(struct reader *r, const struct schema_row *row, const struct ynode *v, void *to)
{
	(void)to;
	if (value_is_map(r, v, row->key))
		for (v = v->child; v; v = v->next)
			read_cgroup(r, v);
}

const char *read_cgroup_ref(struct reader *r, const struct ynode *v)
{
	const char *names[CGROUPS_MAX + 2], *near;
	size_t n = 0;

	if (!value_is_scalar(r, v, "cgroup"))
		return NULL;
	if (str_eq(v->text, "."))
		return "";
	for (size_t i = 0; i < r->c->nr_cgroups; i++) {
		if (str_eq(r->c->cgroups[i].path, v->text))
			return r->c->cgroups[i].path;
		names[n++] = r->c->cgroups[i].path;
	}
	names[n] = NULL;
	if (r->cgroups_bad)
		return NULL;
	near = diag_nearest(v->text, names);
	told(r, v, "cgroup '%s' is not in scene: cgroups%s%s%s", v->text,
	     near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
	return NULL;
}

static const struct schema_row scene_rows[] = {
	{ "sysctl", "NAME: value", "written before, put back after", .read = read_sysctls },
	{ "sysfs", "PATH: value", "the same for files below /sys; in a VM only",
	  .read = read_sysfs },
	{ "mount", "[OPTION, ...]",
	  "memory_hugetlb_accounting, memory_localevents, memory_recursiveprot: cgroup2 is "
	  "remounted with "
	  "them; in a VM only",
	  .read = read_mount },
	{ "cgroups", "PATH: {FILE: value}",
	  "relative paths, parents first; files by their v2 names on both versions",
	  .read = read_cgroups },
	{ .key = NULL },
};

const struct schema schema_scene = { "scene", "`scene`", scene_rows };
