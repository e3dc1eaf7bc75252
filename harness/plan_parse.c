// SPDX-License-Identifier: MIT
/*
 * A plan from JSON. It comes over a serial port or out of a stored file, so nothing is trusted:
 * names that could leave a directory, references to nobody and lists without end are refused.
 */
#include "harness/plan_json.h"
#include "lib/sysctl.h"

static const char *op_name(unsigned int i)
{
	return step_op_name((enum step_op)i);
}

static const char *scope_name_of(unsigned int i)
{
	return i <= SCOPE_PANIC ? scope_name((enum oom_scope)i) : NULL;
}

static const char *version_name_of(unsigned int i)
{
	return i <= CGROUP_V2 ? cgroup_version_name((enum cgroup_version)i) : NULL;
}

static bool is_plain(const char *text, const char *extra)
{
	for (; *text; text++) {
		char c = *text;

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      strchr(extra, c)))
			return false;
	}
	return true;
}

static int parse_setting(struct source *s, const json_t *o, struct case_setting *to)
{
	int err = get_text(s, o, "name", to->name, sizeof(to->name), true);

	if (!err)
		err = get_text(s, o, "value", to->value, sizeof(to->value), true);
	if (!err && (!is_plain(to->name, "._-") || !*to->name))
		err = bad(s, "setting '%s' is no file's name", to->name);
	return err;
}

static int parse_sysctls(struct source *s, const json_t *o)
{
	const json_t *list;
	int err = get_list(s, o, "sysctls", PLAN_SYSCTLS_MAX, sizeof(struct case_setting), &list,
			   &s->p->sysctls);

	for (size_t i = 0; !err && i < json_array_size(list); i++) {
		struct case_setting *set = &s->p->sysctls[s->p->nr_sysctls++];

		err = parse_setting(s, json_array_get(list, i), set);
		if (!err && !sysctl_name_ok(set->name))
			err = bad(s, "'%s' is no sysctl's name", set->name);
	}
	return err;
}

static int check_path(struct source *s, const char *path)
{
	char parent[CASE_PATH_LEN];

	if (!*path || path[0] == '/' || strstr(path, "..") || strstr(path, "//") ||
	    path[strlen(path) - 1] == '/' || !is_plain(path, "._-/"))
		return bad(s, "cgroup path '%s'", path);
	str_copy(parent, sizeof(parent), path);
	plan_parent(parent);
	return check_cgroup(s, parent);
}

static int parse_cgroup(struct source *s, const json_t *o, struct case_cgroup *to)
{
	const json_t *list;
	char path[CASE_PATH_LEN];
	int err = get_text(s, o, "path", path, sizeof(path), true);

	if (!err)
		err = check_path(s, path);
	if (!err)
		err = get_list(s, o, "settings", 64, sizeof(struct case_setting), &list,
			       &to->settings);
	if (!err)
		str_copy(to->path, sizeof(to->path), path);
	for (size_t i = 0; !err && i < json_array_size(list); i++)
		err = parse_setting(s, json_array_get(list, i), &to->settings[to->nr_settings++]);
	return err;
}

static int parse_cgroups(struct source *s, const json_t *o)
{
	const json_t *list;
	int err = get_list(s, o, "cgroups", PLAN_CGROUPS_MAX, sizeof(struct case_cgroup), &list,
			   &s->p->cgroups);

	for (size_t i = 0; !err && i < json_array_size(list); i++)
		err = parse_cgroup(s, json_array_get(list, i), &s->p->cgroups[s->p->nr_cgroups++]);
	return err;
}

/* The program is the player's business; that argv[0] says oomhog keeps a plan from naming another.
 */
static int parse_argv(struct source *s, const json_t *o, struct plan_worker *to)
{
	const json_t *list;
	int err = get_list(s, o, "argv", PLAN_ARGS_MAX, sizeof(char *), &list, &to->argv);

	for (size_t i = 0; !err && i < json_array_size(list); i++) {
		const char *arg = json_string_value(json_array_get(list, i));

		if (!arg)
			err = bad(s, "an argument of worker '%s' is no text", to->name);
		else if (!(to->argv[to->nr_argv++] = strdup(arg)))
			err = fail_set(s->f, -ENOMEM, "plan: no memory");
	}
	if (!err && (to->nr_argv < 2 || !str_eq(to->argv[0], "oomhog")))
		err = bad(s, "worker '%s' does not run oomhog", to->name);
	return err;
}

