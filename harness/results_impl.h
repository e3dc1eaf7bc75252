/* SPDX-License-Identifier: MIT */
/* The inside of struct results, shared by its folders (results.c) and its JSON (results_json.c). */
#ifndef OOM_HARNESS_RESULTS_IMPL_H
#define OOM_HARNESS_RESULTS_IMPL_H

#include "harness/results.h"

struct results {
	struct run_facts facts;
	char **cases; /* each one's JSON object, written when it came */
	size_t nr_cases;
	size_t counts[VERDICT_BROKEN + 1];
};

int results_json_write(const struct results *r, struct fail *f);

#endif
