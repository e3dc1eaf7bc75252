// SPDX-License-Identifier: MIT
/* Lines for people, and the summary that closes every report. */
#include "harness/cmd.h"
#include "harness/report_impl.h"

static const char *colour(const struct report *r, enum verdict v)
{
	static const char *const codes[] = { [VERDICT_PASS] = "\033[32m",
					     [VERDICT_FAIL] = "\033[31m",
					     [VERDICT_SKIP] = "\033[33m",
					     [VERDICT_BROKEN] = "\033[35m" };

	return r->colour ? codes[v] : "";
}

static void text_plan(struct report *r, size_t nr_cases)
{
	(void)r;
	(void)nr_cases;
}

/* "PASS   debian-6.1.v2.three-hogs  1.2 s  predicted mid, ..." */
static void text_result(struct report *r, const struct case_result *c, const char *name)
{
	fprintf(r->out, "%s%-6s%s %s  %llu.%llu s", colour(r, c->verdict), verdict_name(c->verdict),
		r->colour ? "\033[0m" : "", name, (unsigned long long)c->duration_ms / 1000,
		(unsigned long long)c->duration_ms % 1000 / 100);
	if (c->verdict != VERDICT_PASS && c->reason && *c->reason) {
		fputs("  ", r->out);
		report_text(r->out, c->reason);
	} else if (c->prediction && c->prediction->known) {
		fputs("  ", r->out);
		report_prediction(r->out, c);
	}
	fputc('\n', r->out);
	if (r->verbose)
		report_checks(r, r->out, "         ", c);
}

static void text_end(struct report *r)
{
	(void)r;
}

const struct report_ops report_text_ops = { text_plan, text_result, text_end };

static void line_of(FILE *f, const char *what, const char *text)
{
	if (!text || !*text)
		return;
	fprintf(f, "    %s", what);
	report_text(f, text);
	fputc('\n', f);
}

static void list(const struct report *r, FILE *f, enum verdict v)
{
	for (size_t i = 0; i < r->nr_told; i++) {
		const struct told *t = &r->told[i];

		if (t->verdict != v)
			continue;
		fprintf(f, "%s%s%s %s\n", colour(r, v), verdict_name(v), r->colour ? "\033[0m" : "",
			t->name);
		line_of(f, "", t->reason);
		line_of(f, "evidence: ", t->dir);
		line_of(f, "reproduce: ", t->reproduce);
	}
}

static bool same_skip(const struct told *a, const struct told *b)
{
	return a->verdict == VERDICT_SKIP && b->verdict == VERDICT_SKIP &&
	       str_eq(a->reason, b->reason);
}

/* One line a reason: a kernel without v1 skips every case for the same one. */
static void skips(const struct report *r, FILE *f)
{
	for (size_t i = 0; i < r->nr_told; i++) {
		const struct told *t = &r->told[i];
		size_t before = 0, n = 0;

		for (size_t j = 0; j < i; j++)
			before += same_skip(&r->told[j], t);
		for (size_t j = i; j < r->nr_told; j++)
			n += same_skip(&r->told[j], t);
		if (before || !n)
			continue;
		fprintf(f, "%sSKIP%s %s", colour(r, VERDICT_SKIP), r->colour ? "\033[0m" : "",
			t->name);
		if (n > 1)
			fprintf(f, " and %zu more", n - 1);
		fputc('\n', f);
		line_of(f, "", t->reason);
	}
}

static int slower(const void *a, const void *b)
{
	const struct told *const *x = a, *const *y = b;

	if ((*x)->duration_ms != (*y)->duration_ms)
		return (*x)->duration_ms < (*y)->duration_ms ? 1 : -1;
	return *x < *y ? -1 : 1; /* as they came */
}

static void slowest(const struct report *r, FILE *f)
{
	const struct told **order __free = NULL;

	if (r->nr_told <= REPORT_SLOWEST)
		return;
	order = calloc(r->nr_told, sizeof(*order));
	if (!order)
		return;
	for (size_t i = 0; i < r->nr_told; i++)
		order[i] = &r->told[i];
	qsort(order, r->nr_told, sizeof(*order), slower);
	for (size_t i = 0; i < REPORT_SLOWEST; i++)
		fprintf(f, "%s %s %llu.%llu s", i ? "," : "slowest:", order[i]->name,
			(unsigned long long)order[i]->duration_ms / 1000,
			(unsigned long long)order[i]->duration_ms % 1000 / 100);
	fputc('\n', f);
}

static void summary(const struct report *r, FILE *f, const char *results_dir)
{
	skips(r, f);
	list(r, f, VERDICT_BROKEN);
	list(r, f, VERDICT_FAIL);
	tally_print(&r->tally, f);
	slowest(r, f);
	if (r->planned && r->nr_results != r->nr_planned)
		fprintf(f, "%zu cases were planned, %zu came to a result\n", r->nr_planned,
			r->nr_results);
	fprintf(f, "%zu passed, %zu failed, %zu skipped, %zu broken\n", r->counts[VERDICT_PASS],
		r->counts[VERDICT_FAIL], r->counts[VERDICT_SKIP], r->counts[VERDICT_BROKEN]);
	if (r->nr_results && r->counts[VERDICT_SKIP] == r->nr_results)
		fputs("nothing was tested: every case was skipped\n", f);
	if (results_dir) {
		fputs("results: ", f);
		report_text(f, results_dir);
		fputc('\n', f);
	}
	fflush(f);
}

int report_finish(struct report *r, const char *results_dir)
{
	report_progress(r, NULL);
	r->ops->end(r);
	fflush(r->out);
	summary(r, r->human_on_out ? r->out : r->err, results_dir);
	if (r->counts[VERDICT_FAIL])
		return EXIT_FAILED;
	if (r->counts[VERDICT_BROKEN] || !r->nr_results ||
	    (r->planned && r->nr_results != r->nr_planned))
		return EXIT_BROKEN;
	return EXIT_PASSED;
}
