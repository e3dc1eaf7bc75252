// SPDX-License-Identifier: MIT
/*
 * Pages of the hugetlb pool: taken from everyone when the pool is made, in nobody's rss, invisible
 * to badness, never reclaimed. The pool must be there (vm.nr_hugepages); this kind never makes it.
 */
#include <sys/mman.h>

#include "lib/fs.h"
#include "workloads/fill.h"

static uint64_t meminfo(const char *key)
{
	int root __close = fs_root_open("");
	uint64_t v = 0;

	return fs_key_u64(root, "proc/meminfo", key, &v) < 0 ? 0 : v;
}

static enum ready_what no_pages(struct hog *h, int err, uint64_t page)
{
	unsigned long long needed = h->bytes / page, total = meminfo("HugePages_Total"),
			   unused = meminfo("HugePages_Free") - meminfo("HugePages_Rsvd");

	fail_set(&h->fail, err,
		 "%llu huge pages of %llu KiB are needed, %llu of %llu are free (sysctl "
		 "vm.nr_hugepages makes more)",
		 needed, (unsigned long long)page / 1024, unused, total);
	return READY_THP;
}

static enum ready_what hugetlb_run(struct hog *h)
{
	uint64_t page = KiB(meminfo("Hugepagesize"));
	struct region r = { 0 };

	if (!page) {
		fail_set(&h->fail, -ENODATA, "this kernel has no hugetlb pages (CONFIG_HUGETLBFS)");
		return READY_THP;
	}
	h->bytes = (h->bytes + page - 1) / page * page;
	/* Reserved by mmap(2): what is granted here comes without a SIGBUS. */
	r.addr = mmap(NULL, h->bytes, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	if (r.addr == MAP_FAILED)
		return no_pages(h, -errno, page);
	r.bytes = h->bytes;
	h->opt.chunk_bytes = max(h->opt.chunk_bytes, page); /* a step is at least one page */
	return region_fill_or_fail(h, &r, -1);
}

const struct workload workload_hugetlb = {
	.name = "hugetlb",
	.help = "pages of the hugetlb pool, which vm.nr_hugepages must have made",
	.run = hugetlb_run,
};
