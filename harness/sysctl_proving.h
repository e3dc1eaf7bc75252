/* SPDX-License-Identifier: MIT */
/* Promises while they are asked of one kernel: shared by who plays them and who seeks the culprit. */
#ifndef OOM_HARNESS_SYSCTL_PROVING_H
#define OOM_HARNESS_SYSCTL_PROVING_H

#include "harness/sysctl_prove.h"

struct proving {
	const struct sysctl_args *args;
	const char *spec; /* the kernel, as it was named */
	const struct sysctl_check *check;
	struct sysctl_table table;
	struct sysctl_proof *proofs; /* those of this kernel */
	size_t nr;
	/* Only their sysctls: of the promises and what else the root sets; of promises of is_of_guest(). */
	struct run_options values, guests;
};

struct sysctl_trial { /* cases with values written over theirs */
	const struct run_sysctl *values;
	size_t nr_values;
	char **names;
	size_t nr_names;
	void (*on_result)(void *ctx, const struct case_result *res);
	void *ctx;
};

/* `oomlab run`, its report on standard error. Its exit status. */
int sysctl_play(const struct proving *v, const struct sysctl_trial *t);
/* Is that the exit status of a run that came to its verdicts? */
bool sysctl_has_played(int status);
/*
 * The guest's own, of its command line: by them it tells how it ended, and ends at once. A root's value
 * of one is in force for its own promise alone, and nothing else then.
 */
bool sysctl_is_of_guest(const char *name);
/* Would this kernel have the value by itself? `d` may be NULL. */
bool sysctl_is_default(const struct sysctl_default *d, const char *value);

/*
 * A promise that was not kept with all values: is it its own, or one of the others? Plays its cases with
 * fewer, and fills `blamed`. 0, or an exit status when it could not go on.
 */
int sysctl_blame(struct proving *v);

#endif
