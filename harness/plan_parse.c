// SPDX-License-Identifier: MIT
/* A plan from JSON, which may come from a file somebody edited: every length and number is checked. */
#include "harness/plan_impl.h"
#include "harness/plan_names.h"

#define ITEMS_MAX 1024

/* A string that fits; "" where it is absent and optional. */
static int get_str(const json_t *o, const char *key, char *dst, size_t len, bool optional)
{
	const json_t *v = json_object_get(o, key);

	dst[0] = '\0';
	if (!v)
		return optional ? 0 : -EBADMSG;
	if (!json_is_string(v) || json_string_length(v) != strlen(json_string_value(v)))
		return -EBADMSG;
	return str_copy(dst, len, json_string_value(v)) ? 0 : -EBADMSG;
}

static int get_int(const json_t *o, const char *key, int64_t lo, int64_t hi, int64_t absent,
		   int64_t *ret)
{
	const json_t *v = json_object_get(o, key);

	*ret = absent;
	if (!v)
		return absent >= lo && absent <= hi ? 0 : -EBADMSG;
	if (!json_is_integer(v))
		return -EBADMSG;
	*ret = json_integer_value(v);
	return *ret >= lo && *ret <= hi ? 0 : -EBADMSG;
}

/* An array of at most ITEMS_MAX objects (or strings), and room for what they become. */
static int get_array(const json_t *o, const char *key, size_t size, json_t **list, void **room,
		     size_t *n)
{
	*list = json_object_get(o, key);
	*n = 0;
	if (!json_is_array(*list) || json_array_size(*list) > ITEMS_MAX)
		return -EBADMSG;
	*room = calloc(json_array_size(*list) + 1, size);
	return *room ? 0 : -ENOMEM;
}

static int get_setting(const json_t *o, struct case_setting *s)
{
	int err = get_str(o, "name", s->name, sizeof(s->name), false);

	return err ? err : get_str(o, "value", s->value, sizeof(s->value), false);
}

static int parse_settings(const json_t *o, const char *key, struct case_setting **ret, size_t *nr)
{
	json_t *list;
	int err = get_array(o, key, sizeof(**ret), &list, (void **)ret, nr);

	for (; !err && *nr < json_array_size(list); ++*nr)
		err = get_setting(json_array_get(list, *nr), &(*ret)[*nr]);
	return err;
}

static int parse_sysctls(const json_t *o, struct plan *p)
{
	return parse_settings(o, "sysctls", &p->sysctls, &p->nr_sysctls);
}

static int parse_sysfs(const json_t *o, struct plan *p)
{
	return json_object_get(o, "sysfs") ? parse_settings(o, "sysfs", &p->sysfs, &p->nr_sysfs)
					   : 0;
}

static int parse_mount(const json_t *o, struct plan *p)
{
	return get_str(o, "mount", p->mount, sizeof(p->mount), true);
}

static int parse_cgroups(const json_t *o, struct plan *p)
{
	json_t *list;
	int err = get_array(o, "cgroups", sizeof(*p->cgroups), &list, (void **)&p->cgroups,
			    &p->nr_cgroups);

	while (!err && p->nr_cgroups < json_array_size(list)) {
		const json_t *item = json_array_get(list, p->nr_cgroups);
		struct case_cgroup *cg = &p->cgroups[p->nr_cgroups++];

		err = get_str(item, "path", cg->path, sizeof(cg->path), false);
		if (!err)
			err = parse_settings(item, "settings", &cg->settings, &cg->nr_settings);
	}
	return err;
}

static int parse_argv(const json_t *o, struct plan_worker *w)
{
	json_t *list;
	int err = get_array(o, "argv", sizeof(*w->argv), &list, (void **)&w->argv, &w->nr_argv);

	while (!err && w->nr_argv < json_array_size(list)) {
		const char *arg = json_string_value(json_array_get(list, w->nr_argv));

		if (!arg)
			return -EBADMSG;
		w->argv[w->nr_argv] = strdup(arg);
		if (!w->argv[w->nr_argv++])
			return -ENOMEM;
	}
	return err ? err : w->nr_argv ? 0 : -EBADMSG;
}

