// SPDX-License-Identifier: MIT
/*
 * KTAP version 1 (Documentation/dev-tools/ktap.rst) and TAP 13. They differ in their first line, in
 * the dash, and in that KTAP has a directive for "could not find out"; TAP readers would take an
 * unknown directive for a part of the name, so there it stands in a "# " line only.
 */
#include "harness/report_impl.h"

static void ktap_plan(struct report *r, size_t nr_cases)
{
	fprintf(r->out, "KTAP version 1\n1..%zu\n", nr_cases);
}

static void tap_plan(struct report *r, size_t nr_cases)
{
	fprintf(r->out, "TAP version 13\n1..%zu\n", nr_cases);
}

static void hash_line(struct report *r, const char *what, const char *text)
{
	if (!text || !*text)
		return;
	fprintf(r->out, "# %s", what);
	report_text(r->out, text);
	fputc('\n', r->out);
}

static void details(struct report *r, const struct case_result *c)
{
	if (c->prediction && c->prediction->known) {
		fputs("# ", r->out);
		report_prediction(r->out, c);
		fputc('\n', r->out);
	}
	report_checks(r, r->out, "# ", c);
	if (c->verdict != VERDICT_FAIL && c->verdict != VERDICT_BROKEN)
		return;
	if (!c->judgement)
		hash_line(r, "", c->reason);
	hash_line(r, "evidence: ", c->dir);
	hash_line(r, "reproduce: ", c->reproduce);
}

static bool is_ok(const struct case_result *c)
{
	return c->verdict == VERDICT_PASS || c->verdict == VERDICT_SKIP;
}

/* "ok 3 debian-6.1.v2.three-hogs # SKIP no memory controller on cgroup v1" */
static void ktap_result(struct report *r, const struct case_result *c, const char *name)
{
	details(r, c);
	fprintf(r->out, "%s %zu %s", is_ok(c) ? "ok" : "not ok", r->nr_results, name);
	if (c->verdict == VERDICT_SKIP || c->verdict == VERDICT_BROKEN) {
		fputs(c->verdict == VERDICT_SKIP ? " # SKIP " : " # ERROR ", r->out);
		report_text(r->out, c->reason ? c->reason : "");
	}
	fputc('\n', r->out);
}

static void tap_result(struct report *r, const struct case_result *c, const char *name)
{
	details(r, c);
	fprintf(r->out, "%s %zu - %s", is_ok(c) ? "ok" : "not ok", r->nr_results, name);
	if (c->verdict == VERDICT_SKIP) {
		fputs(" # SKIP ", r->out);
		report_text(r->out, c->reason ? c->reason : "");
	}
	fputc('\n', r->out);
	if (c->verdict == VERDICT_BROKEN)
		hash_line(r, "BROKEN: ", c->reason);
}

static void totals(struct report *r)
{
	fprintf(r->out, "# Totals: pass:%zu fail:%zu xfail:0 xpass:0 skip:%zu error:%zu\n",
		r->counts[VERDICT_PASS], r->counts[VERDICT_FAIL], r->counts[VERDICT_SKIP],
		r->counts[VERDICT_BROKEN]);
}

const struct report_ops report_ktap_ops = { ktap_plan, ktap_result, totals };
const struct report_ops report_tap_ops = { tap_plan, tap_result, totals };
