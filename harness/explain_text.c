// SPDX-License-Identifier: MIT
/*
 * An event for people, on one screen: what ran out, who was ranked how, why this one died, what
 * would have changed it. Text of the log is printed as text: log_decode() left no control bytes.
 */
#include "harness/explain_cause.h"
#include "harness/explain_whatif.h"
#include "lib/badness_internal.h"
#include "lib/units.h"

#include <inttypes.h>

#define TOP_TASKS 8

static const char *kb(int64_t v, char *buf, size_t len)
{
	if (v == OOM_ABSENT || v < 0)
		return "?";
	return bytes_format((uint64_t)min(v, INT64_MAX / 1024) * 1024, buf, len);
}

static const char *pages(const struct oom_report *r, int64_t n, char *buf, size_t len)
{
	/* hostile logs have negative and huge ones */
	n = n < 0 ? 0 : min(n, INT64_C(1) << 42);
	return kb(n * badness_page_kb(r), buf, len);
}

static const char *style(const struct explain *x, const char *code)
{
	return x->colour ? code : "";
}

#define BOLD  "\033[1m"
#define RED   "\033[1;31m"
#define DIM   "\033[2m"
#define PLAIN "\033[0m"

static void label(struct explain *x, const char *text)
{
	fprintf(x->out, "  %s%-11s%s ", style(x, BOLD), text, style(x, PLAIN));
}

void explain_domain(const struct oom_report *r, char *buf, size_t len)
{
	switch (r->kind) {
	case OOM_KIND_MEMCG:
		snprintf(buf, len, "memory cgroup %s", r->oom_memcg ? r->oom_memcg : "(not named)");
		break;
	case OOM_KIND_MEMPOLICY:
		snprintf(buf, len, "NUMA node %s (a memory policy allows no other)",
			 r->nodemask ? r->nodemask : "?");
		break;
	case OOM_KIND_CPUSET:
		snprintf(buf, len, "NUMA node %s (cpuset %s)",
			 r->mems_allowed ? r->mems_allowed : "?", r->cpuset ? r->cpuset : "?");
		break;
	case OOM_KIND_SYSRQ:
		str_copy(buf, len, "nothing: the OOM killer was called by hand (sysrq f)");
		break;
	case OOM_KIND_GLOBAL:
		str_copy(buf, len, "the machine");
		break;
	default:
		str_copy(buf, len, "not in the log");
	}
}

/* Without a kill line: the line before it may name who was to die. */
static void chosen(struct explain *x, const struct oom_report *r)
{
	bool summary = r->summary_pid != OOM_ABSENT;
	const char *comm = summary ? r->summary_comm : r->chosen_comm;
	int64_t pid = summary ? r->summary_pid : r->chosen_pid;

	if (pid == OOM_ABSENT)
		fputs("who was killed is not in the log", x->out);
	else
		fprintf(x->out, "%s (%" PRId64 ") was chosen, its kill is not in the log",
			comm[0] ? comm : "?", pid);
	fputs(style(x, PLAIN), x->out);
}

static void headline(struct explain *x, const struct oom_report *r)
{
	fprintf(x->out, "%s%sOOM %" PRIu64 ", line %" PRIu64 ": ", x->nr_events > 1 ? "\n" : "",
		style(x, BOLD), x->nr_events, r->line);
	if (r->nr_victims)
		fprintf(x->out, "%s%s (%" PRId64 ") was killed%s", style(x, RED),
			r->victims[0].comm, r->victims[0].pid, style(x, PLAIN));
	else if (r->outcome == OOM_OUTCOME_NO_KILLABLE)
		fprintf(x->out, "there was nobody to kill%s", style(x, PLAIN));
	else if (r->outcome == OOM_OUTCOME_PANIC)
		fprintf(x->out, "the kernel panicked%s", style(x, PLAIN));
	else
		chosen(x, r);
	if (r->release[0])
		fprintf(x->out, ", kernel %s", r->release);
	fputc('\n', x->out);
	if (r->panic) {
		label(x, "panic");
		fprintf(x->out, "%s\n", r->panic);
	}
}

