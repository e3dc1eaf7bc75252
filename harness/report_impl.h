/* SPDX-License-Identifier: MIT */
/* The reports' inside: one table of functions a format, and what they share. */
#ifndef OOM_HARNESS_REPORT_IMPL_H
#define OOM_HARNESS_REPORT_IMPL_H

#include "harness/report.h"
#include "harness/tally.h"

#define REPORT_NAME_LEN 256

struct kept_case { /* a result that has outlived its evidence: all it points to is its own */
	struct case_result c;
	char id[REPORT_NAME_LEN]; /* report_name() */
	struct judgement judgement;
	struct plan_prediction prediction;
};

struct report_format {
	const char *name;
	bool for_people;
	/* NULL: nothing to print then. */
	void (*plan)(const struct report *r, FILE *out);
	void (*result)(const struct report *r, FILE *out, const struct case_result *c,
		       const char *id);
	/* When all cases are kept: the last lines, or the whole document. */
	void (*end)(const struct report *r, FILE *out);
};

struct report_sink {
	const struct report_format *format;
	FILE *out;
	const char *path; /* NULL: standard output, not ours to close */
};

struct report {
	struct report_sink sinks[REPORT_OUTPUTS_MAX + 1];
	size_t nr_sinks;
	FILE *out, *err;
	FILE *people; /* `out` or `err`: where the summary goes */
	bool verbose;
	bool planned;
	bool rounds; /* report_plan_rounds() */
	size_t nr_planned, nr_results;
	size_t counts[VERDICT_BROKEN + 1];
	struct run_facts facts;
	struct kept_case **kept; /* as they came */
	size_t nr_kept;
	struct tally tally;
	const char *results_dir; /* NULL: nowhere; known at the end */
	char page[1040];	 /* report.html there, "" if there is none */
	struct view *view;
};

extern const struct report_format report_html, report_json, report_junit, report_ktap, report_lava,
	report_ltp, report_tap, report_text_lines;

/* --- report_outputs.c */
int report_sinks_open(struct report *r, const struct report_outputs *o, struct fail *f);
/* Closes the files. 0 or -EIO: what was said on r->err is not all there. */
int report_sinks_close(struct report *r);

/* --- report_keep.c. NULL: no memory. */
struct kept_case *kept_case_new(const struct case_result *c);
void kept_case_free(struct kept_case *k);

/* --- report_html.c */
int report_html_write(const struct report *r, const char *path); /* 0 or -errno */
/* --- report_html_evidence.c: one object. */
void report_html_evidence(struct jsonw *w, const struct evidence *e);

/* --- report_summary.c */
void report_summary(const struct report *r, FILE *f);

/* One that stands in names as it is: [A-Za-z0-9_.-]. */
bool report_name_char(char c);
/*
 * Text of unknown origin on one line: control characters and bytes above 0x7e as \xNN. So no
 * worker's name can begin a line of its own or talk to the terminal.
 */
void report_text(FILE *f, const char *text);
/* "FAIL victims: wanted hog, saw b\n"-like lines of checks: those that are not ok, or `all`. */
void report_checks(FILE *f, const char *prefix, const struct case_result *c, bool all);
/* "figure freed 12.3 ms\n"-like lines of what was measured. */
void report_figures(FILE *f, const char *prefix, const struct case_result *c);
/* "predicted hog, 3000 pages before other"; false if there is no prediction. */
bool report_prediction(FILE *f, const struct case_result *c);
/* The word of a verdict, in colour where f shows it. */
void report_verdict(FILE *f, enum verdict v, int width);

#endif
