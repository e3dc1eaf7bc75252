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
	char name[64]; /* "victims", "counter box memory.events oom_kill", "triple entry" */
	char *want, *saw;
	enum check_result result;
	bool spoils; /* BROKEN, and nothing else in this evidence can be relied on */
};

struct judgement {
	enum verdict verdict;
	char *reason; /* one line: the first check that is not ok, or the reason of a SKIP */
	struct check *checks;
	size_t nr_checks;
};

/*
 * Which verdict many checks make: BROKEN if one spoils the evidence (lost records, a player that
 * did not finish, a scene that was not built, QEMU killed: whatever else was seen proves nothing),
 * else FAIL if one failed, else BROKEN if one could not be answered, else PASS. Without checks:
 * BROKEN.
 */
enum verdict judge_verdict(const struct check *checks, size_t nr_checks);
/* Judges; a judgement without a single check is BROKEN. 0 or -ENOMEM. */
int judge(const struct evidence *e, struct judgement *ret);
void judgement_free(struct judgement *j);
const char *verdict_name(enum verdict v); /* "PASS" "FAIL" "SKIP" "BROKEN" */

#endif
