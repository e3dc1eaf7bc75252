// SPDX-License-Identifier: MIT
/* mm/oom_kill.c oom_badness() and the order select_bad_process() gives, for every kernel's rules.
 */
#include "lib/badness.h"

#include "lib/oom_report.h"

struct badness_rules badness_rules_default(void)
{
	return (struct badness_rules){ 0 };
}

static int64_t add(int64_t a, int64_t b)
{
	int64_t sum;

	return __builtin_add_overflow(a, b, &sum) ? (b > 0 ? INT64_MAX : INT64_MIN + 1) : sum;
}

static int64_t mul(int64_t a, int64_t b)
{
	int64_t product;

	return __builtin_mul_overflow(a, b, &product)
		       ? ((a < 0) == (b < 0) ? INT64_MAX : INT64_MIN + 1)
		       : product;
}

static int64_t known(int64_t v)
{
	return v == OOM_ABSENT ? 0 : v;
}

static void score(struct badness_entry *e, int64_t totalpages, const struct badness_rules *rules)
{
	const struct badness_task *t = e->task;
	int64_t adj = known(t->oom_score_adj);

	e->base_points =
		add(add(known(t->rss_pages), known(t->swapents_pages)), known(t->pgtables_pages));
	if (rules->root_bonus && t->root)
		e->base_points -= e->base_points / 100 * 3 + e->base_points % 100 * 3 / 100;
	if (rules->legacy_oom_adj) {
		e->eligible = adj != -17;
		e->adj_points = 0; /* what oom_adj shifts is not these points */
	} else {
		e->eligible = adj != -1000;
		e->adj_points = mul(adj, totalpages / 1000);
	}
	e->points = add(e->base_points, e->adj_points);
	if (rules->clamp_to_one && e->points < 1)
		e->points = 1;
}

struct order {
	const struct badness_entry *e;
	size_t index; /* of the scan */
	bool first_wins;
};

static int compare(const void *va, const void *vb)
{
	const struct order *a = va, *b = vb;
	bool earlier = a->index < b->index;

	if (a->e->eligible != b->e->eligible)
		return a->e->eligible ? -1 : 1;
	if (a->e->points != b->e->points)
		return a->e->points > b->e->points ? -1 : 1;
	return earlier == a->first_wins ? -1 : 1;
}

int badness_rank(const struct badness_task *tasks, size_t n, int64_t totalpages,
		 const struct badness_rules *rules, struct badness_ranking *ret)
{
	struct badness_entry *scanned __free = calloc(n ? n : 1, sizeof(*scanned));
	struct order *order __free = calloc(n ? n : 1, sizeof(*order));

	*ret = (struct badness_ranking){ .totalpages = totalpages, .margin_pages = OOM_ABSENT };
	if (!scanned || !order)
		return -ENOMEM;
	ret->entries = calloc(n ? n : 1, sizeof(*ret->entries));
	if (!ret->entries)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		scanned[i].task = &tasks[i];
		score(&scanned[i], totalpages, rules);
		ret->nr_eligible += scanned[i].eligible;
		order[i] = (struct order){ &scanned[i], i, rules->first_wins_ties };
	}
	qsort(order, n, sizeof(*order), compare);
	for (size_t i = 0; i < n; i++)
		ret->entries[i] = *order[i].e;
	ret->nr_entries = n;
	if (ret->nr_eligible > 1)
		ret->margin_pages = add(ret->entries[0].points, -ret->entries[1].points);
	return 0;
}

void badness_ranking_free(struct badness_ranking *r)
{
	free(r->entries);
	*r = (struct badness_ranking){ .margin_pages = OOM_ABSENT };
}
