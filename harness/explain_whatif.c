// SPDX-License-Identifier: MIT
#include "harness/explain_whatif.h"

#include "lib/badness_internal.h"
#include "lib/units.h"

bool whatif_parse(const char *spec, struct whatif *ret)
{
	uint64_t bytes;
	const char *s;

	*ret = (struct whatif){ .spec = spec };
	if (str_starts(spec, "adj:")) {
		ret->kind = WHATIF_ADJ;
		s = text_i64(spec + 4, &ret->pid);
		if (!s || *s != '=' || ret->pid <= 0)
			return false;
		s = text_i64(s + 1, &ret->value);
		return s && !*s && ret->value >= -1000 && ret->value <= 1000;
	}
	if (!str_starts(spec, "limit:") || (spec[6] != '+' && spec[6] != '-'))
		return false;
	ret->kind = WHATIF_LIMIT;
	if (bytes_parse(spec + 7, &bytes) < 0 || bytes > INT64_MAX)
		return false;
	ret->value = spec[6] == '-' ? -(int64_t)bytes : (int64_t)bytes;
	return true;
}

static bool set_adj(struct badness_task *tasks, size_t n, const struct whatif *w)
{
	bool found = false;

	for (size_t i = 0; i < n; i++) {
		if (tasks[i].pid != w->pid)
			continue;
		tasks[i].oom_score_adj = w->value;
		found = true;
	}
	return found;
}

/* A larger limit than is used: this allocation would have been granted. */
static bool would_fit(const struct oom_report *r, int64_t more_bytes)
{
	int64_t order = r->order > 0 && r->order < 20 ? r->order : 0;

	return more_bytes / 1024 >= badness_page_kb(r) << order;
}

static int change(const struct oom_report *r, const struct whatif *w, struct badness_task *tasks,
		  int64_t *totalpages, struct whatif_result *ret)
{
	if (w->kind == WHATIF_ADJ) {
		if (set_adj(tasks, r->nr_tasks, w))
			return 0;
		str_copy(ret->why_not, sizeof(ret->why_not), "no such task in this dump");
		return -ENOENT;
	}
	ret->no_oom |= would_fit(r, w->value);
	if (*totalpages == OOM_ABSENT)
		return 0;
	if (__builtin_add_overflow(*totalpages, w->value / 1024 / badness_page_kb(r), totalpages))
		*totalpages = INT64_MAX;
	*totalpages = max(*totalpages, (int64_t)1);
	return 0;
}

int whatif_compute(const struct oom_report *r, const struct whatif *w, size_t n,
		   struct whatif_result *ret)
{
	struct badness_task *tasks __free = badness_tasks_of(r);
	struct badness_rules rules = badness_rules_of(r);
	int64_t totalpages = badness_totalpages(r);
	struct badness_ranking k;
	int err;

	*ret = (struct whatif_result){ .margin_pages = OOM_ABSENT };
	if (!tasks)
		return -ENOMEM;
	if (!r->nr_tasks || rules.legacy_oom_adj) {
		str_copy(ret->why_not, sizeof(ret->why_not), "the log has no dump to rank");
		return 0;
	}
	for (size_t i = 0; i < n; i++)
		if (change(r, &w[i], tasks, &totalpages, ret) < 0)
			return 0;
	if (totalpages == OOM_ABSENT &&
	    !badness_adj_is_moot(tasks, r->nr_tasks, rules.clamp_to_one)) {
		str_copy(ret->why_not, sizeof(ret->why_not),
			 "the log does not tell the memory that oom_score_adj scales with");
		return 0;
	}
	err = badness_rank(tasks, r->nr_tasks, totalpages == OOM_ABSENT ? 1 : totalpages, &rules,
			   &k);
	if (err)
		return err;
	ret->applies = true;
	ret->has_victim = k.nr_eligible > 0;
	if (ret->has_victim) {
		ret->pid = k.entries[0].task->pid;
		ret->points = k.entries[0].points;
		ret->margin_pages = k.margin_pages;
		str_copy(ret->comm, sizeof(ret->comm), k.entries[0].task->comm);
	}
	badness_ranking_free(&k);
	return 0;
}

int64_t whatif_sparing_adj(const struct oom_report *r, const struct badness_verdict *v)
{
	const struct badness_ranking *k = &v->ranking;
	int64_t unit = k->totalpages / 1000, adj, steps;
	struct whatif w = { .kind = WHATIF_ADJ, .pid = v->pid };
	struct whatif_result res;

	if (k->nr_eligible < 2 || unit < 1)
		return OOM_ABSENT;
	adj = k->entries[0].task->oom_score_adj == OOM_ABSENT ? 0
							      : k->entries[0].task->oom_score_adj;
	steps = k->margin_pages / unit;
	if (steps > 2000 || adj < -1000 || adj > 1000)
		return OOM_ABSENT;
	/* The tie rule and the clamp of old kernels are the model's to know: ask it. */
	for (w.value = adj - steps; w.value >= max(adj - steps - 2, (int64_t)-999); w.value--)
		if (!whatif_compute(r, &w, 1, &res) && res.applies && res.pid != v->pid)
			return w.value;
	return OOM_ABSENT;
}
