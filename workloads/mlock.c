// SPDX-License-Identifier: MIT
/* Anonymous memory that is locked: never reclaimed or swapped, and not reaped before 5.18. */
#include <sys/mman.h>
#include <sys/resource.h>

#include "workloads/fill.h"

static enum ready_what refused(struct hog *h, int err)
{
	struct rlimit limit = { 0 };
	char text[32];

	getrlimit(RLIMIT_MEMLOCK, &limit);
	fail_set(&h->fail, err, "mlock: %s (RLIMIT_MEMLOCK is %s)", strerror(-err),
		 limit.rlim_cur == RLIM_INFINITY
			 ? "unlimited"
			 : bytes_format(limit.rlim_cur, text, sizeof(text)));
	return READY_ENOMEM;
}

static enum ready_what mlock_run(struct hog *h)
{
	struct region r = { .bytes = h->bytes };
	enum ready_what what = region_map(h, -1, &r);

	if (what != READY_YES)
		return what;
	/* On fault: the fill engine brings the pages, at its speed and rate; each is locked then.
	 */
	if (mlock2(r.addr, r.bytes, MLOCK_ONFAULT) < 0)
		return refused(h, -errno);
	return region_fill_or_fail(h, &r, -1);
}

const struct workload workload_mlock = {
	.name = "mlock",
	.help = "anonymous memory, locked",
	.run = mlock_run,
};
