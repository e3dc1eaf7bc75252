// SPDX-License-Identifier: MIT
/*
 * A program that forgets to free(3): malloc(3) and writing, block by block, at --rate. As ordinary
 * programs it meets a refused page in a user page fault; the bytes told are those asked for, what
 * the allocator adds comes on top.
 */
#include <stdlib.h>

#include "workloads/options.h"
#include "workloads/pace.h"

static uint64_t block_bytes = KiB(64);

static const struct option_row options[] = {
	{ "block", "BYTES", "of one malloc(3) (default: 64KiB)", option_bytes, &block_bytes, NULL,
	  1, GiB(1) },
	{ NULL, NULL, NULL, NULL, NULL, NULL, 0, 0 },
};

static enum ready_what leak_run(struct hog *h)
{
	enum ready_what what = READY_YES;

	h->start_ns = now_ns();
	while (h->got_bytes < h->bytes) {
		uint64_t bytes = min(block_bytes, h->bytes - h->got_bytes);
		char *volatile block = malloc(bytes); /* volatile: used, as far as compilers know */

		if (!block) {
			fail_errno(&h->fail, -errno, "malloc");
			what = READY_ENOMEM;
			break;
		}
		memset(block, 0x5a, bytes);
		h->got_bytes += bytes;
		pace(h, h->got_bytes);
	}
	h->end_ns = now_ns();
	pace_end();
	return what;
}

const struct workload workload_leak = {
	.name = "leak",
	.help = "malloc(3) of many blocks that are written and never freed",
	.options = options,
	.run = leak_run,
};
