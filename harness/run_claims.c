// SPDX-License-Identifier: MIT
/* The line of a run about its claims; `oomlab claims` has the rest. */
#include "harness/claims.h"
#include "harness/report_impl.h"
#include "harness/runner.h"

void run_tell_claims(const struct run *r)
{
	FILE *f = r->report->people;
	struct stored_case *stored = NULL;
	struct claim_table t = { 0 };
	struct fail why = { 0 };
	size_t nr = 0;

	/* A run that left no results has said why. */
	if (results_read(results_dir(r->results), &stored, &nr, &why) == 0 &&
	    claims_make(r->cases, r->nr_cases, stored, nr, &t) == 0 && t.nr_claims) {
		fputs("claims: ", f);
		claims_counts(&t, f);
		fputs("; 'oomlab claims ", f);
		report_text(f, results_dir(r->results));
		fputs("' shows them\n", f);
	}
	claims_free(&t);
	stored_free(stored, nr);
}
