// SPDX-License-Identifier: MIT
#include "harness/explain.h"
void explain_text(struct explain *x, const struct oom_report *r, const struct badness_verdict *v)
{
	(void)v;
	fprintf(x->out, "%s\n", r->invoker_comm);
}
