// SPDX-License-Identifier: MIT
/* A plan as one JSON object. Zero and empty members are left out. */
#include "harness/plan.h"
#include "harness/plan_names.h"

static void put_str(struct jsonw *w, const char *key, const char *value)
{
	if (*value)
		jsonw_str(w, key, value);
}

static void write_setting(struct jsonw *w, const char *key, const struct case_setting *s)
{
	jsonw_object(w, key);
	jsonw_str(w, "name", s->name);
	jsonw_str(w, "value", s->value);
	jsonw_close(w);
}

static void write_scene(struct jsonw *w, const struct plan *p)
{
	jsonw_array(w, "sysctls");
	for (size_t i = 0; i < p->nr_sysctls; i++)
		write_setting(w, NULL, &p->sysctls[i]);
	jsonw_close(w);
	if (p->nr_sysfs) {
		jsonw_array(w, "sysfs");
		for (size_t i = 0; i < p->nr_sysfs; i++)
			write_setting(w, NULL, &p->sysfs[i]);
		jsonw_close(w);
	}
	put_str(w, "mount", p->mount);
	jsonw_array(w, "cgroups");
	for (size_t i = 0; i < p->nr_cgroups; i++) {
		jsonw_object(w, NULL);
		jsonw_str(w, "path", p->cgroups[i].path);
		jsonw_array(w, "settings");
		for (size_t j = 0; j < p->cgroups[i].nr_settings; j++)
			write_setting(w, NULL, &p->cgroups[i].settings[j]);
		jsonw_close(w);
		jsonw_close(w);
	}
	jsonw_close(w);
}

static void write_workers(struct jsonw *w, const struct plan *p)
{
	jsonw_array(w, "workers");
	for (size_t i = 0; i < p->nr_workers; i++) {
		const struct plan_worker *k = &p->workers[i];

		jsonw_object(w, NULL);
		jsonw_str(w, "name", k->name);
		put_str(w, "cgroup", k->cgroup);
		jsonw_i64(w, "oom_score_adj", k->oom_score_adj);
		if (k->uid)
			jsonw_i64(w, "uid", k->uid);
		if (k->nice)
			jsonw_i64(w, "nice", k->nice);
		jsonw_u64(w, "bytes", k->bytes);
		jsonw_array(w, "argv");
		for (size_t j = 0; j < k->nr_argv; j++)
			jsonw_str(w, NULL, k->argv[j]);
		jsonw_close(w);
		jsonw_close(w);
	}
	jsonw_close(w);
}

static void write_file(struct jsonw *w, const struct case_step *s)
{
	jsonw_object(w, "file");
	jsonw_str(w, "place", file_place_name(s->file.place));
	jsonw_str(w, "name", s->file.name);
	put_str(w, "key", s->file.key);
	jsonw_close(w);
	if (s->want.is_range) {
		jsonw_object(w, "is");
		if (s->want.range.lo != INT64_MIN)
			jsonw_i64(w, "lo", s->want.range.lo);
		if (s->want.range.hi != INT64_MAX)
			jsonw_i64(w, "hi", s->want.range.hi);
		jsonw_close(w);
	} else if (*s->want.text) {
		jsonw_str(w, "is", s->want.text);
	}
	if (s->op == STEP_WRITE)
		jsonw_str(w, "value", s->setting.value);
	if (s->uid)
		jsonw_u64(w, "uid", s->uid);
}

static void write_steps(struct jsonw *w, const struct plan *p)
{
	jsonw_array(w, "steps");
	for (size_t i = 0; i < p->nr_steps; i++) {
		const struct case_step *s = &p->steps[i];

		jsonw_object(w, NULL);
		jsonw_str(w, "op", step_op_name(s->op));
		put_str(w, "worker", s->worker);
		put_str(w, "cgroup", s->cgroup);
		if (s->op == STEP_SET)
			write_setting(w, "setting", &s->setting);
		if (s->file.place != FILE_NONE)
			write_file(w, s);
		put_str(w, "errno", s->errno_name);
		put_str(w, "measure", s->measure);
		if (s->count)
			jsonw_u64(w, "count", s->count);
		if (s->letter)
			jsonw_strn(w, "letter", &s->letter, 1);
		if (s->timeout_ms)
			jsonw_u64(w, "timeout_ms", s->timeout_ms);
		jsonw_close(w);
	}
	jsonw_close(w);
}

static void write_expect(struct jsonw *w, const struct case_expect *e)
{
	jsonw_object(w, NULL);
	jsonw_str(w, "kind", expect_kind_name(e->kind));
	put_str(w, "subject", e->subject);
	put_str(w, "file", e->file);
	put_str(w, "key", e->key);
	put_str(w, "text", e->text);
	if (e->nr_names) {
		jsonw_array(w, "names");
		for (size_t i = 0; i < e->nr_names; i++)
			jsonw_str(w, NULL, e->names[i]);
		jsonw_close(w);
	}
	if (e->range.lo != INT64_MIN)
		jsonw_i64(w, "lo", e->range.lo);
	if (e->range.hi != INT64_MAX)
		jsonw_i64(w, "hi", e->range.hi);
	jsonw_close(w);
}

static void write_prediction(struct jsonw *w, const struct plan_prediction *d)
{
	jsonw_object(w, "prediction");
	jsonw_bool(w, "known", d->known);
	if (d->known) {
		jsonw_str(w, "victim", d->victim);
		jsonw_i64(w, "points", d->points);
		put_str(w, "runner_up", d->runner_up);
		if (d->margin_pages != OOM_ABSENT)
			jsonw_i64(w, "margin_pages", d->margin_pages);
		jsonw_i64(w, "noise_pages", d->noise_pages);
		jsonw_i64(w, "totalpages", d->totalpages);
	}
	jsonw_close(w);
}

int plan_write_key(const struct plan *p, struct jsonw *w, const char *key)
{
	jsonw_object(w, key);
	jsonw_str(w, "name", p->name);
	jsonw_str(w, "kernel", p->kernel);
	jsonw_str(w, "run_id", p->run_id);
	jsonw_str(w, "cgroup", cgroup_version_name(p->cgroup));
	jsonw_str(w, "scope", scope_name(p->scope));
	jsonw_u64(w, "timeout_ms", p->timeout_ms);
	if (p->sample_ms)
		jsonw_u64(w, "sample_ms", p->sample_ms);
	jsonw_u64(w, "nr_kills", p->nr_kills);
	write_scene(w, p);
	write_workers(w, p);
	write_steps(w, p);
	jsonw_array(w, "expects");
	for (size_t i = 0; i < p->nr_expects; i++)
		write_expect(w, &p->expects[i]);
	jsonw_close(w);
	write_prediction(w, &p->prediction);
	jsonw_close(w);
	return w->err;
}

int plan_write(const struct plan *p, struct jsonw *w)
{
	return plan_write_key(p, w, NULL);
}
