// SPDX-License-Identifier: MIT
/* The ranking as a table and as JSON. A comm is its process's to choose: it is escaped. */
#include "harness/report_impl.h"
#include "harness/top.h"
#include "lib/units.h"

#define COMM_WIDE 16

static const char *pages(const struct top *t, int64_t n, char *buf, size_t len)
{
	return bytes_format((uint64_t)n * t->page_bytes, buf, len);
}

static void put_comm(const char *comm, FILE *f)
{
	int wide = 0;

	for (const char *s = comm; *s; s++)
		wide += *s < 0x20 || *s >= 0x7f ? 4 : 1;
	report_text(f, comm);
	fprintf(f, "%*s", max(COMM_WIDE - wide, 0), "");
}

static void head(const struct top *t, FILE *f)
{
	char domain[32], ram[32], swap[32];

	if (*t->memcg) {
		fputs("If the cgroup ", f);
		report_text(f, t->memcg);
		fprintf(f, " hits its limit (%s with swap)",
			bytes_format(t->domain_bytes, domain, sizeof(domain)));
	} else {
		fprintf(f, "If this machine (%s RAM, %s swap) runs out of memory",
			bytes_format(t->ram_bytes, ram, sizeof(ram)),
			t->swap_bytes ? bytes_format(t->swap_bytes, swap, sizeof(swap)) : "no");
	}
	fprintf(f, "; a step of oom_score_adj is %lld points\n",
		(long long)t->ranking.totalpages / 1000);
	if (!t->first_namespace)
		fputs("this is a PID namespace: processes outside it are not seen\n", f);
	fprintf(f, "%4s %8s %-*s %10s %10s %10s %6s %10s  %s\n", "rank", "pid", COMM_WIDE, "comm",
		"rss", "swap", "tables", "adj", "points", "why");
}

static void put_ranked(const struct top *t, size_t i, FILE *f)
{
	const struct badness_entry *e = &t->ranking.entries[i];
	char rss[32], swap[32], tables[32], why[80];

	fprintf(f, "%4zu %8lld ", i + 1, (long long)e->task->pid);
	put_comm(e->task->comm, f);
	fprintf(f, " %10s %10s %10s %6lld %10lld  %s\n",
		pages(t, e->task->rss_pages, rss, sizeof(rss)),
		pages(t, e->task->swapents_pages, swap, sizeof(swap)),
		pages(t, e->task->pgtables_pages, tables, sizeof(tables)),
		(long long)e->task->oom_score_adj, (long long)e->points,
		top_why(e, why, sizeof(why)));
}

static void put_never(const struct proc_info *p, FILE *f)
{
	char rss[32], swap[32], tables[32];

	fprintf(f, "%4s %8d ", "-", (int)p->pid);
	put_comm(p->comm, f);
	fprintf(f, " %10s %10s %10s %6d %10s  %s\n",
		bytes_format(p->memory.rss_kb * 1024, rss, sizeof(rss)),
		bytes_format(p->memory.swap_kb * 1024, swap, sizeof(swap)),
		bytes_format(p->memory.pgtables_kb * 1024, tables, sizeof(tables)),
		p->oom_score_adj, "never", top_never(p));
}

/* "never killed: 1 init, 3 immune, 80 kernel threads" in one line, or each. */
static void put_rest(const struct top *t, bool each, FILE *f)
{
	size_t nr_kind[PROC_ZOMBIE + 1] = { 0 };

	for (size_t i = 0; i < t->nr_procs; i++) {
		const struct proc_info *p = &t->procs[i];

		if (!top_never(p))
			continue;
		nr_kind[p->kind]++;
		if (each)
			put_never(p, f);
	}
	fprintf(f, "never: %zu at oom_score_adj -1000, %zu init, %zu kernel threads, %zu zombies\n",
		nr_kind[PROC_USER], nr_kind[PROC_INIT], nr_kind[PROC_KERNEL_THREAD],
		nr_kind[PROC_ZOMBIE]);
}

void top_text(const struct top *t, size_t rows, FILE *f)
{
	size_t n = t->ranking.nr_eligible;

	head(t, f);
	for (size_t i = 0; i < n && (!rows || i < rows); i++)
		put_ranked(t, i, f);
	if (rows && n > rows)
		fprintf(f, "%4s %zu more\n", "...", n - rows);
	put_rest(t, !rows, f);
}
