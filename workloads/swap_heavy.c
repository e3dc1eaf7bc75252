// SPDX-License-Identifier: MIT
/*
 * Anonymous memory that lies in swap: filled and paged out chunk by chunk (MADV_PAGEOUT, 5.4 and
 * later), so that little of it is ever resident at a time. Badness counts swap entries like pages.
 */
#include <sys/mman.h>

#include "lib/fs.h"
#include "lib/meminfo.h"
#include "workloads/fill.h"

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif

#define CHUNK_BYTES MiB(4)
#define TENTHS_DUE  9 /* of the size: the kernel may keep pages that it has just looked at */

static enum ready_what refuse(struct hog *h, int err, const char *what, uint64_t bytes)
{
	char text[32];

	fail_set(&h->fail, err, "%s: %s", what, bytes_format(bytes, text, sizeof(text)));
	return READY_ENOMEM;
}

static enum ready_what check_swap(struct hog *h)
{
	int root __close = fs_root_open("");
	struct meminfo m = { 0 };

	if (meminfo_read(root, &m) == 0 && KiB(m.swap_free_kb) < h->bytes)
		return refuse(h, -ENOSPC, "swap that is free (SwapFree)", KiB(m.swap_free_kb));
	return READY_YES;
}

static enum ready_what fill_and_page_out(struct hog *h, const struct region *r)
{
	enum ready_what what = READY_YES;

	for (; h->had_bytes < r->bytes && what == READY_YES; h->had_bytes = h->got_bytes) {
		struct region part = { .addr = r->addr + h->had_bytes,
				       .bytes = min(CHUNK_BYTES, r->bytes - h->had_bytes) };

		what = region_fill_or_fail(h, &part, -1);
		if (what == READY_YES && madvise(part.addr, part.bytes, MADV_PAGEOUT) < 0) {
			fail_errno(&h->fail, -errno, "madvise(MADV_PAGEOUT), Linux 5.4 and later");
			what = READY_ENOMEM;
		}
	}
	return what;
}

static enum ready_what swap_heavy_run(struct hog *h)
{
	struct region r = { .bytes = h->bytes };
	enum ready_what what = check_swap(h);
	uint64_t swapped;

	if (what == READY_YES)
		what = region_map(h, -1, &r);
	if (what == READY_YES)
		what = fill_and_page_out(h, &r);
	if (what != READY_YES)
		return what;
	swapped = own_status_bytes("VmSwap");
	h->figures[0] = (struct hog_figure){ "swapped_bytes", swapped };
	if (swapped >= h->bytes / 10 * TENTHS_DUE)
		return READY_YES;
	return refuse(h, -ENOSPC, "in swap (VmSwap) is only", swapped);
}

const struct workload workload_swap_heavy = {
	.name = "swap-heavy",
	.help = "anonymous memory that is paged out to swap",
	.run = swap_heavy_run,
};
