/* SPDX-License-Identifier: MIT */
/*
 * The bench the checks work at: each check is a pure function of the evidence that puts one or more
 * rows of "wanted, saw" on it. Whether it prints or stores is nobody's business here.
 */
#ifndef OOM_HARNESS_CHECK_H
#define OOM_HARNESS_CHECK_H

#include "harness/judge.h"

struct bench {
	const struct evidence *e;
	const struct plan *plan;
	struct judgement *j;
	struct check spare; /* written to when there is no memory for a real one */
	int err;
};

/* --- check.c. A new check is OK until someone says otherwise; use it before the next is made. */
struct check *check_new(struct bench *b, const char *fmt, ...) __printf(2, 3);
void check_want(struct bench *b, struct check *c, const char *fmt, ...)
	__printf(3, 4);								       /* appends */
void check_saw(struct bench *b, struct check *c, const char *fmt, ...) __printf(3, 4); /* appends */
void check_fail(struct check *c);   /* the kernel did otherwise */
void check_unsure(struct check *c); /* BROKEN, unless something else failed */
void check_spoil(struct check *c);  /* BROKEN, whatever else there is */

/* A kill by the kernel log: by name if it is a worker of ours, else "comm(pid)". */
void check_saw_victim(struct bench *b, struct check *c, const struct oom_victim *v);

/* "3", "at most 3", "1..3", each with its unit. */
void check_want_range(struct bench *b, struct check *c, const struct range *r, const char *unit);

/* --- check_ours.c: what of the log is about this case. */
bool bench_in_vm(const struct bench *b);
bool report_is_ours(const struct bench *b, const struct oom_report *r);
const struct case_expect *bench_expects(const struct bench *b,
					enum expect_kind kind); /* first row, NULL */
bool bench_expects_name(const struct bench *b, enum expect_kind kind, const char *name);
/* Kills of this case in order, each pid once (a group kill tells its first victim twice). */
typedef void (*kill_fn)(void *ctx, const struct oom_report *r, const struct oom_victim *v);
void bench_each_kill(const struct bench *b, kill_fn fn, void *ctx);
size_t bench_nr_kills(const struct bench *b);
/* Does the kernel the case ran on have this version's things? Unknown release: yes. */
bool bench_kernel_at_least(const struct bench *b, unsigned int major, unsigned int minor);

/* --- what every case gets, one function each, in the order they are asked */
void check_guest(struct bench *b);
void check_player(struct bench *b);
void check_clock(struct bench *b);
void check_log(struct bench *b);
void check_scene(struct bench *b);
void check_files(struct bench *b);
void check_deaths(struct bench *b);
void check_entry(struct bench *b);
void check_model(struct bench *b);
void check_prediction(struct bench *b);
void check_bystanders(struct bench *b);
void check_splat(struct bench *b);

/* --- check_row.c: one row of the case's expectations */
void check_row(struct bench *b, const struct case_expect *x);
void row_report(struct bench *b,
		const struct case_expect *x); /* check_report.c: what a report says */
void row_rank(struct bench *b, const struct case_expect *x); /* check_rank.c */
void row_same_points(struct bench *b, const struct case_expect *x);
void row_number(struct bench *b, const struct case_expect *x); /* check_number.c: counters, nodes */

#endif