static int parse_workers(const json_t *o, struct plan *p)
{
	json_t *list;
	int err = get_array(o, "workers", sizeof(*p->workers), &list, (void **)&p->workers,
			    &p->nr_workers);

	while (!err && p->nr_workers < json_array_size(list)) {
		const json_t *item = json_array_get(list, p->nr_workers);
		struct plan_worker *w = &p->workers[p->nr_workers++];
		int64_t adj = 0, uid = 0, nice = 0, bytes = 0;

		err = get_str(item, "name", w->name, sizeof(w->name), false);
		if (!err)
			err = get_str(item, "cgroup", w->cgroup, sizeof(w->cgroup), true);
		if (!err)
			err = get_int(item, "oom_score_adj", -1000, 1000, 0, &adj);
		if (!err)
			err = get_int(item, "uid", 0, 65534, 0, &uid);
		if (!err)
			err = get_int(item, "nice", -20, 19, 0, &nice);
		if (!err)
			err = get_int(item, "bytes", 0, INT64_MAX, 0, &bytes);
		w->oom_score_adj = (int)adj;
		w->uid = (int)uid;
		w->nice = (int)nice;
		w->bytes = (uint64_t)bytes;
		if (!err)
			err = parse_argv(item, w);
	}
	return err;
}

static int parse_want(const json_t *o, struct case_want *w)
{
	const json_t *is = json_object_get(o, "is");
	int err;

	w->is_range = json_is_object(is);
	if (!w->is_range)
		return get_str(o, "is", w->text, sizeof(w->text), true);
	err = get_int(is, "lo", INT64_MIN, INT64_MAX, INT64_MIN, &w->range.lo);
	return err ? err : get_int(is, "hi", INT64_MIN, INT64_MAX, INT64_MAX, &w->range.hi);
}

static int parse_file(const json_t *o, struct case_step *s)
{
	const json_t *file = json_object_get(o, "file");
	char place[16];
	int64_t uid = 0;
	int err = get_str(o, "errno", s->errno_name, sizeof(s->errno_name), true);

	if (!err)
		err = get_str(o, "measure", s->measure, sizeof(s->measure), true);
	if (err || !file)
		return err;
	err = get_str(file, "place", place, sizeof(place), false);
	if (!err)
		err = file_place_parse(place, &s->file.place);
	if (!err)
		err = get_str(file, "name", s->file.name, sizeof(s->file.name), false);
	if (!err)
		err = get_str(file, "key", s->file.key, sizeof(s->file.key), true);
	if (!err)
		err = get_str(o, "value", s->setting.value, sizeof(s->setting.value), true);
	if (!err)
		err = get_int(o, "uid", 0, 65533, 0, &uid);
	s->uid = (uint32_t)uid;
	return err ? err : parse_want(o, &s->want);
}

static int parse_step(const json_t *o, struct case_step *s)
{
	const json_t *setting = json_object_get(o, "setting");
	char op[24], letter[2];
	int64_t count, timeout;
	int err = get_str(o, "op", op, sizeof(op), false);

	if (!err)
		err = step_op_parse(op, &s->op);
	if (!err)
		err = get_str(o, "worker", s->worker, sizeof(s->worker), true);
	if (!err)
		err = get_str(o, "cgroup", s->cgroup, sizeof(s->cgroup), true);
	if (!err)
		err = get_str(o, "letter", letter, sizeof(letter), true);
	if (!err)
		err = get_int(o, "count", 0, 100000000, 0, &count);
	if (!err)
		err = get_int(o, "timeout_ms", 0, INT32_MAX, 0, &timeout);
	if (!err && setting)
		err = get_setting(setting, &s->setting);
	if (!err)
		err = parse_file(o, s);
	if (err)
		return err;
	s->count = (uint64_t)count;
	s->timeout_ms = (uint64_t)timeout;
	s->letter = letter[0];
	return 0;
}

static int parse_steps(const json_t *o, struct plan *p)
{
	json_t *list;
	int err = get_array(o, "steps", sizeof(*p->steps), &list, (void **)&p->steps, &p->nr_steps);

	for (; !err && p->nr_steps < json_array_size(list); p->nr_steps++)
		err = parse_step(json_array_get(list, p->nr_steps), &p->steps[p->nr_steps]);
	return err;
}

static int parse_names(const json_t *o, struct case_expect *e)
{
	json_t *list;
	int err;

	if (!json_object_get(o, "names"))
		return 0;
	err = get_array(o, "names", sizeof(*e->names), &list, (void **)&e->names, &e->nr_names);
	for (; !err && e->nr_names < json_array_size(list); e->nr_names++) {
		const char *name = json_string_value(json_array_get(list, e->nr_names));

		if (!name || !str_copy(e->names[e->nr_names], sizeof(*e->names), name))
			err = -EBADMSG;
	}
	return err;
}

static int parse_expect(const json_t *o, struct case_expect *e)
{
	char kind[32];
	int err = get_str(o, "kind", kind, sizeof(kind), false);

	if (!err)
		err = expect_kind_parse(kind, &e->kind);
	if (!err)
		err = get_str(o, "subject", e->subject, sizeof(e->subject), true);
	if (!err)
		err = get_str(o, "file", e->file, sizeof(e->file), true);
	if (!err)
		err = get_str(o, "key", e->key, sizeof(e->key), true);
	if (!err)
		err = get_str(o, "text", e->text, sizeof(e->text), true);
	if (!err)
		err = get_int(o, "lo", INT64_MIN, INT64_MAX, INT64_MIN, &e->range.lo);
	if (!err)
		err = get_int(o, "hi", INT64_MIN, INT64_MAX, INT64_MAX, &e->range.hi);
	return err ? err : parse_names(o, e);
}

