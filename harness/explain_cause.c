// SPDX-License-Identifier: MIT
#include "harness/explain_cause.h"

#include "lib/badness_internal.h"
#include "lib/nodemask.h"
#include "lib/units.h"

#include <inttypes.h>

/* Percent of the domain from which a consumer is the trouble, not a bystander. */
#define SLAB_PERCENT	    25
#define SHMEM_PERCENT	    30
#define HUGETLB_PERCENT	    40
#define TABLES_PERCENT	    15
#define UNACCOUNTED_PERCENT 40
#define ONE_TASK_PERCENT    50
#define SMALL_PERCENT	    15
#define SMALL_TASKS	    10

int explain_percent(int64_t part, int64_t whole)
{
	if (part == OOM_ABSENT || whole == OOM_ABSENT || part < 0 || whole <= 0)
		return -1;
	return part >= whole * 10 ? 1000 : (int)((double)part * 100 / (double)whole);
}

static int64_t known(int64_t v)
{
	return v == OOM_ABSENT || v < 0 ? 0 : v;
}

/* Pages of a row as kB; hostile numbers stop at 2^50. */
static int64_t pages_kb(const struct oom_report *r, int64_t pages)
{
	return min(known(pages), INT64_C(1) << 42) * badness_page_kb(r);
}

static int64_t tables_kb(const struct oom_report *r, const struct oom_task *t)
{
	if (t->pgtables_bytes != OOM_ABSENT)
		return min(known(t->pgtables_bytes) / 1024, INT64_C(1) << 50);
	return pages_kb(r, t->nr_ptes) + pages_kb(r, t->nr_pmds);
}

static void sum_tasks(const struct oom_report *r, struct cause *c)
{
	for (size_t i = 0; i < min(r->nr_tasks, (size_t)4096); i++) {
		const struct oom_task *t = &r->tasks[i];
		int64_t rss = pages_kb(r, t->rss_pages), tables = tables_kb(r, t);
		int64_t all = rss + tables;

		c->tasks_kb = min(c->tasks_kb + rss, INT64_C(1) << 60);
		c->tables_kb = min(c->tables_kb + tables, INT64_C(1) << 60);
		c->mapped_shmem_kb =
			min(c->mapped_shmem_kb + pages_kb(r, t->rss_shmem_pages), INT64_C(1) << 60);
		if (!c->top || all > c->top_kb) {
			c->top = t;
			c->top_kb = all;
		}
	}
}

static int64_t nodes_kb(const struct oom_report *r, const char *list)
{
	struct nodemask nodes;
	int64_t sum = 0;

	if (!list || nodemask_parse(list, &nodes) < 0)
		return OOM_ABSENT;
	for (size_t i = 0; i < r->nr_zones; i++) {
		const struct oom_zone *z = &r->zones[i];
		int64_t kb = z->managed_kb != OOM_ABSENT ? z->managed_kb : z->present_kb;

		if (z->node >= 0 && z->node < NODEMASK_MAX &&
		    nodemask_has(&nodes, (unsigned int)z->node))
			sum = min(sum + known(kb), INT64_C(1) << 60);
	}
	return sum ? sum : OOM_ABSENT;
}

static int64_t domain_kb(const struct oom_report *r)
{
	int64_t kb = OOM_ABSENT;

	if (r->kind == OOM_KIND_MEMCG)
		return badness_unlimited(r->memory.limit_kb) ? OOM_ABSENT : r->memory.limit_kb;
	if (r->kind == OOM_KIND_MEMPOLICY)
		kb = nodes_kb(r, r->nodemask);
	else if (r->kind == OOM_KIND_CPUSET)
		kb = nodes_kb(r, r->mems_allowed);
	if (kb == OOM_ABSENT && r->pages_ram != OOM_ABSENT &&
	    r->pages_ram >= known(r->pages_reserved))
		kb = pages_kb(r, r->pages_ram - known(r->pages_reserved));
	return kb;
}

/* A request for adjoining pages failed though every zone of some size has plenty free. */
static bool is_fragmented(const struct oom_report *r)
{
	size_t zones = 0;

	if (r->order <= 0 || r->kind == OOM_KIND_MEMCG)
		return false;
	for (size_t i = 0; i < r->nr_zones; i++) {
		const struct oom_zone *z = &r->zones[i];

		if (known(z->present_kb) < 64 * 1024)
			continue;
		if (z->free_kb == OOM_ABSENT || z->high_kb == OOM_ABSENT ||
		    z->free_kb <= z->high_kb)
			return false;
		zones++;
	}
	return zones > 0;
}

