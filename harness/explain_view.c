// SPDX-License-Identifier: MIT
/* An event with all that a page shows of it: beside explain_json()'s keys the ranking, owners, zones. */
#include "harness/explain_cause.h"
#include "harness/explain_whatif.h"
#include "lib/badness_internal.h"

#define RANKED_MAX 40 /* and whoever was killed */

static void num(struct jsonw *w, const char *key, int64_t v)
{
	if (v == OOM_ABSENT)
		jsonw_null(w, key);
	else
		jsonw_i64(w, key, v);
}

static void put_ranking(struct jsonw *w, const struct oom_report *r,
			const struct badness_ranking *k)
{
	jsonw_array(w, "ranking");
	for (size_t i = 0; i < k->nr_entries; i++) {
		const struct badness_entry *e = &k->entries[i];
		bool killed = explain_is_killed(r, e->task->pid);

		if (i >= RANKED_MAX && !killed)
			continue;
		jsonw_object(w, NULL);
		jsonw_u64(w, "rank", i + 1);
		num(w, "pid", e->task->pid);
		jsonw_str(w, "comm", e->task->comm);
		num(w, "rss_pages", e->task->rss_pages);
		num(w, "swap_pages", e->task->swapents_pages);
		num(w, "pgtables_pages", e->task->pgtables_pages);
		num(w, "oom_score_adj", e->task->oom_score_adj);
		num(w, "base", e->base_points);
		num(w, "adj", e->adj_points);
		num(w, "points", e->points);
		jsonw_bool(w, "eligible", e->eligible);
		jsonw_bool(w, "killed", killed);
		jsonw_close(w);
	}
	jsonw_close(w);
	jsonw_u64(w, "ranked", k->nr_entries);
}

static void put_zones(struct jsonw *w, const struct oom_report *r)
{
	jsonw_array(w, "zones");
	for (size_t i = 0; i < r->nr_zones; i++) {
		const struct oom_zone *z = &r->zones[i];

		jsonw_object(w, NULL);
		jsonw_i64(w, "node", z->node);
		jsonw_str(w, "name", z->name);
		num(w, "free_kb", z->free_kb);
		num(w, "min_kb", z->min_kb);
		num(w, "low_kb", z->low_kb);
		num(w, "high_kb", z->high_kb);
		num(w, "managed_kb", z->managed_kb);
		jsonw_close(w);
	}
	jsonw_close(w);
}

/* Who holds the memory. A memcg's "file" counts its shmem in. */
static void put_owners(struct jsonw *w, const struct oom_report *r, const struct cause *c)
{
	const struct oom_stats *s = &r->stats;
	const struct {
		const char *name;
		int64_t kb;
	} owners[] = {
		{ "anonymous", s->anon_kb },
		{ "page cache", explain_page_cache_kb(r) },
		{ "shared memory, tmpfs", s->shmem_kb },
		{ "slab, reclaimable", s->slab_reclaimable_kb },
		{ "slab, unreclaimable",
		  s->slab_unreclaimable_kb != OOM_ABSENT ? s->slab_unreclaimable_kb : c->slab_kb },
		{ "page tables", s->pagetables_kb },
		{ "kernel stacks", s->kernel_stack_kb },
		{ "per-cpu", s->percpu_kb },
		{ "sockets", s->sock_kb },
		{ "vmalloc", s->vmalloc_kb },
		{ "hugetlb", c->hugetlb_kb },
		{ "in no counter", c->unaccounted_kb },
		{ "free", s->free_kb },
		{ "swapped out", s->swap_kb },
	};

	jsonw_array(w, "owners");
	for (size_t i = 0; i < ARRAY_SIZE(owners); i++) {
		if (owners[i].kb == OOM_ABSENT || owners[i].kb <= 0)
			continue;
		jsonw_object(w, NULL);
		jsonw_str(w, "name", owners[i].name);
		jsonw_i64(w, "kb", owners[i].kb);
		jsonw_close(w);
	}
	jsonw_close(w);
}

static void put_usage(struct jsonw *w, const char *key, const struct oom_usage *u)
{
	jsonw_object(w, key);
	num(w, "usage_kb", u->usage_kb);
	num(w, "limit_kb", badness_unlimited(u->limit_kb) ? OOM_ABSENT : u->limit_kb);
	num(w, "failcnt", u->failcnt);
	jsonw_close(w);
}

void explain_view(struct jsonw *w, const struct oom_report *r, const struct badness_verdict *v)
{
	char text[4400];
	struct cause c;

	explain_cause(r, &c);
	explain_json(w, r, v);
	jsonw_str(w, "release", r->release);
	explain_domain(r, text, sizeof(text));
	jsonw_str(w, "ran_out", text);
	explain_trouble(r, &c, text, sizeof(text));
	jsonw_str(w, "trouble", text);
	jsonw_bool(w, "headless", r->headless);
	jsonw_bool(w, "swap_full", c.swap_full);
	num(w, "domain_kb", c.domain_kb);
	num(w, "swap_total_kb", r->swap_total_kb);
	num(w, "swap_free_kb", r->swap_free_kb);
	jsonw_i64(w, "page_kb", badness_page_kb(r));
	jsonw_i64(w, "totalpages", v->ranking.totalpages);
	num(w, "sparing_adj",
	    v->has_prediction && v->agrees && v->ranking.nr_eligible > 1 ? whatif_sparing_adj(r, v)
									 : OOM_ABSENT);
	put_usage(w, "memory_usage", &r->memory);
	put_usage(w, "swap_usage", &r->swap);
	put_usage(w, "memsw_usage", &r->memsw);
	put_owners(w, r, &c);
	put_zones(w, r);
	put_ranking(w, r, &v->ranking);
}
