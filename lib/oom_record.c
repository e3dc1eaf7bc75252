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

/* A row's comm can be anything, so rows are asked first; a summary's can too, so kills are next. */
void oom_record_parse(const char *text, const struct oom_columns *columns, struct oom_record *ret)
{
	static const struct oom_matcher *const tables[] = { oom_match_kill, oom_match_start,
							    oom_match_memcg, oom_match_mem_info };

	clear(ret);
	text += strspn(text, " \t");
	if (columns && strchr(text, '['))
		oom_match_row(text, columns, ret);
	if (ret->type == REC_NONE && strstr(text, "tgid"))
		oom_match_header(text, ret);
	if (ret->type != REC_NONE)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		for (const struct oom_matcher *m = tables[i]; m->anchor; m++) {
			const char *at = m->at_start ? (str_starts(text, m->anchor) ? text : NULL)
						     : strstr(text, m->anchor);

			if (!at)
				continue;
			m->match(text, at, ret);
			if (ret->type != REC_NONE)
				return;
			clear(ret);
		}
	}
}
