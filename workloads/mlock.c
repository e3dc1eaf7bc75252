// SPDX-License-Identifier: MIT
/* Anonymous memory that is locked: never reclaimed or swapped, and not reaped before 5.18. */
#include "workloads/fill.h"

static enum ready_what mlock_run(struct hog *h)
{
	struct region r = { .bytes = h->bytes };
	enum ready_what what = region_map(h, -1, &r);

	if (what == READY_YES)
		what = region_lock(h, &r);
	return what == READY_YES ? region_fill_or_fail(h, &r, -1) : what;
}

const struct workload workload_mlock = {
	.name = "mlock",
	.help = "anonymous memory, locked",
	.run = mlock_run,
};
