/* SPDX-License-Identifier: MIT */
/*
 * Reports are views of judged cases. Lines (KTAP 1, TAP 13, LAVA signals, words for people) are
 * printed as results come; documents (JUnit, JSON, LTP) when all are there. One of them may take
 * standard output, any number a file each; a machine format on stdout keeps human words (progress,
 * summary) on stderr.
 *
 * KTAP and TAP are one flat list with stable names, "debian-6.1.v2.memcg-child-limit": results of
 * different boots may interleave, and a block of a boot could only be printed when it is over. What
 * the checks of a case saw stands in "# " lines before its result.
 */
#ifndef OOM_HARNESS_REPORT_H
#define OOM_HARNESS_REPORT_H

#include "harness/judge.h"
#include "harness/timing.h"
#include "harness/view.h"

#define REPORT_OUTPUTS_MAX 8

struct report_format; /* one file, and one row of report_outputs.c */

struct report_output { /* --format NAME[=FILE] */
	const struct report_format *format;
	const char *path; /* NULL: standard output */
};

struct report_outputs {
	struct report_output list[REPORT_OUTPUTS_MAX];
	size_t nr;
};

struct case_result {
	const char *name;
	const char *theme;   /* the folder its file is in: "memcg"; "" if that is not known */
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
	const struct ev_figure *figures;	  /* what was measured */
	size_t nr_figures;
	struct timing timing;
};

struct guest_stats {		    /* of a run; times are sums */
	uint64_t nr_boots, boot_ms; /* of those that said hello */
	uint64_t nr_saved, save_ms;
	uint64_t nr_restored, restore_ms;
};

static inline void guest_stats_add(struct guest_stats *sum, const struct guest_stats *s)
{
	sum->nr_boots += s->nr_boots;
	sum->boot_ms += s->boot_ms;
	sum->nr_saved += s->nr_saved;
	sum->save_ms += s->save_ms;
	sum->nr_restored += s->nr_restored;
	sum->restore_ms += s->restore_ms;
}

struct run_facts {	  /* of a whole run; what is not known is "" or 0 */
	char run_id[32];  /* "20261121T071802Z" */
	char started[32]; /* "2026-11-21T07:18:02Z" */
	char command[1024];
	char dir[1024];			      /* the run's folder */
	char qemu[128];			      /* its version */
	char node[65], release[65], arch[65]; /* of the machine that ran it, as uname(2) says */
	uint64_t nr_cpus, mem_total_kb;
	uint64_t nr_planned; /* plays */
	struct guest_stats guests;
	uint64_t elapsed_ms;	       /* all of it; 0 until it is over */
	unsigned int shard, nr_shards; /* 1-based; 1/1: not split */
	uint64_t seed;		       /* of --shuffle; 0: not shuffled */
	bool finished;
};

struct report;

/* "junit=out.xml", "tap"; `text` is kept by pointer. 0 or -EINVAL with f. */
int report_output_add(struct report_outputs *o, const char *text, struct fail *f);

/*
 * Opens the files. The one output without a file goes to `out`, KTAP if there is none; `out` NULL: nowhere.
 * `err` gets progress and summary (the summary goes to `out` where that is for people). `verbose`: every check
 * of every case, not only those that are not ok. NULL with f.
 */
struct report *report_open(const struct report_outputs *o, FILE *out, FILE *err, bool verbose,
			   struct fail *f);
/* What the documents tell of the run; without this they tell only of its cases. */
void report_facts(struct report *r, const struct run_facts *facts);
/* Before the first case: how many there will be. Those that are not run after all are told as SKIP.
 */
void report_plan(struct report *r, size_t nr_cases);
/* Instead: rounds until one fails, nobody knows how many. */
void report_plan_rounds(struct report *r);
/* What guests are doing, for who sees `err`; whatever the report prints wipes it. NULL: nobody sees it. */
struct view *report_view(struct report *r);
/* One line for people, on `err`, between results: what is not as it could be. */
void report_note(struct report *r, const char *fmt, ...) __printf(2, 3);
/* One result, printed at once. 0 or -ENOMEM (it is printed, but missing in what comes at the end).
 */
int report_case(struct report *r, const struct case_result *c);
/*
 * The documents and the summary: counts by theme, each failure with what was wanted and seen and
 * its reproduce command, the slowest, where results are (NULL: nowhere). Returns the program's exit
 * status: EXIT_FAILED if one failed, else EXIT_BROKEN if one was broken or fewer came than were
 * planned or none came at all or a file could not be written, else EXIT_PASSED.
 */
int report_finish(struct report *r, const char *results_dir);
/* When all results are told: report.html into a run's folder; the summary names it. 0 or -errno, said. */
int report_page(struct report *r, const char *dir);
/* What the results so far mean to `git bisect run` (harness/tally.h). */
int report_bisect(const struct report *r, unsigned int bad_at);
void report_free(struct report *r);

/* The escape sequence that a verdict's word is shown in. */
const char *verdict_colour(enum verdict v);

/* "debian-6.1.v2.memcg-child-limit" or "....r3": [A-Za-z0-9_.-] only. Returns buf. */
const char *report_name(const struct case_result *c, char *buf, size_t len);

#endif
