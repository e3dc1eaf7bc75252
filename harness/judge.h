/* SPDX-License-Identifier: MIT */
/*
 * Judgement: pure functions over evidence. Every check prints what it wanted and what it saw.
 */
#ifndef OOM_HARNESS_JUDGE_H
#define OOM_HARNESS_JUDGE_H

#include "harness/evidence.h"

enum verdict { VERDICT_PASS, VERDICT_FAIL, VERDICT_SKIP, VERDICT_BROKEN };

enum check_result { CHECK_OK, CHECK_FAIL, CHECK_BROKEN };

struct check {
	char name[64];	/* "victims", "counter box memory.events oom_kill", "triple entry" */
	char *want, *saw;
	enum check_result result;
};

struct judgement {
	enum verdict verdict;
	char *reason;		/* one line: the first check that is not ok, or the reason of a SKIP */
	struct check *checks;
	size_t nr_checks;
};

/* Judges; a judgement without a single check is BROKEN. 0 or -ENOMEM. */
int judge(const struct evidence *e, struct judgement *ret);
void judgement_free(struct judgement *j);
const char *verdict_name(enum verdict v);	/* "PASS" "FAIL" "SKIP" "BROKEN" */

#endif