static void usage(struct explain *x, const char *what, const struct oom_usage *u)
{
	char a[32], b[32];

	if (u->limit_kb == OOM_ABSENT)
		return;
	label(x, what);
	fprintf(x->out, "%s used of %s", kb(u->usage_kb, a, sizeof(a)),
		badness_unlimited(u->limit_kb) ? "no limit" : kb(u->limit_kb, b, sizeof(b)));
	if (u->failcnt != OOM_ABSENT && u->failcnt)
		fprintf(x->out, ", hit %" PRId64 " times", u->failcnt);
	fputc('\n', x->out);
}

static void zones(struct explain *x, const struct oom_report *r)
{
	char a[32], b[32];
	size_t shown = 0;

	for (size_t i = 0; i < r->nr_zones && shown < 4; i++) {
		const struct oom_zone *z = &r->zones[i];

		if (z->free_kb == OOM_ABSENT || z->min_kb == OOM_ABSENT || !z->present_kb ||
		    str_eq(z->name, "DMA"))
			continue;
		label(x, shown++ ? "" : "free");
		if (z->node >= 0)
			fprintf(x->out, "node %d ", z->node);
		fprintf(x->out, "%s: %s, min watermark %s%s\n", z->name,
			kb(z->free_kb, a, sizeof(a)), kb(z->min_kb, b, sizeof(b)),
			z->free_kb < z->min_kb ? ": short" : "");
	}
}

static void machine(struct explain *x, const struct oom_report *r, const struct cause *c)
{
	char a[32], b[32];

	if (c->domain_kb != OOM_ABSENT && r->kind != OOM_KIND_MEMCG) {
		label(x, "memory");
		fprintf(x->out, "%s%s", kb(c->domain_kb, a, sizeof(a)),
			c->bound ? " on those nodes" : " RAM");
		if (r->swap_total_kb > 0)
			fprintf(x->out, ", swap %s free of %s", kb(r->swap_free_kb, a, sizeof(a)),
				kb(r->swap_total_kb, b, sizeof(b)));
		else if (r->swap_total_kb == 0)
			fputs(", no swap", x->out);
		fputc('\n', x->out);
	}
	zones(x, r);
}

static void asked(struct explain *x, const struct oom_report *r)
{
	label(x, "ran out");
	{
		char name[4200];

		explain_domain(r, name, sizeof(name));
		fprintf(x->out, "%s\n", name);
	}
	if (r->invoker_comm[0] || r->gfp_mask != OOM_ABSENT) {
		label(x, "asked by");
		fprintf(x->out, "%s", r->invoker_comm[0] ? r->invoker_comm : "not in the log");
		if (r->invoker_pid != OOM_ABSENT)
			fprintf(x->out, " (%" PRId64 ")", r->invoker_pid);
		if (r->order != OOM_ABSENT)
			fprintf(x->out, ", order %" PRId64, r->order);
		fprintf(x->out, "%s%s\n", r->gfp_flags[0] ? ", " : "", r->gfp_flags);
	}
}

/* Memory that no kill of a task gives back */
static void unowned(struct explain *x, const struct oom_report *r, const struct cause *c)
{
	const struct {
		const char *name;
		int64_t kb;
	} parts[] = {
		{ "shmem/tmpfs that no task maps",
		  c->shmem_mappers_known ? c->unmapped_shmem_kb : OOM_ABSENT },
		{ "unreclaimable slab", c->slab_kb },
		{ "hugetlb", c->hugetlb_kb },
		{ "page cache that reclaim left", c->unmapped_cache_kb },
		{ "unevictable (mlock, ramfs)", r->stats.unevictable_kb },
		{ "kernel stacks", r->stats.kernel_stack_kb },
		{ "per-cpu", r->stats.percpu_kb },
		{ "sockets", r->stats.sock_kb },
		{ "vmalloc", r->stats.vmalloc_kb },
	};
	size_t shown = 0;
	char a[32];

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		if (explain_percent(parts[i].kb, c->domain_kb) < 3)
			continue;
		if (!shown)
			label(x, "no owner");
		fprintf(x->out, "%s%s %s", shown++ ? ", " : "", parts[i].name,
			kb(parts[i].kb, a, sizeof(a)));
	}
	if (shown)
		fputc('\n', x->out);
}

