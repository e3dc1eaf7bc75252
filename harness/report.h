/* SPDX-License-Identifier: MIT */
/*
 * Reports are views of judged cases, printed as they come: KTAP 1, TAP 13, or lines for people. A
 * machine format on stdout keeps human words (progress, summary) on stderr.
 *
 * KTAP and TAP are one flat list with stable names, "debian-6.1.v2.memcg-child-limit": results of
 * different boots may interleave, and a block of a boot could only be printed when it is over. What
 * the checks of a case saw stands in "# " lines before its result.
 */
#ifndef OOM_HARNESS_REPORT_H
#define OOM_HARNESS_REPORT_H

#include "harness/judge.h"

enum report_format { REPORT_KTAP, REPORT_TAP, REPORT_TEXT };

struct case_result {
	const char *name;
	const char *kernel;  /* as the user named it: "debian:6.1"; "host" */
	const char *release; /* "6.1.0-39-cloud-amd64"; "" if it never booted */
	enum cgroup_version cgroup;
	unsigned int repeat; /* 0 unless cases are repeated; then from 1 */
	enum verdict verdict;
	const struct judgement *judgement; /* NULL for what was not played */
	const char *reason;		   /* "" for a PASS */
	uint64_t duration_ms;
	const char *dir;			  /* where its evidence is, "" if there is none */
	const char *reproduce;			  /* one command line, "" if there is none */
	const char *accel;			  /* "kvm" "tcg" "none" */
	const char *claim, *claim_source;	  /* NULL if it proves none */
	const char *claim_truth;		  /* "confirmed" "refuted" there, NULL: not known */
	const struct plan_prediction *prediction; /* NULL if it was not planned */
};

struct report;

/* "ktap" "tap" "text". 0 or -EINVAL. */
int report_format_parse(const char *text, enum report_format *ret);

/*
 * `out` gets the format, `err` progress and summary (the summary goes to `out` with the text
 * format). `verbose`: every check of every case, not only those that are not ok. NULL: no memory.
 */
struct report *report_open(enum report_format format, FILE *out, FILE *err, bool verbose);
/* Before the first case: how many there will be. Those that are not run after all are told as SKIP.
 */
void report_plan(struct report *r, size_t nr_cases);
/* What is going on, on a terminal only; the next line printed wipes it. NULL wipes it now. */
void report_progress(struct report *r, const char *fmt, ...) __printf(2, 3);
/* One result, printed at once. 0 or -ENOMEM (it is printed, but missing in the summary). */
int report_case(struct report *r, const struct case_result *c);
/*
 * The summary: counts, each failure with its reproduce command, the slowest, where results are
 * (NULL: nowhere). Returns the program's exit status: EXIT_FAILED if one failed, else EXIT_BROKEN
 * if one was broken or fewer came than were planned or none came at all, else EXIT_PASSED.
 */
int report_finish(struct report *r, const char *results_dir);
/* What the results so far mean to `git bisect run` (harness/tally.h). */
int report_bisect(const struct report *r, unsigned int bad_at);
void report_free(struct report *r);

/* "debian-6.1.v2.memcg-child-limit" or "....r3": [A-Za-z0-9_.-] only. Returns buf. */
const char *report_name(const struct case_result *c, char *buf, size_t len);

#endif
