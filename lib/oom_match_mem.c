// SPDX-License-Identifier: MIT
/* Mem-Info, as lib/show_mem.c (mm/show_mem.c) and mm/page_alloc.c print it since 2.6. */
#include "lib/oom_record.h"

#include <ctype.h>

static void mem_info(const char *text, const char *at, struct oom_record *r)
{
	(void)text;
	(void)at;
	r->type = REC_MEM_INFO;
	r->score = 1;
	r->whole = true;
}

static const struct {
	const char *key;
	size_t at;
} counters[] = {
#define COUNTER(key, field)                            \
	{                                              \
		key, offsetof(struct oom_stats, field) \
	}
	COUNTER("active_anon:", anon_kb),
	COUNTER("active_file:", file_kb),
	COUNTER("unevictable:", unevictable_kb),
	COUNTER("dirty:", dirty_kb),
	COUNTER("writeback:", writeback_kb),
	COUNTER("slab_reclaimable:", slab_reclaimable_kb),
	COUNTER("slab_unreclaimable:", slab_unreclaimable_kb),
	COUNTER("shmem:", shmem_kb),
	COUNTER("pagetables:", pagetables_kb),
	COUNTER("free:", free_kb),
	COUNTER("free_cma:", free_cma_kb),
#undef COUNTER
};

/*
 * active_anon:218 inactive_anon:202527 isolated_anon:0 (5.10): pages. "free:" must not be found in
 * "all_free:", so a key follows a blank or begins the text; active and inactive are summed.
 */
static void page_counters(const char *text, const char *at, struct oom_record *r)
{
	(void)at;
	for (size_t i = 0; i < ARRAY_SIZE(counters); i++) {
		int64_t *to = (int64_t *)((char *)&r->stats + counters[i].at), v;
		const char *s = text;

		while ((s = strstr(s, counters[i].key))) {
			bool inactive = s - text >= 2 && s[-1] == 'n' && s[-2] == 'i';

			if ((s == text || s[-1] == ' ' || inactive) &&
			    text_key_pages(s, counters[i].key, &v) && v >= 0) {
				if (*to == OOM_ABSENT)
					*to = 0;
				if (__builtin_add_overflow(*to, v, to))
					*to = INT64_MAX;
				r->score++;
			}
			s += strlen(counters[i].key);
		}
	}
	if (r->score)
		r->type = REC_COUNTERS;
}

/*
 * Node 0 DMA32 free:22324kB min:44676kB low:55844kB high:67012kB ... present:2080636kB
 * managed:1840628kB ... (5.10); "Normal free:540kB min:540kB" without NUMA
 */
static void zone(const char *text, const char *at, struct oom_record *r)
{
	const char *name = at;
	int64_t node;

	while (name > text && name[-1] != ' ')
		name--;
	if (at == text || !isupper((unsigned char)*name) || at - name > 15)
		return;
	r->zone.node = -1;
	if (str_starts(text, "Node ") && text_i64(text + 5, &node) && node >= 0 && node < 4096)
		r->zone.node = (int)node;
	slice_copy(r->zone.name, sizeof(r->zone.name), (struct slice){ name, (size_t)(at - name) });
	r->score = text_key_kb(at, " free:", &r->zone.free_kb);
	if (!r->score)
		return;
	r->type = REC_ZONE;
	r->score += text_key_kb(at, " min:", &r->zone.min_kb);
	r->score += text_key_kb(at, " low:", &r->zone.low_kb);
	r->score += text_key_kb(at, " high:", &r->zone.high_kb);
	r->score += text_key_kb(at, " present:", &r->zone.present_kb);
	if (text_key_kb(at, " managed:", &r->zone.managed_kb)) {
		r->score++;
		r->whole = true;
	}
}

/* Node 0 DMA: 1*4kB (U) 0*8kB 1*16kB ... = 15888kB: the first size is the page's */
static void buddy(const char *text, const char *at, struct oom_record *r)
{
	const char *s = at;

	while (s > text && isdigit((unsigned char)s[-1]))
		s--;
	if (s == at || s - text < 2 || s[-1] != ' ' || s[-2] != ':' ||
	    !text_key_kb(at, "*", &r->value))
		return;
	r->type = REC_BUDDY;
	r->score = 1;
	r->whole = true;
}

/* Node 0 hugepages_total=2 hugepages_free=2 hugepages_surp=0 hugepages_size=2048kB */
static void hugetlb(const char *text, const char *at, struct oom_record *r)
{
	int64_t total, nr_free, size;

	(void)text;
	r->type = REC_HUGETLB;
	r->score = text_key(at, "hugepages_total=", &total);
	if (!r->score || !text_key(at, "hugepages_free=", &nr_free) ||
	    !text_key_kb(at, "hugepages_size=", &size))
		return;
	if (__builtin_mul_overflow(total, size, &r->hugetlb_total_kb) ||
	    __builtin_mul_overflow(nr_free, size, &r->hugetlb_free_kb))
		r->hugetlb_total_kb = r->hugetlb_free_kb = OOM_ABSENT;
	r->score = 3;
	r->whole = true;
}

/* "524155 pages RAM", "15903 pages reserved", "1000 pages of RAM" (2.6 on ARM) */
static void pages_of(const char *text, const char *at, struct oom_record *r)
{
	const char *s = at;

	while (s > text && isdigit((unsigned char)s[-1]))
		s--;
	if (s == at || (s > text && s[-1] != ' ') || !text_i64(s, &r->value))
		return;
	at += strstr(at, "RAM") ? 0 : 1;
	if (strstr(at, "RAM"))
		str_copy(r->key, sizeof(r->key), "ram");
	else
		str_copy(r->key, sizeof(r->key), strstr(at, "HighMem") ? "highmem" : "reserved");
	r->type = REC_SCALAR;
	r->score = 1;
	r->whole = true;
}

/* "Total swap = 1048572kB", "Free swap  = 0kB", "Free swap:            0kB" (2.6) */
static void swap(const char *text, const char *at, struct oom_record *r)
{
	const char *s = strstr(at, "swap") + strlen("swap");

	(void)text;
	s += strspn(s, " =:");
	if (!text_i64(s, &r->value))
		return;
	str_copy(r->key, sizeof(r->key), *at == 'T' ? "swap_total" : "swap_free");
	r->type = REC_SCALAR;
	r->score = 1;
	r->whole = true;
}

const struct oom_matcher oom_match_mem_info[] = {
	{ "Mem-Info:", false, mem_info },
	{ "Mem-info:", false, mem_info },
	{ "active_anon:", true, page_counters },
	{ "active_file:", true, page_counters },
	{ "unevictable:", true, page_counters },
	{ "slab_reclaimable:", true, page_counters },
	{ "mapped:", true, page_counters },
	{ "free:", true, page_counters },
	{ " free:", false, zone },
	{ "hugepages_total=", false, hugetlb },
	{ " pages RAM", false, pages_of },
	{ " pages of RAM", false, pages_of },
	{ " pages reserved", false, pages_of },
	{ " reserved pages", false, pages_of },
	{ " pages HighMem", false, pages_of },
	{ "Total swap", true, swap },
	{ "Free swap", true, swap },
	{ "*", false, buddy },
	{ NULL, false, NULL },
};
