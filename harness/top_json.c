// SPDX-License-Identifier: MIT
#include "harness/top.h"
#include "lib/jsonw.h"

#define TOP_SCHEMA 1

static int to_stream(void *ctx, const char *text, size_t len)
{
	return fwrite(text, 1, len, ctx) == len ? 0 : -EIO;
}

static void put_ranked(struct jsonw *w, const struct top *t, size_t i)
{
	const struct badness_entry *e = &t->ranking.entries[i];
	uint64_t page_kb = t->page_bytes / 1024;
	char why[80];

	jsonw_object(w, NULL);
	jsonw_u64(w, "rank", i + 1);
	jsonw_i64(w, "pid", e->task->pid);
	jsonw_str(w, "comm", e->task->comm);
	jsonw_u64(w, "rss_kb", (uint64_t)e->task->rss_pages * page_kb);
	jsonw_u64(w, "swap_kb", (uint64_t)e->task->swapents_pages * page_kb);
	jsonw_u64(w, "pgtables_kb", (uint64_t)e->task->pgtables_pages * page_kb);
	jsonw_i64(w, "oom_score_adj", e->task->oom_score_adj);
	jsonw_i64(w, "points", e->points);
	jsonw_i64(w, "adj_points", e->adj_points);
	jsonw_str(w, "why", top_why(e, why, sizeof(why)));
	jsonw_close(w);
}

static void put_never(struct jsonw *w, const struct proc_info *p)
{
	jsonw_object(w, NULL);
	jsonw_i64(w, "pid", p->pid);
	jsonw_str(w, "comm", p->comm);
	jsonw_u64(w, "rss_kb", p->memory.rss_kb);
	jsonw_i64(w, "oom_score_adj", p->oom_score_adj);
	jsonw_str(w, "why", top_never(p));
	jsonw_close(w);
}

int top_json(const struct top *t, size_t rows, FILE *f)
{
	char buf[4096];
	struct jsonw w;

	jsonw_init_flush(&w, buf, sizeof(buf), to_stream, f);
	jsonw_object(&w, NULL);
	jsonw_u64(&w, "schema", TOP_SCHEMA);
	jsonw_str(&w, "memcg", *t->memcg ? t->memcg : NULL);
	jsonw_bool(&w, "first_namespace", t->first_namespace);
	jsonw_u64(&w, "ram_bytes", t->ram_bytes);
	jsonw_u64(&w, "swap_bytes", t->swap_bytes);
	jsonw_u64(&w, "domain_bytes", t->domain_bytes);
	jsonw_i64(&w, "totalpages", t->ranking.totalpages);
	jsonw_u64(&w, "page_bytes", t->page_bytes);
	jsonw_array(&w, "tasks");
	for (size_t i = 0; i < t->ranking.nr_eligible && (!rows || i < rows); i++)
		put_ranked(&w, t, i);
	jsonw_close(&w);
	jsonw_array(&w, "never");
	for (size_t i = 0; i < t->nr_procs; i++)
		if (top_never(&t->procs[i]))
			put_never(&w, &t->procs[i]);
	if (jsonw_finish(&w) < 0)
		return -EIO;
	return fputc('\n', f) == EOF ? -EIO : 0;
}