static int parse_worker(struct source *s, const json_t *o, struct plan_worker *to)
{
	int64_t adj = 0;
	int err = get_text(s, o, "name", to->name, sizeof(to->name), true);

	if (!err && (!*to->name || !is_plain(to->name, "._-")))
		err = bad(s, "worker's name '%s'", to->name);
	if (!err && plan_worker(s->p, to->name) != to)
		err = bad(s, "worker '%s' is there twice", to->name);
	if (!err)
		err = get_text(s, o, "cgroup", to->cgroup, sizeof(to->cgroup), true);
	if (!err)
		err = check_cgroup(s, to->cgroup);
	if (!err)
		err = get_int(s, o, "oom_score_adj", -1000, 1000, &adj, true);
	if (!err)
		err = get_u64(s, o, "bytes", &to->bytes, true);
	if (!err)
		err = get_bool(s, o, "locked_out", &to->locked_out);
	to->oom_score_adj = (int)adj;
	return err ? err : parse_argv(s, o, to);
}

static int parse_workers(struct source *s, const json_t *o)
{
	const json_t *list;
	int err = get_list(s, o, "workers", PLAN_WORKERS_MAX, sizeof(struct plan_worker), &list,
			   &s->p->workers);

	for (size_t i = 0; !err && i < json_array_size(list); i++)
		err = parse_worker(s, json_array_get(list, i), &s->p->workers[s->p->nr_workers++]);
	return err;
}

static int parse_step(struct source *s, const json_t *o, struct case_step *to)
{
	unsigned int op = 0;
	char letter[2] = "";
	int err = get_enum(s, o, "op", op_name, 0, &op);

	to->op = (enum step_op)op;
	if (!err)
		err = get_text(s, o, "worker", to->worker, sizeof(to->worker), false);
	if (!err && (*to->worker || op == STEP_START || op == STEP_TRIGGER || op == STEP_KILL ||
		     op == STEP_WAIT_DEATH || op == STEP_WAIT_READY))
		err = check_worker(s, to->worker);
	if (!err && op == STEP_SET)
		err = parse_setting(s, o, &to->setting);
	if (!err)
		err = get_text(s, o, "cgroup", to->cgroup, sizeof(to->cgroup), false);
	if (!err)
		err = check_cgroup(s, to->cgroup);
	if (!err)
		err = get_u64(s, o, "count", &to->count, op == STEP_WAIT_OOM || op == STEP_KMSG);
	if (!err)
		err = get_u64(s, o, "timeout_ms", &to->timeout_ms, false);
	if (!err)
		err = get_text(s, o, "letter", letter, sizeof(letter), op == STEP_SYSRQ);
	to->letter = letter[0];
	return err;
}

static int parse_steps(struct source *s, const json_t *o)
{
	const json_t *list;
	int err = get_list(s, o, "steps", PLAN_STEPS_MAX, sizeof(struct case_step), &list,
			   &s->p->steps);

	for (size_t i = 0; !err && i < json_array_size(list); i++)
		err = parse_step(s, json_array_get(list, i), &s->p->steps[s->p->nr_steps++]);
	return err;
}

static int parse_top(struct source *s, const json_t *o)
{
	struct plan *p = s->p;
	unsigned int version = 0, scope = 0;
	int err = get_text(s, o, "name", p->name, sizeof(p->name), true);

	if (!err)
		err = get_text(s, o, "kernel", p->kernel, sizeof(p->kernel), true);
	if (!err)
		err = get_text(s, o, "run_id", p->run_id, sizeof(p->run_id), true);
	/* These become names of folders and of our cgroup. */
	if (!err && (!is_plain(p->name, "-") || !is_plain(p->run_id, "-_")))
		err = bad(s, "name '%s' or run_id '%s'", p->name, p->run_id);
	if (!err)
		err = get_enum(s, o, "cgroup", version_name_of, CGROUP_V1, &version);
	if (!err)
		err = get_enum(s, o, "scope", scope_name_of, 0, &scope);
	if (!err)
		err = get_u64(s, o, "timeout_ms", &p->timeout_ms, true);
	p->cgroup = (enum cgroup_version)version;
	p->scope = (enum oom_scope)scope;
	return err;
}

int plan_parse(const json_t *object, struct plan **ret, struct fail *f)
{
	struct source s = { .p = calloc(1, sizeof(struct plan)), .f = f };
	int (*const parts[])(struct source * s, const json_t *o) = {
		parse_top,   parse_sysctls, parse_cgroups,    parse_workers,
		parse_steps, parse_expects, parse_prediction,
	};
	int err = 0;

	*ret = NULL;
	if (!s.p)
		return fail_set(f, -ENOMEM, "plan: no memory");
	if (!json_is_object(object))
		err = bad(&s, "it is no JSON object");
	for (size_t i = 0; !err && i < ARRAY_SIZE(parts); i++)
		err = parts[i](&s, object);
	if (err)
		plan_free(s.p);
	else
		*ret = s.p;
	return err;
}