/* 32 bit: HighMem has plenty, but the kernel's own low zone is below its watermark. */
static bool is_lowmem(const struct oom_report *r)
{
	bool high = false, low = false;

	for (size_t i = 0; i < r->nr_zones; i++) {
		const struct oom_zone *z = &r->zones[i];

		if (z->free_kb == OOM_ABSENT || z->min_kb == OOM_ABSENT)
			continue;
		high |= str_eq(z->name, "HighMem") && z->free_kb > known(z->high_kb);
		low |= str_eq(z->name, "Normal") && z->free_kb < z->min_kb;
	}
	return high && low;
}

/*
 * RAM that no counter of Mem-Info names: a VM's balloon, a driver's pages, what was never given to the
 * allocator. anon and file are LRU lists, so shmem is in anon.
 */
static int64_t unaccounted_kb(const struct oom_report *r, int64_t ram_kb)
{
	const struct oom_stats *s = &r->stats;
	const int64_t parts[] = { s->anon_kb, s->file_kb, s->free_kb, s->slab_unreclaimable_kb };
	const int64_t more[] = { s->unevictable_kb, s->slab_reclaimable_kb, s->pagetables_kb,
				 r->hugetlb_total_kb };
	int64_t sum = 0;

	if (r->kind == OOM_KIND_MEMCG || ram_kb == OOM_ABSENT || r->pages_ram == OOM_ABSENT)
		return OOM_ABSENT;
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		if (parts[i] == OOM_ABSENT)
			return OOM_ABSENT;
		sum += min(known(parts[i]), INT64_C(1) << 58);
	}
	for (size_t i = 0; i < ARRAY_SIZE(more); i++)
		sum += min(known(more[i]), INT64_C(1) << 58);
	return max((int64_t)0, ram_kb - sum);
}

static enum trouble trouble_of(const struct oom_report *r, const struct cause *c)
{
	int top = explain_percent(c->top_kb, c->domain_kb);

	if (r->kind == OOM_KIND_SYSRQ)
		return TROUBLE_SYSRQ;
	if (is_lowmem(r))
		return TROUBLE_LOWMEM;
	if (is_fragmented(r))
		return TROUBLE_FRAGMENTATION;
	if (explain_percent(c->hugetlb_kb, c->domain_kb) >= HUGETLB_PERCENT)
		return TROUBLE_HUGETLB;
	if (explain_percent(c->unmapped_shmem_kb, c->domain_kb) >= SHMEM_PERCENT)
		return TROUBLE_TMPFS;
	if (explain_percent(c->slab_kb, c->domain_kb) >= SLAB_PERCENT)
		return TROUBLE_SLAB;
	if (explain_percent(c->tables_kb, c->domain_kb) >= TABLES_PERCENT)
		return TROUBLE_PAGETABLES;
	if (explain_percent(c->unaccounted_kb, c->domain_kb) >= UNACCOUNTED_PERCENT)
		return TROUBLE_UNACCOUNTED;
	if (!c->top || top < 0)
		return TROUBLE_UNKNOWN;
	if (top >= ONE_TASK_PERCENT)
		return TROUBLE_ONE_TASK;
	if (!r->complete && !r->tasks[r->nr_tasks - 1].comm[0])
		return TROUBLE_UNKNOWN; /* the log ends within the table */
	if (top < SMALL_PERCENT && r->nr_tasks >= SMALL_TASKS)
		return TROUBLE_MANY_SMALL;
	return TROUBLE_TOGETHER;
}

/* Page cache; a memcg's "file" counts its shmem in. */
int64_t explain_page_cache_kb(const struct oom_report *r)
{
	int64_t kb = r->stats.file_kb;

	if (r->kind == OOM_KIND_MEMCG && kb != OOM_ABSENT && r->stats.shmem_kb > 0)
		kb = max((int64_t)0, kb - r->stats.shmem_kb);
	return kb;
}

/*
 * Page cache that no task maps. Where shmem is counted in with it (memcg before 4.20), what tasks
 * have in memory beyond their anonymous memory is mapped cache.
 */
static int64_t unmapped_cache_kb(const struct oom_report *r, const struct cause *c)
{
	int64_t kb = explain_page_cache_kb(r), mapped;

	if (r->kind == OOM_KIND_MEMCG && kb != OOM_ABSENT && r->stats.shmem_kb == OOM_ABSENT &&
	    r->stats.anon_kb != OOM_ABSENT) {
		mapped = max((int64_t)0, c->tasks_kb - r->stats.anon_kb);
		kb = max((int64_t)0, kb - mapped);
	}
	return kb;
}