static int parse_expects(const json_t *o, struct plan *p)
{
	json_t *list;
	int err = get_array(o, "expects", sizeof(*p->expects), &list, (void **)&p->expects,
			    &p->nr_expects);

	while (!err && p->nr_expects < json_array_size(list)) {
		err = parse_expect(json_array_get(list, p->nr_expects), &p->expects[p->nr_expects]);
		p->nr_expects++;
	}
	return err;
}

static int parse_prediction(const json_t *o, struct plan *p)
{
	const json_t *d = json_object_get(o, "prediction");
	struct plan_prediction *pred = &p->prediction;
	int err;

	*pred = (struct plan_prediction){ .margin_pages = OOM_ABSENT };
	pred->known = json_is_true(json_object_get(d, "known"));
	if (!pred->known)
		return 0;
	err = get_str(d, "victim", pred->victim, sizeof(pred->victim), false);
	if (!err)
		err = get_str(d, "runner_up", pred->runner_up, sizeof(pred->runner_up), true);
	if (!err)
		err = get_int(d, "points", INT64_MIN, INT64_MAX, 0, &pred->points);
	if (!err)
		err = get_int(d, "margin_pages", INT64_MIN, INT64_MAX, OOM_ABSENT,
			      &pred->margin_pages);
	if (!err)
		err = get_int(d, "noise_pages", 0, INT64_MAX, 0, &pred->noise_pages);
	return err ? err : get_int(d, "totalpages", 0, INT64_MAX, 0, &pred->totalpages);
}

static int parse_head(const json_t *o, struct plan *p)
{
	int64_t timeout = 0, sample = 0, kills = 0;
	char version[4], scope[16];
	int err = get_str(o, "name", p->name, sizeof(p->name), false);

	if (!err)
		err = get_str(o, "kernel", p->kernel, sizeof(p->kernel), true);
	if (!err)
		err = get_str(o, "run_id", p->run_id, sizeof(p->run_id), false);
	/* It becomes part of a directory's name. */
	if (!err && (strchr(p->run_id, '/') || strstr(p->run_id, "..")))
		err = -EBADMSG;
	if (!err)
		err = get_str(o, "cgroup", version, sizeof(version), false);
	if (!err)
		err = get_str(o, "scope", scope, sizeof(scope), false)
			      ?: scope_parse(scope, &p->scope);
	if (!err)
		err = get_int(o, "timeout_ms", 1, INT32_MAX, 0, &timeout);
	if (!err)
		err = get_int(o, "sample_ms", 0, INT32_MAX, 0, &sample);
	if (!err)
		err = get_int(o, "nr_kills", 0, ITEMS_MAX, 0, &kills);
	p->timeout_ms = (uint64_t)timeout;
	p->sample_ms = (uint64_t)sample;
	p->nr_kills = (unsigned int)kills;
	p->cgroup = !err && str_eq(version, "v1") ? CGROUP_V1 : CGROUP_V2;
	return err ? err : str_eq(version, "v1") || str_eq(version, "v2") ? 0 : -EBADMSG;
}

int plan_parse(const json_t *object, struct plan **ret, struct fail *f)
{
	static const struct {
		const char *what;
		int (*parse)(const json_t *o, struct plan *p);
	} parts[] = {
		{ "head", parse_head },
		{ "sysctls", parse_sysctls },
		{ "sysfs", parse_sysfs },
		{ "mount", parse_mount },
		{ "cgroups", parse_cgroups },
		{ "workers", parse_workers },
		{ "steps", parse_steps },
		{ "expects", parse_expects },
		{ "prediction", parse_prediction },
	};
	struct plan *p = calloc(1, sizeof(*p));
	const char *wrong;
	int err;

	if (!p)
		return fail_errno(f, -ENOMEM, "plan");
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		err = parts[i].parse(object, p);
		if (!err)
			continue;
		plan_free(p);
		return err == -ENOMEM
			       ? fail_errno(f, err, "plan")
			       : fail_set(f, -EBADMSG, "plan: its %s are not as they must be",
					  parts[i].what);
	}
	wrong = plan_verify(p);
	if (wrong) {
		plan_free(p);
		return fail_set(f, -EBADMSG, "plan: its %s refer to what is not there, or not ours",
				wrong);
	}
	*ret = p;
	return 0;
}