bool explain_is_killed(const struct oom_report *r, int64_t pid)
{
	for (size_t i = 0; i < r->nr_victims; i++)
		if (r->victims[i].pid == pid)
			return true;
	return r->nr_victims && r->victim_row == pid;
}

static void row(struct explain *x, const struct oom_report *r, const struct badness_entry *e,
		size_t rank)
{
	const struct badness_task *t = e->task;
	const struct oom_task *said = oom_report_task(r, t->pid);
	bool killed = explain_is_killed(r, t->pid);
	char rss[32], swap[32], tables[32], adj[24];

	snprintf(adj, sizeof(adj), "%" PRId64, t->oom_score_adj);
	fprintf(x->out, "  %s%4zu %8" PRId64 " %-16s %10s %10s %10s %6s ",
		killed ? style(x, RED) : "", rank, t->pid, t->comm,
		pages(r, t->rss_pages, rss, sizeof(rss)),
		pages(r, t->swapents_pages, swap, sizeof(swap)),
		said && said->pgtables_bytes >= 0 /* the kernel's points count whole pages */
			? kb(said->pgtables_bytes / 1024, tables, sizeof(tables))
			: pages(r, t->pgtables_pages, tables, sizeof(tables)),
		t->oom_score_adj == OOM_ABSENT ? "?" : adj);
	if (e->eligible)
		fprintf(x->out, "%10" PRId64, e->points);
	else
		fprintf(x->out, "%10s", "never");
	fprintf(x->out, "%s%s\n", killed ? " killed" : "", killed ? style(x, PLAIN) : "");
}

static void ranking(struct explain *x, const struct oom_report *r, const struct badness_verdict *v)
{
	const struct badness_ranking *k = &v->ranking;
	bool victim_shown = false;

	if (!k->nr_entries)
		return;
	fprintf(x->out, "  %s%4s %8s %-16s %10s %10s %10s %6s %10s%s\n", style(x, BOLD), "rank",
		"pid", "comm", "rss", "swap", "tables", "adj", "points", style(x, PLAIN));
	for (size_t i = 0; i < k->nr_entries; i++) {
		bool killed = explain_is_killed(r, k->entries[i].task->pid);

		if (i >= TOP_TASKS && (!killed || victim_shown))
			continue;
		victim_shown |= killed;
		row(x, r, &k->entries[i], i + 1);
	}
	if (k->nr_entries > TOP_TASKS)
		fprintf(x->out, "  %s     ... %zu more of %zu%s\n", style(x, DIM),
			k->nr_entries - TOP_TASKS, k->nr_entries, style(x, PLAIN));
}

static void why(struct explain *x, const struct oom_report *r, const struct badness_verdict *v)
{
	const struct badness_ranking *k = &v->ranking;
	const struct badness_entry *e = k->nr_eligible ? &k->entries[0] : NULL;

	label(x, "why");
	if (!v->has_prediction || !e) {
		fprintf(x->out, "%s\n", v->why[0] ? v->why : "the log does not tell");
		return;
	}
	fprintf(x->out, "%s (%" PRId64 ") has the most points: %" PRId64 " pages", v->comm, v->pid,
		e->base_points);
	if (e->adj_points)
		fprintf(x->out, " %c %" PRId64 " for oom_score_adj %" PRId64 " (%" PRId64 " each)",
			e->adj_points < 0 ? '-' : '+',
			e->adj_points < 0 ? -e->adj_points : e->adj_points, e->task->oom_score_adj,
			k->totalpages / 1000);
	if (k->nr_eligible > 1)
		fprintf(x->out, "; next is %s (%" PRId64 "), %" PRId64 " points behind",
			k->entries[1].task->comm, k->entries[1].task->pid, k->margin_pages);
	fputc('\n', x->out);
	if (v->agrees == 0)
		fprintf(x->out, "  %-11s the kernel chose otherwise: %s\n", "", v->why);
	else if (v->why[0])
		fprintf(x->out, "  %-11s but: %s\n", "", v->why);
	if (r->group_memcg)
		fprintf(x->out, "  %-11s all of %s died with it (memory.oom.group): %zu kills\n",
			"", r->group_memcg, r->nr_victims);
}

