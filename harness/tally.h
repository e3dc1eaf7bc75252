/* SPDX-License-Identifier: MIT */
/*
 * Repeats of a case as a count, and what a count allows to say: a rate of failures with its interval, and
 * the answer that `git bisect run` wants.
 */
#ifndef OOM_HARNESS_TALLY_H
#define OOM_HARNESS_TALLY_H

#include "harness/report.h"

#define TALLY_NAME_LEN 256

enum bisect_exit { /* git-bisect(1), "run": above 127 the bisection itself ends */
		   BISECT_GOOD = 0,
		   BISECT_BAD = 1,
		   BISECT_SKIP =
			   125, /* cannot tell: does not boot, was BROKEN, has what the case needs not */
		   BISECT_ABORT =
			   128, /* a mistake in the command: every further kernel would meet it */
};

struct tally_row {
	char name[TALLY_NAME_LEN];	     /* "debian-6.1.v2.three-hogs", without its repeat */
	unsigned int nr[VERDICT_BROKEN + 1]; /* by verdict */
};

struct tally {
	struct tally_row *rows; /* by name: results of several guests come in any order */
	size_t nr;
};

/* 0 or -ENOMEM. */
int tally_add(struct tally *t, const struct case_result *c);
void tally_free(struct tally *t);

/*
 * The interval that holds the true rate with 95 % confidence, after `failed` of `n` (Wilson's score, which
 * is sound for few repeats and for none failed). Percentages; n is not 0.
 */
void tally_interval(unsigned int failed, unsigned int n, double *low, double *high);

/*
 * BAD if some case failed at least `bad_at` times; else SKIP if one was BROKEN, or none passed or failed;
 * else GOOD.
 */
enum bisect_exit tally_bisect(const struct tally *t, unsigned int bad_at);

/* How often each case that can be played was: cases that only were skipped do not count. */
unsigned int tally_rounds(const struct tally *t);

/*
 * Cases that failed in some repeats, with their rate; or, where none did, what that proves. Prints nothing
 * if no case was repeated.
 */
void tally_print(const struct tally *t, FILE *out);

#endif
