// SPDX-License-Identifier: MIT
/*
 * Page tables that outweigh what they map: one page read in every 2 MiB of an untouched mapping
 * brings a table of 4 KiB and, as the zero page is nobody's rss, nothing else. Badness counts the
 * tables; so do the memcg and "pgtables" of the kill line.
 */
#include <sys/mman.h>

#include "workloads/fill.h"
#include "workloads/pace.h"

#define TABLE_MAPS_BYTES MiB(2) /* by one page of tables: 512 entries of 4 KiB */

/* The path of access(2) is read by the kernel: a refused charge is EFAULT, not a fault for ever. */
static int read_page(const char *at)
{
	return access(at, F_OK) < 0 && errno == EFAULT ? -ENOMEM : 0;
}

static int read_sparsely(struct hog *h, const char *at, uint64_t bytes)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	for (uint64_t done = 0; done < bytes; at += TABLE_MAPS_BYTES) {
		int err = read_page(at);

		if (err)
			return err;
		done += page;
		h->got_bytes = h->had_bytes + done;
		pace(h, h->got_bytes);
	}
	return 0;
}

static enum ready_what failed(struct hog *h, int err, const char *what)
{
	fail_errno(&h->fail, err, "%s", what);
	return READY_ENOMEM;
}

enum ready_what pagetables_fill(struct hog *h, uint64_t bytes)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), before = own_status_bytes("VmPTE"), have;
	uint64_t mapped = bytes / page * TABLE_MAPS_BYTES;
	/* Not writable, so that it counts as nothing with any vm.overcommit_memory. */
	char *at =
		mmap(NULL, mapped, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	int err;

	if (at == MAP_FAILED)
		return failed(h, -errno, "mmap of 512 times their size");
	madvise(at, mapped, MADV_NOHUGEPAGE); /* else one zero page of 2 MiB and no table */
	if (!h->had_bytes)
		h->start_ns = now_ns();
	err = read_sparsely(h, at, bytes);
	h->end_ns = now_ns();
	pace_end();
	if (err) {
		munmap(at, mapped);
		return failed(h, err, "a page table");
	}
	have = own_status_bytes("VmPTE");
	have = max(have, before) - before;
	h->got_bytes = h->had_bytes + have;
	if (have >= bytes)
		return READY_YES;
	return failed(h, -ENODATA, "VmPTE has not grown by as much (pages of another size?)");
}

static enum ready_what pagetables_run(struct hog *h)
{
	return pagetables_fill(h, h->bytes);
}

const struct workload workload_pagetables = {
	.name = "pagetables",
	.help = "page tables, by reading one page in every 2 MiB of a mapping",
	.run = pagetables_run,
};
