// SPDX-License-Identifier: MIT
/*
 * KTAP version 1 (Documentation/dev-tools/ktap.rst) and TAP 13. They differ in their first line, in
 * the dash, and in that KTAP has a directive for "could not find out"; TAP readers would take an
 * unknown directive for a part of the name, so there it stands in a "# " line only. Where nobody knows how
 * many results there will be, KTAP goes without a plan, as it may, and TAP has it at the end.
 */
#include "harness/report_impl.h"

static void ktap_plan(const struct report *r, FILE *out)
{
	fputs("KTAP version 1\n", out);
	if (r->planned)
		fprintf(out, "1..%zu\n", r->nr_planned);
}

static void tap_plan(const struct report *r, FILE *out)
{
	fputs("TAP version 13\n", out);
	if (r->planned)
		fprintf(out, "1..%zu\n", r->nr_planned);
}

static void hash_line(FILE *out, const char *what, const char *text)
{
	if (!text || !*text)
		return;
	fprintf(out, "# %s", what);
	report_text(out, text);
	fputc('\n', out);
}

static void details(const struct report *r, FILE *out, const struct case_result *c)
{
	if (c->prediction && c->prediction->known) {
		fputs("# ", out);
		report_prediction(out, c);
		fputc('\n', out);
	}
	report_figures(out, "# ", c);
	report_checks(out, "# ", c, r->verbose);
	if (c->verdict != VERDICT_FAIL && c->verdict != VERDICT_BROKEN)
		return;
	if (!c->judgement)
		hash_line(out, "", c->reason);
	hash_line(out, "evidence: ", c->dir);
	hash_line(out, "reproduce: ", c->reproduce);
}

/* kunit.py takes the last " # SKIP" of a line for its directive: a reason must not bring one along. */
static void directive(FILE *out, const char *word, const char *reason)
{
	fprintf(out, " # %s ", word);
	for (const char *s = reason ? reason : ""; *s; s++) {
		if (*s == '#')
			fputs("\\x23", out);
		else
			report_text(out, (const char[]){ *s, '\0' });
	}
}

static bool is_ok(const struct case_result *c)
{
	return c->verdict == VERDICT_PASS || c->verdict == VERDICT_SKIP;
}

/* "ok 3 debian-6.1.v2.three-hogs # SKIP no memory controller on cgroup v1" */
static void ktap_result(const struct report *r, FILE *out, const struct case_result *c,
			const char *id)
{
	details(r, out, c);
	fprintf(out, "%s %zu %s", is_ok(c) ? "ok" : "not ok", r->nr_results, id);
	if (c->verdict == VERDICT_SKIP)
		directive(out, "SKIP", c->reason);
	else if (c->verdict == VERDICT_BROKEN)
		directive(out, "ERROR", c->reason);
	fputc('\n', out);
}

static void tap_result(const struct report *r, FILE *out, const struct case_result *c,
		       const char *id)
{
	details(r, out, c);
	fprintf(out, "%s %zu - %s", is_ok(c) ? "ok" : "not ok", r->nr_results, id);
	if (c->verdict == VERDICT_SKIP)
		directive(out, "SKIP", c->reason);
	fputc('\n', out);
	if (c->verdict == VERDICT_BROKEN)
		hash_line(out, "BROKEN: ", c->reason);
}

static void totals(const struct report *r, FILE *out)
{
	fprintf(out, "# Totals: pass:%zu fail:%zu xfail:0 xpass:0 skip:%zu error:%zu\n",
		r->counts[VERDICT_PASS], r->counts[VERDICT_FAIL], r->counts[VERDICT_SKIP],
		r->counts[VERDICT_BROKEN]);
}

static void tap_totals(const struct report *r, FILE *out)
{
	if (!r->planned)
		fprintf(out, "1..%zu\n", r->nr_results);
	totals(r, out);
}

const struct report_format report_ktap = {
	.name = "ktap", .plan = ktap_plan, .result = ktap_result, .end = totals
};
const struct report_format report_tap = {
	.name = "tap", .plan = tap_plan, .result = tap_result, .end = tap_totals
};
