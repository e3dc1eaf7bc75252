// SPDX-License-Identifier: MIT
/*
 * What LAVA reads from a device's console:
 *   <LAVA_SIGNAL_TESTCASE TEST_CASE_ID=debian-6.1.v2.three-hogs RESULT=pass MEASUREMENT=1.2 UNITS=s>
 * Its ids have no blanks, and it knows pass, fail, skip and unknown.
 */
#include "harness/report_impl.h"

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
}

const struct report_format report_lava = { .name = "lava", .result = result };
