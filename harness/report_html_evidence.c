// SPDX-License-Identifier: MIT
/* What the evidence of one case tells, as one object for the page. Times are those of "us". */
#include "harness/explain.h"
#include "harness/report_impl.h"

static void put_workers(struct jsonw *w, const struct evidence *e)
{
	jsonw_array(w, "workers");
	for (size_t i = 0; i < e->nr_workers; i++) {
		const struct ev_worker *k = &e->workers[i];

		jsonw_object(w, NULL);
		jsonw_str(w, "name", k->name);
		if (k->is_child)
			jsonw_str(w, "parent", e->workers[k->parent].name);
		jsonw_i64(w, "pid", k->pid);
		jsonw_str(w, "cgroup", k->cgroup);
		jsonw_i64(w, "oom_score_adj", k->oom_score_adj);
		jsonw_bool(w, "ready", k->ready);
		jsonw_u64(w, "ready_bytes", k->ready_bytes);
		jsonw_u64(w, "rss_kb", k->rss_kb);
		jsonw_u64(w, "swap_kb", k->swap_kb);
		if (k->failed)
			jsonw_str(w, "failed", k->failed_text);
		jsonw_str(w, "end", death_name(k->death));
		jsonw_bool(w, "died", k->died);
		jsonw_i64(w, "code", k->exit_code);
		jsonw_i64(w, "signal", k->signal);
		jsonw_u64(w, "death_us", k->death_us);
		jsonw_close(w);
	}
	jsonw_close(w);
}

static void put_counters(struct jsonw *w, const struct evidence *e)
{
	jsonw_array(w, "counters");
	for (size_t i = 0; i < e->nr_counters; i++) {
		const struct ev_counter *c = &e->counters[i];

		jsonw_array(w, NULL);
		jsonw_str(w, NULL, c->when);
		jsonw_str(w, NULL, c->cgroup);
		jsonw_str(w, NULL, c->file);
		jsonw_str(w, NULL, c->key);
		jsonw_i64(w, NULL, c->value);
		jsonw_close(w);
	}
	jsonw_close(w);
}

static void put_steps(struct jsonw *w, const struct evidence *e)
{
	jsonw_array(w, "steps");
	for (size_t i = 0; i < e->nr_steps; i++) {
		jsonw_object(w, NULL);
		jsonw_u64(w, "n", e->steps[i].n);
		jsonw_str(w, "op", e->steps[i].op);
		jsonw_str(w, "result", e->steps[i].result);
		jsonw_str(w, "text", e->steps[i].text);
		jsonw_close(w);
	}
	jsonw_close(w);
}

static void put_log(struct jsonw *w, const struct evidence *e)
{
	jsonw_bool(w, "has_log_offset", e->has_log_offset);
	jsonw_array(w, "log");
	for (size_t i = 0; i < e->nr_kmsg; i++) {
		const struct ev_kmsg *k = &e->kmsg[i];

		jsonw_array(w, NULL);
		jsonw_i64(w, NULL, (int64_t)k->usec + e->log_offset_us);
		jsonw_u64(w, NULL, k->level);
		jsonw_str(w, NULL, k->text);
		jsonw_close(w);
	}
	jsonw_close(w);
	if (e->console)
		jsonw_str(w, "console", e->console);
}

static void put_reports(struct jsonw *w, const struct evidence *e)
{
	struct badness_verdict v;

	jsonw_array(w, "reports");
	for (size_t i = 0; i < e->nr_reports; i++) {
		if (badness_judge_report(e->reports[i], &v) == -ENOMEM)
			continue;
		jsonw_object(w, NULL);
		explain_view(w, e->reports[i], &v);
		jsonw_close(w);
		badness_verdict_free(&v);
	}
	jsonw_close(w);
}

/* [us, column, value, column, value, ...] each */
static void put_timeline(struct jsonw *w, const struct ev_timeline *t)
{
	char *head = t->head ? json_dumps(t->head, JSON_COMPACT) : NULL;

	if (!head)
		return;
	jsonw_raw(w, "timeline", head, strlen(head));
	free(head);
	jsonw_array(w, "samples");
	for (size_t i = 0; i < t->nr_samples; i++) {
		jsonw_array(w, NULL);
		jsonw_u64(w, NULL, t->samples[i].us);
		for (size_t j = 0; j < t->samples[i].nr; j++) {
			const struct ev_change *c = &t->changes[t->samples[i].first + j];

			jsonw_u64(w, NULL, c->column);
			if (c->value == OOM_ABSENT)
				jsonw_null(w, NULL);
			else
				jsonw_i64(w, NULL, c->value);
		}
		jsonw_close(w);
	}
	jsonw_close(w);
}

static void put_texts(struct jsonw *w, const char *key, char *const *texts, size_t nr)
{
	jsonw_array(w, key);
	for (size_t i = 0; i < nr; i++)
		jsonw_str(w, NULL, texts[i]);
	jsonw_close(w);
}

void report_html_evidence(struct jsonw *w, const struct evidence *e)
{
	jsonw_object(w, NULL);
	if (e->plan)
		plan_write_key(e->plan, w, "plan");
	if (e->has_machine) {
		jsonw_object(w, "machine");
		machine_write(&e->machine, w);
		jsonw_close(w);
	}
	jsonw_str(w, "root", e->root);
	jsonw_u64(w, "mark_us", e->mark_us);
	put_workers(w, e);
	put_counters(w, e);
	put_steps(w, e);
	put_log(w, e);
	put_reports(w, e);
	put_timeline(w, &e->timeline);
	put_texts(w, "broken", e->broken, e->nr_broken);
	put_texts(w, "left", e->left, e->nr_left);
	if (e->vm != VM_NONE) {
		jsonw_str(w, "vm", vm_outcome_name(e->vm));
		jsonw_str(w, "vm_text", e->vm_text);
	}
	jsonw_close(w);
}
