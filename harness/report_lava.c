// SPDX-License-Identifier: MIT
/*
 * What LAVA reads from a device's console:
 *   <LAVA_SIGNAL_TESTCASE TEST_CASE_ID=debian-6.1.v2.three-hogs RESULT=pass MEASUREMENT=1.2 UNITS=s>
 * Its ids have no blanks, and it knows pass, fail, skip and unknown.
 */
#include "harness/report_impl.h"

/* What was measured, as a test of its own: LAVA draws the course of each. */
static void figure(FILE *out, const struct ev_figure *g, const char *id, bool passed)
{
	const char *unit = strrchr(g->name, '_');

	fprintf(out, "<LAVA_SIGNAL_TESTCASE TEST_CASE_ID=%s.", id);
	for (const char *s = g->name; *s; s++)
		fputc(report_name_char(*s) ? *s : '-', out);
	fprintf(out, " RESULT=%s MEASUREMENT=%llu", passed ? "pass" : "unknown",
		(unsigned long long)g->value);
	if (unit && (str_eq(unit, "_us") || str_eq(unit, "_bytes")))
		fprintf(out, " UNITS=%s", unit + 1);
	fputs(">\n", out);
}

static void result(const struct report *r, FILE *out, const struct case_result *c, const char *id)
{
	static const char *const words[] = { [VERDICT_PASS] = "pass",
					     [VERDICT_FAIL] = "fail",
					     [VERDICT_SKIP] = "skip",
					     [VERDICT_BROKEN] = "unknown" };

	(void)r;
	fprintf(out, "<LAVA_SIGNAL_TESTCASE TEST_CASE_ID=%s RESULT=%s", id, words[c->verdict]);
	if (c->verdict != VERDICT_SKIP)
		fprintf(out, " MEASUREMENT=%llu.%03llu UNITS=seconds",
			(unsigned long long)c->duration_ms / 1000,
			(unsigned long long)c->duration_ms % 1000);
	fputs(">\n", out);
	for (size_t i = 0; i < c->nr_figures; i++)
		figure(out, &c->figures[i], id, c->verdict == VERDICT_PASS);
}

const struct report_format report_lava = { .name = "lava", .result = result };
