// SPDX-License-Identifier: MIT
/* Anonymous private memory, as malloc(3) and the heap have it. Pages hold zeros. */
#include "workloads/fill.h"

static enum ready_what anon_run(struct hog *h)
{
	struct region r;
	enum ready_what what = region_map(h, -1, false, false, &r);

	return what == READY_YES ? region_fill_or_fail(h, &r, -1) : what;
}

const struct workload workload_anon = {
	.name = "anon",
	.help = "anonymous memory, every page written",
	.run = anon_run,
};
