// SPDX-License-Identifier: MIT
/*
 * Anonymous memory that must be in huge pages: a fault takes 2 MiB at a time, so that a memcg is
 * overshot in steps and rss moves by 512 pages. "ready" only when the kernel says that all of it is.
 */
#include "lib/fs.h"
#include "workloads/fill.h"

#define ENABLED	   "sys/kernel/mm/transparent_hugepage/enabled"
#define HUGE_BYTES MiB(2)

/* "always [madvise] never": the word in brackets holds. */
static enum ready_what check_enabled(struct hog *h)
{
	int root __close = fs_root_open("");
	char text[128];
	ssize_t n = fs_read_line(root, ENABLED, text, sizeof(text));

	if (n < 0)
		fail_errno(&h->fail, (int)n,
			   "this kernel has no transparent huge pages: /" ENABLED);
	else if (strstr(text, "[never]"))
		fail_set(&h->fail, -ENODATA,
			 "/" ENABLED " is 'never'; 'madvise' or 'always' is due");
	else
		return READY_YES;
	return READY_THP;
}

static enum ready_what thp_run(struct hog *h)
{
	enum ready_what what = check_enabled(h);
	uint64_t huge;
	char text[32];

	if (what != READY_YES)
		return what;
	h->opt.thp = true;
	h->bytes = (h->bytes + HUGE_BYTES - 1) / HUGE_BYTES * HUGE_BYTES;
	what = region_anon(h);
	if (what != READY_YES)
		return what;
	huge = own_smaps_bytes("AnonHugePages");
	h->figures[0] = (struct hog_figure){ "huge_bytes", huge };
	if (huge >= h->bytes)
		return READY_YES;
	fail_set(&h->fail, -ENODATA, "only %s came in huge pages (memory is fragmented?)",
		 bytes_format(huge, text, sizeof(text)));
	return READY_THP;
}

const struct workload workload_thp = {
	.name = "thp",
	.help = "anonymous memory, all in transparent huge pages",
	.run = thp_run,
};
