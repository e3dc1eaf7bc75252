/* SPDX-License-Identifier: MIT */
/*
 * What a run made of the claims of the cases: one row a claim, one column a kernel and cgroup
 * version. Pure: cases and stored results in, a table out.
 */
#ifndef OOM_HARNESS_CLAIMS_H
#define OOM_HARNESS_CLAIMS_H

#include "harness/case.h"
#include "harness/results.h"

/*
 * A claim on one kernel and cgroup version. Of several cases the highest counts: a counterexample
 * refutes whatever else was seen, and to confirm takes all of them.
 */
enum claim_state {
	CLAIM_STATE_NONE, /* no case of it is for this cgroup version */
	CLAIM_STATE_CONFIRMED,
	CLAIM_STATE_NOT_TESTED,	  /* a case was skipped */
	CLAIM_STATE_UNKNOWN,	  /* a case was broken, or not played */
	CLAIM_STATE_REFUTED,	  /* a case passed that shows otherwise */
	CLAIM_STATE_CONTRADICTED, /* a case failed: the kernel does otherwise than the case says */
};

enum claim_overall {
	CLAIM_OPEN, /* contradicted or unknown somewhere, or tested nowhere */
	CLAIM_ALL_CONFIRMED,
	CLAIM_ALL_REFUTED,
	CLAIM_CHANGED,	 /* from one kernel to the next */
	CLAIM_BY_CGROUP, /* one on v1, the other on v2, on all kernels */
};

struct claim_column {
	const char *kernel, *release; /* "debian:6.1"; "" if it never booted */
	enum cgroup_version cgroup;
};

struct claim_cell {
	enum claim_state state;
	const char *reason;	   /* of what is neither confirmed nor refuted; "" otherwise */
	const struct oom_case *by; /* the case that decides */
	const char *evidence;	   /* path of its evidence.jsonl, NULL if there is none */
};

struct claim {
	const char *text, *source, *theme; /* of its first case */
	const struct oom_case **cases;	   /* by path */
	size_t nr_cases;
	struct claim_cell *cells; /* one for each column */
	enum claim_overall overall;
	const char *changed_in; /* CLAIM_CHANGED: the first kernel that differs from those before */
};

struct claim_table {
	struct claim_column *columns; /* by kernel version, v1 before v2 */
	size_t nr_columns;
	struct claim *claims; /* by path of their first case */
	size_t nr_claims;
};

/* What one result says; `known` is false where truth is not (a kernel that never booted). */
enum claim_state claim_state_of(enum verdict v, bool known, enum claim_truth truth);
enum claim_overall claim_overall_of(const struct claim_column *columns,
				    const struct claim_cell *cells, size_t nr,
				    const char **changed_in);

/*
 * A result counts for the case of its name, if both speak of the same claim: one that was reworded
 * since is not judged by it. Cases and results must outlive the table. 0 or -ENOMEM.
 */
int claims_make(struct oom_case **cases, size_t nr_cases, const struct stored_case *results,
		size_t nr_results, struct claim_table *ret);
void claims_free(struct claim_table *t);

const char *claim_state_name(enum claim_state state);	    /* "not tested" */
const char *claim_overall_name(enum claim_overall overall); /* "confirmed" "changed" "open" */

/* For people, `width` columns wide. `results`: their folder, NULL if nothing was played. */
void claims_text(const struct claim_table *t, const char *results, unsigned int width, FILE *f);
/* "40 confirmed, 14 refuted, 3 changed" */
void claims_counts(const struct claim_table *t, FILE *f);
/* One document; 0 or -EIO. */
int claims_json(const struct claim_table *t, const char *results, FILE *f);

#endif