static void sparing(struct explain *x, const struct oom_report *r, const struct badness_verdict *v)
{
	const struct badness_ranking *k = &v->ranking;
	int64_t adj;

	if (!v->has_prediction || v->agrees == 0 || !k->nr_eligible ||
	    (r->nr_victims && v->agrees != 1))
		return;
	if (k->nr_eligible < 2) {
		label(x, "what if");
		fputs("nobody else in it could be killed: only more memory or less use helps\n",
		      x->out);
		return;
	}
	adj = whatif_sparing_adj(r, v);
	label(x, "what if");
	if (adj != OOM_ABSENT)
		fprintf(x->out, "oom_score_adj of %" PRId64 " at %" PRId64 " or less", v->pid, adj);
	else if (badness_totalpages(r) == OOM_ABSENT)
		fprintf(x->out, "how much memory oom_score_adj scales with is not in the log; "
				"surely -1000");
	else if (k->totalpages < 1000)
		fprintf(x->out,
			"this is too small a domain for oom_score_adj to count; only -1000");
	else
		fprintf(x->out, "only oom_score_adj -1000 of %" PRId64, v->pid);
	fprintf(x->out, " would have spared %s: then %s (%" PRId64 ") dies\n", v->comm,
		k->entries[1].task->comm, k->entries[1].task->pid);
}

static void asked_whatifs(struct explain *x, const struct oom_report *r)
{
	struct whatif_result res;

	for (size_t i = 0; i < x->nr_whatifs; i++)
		fprintf(x->out, "%s%s%s", i ? ", " : "  what if ", x->whatifs[i].spec,
			i + 1 == x->nr_whatifs ? ": " : "");
	if (!x->nr_whatifs)
		return;
	if (whatif_compute(r, x->whatifs, x->nr_whatifs, &res) < 0) {
		x->err = -ENOMEM;
		return;
	}
	if (!res.applies) {
		fprintf(x->out, "%s\n", res.why_not);
		return;
	}
	if (res.no_oom)
		fputs("this request would have been granted; if it fills up again, ", x->out);
	if (res.has_victim)
		fprintf(x->out, "%s (%" PRId64 ") dies with %" PRId64 " points\n", res.comm,
			res.pid, res.points);
	else
		fputs("nobody can be killed\n", x->out);
}

void explain_text(struct explain *x, const struct oom_report *r, const struct badness_verdict *v)
{
	char trouble[256];
	struct cause c;

	explain_cause(r, &c);
	explain_trouble(r, &c, trouble, sizeof(trouble));
	headline(x, r);
	if (r->headless) {
		label(x, "cause");
		fprintf(x->out, "not in the log, only its end is (%s)\n",
			r->kind == OOM_KIND_MEMCG ? "of a memory cgroup"
						  : "rate-limited, cut or filtered");
	} else {
		asked(x, r);
	}
	usage(x, "memory", &r->memory);
	usage(x, "swap", &r->swap);
	usage(x, "mem+swap", &r->memsw);
	machine(x, r, &c);
	if (trouble[0]) {
		label(x, "trouble");
		fprintf(x->out, "%s%s\n", trouble, c.swap_full ? "; swap is full" : "");
	}
	unowned(x, r, &c);
	ranking(x, r, v);
	if (!r->headless || v->ranking.nr_entries)
		why(x, r, v);
	sparing(x, r, v);
	asked_whatifs(x, r);
}
