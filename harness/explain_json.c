// SPDX-License-Identifier: MIT
/* An event as JSON: absent is null, sizes in kB. The keys are a contract with other tools. */
#include "harness/explain_whatif.h"

#include <inttypes.h>

static void num(struct jsonw *w, const char *key, int64_t v)
{
	if (v == OOM_ABSENT)
		jsonw_null(w, key);
	else
		jsonw_i64(w, key, v);
}

/* "" is absent */
static void str(struct jsonw *w, const char *key, const char *s)
{
	jsonw_str(w, key, s && *s ? s : NULL);
}

static void invoker(struct jsonw *w, const struct oom_report *r)
{
	jsonw_object(w, "invoker");
	str(w, "comm", r->invoker_comm);
	num(w, "pid", r->invoker_pid);
	num(w, "oom_score_adj", r->invoker_oom_score_adj);
	jsonw_close(w);
}

static void gfp(struct jsonw *w, const struct oom_report *r)
{
	char hex[24];

	snprintf(hex, sizeof(hex), "0x%" PRIx64, (uint64_t)r->gfp_mask);
	jsonw_str(w, "gfp_mask", r->gfp_mask == OOM_ABSENT ? NULL : hex);
	str(w, "gfp_flags", r->gfp_flags);
	num(w, "order", r->order);
}

static void memcg(struct jsonw *w, const struct oom_report *r)
{
	if (r->memory.usage_kb == OOM_ABSENT && r->memory.limit_kb == OOM_ABSENT) {
		jsonw_null(w, "memcg");
		return;
	}
	jsonw_object(w, "memcg");
	num(w, "usage_kb", r->memory.usage_kb);
	num(w, "limit_kb", r->memory.limit_kb);
	num(w, "failcnt", r->memory.failcnt);
	jsonw_close(w);
}

static void victims(struct jsonw *w, const struct oom_report *r)
{
	jsonw_array(w, "victims");
	for (size_t i = 0; i < r->nr_victims; i++) {
		const struct oom_victim *v = &r->victims[i];

		jsonw_object(w, NULL);
		num(w, "pid", v->pid);
		str(w, "comm", v->comm);
		num(w, "uid", v->uid);
		num(w, "total_vm_kb", v->total_vm_kb);
		num(w, "anon_rss_kb", v->anon_rss_kb);
		num(w, "file_rss_kb", v->file_rss_kb);
		num(w, "shmem_rss_kb", v->shmem_rss_kb);
		num(w, "pgtables_kb", v->pgtables_kb);
		num(w, "oom_score_adj", v->oom_score_adj);
		jsonw_bool(w, "reaped", v->reaped);
		jsonw_close(w);
	}
	jsonw_close(w);
}

static void missing(struct jsonw *w, const struct oom_report *r)
{
	jsonw_array(w, "missing");
	if (!r->invoker_comm[0] && r->gfp_mask == OOM_ABSENT)
		jsonw_str(w, NULL, "invoked line");
	if (r->kind == OOM_KIND_MEMCG && r->memory.limit_kb == OOM_ABSENT)
		jsonw_str(w, NULL, "memcg usage");
	if (r->kind != OOM_KIND_MEMCG && !r->seen_mem_info)
		jsonw_str(w, NULL, "mem-info");
	if (!r->has_task_table)
		jsonw_str(w, NULL, "task table");
	if (r->outcome == OOM_OUTCOME_UNKNOWN)
		jsonw_str(w, NULL, "kill line");
	jsonw_close(w);
}

static void prediction(struct jsonw *w, const struct badness_verdict *v)
{
	const struct badness_ranking *k = &v->ranking;

	jsonw_object(w, "prediction");
	num(w, "pid", v->has_prediction ? v->pid : OOM_ABSENT);
	str(w, "comm", v->has_prediction ? v->comm : NULL);
	num(w, "points", v->has_prediction ? v->points : OOM_ABSENT);
	if (v->agrees < 0)
		jsonw_null(w, "agrees");
	else
		jsonw_bool(w, "agrees", v->agrees);
	num(w, "margin_pages", v->has_prediction ? k->margin_pages : OOM_ABSENT);
	if (v->has_prediction && k->nr_eligible > 1) {
		jsonw_object(w, "runner_up");
		num(w, "pid", k->entries[1].task->pid);
		str(w, "comm", k->entries[1].task->comm);
		jsonw_close(w);
	} else {
		jsonw_null(w, "runner_up");
	}
	str(w, "why", v->why);
	jsonw_close(w);
}

void explain_json(struct jsonw *w, const struct oom_report *r, const struct badness_verdict *v)
{
	jsonw_u64(w, "line", r->line);
	invoker(w, r);
	gfp(w, r);
	str(w, "constraint", r->constraint);
	/* One by hand chooses among all tasks, as if the machine were short. */
	jsonw_str(w, "kind", oom_kind_name(r->kind == OOM_KIND_SYSRQ ? OOM_KIND_GLOBAL : r->kind));
	jsonw_bool(w, "sysrq", r->kind == OOM_KIND_SYSRQ);
	jsonw_str(w, "nodemask", r->nodemask);
	jsonw_str(w, "cpuset", r->cpuset);
	jsonw_str(w, "mems_allowed", r->mems_allowed);
	jsonw_str(w, "oom_memcg", r->oom_memcg);
	jsonw_str(w, "task_memcg", r->task_memcg);
	memcg(w, r);
	victims(w, r);
	/* No row behind a header is a fact only if the report went on behind it. */
	num(w, "n_tasks",
	    r->has_task_table && (r->nr_tasks || r->complete || r->constraint[0])
		    ? (int64_t)r->nr_tasks
		    : OOM_ABSENT);
	jsonw_bool(w, "complete", r->complete);
	missing(w, r);
	jsonw_str(w, "outcome", oom_outcome_name(r->outcome));
	prediction(w, v);
	str(w, "panic", r->panic);
}

void explain_json_whatif(struct jsonw *w, struct explain *x, const struct oom_report *r)
{
	struct whatif_result res;

	if (whatif_compute(r, x->whatifs, x->nr_whatifs, &res) < 0) {
		x->err = -ENOMEM;
		return;
	}
	jsonw_object(w, "what_if");
	jsonw_array(w, "specs");
	for (size_t i = 0; i < x->nr_whatifs; i++)
		jsonw_str(w, NULL, x->whatifs[i].spec);
	jsonw_close(w);
	jsonw_bool(w, "granted", res.applies && res.no_oom);
	if (res.applies && res.has_victim) {
		jsonw_object(w, "victim");
		num(w, "pid", res.pid);
		str(w, "comm", res.comm);
		num(w, "points", res.points);
		jsonw_close(w);
	} else {
		jsonw_null(w, "victim");
	}
	num(w, "margin_pages", res.margin_pages);
	str(w, "why_not", res.why_not);
	jsonw_close(w);
}
