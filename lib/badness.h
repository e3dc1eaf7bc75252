/* SPDX-License-Identifier: MIT */
/*
 * The kernel's choice, recomputed: mm/oom_kill.c oom_badness() and select_bad_process(). Pure. It
 * ranks tasks it is given; who is given is the caller's business (a report's dump holds the
 * eligible ones).
 *
 *   points = rss + swapents + page tables + oom_score_adj * (totalpages / 1000)      [pages,
 * >= 5.9]
 */
#ifndef OOM_LIB_BADNESS_H
#define OOM_LIB_BADNESS_H

#include "lib/base.h"
#include "lib/oom_report.h"

/* What differs between kernels; badness_rules_default() is 5.9 and later. */
struct badness_rules {
	bool clamp_to_one;    /* < 5.9: points below 1 count as 1 */
	bool first_wins_ties; /* < 5.3: the first of equals, else the last */
	bool root_bonus;      /* < 4.17: 3 % off for root */
	bool prefer_children; /* < 5.1: the worst child dies in its parent's stead */
	bool legacy_oom_adj;  /* < 2.6.36: points << oom_adj */
};

struct badness_task {
	int64_t pid;
	char comm[OOM_COMM_LEN];
	int64_t rss_pages, swapents_pages, pgtables_pages;
	int64_t oom_score_adj; /* -1000 is never chosen */
	bool root;	       /* only for root_bonus */
};

struct badness_entry {
	const struct badness_task *task;
	int64_t base_points; /* rss + swap + page tables (less a root bonus) */
	int64_t adj_points;  /* oom_score_adj's share */
	int64_t points;
	bool eligible;
};

struct badness_ranking {
	int64_t totalpages;
	struct badness_entry *entries; /* chosen first; ineligible ones last */
	size_t nr_entries;
	/* entries[0] is the predicted victim when nr_eligible > 0 */
	size_t nr_eligible;
	int64_t margin_pages; /* to entries[1]; OOM_ABSENT if there is none */
};

struct badness_rules badness_rules_default(void);
/* Of a kernel by its release ("5.4.0-42-generic"); the default's if that is no version. */
struct badness_rules badness_rules_of_release(const char *release);
/* Ranks n tasks (in the order the kernel scans them); 0 or -ENOMEM. The tasks must outlive it. */
int badness_rank(const struct badness_task *tasks, size_t n, int64_t totalpages,
		 const struct badness_rules *rules, struct badness_ranking *ret);
void badness_ranking_free(struct badness_ranking *r);

/*
 * The same from a report: tasks, totalpages of its constraint and the rules its wording tells.
 * -ENODATA: no task dump, or no way to know totalpages.
 */
struct badness_verdict {
	struct badness_ranking ranking;
	struct badness_task *tasks;
	bool has_prediction;
	int64_t pid; /* predicted victim */
	char comm[OOM_COMM_LEN];
	int64_t points;
	int agrees;    /* 1 yes, 0 no, -1 cannot tell */
	char why[256]; /* why it may be unsure, or why it does not agree; "" if plain */
};
int badness_judge_report(const struct oom_report *r, struct badness_verdict *ret);
void badness_verdict_free(struct badness_verdict *v);

#endif
