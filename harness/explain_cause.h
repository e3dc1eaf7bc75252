/* SPDX-License-Identifier: MIT */
/*
 * What kind of trouble a report tells of. Pure: thresholds over the report's own figures, so a
 * wrong guess can be argued with. Figures are kB, OOM_ABSENT where the log does not say.
 */
#ifndef OOM_HARNESS_EXPLAIN_CAUSE_H
#define OOM_HARNESS_EXPLAIN_CAUSE_H

#include "lib/badness.h"

enum trouble {
	TROUBLE_UNKNOWN,
	TROUBLE_SYSRQ,
	TROUBLE_FRAGMENTATION,
	TROUBLE_LOWMEM,
	TROUBLE_HUGETLB,
	TROUBLE_TMPFS,
	TROUBLE_SLAB,
	TROUBLE_PAGETABLES,
	TROUBLE_UNACCOUNTED,
	TROUBLE_ONE_TASK,
	TROUBLE_MANY_SMALL,
	TROUBLE_TOGETHER,
};

struct cause {
	enum trouble trouble;
	bool swap_full, bound; /* to some nodes by a mempolicy or cpuset */
	bool shmem_mappers_known;
	int64_t domain_kb; /* what ran out: the limit, or RAM (of the nodes that were allowed) */
	int64_t tasks_kb;  /* rss of all rows; shared pages count in each */
	int64_t top_kb;	   /* rss and page tables of the biggest row */
	const struct oom_task *top;
	int64_t unaccounted_kb; /* of RAM, in no counter of Mem-Info */
	int64_t unmapped_cache_kb, mapped_shmem_kb, unmapped_shmem_kb, slab_kb, tables_kb,
		hugetlb_kb;
};

void explain_cause(const struct oom_report *r, struct cause *ret);
/* One sentence that names the trouble. */
void explain_trouble(const struct oom_report *r, const struct cause *c, char *buf, size_t len);
/* Page cache less shmem, OOM_ABSENT if it is not in the log. */
int64_t explain_page_cache_kb(const struct oom_report *r);
/* part * 100 / whole, -1 if that says nothing */
int explain_percent(int64_t part, int64_t whole);

#endif
