// SPDX-License-Identifier: MIT
/*
 * Equal pages that ksmd may merge into one: rss and charges shrink behind the hog's back. "ready" is
 * said when the pages are written; with --merged, when the kernel has merged nearly all of them.
 */
#include <sys/mman.h>
#include <time.h>

#include "lib/fs.h"
#include "workloads/fill.h"
#include "workloads/options.h"

static bool merged;

static const struct option_row options[] = {
	{ "merged", NULL, "ready only when nine tenths are merged", option_flag, &merged, NULL, 0,
	  0 },
	{ NULL, NULL, NULL, NULL, NULL, NULL, 0, 0 },
};

static enum ready_what check_running(struct hog *h)
{
	int root __close = fs_root_open("");
	uint64_t run = 0;
	int err = fs_read_u64(root, "sys/kernel/mm/ksm/run", &run);

	if (!err && run == 1)
		return READY_YES;
	if (err)
		fail_errno(&h->fail, err, "this kernel has no KSM: /sys/kernel/mm/ksm/run");
	else
		fail_set(&h->fail, -ENODATA, "/sys/kernel/mm/ksm/run is %llu, 1 is due",
			 (unsigned long long)run);
	return READY_FILE;
}

/* Of the whole machine: what a process knows of its own share is younger (5.19). */
static uint64_t sharing_bytes(void)
{
	int root __close = fs_root_open("");
	uint64_t pages = 0;

	fs_read_u64(root, "sys/kernel/mm/ksm/pages_sharing", &pages);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void wait_until_merged(const struct hog *h, uint64_t before)
{
	const struct timespec t = { 0, 50000000 };

	while (sharing_bytes() < before + h->bytes / 10 * 9)
		nanosleep(&t, NULL);
}

static enum ready_what ksm_run(struct hog *h)
{
	struct region r = { .bytes = h->bytes };
	enum ready_what what = check_running(h);
	uint64_t before;

	if (what == READY_YES)
		what = region_take(h, -1, &r);
	if (what != READY_YES)
		return what;
	before = sharing_bytes();
	memset(r.addr, 0x5a, r.bytes); /* not zeros: those might become the zero page */
	if (madvise(r.addr, r.bytes, MADV_MERGEABLE) < 0) {
		fail_errno(&h->fail, -errno, "madvise(MADV_MERGEABLE)");
		return READY_FILE;
	}
	if (merged)
		wait_until_merged(h, before);
	return READY_YES;
}

const struct workload workload_ksm = {
	.name = "ksm",
	.help = "equal pages that the kernel may merge (KSM)",
	.options = options,
	.run = ksm_run,
};