void explain_cause(const struct oom_report *r, struct cause *ret)
{
	*ret = (struct cause){ .domain_kb = domain_kb(r),
			       .slab_kb = r->stats.slab_unreclaimable_kb,
			       .hugetlb_kb = r->hugetlb_total_kb };
	sum_tasks(r, ret);
	/* Without a column for it, what tasks map of shmem is not known: none is the safe guess
	 * only where they are small anyway. */
	ret->shmem_mappers_known = r->nr_tasks > 0;
	ret->unmapped_shmem_kb = r->stats.shmem_kb;
	if (r->stats.shmem_kb != OOM_ABSENT)
		ret->unmapped_shmem_kb =
			max((int64_t)0, r->stats.shmem_kb - (r->has_rss_split ? ret->mapped_shmem_kb
									      : ret->tasks_kb));
	ret->unmapped_cache_kb = unmapped_cache_kb(r, ret);
	ret->swap_full = known(r->swap_total_kb) > 0 && r->swap_free_kb != OOM_ABSENT &&
			 r->swap_free_kb < r->swap_total_kb / 50;
	ret->unaccounted_kb =
		r->kind == OOM_KIND_GLOBAL ? unaccounted_kb(r, ret->domain_kb) : OOM_ABSENT;
	ret->bound = r->kind == OOM_KIND_MEMPOLICY || r->kind == OOM_KIND_CPUSET;
	ret->trouble = trouble_of(r, ret);
}

static const char *kb(int64_t v, char *buf, size_t len)
{
	return bytes_format((uint64_t)known(v) * 1024, buf, len);
}

/* "1.6 GiB (49 % of RAM)" */
static const char *share(const struct cause *c, int64_t v, const char *of, char *buf, size_t len)
{
	char size[32];

	snprintf(buf, len, "%s (%d %% of %s)", kb(v, size, sizeof(size)),
		 explain_percent(v, c->domain_kb), of);
	return buf;
}

/* Memory of another kind than tasks' own */
static void not_the_tasks(const struct cause *c, const char *of, char *buf, size_t len)
{
	char s[96];

	switch (c->trouble) {
	case TROUBLE_HUGETLB:
		snprintf(buf, len, "huge pages: %s are set aside for hugetlb",
			 share(c, c->hugetlb_kb, of, s, sizeof(s)));
		break;
	case TROUBLE_TMPFS:
		snprintf(buf, len, "tmpfs or shared memory: %s%s",
			 share(c, c->unmapped_shmem_kb, of, s, sizeof(s)),
			 c->shmem_mappers_known ? " that no task maps; a kill does not free it"
						: "; who maps it is not in the log");
		break;
	case TROUBLE_SLAB:
		snprintf(buf, len, "the kernel's own: %s of slab that cannot be reclaimed",
			 share(c, c->slab_kb, of, s, sizeof(s)));
		break;
	case TROUBLE_PAGETABLES:
		snprintf(buf, len, "page tables: %s, many mappings of little memory",
			 share(c, c->tables_kb, of, s, sizeof(s)));
		break;
	default:
		snprintf(
			buf, len,
			"%s in no counter: a VM's balloon, a driver, or pages that never were free",
			share(c, c->unaccounted_kb, of, s, sizeof(s)));
	}
}

static void the_tasks(const struct oom_report *r, const struct cause *c, const char *of, char *buf,
		      size_t len)
{
	int top = explain_percent(c->top_kb, c->domain_kb);
	char a[32];

	if (c->trouble == TROUBLE_ONE_TASK)
		snprintf(buf, len,
			 "one task: %s (%" PRId64
			 ") has %s, %d %% of %s: a leak, or too little memory for it",
			 c->top->comm[0] ? c->top->comm : "?", c->top->pid,
			 kb(c->top_kb, a, sizeof(a)), top, of);
	else if (c->trouble == TROUBLE_MANY_SMALL)
		snprintf(buf, len, "many small tasks: %zu of them, the biggest has %d %% of %s",
			 r->nr_tasks, top, of);
	else
		snprintf(buf, len, "%zu tasks together outgrew %s; the biggest has %d %% of it",
			 r->nr_tasks, of, top);
}

void explain_trouble(const struct oom_report *r, const struct cause *c, char *buf, size_t len)
{
	const char *of = r->kind == OOM_KIND_MEMCG ? "the limit" : c->bound ? "its nodes" : "RAM";

	buf[0] = '\0';
	switch (c->trouble) {
	case TROUBLE_UNKNOWN:
		break;
	case TROUBLE_SYSRQ:
		str_copy(buf, len, "asked for by hand (sysrq f); memory need not have been short");
		break;
	case TROUBLE_FRAGMENTATION:
		snprintf(buf, len,
			 "fragmentation: %" PRId64 " adjoining pages were wanted (order %" PRId64
			 "), and free memory lies in smaller pieces",
			 r->order < 20 ? INT64_C(1) << r->order : 0, r->order);
		break;
	case TROUBLE_LOWMEM:
		str_copy(buf, len,
			 "lowmem: the kernel's low zone ran out (32 bit); HighMem is free, and "
			 "killing tasks gives little of the low zone back");
		break;
	case TROUBLE_ONE_TASK:
	case TROUBLE_MANY_SMALL:
	case TROUBLE_TOGETHER:
		the_tasks(r, c, of, buf, len);
		break;
	default:
		not_the_tasks(c, of, buf, len);
	}
}
