/* SPDX-License-Identifier: MIT */
/*
 * Promises of a profile, asked of a kernel: its cases are played in a guest that has the values of the
 * root. They are written over what a case sets itself, so that a case which sets the very sysctl shows
 * what the root's value makes of its expectations.
 */
#ifndef OOM_HARNESS_SYSCTL_PROVE_H
#define OOM_HARNESS_SYSCTL_PROVE_H

#include "harness/runner.h"
#include "harness/sysctl_check.h"

enum proof_verdict {
	PROOF_PROVED,  /* every case of it passed */
	PROOF_BROKEN,  /* one failed */
	PROOF_OPEN,    /* not provable here */
	PROOF_UNKNOWN, /* this kernel has no such sysctl */
};

struct proof_case {
	const char *name; /* of the profile */
	bool played;
	enum verdict verdict;
	char reason[256];
	char dir[RESULTS_PATH_LEN]; /* of its evidence */
};

struct sysctl_proof {
	const struct profile_value *want;
	char kernel[64];
	char value[256], place[512]; /* what was asked for, and where it comes from */
	enum proof_verdict verdict;
	char reason[400]; /* of OPEN */
	/* "vm.overcommit_memory = 2 of FILE:1", where it holds without that value; "" where not. */
	char blamed[800];
	struct proof_case *cases;
	size_t nr_cases;
	bool unclear; /* OPEN because a case was BROKEN */
};

struct sysctl_proofs {
	struct sysctl_proof *list;
	size_t nr;
};

/* Plays; adds to *ret. 0, or an exit status when it has said what is wrong. */
int sysctl_prove(const struct sysctl_args *a, const struct sysctl_check *k,
		 struct sysctl_proofs *ret);
void sysctl_proofs_free(struct sysctl_proofs *p);
/* From its cases, when all were played. */
void sysctl_proof_conclude(struct sysctl_proof *p);

void sysctl_proofs_text(const struct sysctl_check *k, const struct sysctl_proofs *p);
void sysctl_proofs_json(struct jsonw *w, const struct sysctl_proofs *p); /* an array */

/*
 * Why a value is none for a guest whose kernel has this default (NULL: not known), behind "its value":
 * "is no line of text". NULL: it is one.
 */
const char *sysctl_why_not(const struct sysctl_default *d, const char *name, const char *value);
/* A size that makes sense on its own machine only: nothing a small guest could take over. */
bool sysctl_is_sized(const char *name);

#endif
