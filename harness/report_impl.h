/* SPDX-License-Identifier: MIT */
/* The reports' inside: one table of functions a format, and what they share. */
#ifndef OOM_HARNESS_REPORT_IMPL_H
#define OOM_HARNESS_REPORT_IMPL_H

#include "harness/report.h"
#include "harness/tally.h"

#define REPORT_NAME_LEN 256
#define REPORT_SLOWEST	3

struct told { /* what the summary needs of one result */
	char name[REPORT_NAME_LEN];
	enum verdict verdict;
	char *reason, *reproduce, *dir;
	uint64_t duration_ms;
};

struct report_ops {
	void (*plan)(struct report *r, size_t nr_cases);
	void (*result)(struct report *r, const struct case_result *c, const char *name);
	void (*end)(struct report *r);
};

struct report {
	const struct report_ops *ops;
	FILE *out, *err;
	bool verbose, colour, progress, human_on_out;
	bool planned;
	size_t nr_planned, nr_results, nr_told;
	size_t counts[VERDICT_BROKEN + 1];
	struct told *told; /* as they came */
	struct tally tally;
	char line[160]; /* progress that stands on the terminal, "" if none */
};

extern const struct report_ops report_ktap_ops, report_tap_ops, report_text_ops;

/*
 * Text of unknown origin on one line: control characters and bytes above 0x7e as \xNN. So no
 * worker's name can begin a line of its own or talk to the terminal.
 */
void report_text(FILE *f, const char *text);
/* "# want: ...\n"-like lines of a case's checks: those that are not ok, or all. */
void report_checks(struct report *r, FILE *f, const char *prefix, const struct case_result *c);
/* "predicted hog, 3000 pages before other"; false if there is no prediction. */
bool report_prediction(FILE *f, const struct case_result *c);

#endif
