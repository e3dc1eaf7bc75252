// SPDX-License-Identifier: MIT
/*
 * The badness model against the kernel, twice: after the fact on every dumped report, and before it
 * in the plan's prediction of the first victim. A case may say why they differ; then it is shown,
 * not judged.
 */
#include "harness/check.h"

struct asked {
	size_t agree, differ, unsure;
	char why[256];	   /* of the first that could not be told */
	char differs[400]; /* of the first that differs */
};

static bool sysctl_is(const struct plan *p, const char *name, const char *value)
{
	for (size_t i = 0; i < p->nr_sysctls; i++)
		if (str_eq(p->sysctls[i].name, name))
			return str_eq(p->sysctls[i].value, value);
	return false;
}

/* What the case itself took away from the model: without a dump, or with another rule, no answer.
 */
static bool excused(const struct bench *b, const struct oom_report *r)
{
	return (!r->has_task_table && sysctl_is(b->plan, "vm.oom_dump_tasks", "0")) ||
	       r->allocating_task;
}

static void ask(struct bench *b, const struct oom_report *r, struct asked *a)
{
	struct badness_verdict v = { 0 };
	int err = badness_judge_report(r, &v);
	int agrees = err ? -1 : v.agrees;

	if (err == -ENOMEM) {
		b->err = err;
	} else if (agrees > 0) {
		a->agree++;
	} else if (agrees == 0) {
		if (!a->differ++)
			snprintf(a->differs, sizeof(a->differs),
				 "%s(%lld), the model says %s(%lld)%s%s", r->victims[0].comm,
				 (long long)r->victims[0].pid, v.comm, (long long)v.pid,
				 *v.why ? ": " : "", v.why);
	} else if (!excused(b, r)) {
		if (!a->unsure++)
			str_copy(a->why, sizeof(a->why), *v.why ? v.why : "no reason given");
	}
	/* Also after -ENODATA: it may hold the tasks by then. */
	badness_verdict_free(&v);
}

/* A row "model: agrees", or the reason why it need not. NULL: no row. */
static const char *model_row(const struct bench *b)
{
	const struct case_expect *x = bench_expects(b, EXPECT_MODEL);

	return x ? x->text : NULL;
}

void check_model(struct bench *b)
{
	const char *row = model_row(b);
	bool strict = row && str_eq(row, "agrees");
	struct asked a = { 0 };
	struct check *c;

	for (size_t i = 0; i < b->e->nr_reports; i++) {
		const struct oom_report *r = b->e->reports[i];

		if (report_is_ours(b, r) && r->nr_victims)
			ask(b, r, &a);
	}
	/* Nothing to ask is no check, unless the case insists on one. */
	if (!strict && !a.agree && !a.differ && !a.unsure)
		return;
	c = check_new(b, "model");
	check_want(b, c, row && !strict ? "the model's victim, or not: %s" : "the model's victim%s",
		   row && !strict ? row : "");
	if (a.differ) {
		check_saw(b, c, "%s", a.differs);
		if (!row || strict)
			check_fail(c);
		return;
	}
	check_saw(b, c, "%zu of %zu reports agree%s%s", a.agree, a.agree + a.unsure,
		  a.unsure ? ", cannot tell: " : "", a.unsure ? a.why : "");
	if (!a.agree && (!row || strict))
		check_unsure(c);
}

struct first {
	const struct oom_victim *v;
};

static void keep_first(void *ctx, const struct oom_report *r, const struct oom_victim *v)
{
	struct first *f = ctx;

	(void)r;
	if (!f->v)
		f->v = v;
}

void check_prediction(struct bench *b)
{
	const struct plan_prediction *p = &b->plan->prediction;
	const char *row = model_row(b);
	struct first first = { NULL };
	const struct ev_worker *w;
	struct check *c;

	if (!p->known || bench_expects(b, EXPECT_NO_OOM) || bench_expects(b, EXPECT_PANIC) ||
	    (row && !str_eq(row, "agrees")))
		return;
	bench_each_kill(b, keep_first, &first);
	c = check_new(b, "prediction");
	check_want(b, c, "%s", p->victim);
	if (p->margin_pages != OOM_ABSENT)
		check_want(b, c, " (%lld pages before %s, noise %lld)", (long long)p->margin_pages,
			   *p->runner_up ? p->runner_up : "the next", (long long)p->noise_pages);
	if (!first.v) {
		check_saw(b, c, "no kill");
		check_fail(c);
		return;
	}
	check_saw_victim(b, c, first.v);
	w = evidence_worker_by_pid(b->e, first.v->pid);
	if (!w || !str_eq(w->name, p->victim))
		check_fail(c);
}
