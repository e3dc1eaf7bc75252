// SPDX-License-Identifier: MIT
#include "lib/oom_record.h"

static void clear(struct oom_record *r)
{
	*r = (struct oom_record){
		.pid = OOM_ABSENT,
		.uid = OOM_ABSENT,
		.adj = OOM_ABSENT,
		.oom_adj = OOM_ABSENT,
		.gfp_mask = OOM_ABSENT,
		.order = OOM_ABSENT,
		.value = OOM_ABSENT,
		.usage = { OOM_ABSENT, OOM_ABSENT, OOM_ABSENT },
		.hugetlb_total_kb = OOM_ABSENT,
		.hugetlb_free_kb = OOM_ABSENT,
		.victim = { .pid = OOM_ABSENT,
			    .uid = OOM_ABSENT,
			    .total_vm_kb = OOM_ABSENT,
			    .anon_rss_kb = OOM_ABSENT,
			    .file_rss_kb = OOM_ABSENT,
			    .shmem_rss_kb = OOM_ABSENT,
			    .pgtables_kb = OOM_ABSENT,
			    .oom_score_adj = OOM_ABSENT },
		.zone = { .node = -1,
			  .free_kb = OOM_ABSENT,
			  .min_kb = OOM_ABSENT,
			  .low_kb = OOM_ABSENT,
			  .high_kb = OOM_ABSENT,
			  .present_kb = OOM_ABSENT,
			  .managed_kb = OOM_ABSENT },
		.task = { .pid = OOM_ABSENT,
			  .uid = OOM_ABSENT,
			  .tgid = OOM_ABSENT,
			  .total_vm_pages = OOM_ABSENT,
			  .rss_pages = OOM_ABSENT,
			  .rss_anon_pages = OOM_ABSENT,
			  .rss_file_pages = OOM_ABSENT,
			  .rss_shmem_pages = OOM_ABSENT,
			  .pgtables_bytes = OOM_ABSENT,
			  .nr_ptes = OOM_ABSENT,
			  .nr_pmds = OOM_ABSENT,
			  .swapents_pages = OOM_ABSENT,
			  .oom_score_adj = OOM_ABSENT },
	};
	oom_stats_clear(&r->stats);
}

/* Which pairs of characters a text holds, by hash: most anchors are ruled out by two of theirs. */
struct pairs {
	uint64_t bits[16];
};

static unsigned int pair_hash(const char *s)
{
	return ((unsigned char)s[0] * 37u + (unsigned char)s[1]) % 1024;
}

static void collect_pairs(struct pairs *p, const char *s)
{
	memset(p, 0, sizeof(*p));
	for (; s[0] && s[1]; s++)
		p->bits[pair_hash(s) / 64] |= UINT64_C(1) << pair_hash(s) % 64;
}

static bool may_hold(const struct pairs *p, const char *anchor)
{
	for (int i = 0; i < 3 && anchor[i] && anchor[i + 1]; i += 2)
		if (!(p->bits[pair_hash(anchor + i) / 64] >> pair_hash(anchor + i) % 64 & 1))
			return false;
	return true;
}

static const char *find_anchor(const struct oom_matcher *m, const char *text, const struct pairs *p)
{
	if (m->at_start)
		return *text == *m->anchor && str_starts(text, m->anchor) ? text : NULL;
	return may_hold(p, m->anchor) ? strstr(text, m->anchor) : NULL;
}

/* A row's comm can be anything, so rows are asked first; a summary's can too, so kills are next. */
void oom_record_parse(const char *text, const struct oom_columns *columns, struct oom_record *ret)
{
	static const struct oom_matcher *const tables[] = { oom_match_kill, oom_match_start,
							    oom_match_memcg, oom_match_mem_info };

	struct pairs pairs;

	clear(ret);
	text += strspn(text, " \t");
	collect_pairs(&pairs, text);
	if (columns && strchr(text, '['))
		oom_match_row(text, columns, ret);
	if (ret->type == REC_NONE && may_hold(&pairs, "tgid") && strstr(text, "tgid"))
		oom_match_header(text, ret);
	if (ret->type != REC_NONE)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		for (const struct oom_matcher *m = tables[i]; m->anchor; m++) {
			const char *at = find_anchor(m, text, &pairs);

			if (!at)
				continue;
			m->match(text, at, ret);
			if (ret->type != REC_NONE)
				return;
			clear(ret);
		}
	}
}
