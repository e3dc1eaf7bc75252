/* SPDX-License-Identifier: MIT */
/* The inside of struct results, shared by its folders (results.c) and its JSON (results_json.c). */
#ifndef OOM_HARNESS_RESULTS_IMPL_H
#define OOM_HARNESS_RESULTS_IMPL_H

#include "harness/results.h"
#include "harness/tally.h"

struct results {
	struct run_facts facts;
	char **cases; /* each one's JSON object, written when it came */
	size_t nr_cases;
	size_t counts[VERDICT_BROKEN + 1];
	struct tally tally;
	uint64_t rest_until_us; /* no results.json is written before that */
};

struct stored_case;
struct json_t;

/* results_read_checks.c: "checks", "prediction", "figures", "timing" of a case's object. 0, -EBADMSG, -ENOMEM. */
int stored_checks_read(const struct json_t *o, struct stored_case *c);

int results_json_write(const struct results *r, struct fail *f);

#endif
