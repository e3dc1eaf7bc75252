// SPDX-License-Identifier: MIT
/*
 * What comes back to the kernel: by free(3) of many blocks below one that stays, as in any grown
 * heap; by malloc_trim(3); by madvise(MADV_DONTNEED) of a mapping. The last word has the rss behind
 * each step, and the bytes told are those still there at the end.
 */
#include <malloc.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "workloads/fill.h"
#include "workloads/options.h"

enum { UNTIL_MALLOC, UNTIL_FREE, UNTIL_TRIM, UNTIL_DONTNEED };
static const char *const untils[] = { "malloc", "free", "trim", "dontneed", NULL };
static int until = UNTIL_DONTNEED;
static bool free_all;
static uint64_t block_bytes = KiB(2); /* too large for the cache of a thread */

static const struct option_row options[] = {
	{ "block", "BYTES", "of one malloc(3) (default: 2KiB)", option_bytes, &block_bytes, NULL,
	  sizeof(void *), GiB(1) },
	{ "free-all", NULL, "also the last block, which else keeps the heap's end", option_flag,
	  &free_all, NULL, 0, 0 },
	{ "until", "malloc|free|trim|dontneed", "the last step (default: dontneed)", option_choice,
	  &until, untils, 0, 0 },
	{ NULL, NULL, NULL, NULL, NULL, NULL, 0, 0 },
};

struct block {
	struct block *older;
};

static uint64_t rss(void)
{
	uint64_t bytes = own_smaps_bytes("Rss");

	return bytes ? bytes : own_status_bytes("VmRSS");
}

static void measure(struct hog *h, const char *name)
{
	int i = 0;

	while (h->figures[i].name)
		i++;
	h->figures[i] = (struct hog_figure){ name, rss() };
	h->got_bytes = max(h->figures[i].bytes, h->figures[0].bytes) - h->figures[0].bytes;
}

static struct block *take_blocks(struct hog *h)
{
	struct block *last = NULL;

	for (uint64_t done = 0; done < h->bytes; done += block_bytes) {
		struct block *b = malloc(block_bytes);

		if (!b)
			return NULL;
		memset(b, 0x5a, block_bytes);
		b->older = last;
		last = b;
	}
	return last;
}

static void free_blocks(struct block *last)
{
	struct block *b = free_all ? last : last->older;

	while (b) {
		struct block *older = b->older;

		free(b);
		b = older;
	}
}

/* The mapping of the last step is filled and measured like the blocks. */
static enum ready_what dontneed(struct hog *h)
{
	struct region r = { .bytes = h->bytes };
	enum ready_what what = region_take(h, -1, &r);

	if (what != READY_YES)
		return what;
	measure(h, "rss_mapped_bytes");
	madvise(r.addr, r.bytes, MADV_DONTNEED);
	measure(h, "rss_after_dontneed_bytes");
	return READY_YES;
}

static enum ready_what malloc_free_run(struct hog *h)
{
	enum ready_what what = READY_YES;
	struct block *last;

	h->start_ns = now_ns();
	measure(h, "rss_start_bytes");
	last = take_blocks(h);
	if (!last) {
		fail_errno(&h->fail, -ENOMEM, "malloc");
		return READY_ENOMEM;
	}
	measure(h, "rss_malloc_bytes");
	if (until >= UNTIL_FREE) {
		free_blocks(last);
		measure(h, "rss_after_free_bytes");
	}
	if (until >= UNTIL_TRIM) {
		malloc_trim(0);
		measure(h, "rss_after_trim_bytes");
	}
	if (until >= UNTIL_DONTNEED)
		what = dontneed(h);
	h->end_ns = now_ns();
	return what;
}

const struct workload workload_malloc_free = {
	.name = "malloc-free",
	.help = "malloc(3) and what free(3), malloc_trim(3), MADV_DONTNEED give back",
	.options = options,
	.run = malloc_free_run,
};
