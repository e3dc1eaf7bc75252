// SPDX-License-Identifier: MIT
/* Lines for people. */
#include "harness/report_impl.h"

/* "PASS   debian-6.1.v2.three-hogs  1.2 s  predicted mid, ..." */
static void result(const struct report *r, FILE *out, const struct case_result *c, const char *id)
{
	report_verdict(out, c->verdict, 6);
	fprintf(out, " %s  %llu.%llu s", id, (unsigned long long)c->duration_ms / 1000,
		(unsigned long long)c->duration_ms % 1000 / 100);
	if (c->verdict != VERDICT_PASS && c->reason && *c->reason) {
		fputs("  ", out);
		report_text(out, c->reason);
	} else if (c->prediction && c->prediction->known) {
		fputs("  ", out);
		report_prediction(out, c);
	}
	fputc('\n', out);
	report_figures(out, "         ", c);
	if (r->verbose)
		report_checks(out, "         ", c, true);
}

/* Standard output has the summary anyway, if it is for people. */
static void end(const struct report *r, FILE *out)
{
	if (out != r->people)
		report_summary(r, out);
}

const struct report_format report_text_lines = {
	.name = "text", .for_people = true, .result = result, .end = end
};
