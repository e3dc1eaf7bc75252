/* SPDX-License-Identifier: MIT */
/* The choice again with one fact changed: computed by the model, never guessed. */
#ifndef OOM_HARNESS_EXPLAIN_WHATIF_H
#define OOM_HARNESS_EXPLAIN_WHATIF_H

#include "harness/explain.h"

struct whatif_result {
	bool applies; /* the report has what the change needs */
	bool no_oom;  /* the limit would not have been hit then */
	bool has_victim;
	int64_t pid, points, margin_pages;
	char comm[OOM_COMM_LEN];
	char why_not[80]; /* when it does not apply */
};

/* "adj:1234=-500", "limit:+200M"; false if it is neither. */
bool whatif_parse(const char *spec, struct whatif *ret);
/* All of n changes at once. 0 or -ENOMEM. */
int whatif_compute(const struct oom_report *r, const struct whatif *w, size_t n,
		   struct whatif_result *ret);
/*
 * The highest oom_score_adj at which the predicted victim is spared, by the margin; OOM_ABSENT if
 * there is none but -1000, or nobody else to die.
 */
int64_t whatif_sparing_adj(const struct oom_report *r, const struct badness_verdict *v);

#endif
