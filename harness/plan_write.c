// SPDX-License-Identifier: MIT
/* A plan as one JSON object. */
#include "harness/plan_impl.h"

static void write_setting(const struct case_setting *s, struct jsonw *w)
{
	jsonw_object(w, NULL);
	jsonw_str(w, "name", s->name);
	jsonw_str(w, "value", s->value);
	jsonw_close(w);
}

static void write_cgroup(const struct case_cgroup *cg, struct jsonw *w)
{
	jsonw_object(w, NULL);
	jsonw_str(w, "path", cg->path);
	jsonw_array(w, "settings");
	for (size_t i = 0; i < cg->nr_settings; i++)
		write_setting(&cg->settings[i], w);
	jsonw_close(w);
	jsonw_close(w);
}

static void write_worker(const struct plan_worker *wk, struct jsonw *w)
{
	jsonw_object(w, NULL);
	jsonw_str(w, "name", wk->name);
	jsonw_str(w, "cgroup", wk->cgroup);
	jsonw_i64(w, "oom_score_adj", wk->oom_score_adj);
	jsonw_u64(w, "bytes", wk->bytes);
	jsonw_bool(w, "locked_out", wk->locked_out);
	jsonw_array(w, "argv");
	for (size_t i = 0; i < wk->nr_argv; i++)
		jsonw_str(w, NULL, wk->argv[i]);
	jsonw_close(w);
	jsonw_close(w);
}

static void write_step(const struct case_step *s, struct jsonw *w)
{
	jsonw_object(w, NULL);
	jsonw_str(w, "op", step_op_name(s->op));
	if (*s->worker)
		jsonw_str(w, "worker", s->worker);
	if (s->op == STEP_SET) {
		jsonw_str(w, "cgroup", s->cgroup);
		jsonw_str(w, "name", s->setting.name);
		jsonw_str(w, "value", s->setting.value);
	}
	if (s->count)
		jsonw_u64(w, "count", s->count);
	if (s->letter)
		jsonw_strn(w, "letter", &s->letter, 1);
	if (s->timeout_ms)
		jsonw_u64(w, "timeout_ms", s->timeout_ms);
	jsonw_close(w);
}

static void write_expect(const struct case_expect *e, struct jsonw *w)
{
	const struct {
		const char *key, *value;
	} texts[] = { { "subject", e->subject },
		      { "file", e->file },
		      { "key", e->key },
		      { "text", e->text } };

	jsonw_object(w, NULL);
	jsonw_str(w, "kind", expect_kind_name(e->kind));
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (*texts[i].value)
			jsonw_str(w, texts[i].key, texts[i].value);
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

static void write_prediction(const struct plan_prediction *p, struct jsonw *w)
{
	jsonw_object(w, "prediction");
	jsonw_bool(w, "known", p->known);
	if (p->known) {
		jsonw_str(w, "victim", p->victim);
		jsonw_i64(w, "points", p->points);
		jsonw_str(w, "runner_up", p->runner_up);
		if (p->margin_pages != OOM_ABSENT)
			jsonw_i64(w, "margin_pages", p->margin_pages);
		jsonw_i64(w, "noise_pages", p->noise_pages);
		jsonw_i64(w, "totalpages", p->totalpages);
	}
	jsonw_close(w);
}

static void write_lists(const struct plan *p, struct jsonw *w)
{
	jsonw_array(w, "sysctls");
	for (size_t i = 0; i < p->nr_sysctls; i++)
		write_setting(&p->sysctls[i], w);
	jsonw_close(w);
	jsonw_array(w, "cgroups");
	for (size_t i = 0; i < p->nr_cgroups; i++)
		write_cgroup(&p->cgroups[i], w);
	jsonw_close(w);
	jsonw_array(w, "workers");
	for (size_t i = 0; i < p->nr_workers; i++)
		write_worker(&p->workers[i], w);
	jsonw_close(w);
	jsonw_array(w, "steps");
	for (size_t i = 0; i < p->nr_steps; i++)
		write_step(&p->steps[i], w);
	jsonw_close(w);
	jsonw_array(w, "expects");
	for (size_t i = 0; i < p->nr_expects; i++)
		write_expect(&p->expects[i], w);
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
	write_lists(p, w);
	write_prediction(&p->prediction, w);
	jsonw_close(w);
	return w->err;
}

int plan_write(const struct plan *p, struct jsonw *w)
{
	return plan_write_key(p, w, NULL);
}
