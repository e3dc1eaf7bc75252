// SPDX-License-Identifier: MIT
/*
 * Memory of several kinds in one process, as a task of a kernel log has it: anon-rss, file-rss, shmem-rss
 * and pgtables. The parts that do not grow come first; anonymous memory is the rest of the size, so
 * that a size that is not to be had runs out in it.
 */
#include <sys/mman.h>

#include "workloads/backing.h"
#include "workloads/fill.h"

enum { PART_SHMEM, PART_FILE, PART_PAGETABLES, PARTS_NR };

static struct size_spec parts[PARTS_NR]; /* all zero: none of it */
static const char *path;

/* "12.5%" of --size, or "12MiB" */
static int set_part(const struct option_row *row, const char *text, struct fail *f)
{
	const char *percent = strchr(text, '%'), *point = strchr(text, '.');
	bool is_share = percent && !percent[1] && (!point || percent - point <= 3);
	struct size_spec part;

	if (size_parse(text, &part) == 0 &&
	    (is_share ? part.permyriad <= 10000 : part.base == SIZE_BYTES && part.bytes)) {
		*(struct size_spec *)row->to = part;
		return 0;
	}
	return fail_set(f, -EINVAL,
			"--%s '%s': a share of --size from 0.01%% to 100%%, or a size, is due, "
			"as 12.5%% or 12MiB",
			row->name, text);
}

static const struct option_row options[] = {
	/* the parts as in the enum */
	{ "shmem", "PART", "a memfd, mapped: a share of --size as 12.5%, or a size as 12MiB",
	  set_part, &parts[PART_SHMEM], NULL, 0, 0 },
	{ "file", "PART",
	  "a mapped file that stays: in a ramfs of its own (root, Linux 5.2), else locked",
	  set_part, &parts[PART_FILE], NULL, 0, 0 },
	{ "pagetables", "PART", "page tables, beside those of the rest", set_part,
	  &parts[PART_PAGETABLES], NULL, 0, 0 },
	{ "path", "PATH", "no ramfs for --file, but a directory, or a file to read; not in a tmpfs",
	  option_string, &path, NULL, 0, 0 },
	{ NULL, NULL, NULL, NULL, NULL, NULL, 0, 0 },
};

static enum ready_what open_file(struct hog *h, uint64_t bytes, struct backing *b)
{
	enum ready_what what;

	if (!path && backing_ramfs(h, bytes, b) == READY_YES)
		return READY_YES;
	h->fail = (struct fail){ 0 };
	what = backing_open(h, bytes, path, b);
	if (what != READY_YES || !b->is_tmpfs)
		return what;
	fail_set(&h->fail, -EINVAL,
		 "--file: in %.200s, a tmpfs, it would be shmem: a --path on a disk is due%s",
		 path ? path : "the default --path", path ? "" : ", or root for a ramfs");
	return READY_FILE;
}

static enum ready_what file_fill(struct hog *h, uint64_t bytes)
{
	struct region r = { .bytes = bytes, .shared = true };
	struct backing b;
	enum ready_what what = open_file(h, bytes, &b);

	if (what != READY_YES)
		return what;
	r.read_only = b.existing;
	what = region_map(h, b.fd, &r);
	if (what == READY_YES && !b.is_ram)
		what = region_lock(h, &r);
	if (what == READY_YES)
		what = region_fill_or_fail(h, &r, b.fd);
	if (what != READY_YES &&
	    r.addr) { /* a ramfs takes no MADV_REMOVE: nothing was given back */
		munmap(r.addr, r.bytes);
		close(b.fd);
	}
	return what;
}

/* Bytes of each part and of the rest, whole pages. */
static enum ready_what share_out(struct hog *h, uint64_t bytes[PARTS_NR], uint64_t *rest)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	char want[32], left[32];

	*rest = h->bytes;
	for (int i = 0; i < PARTS_NR; i++) {
		bytes[i] = (size_resolve(&parts[i], h->bytes, page) + page - 1) / page * page;
		if (parts[i].permyriad && !bytes[i])
			fail_set(&h->fail, -EINVAL, "--%s is not even one page of --size",
				 options[i].name);
		else if (bytes[i] > *rest)
			fail_set(&h->fail, -EINVAL,
				 "--%s is %s, more than the %s of --size that are left",
				 options[i].name, bytes_format(bytes[i], want, sizeof(want)),
				 bytes_format(*rest, left, sizeof(left)));
		else
			*rest -= bytes[i];
		if (h->fail.err)
			return READY_USAGE;
	}
	return READY_YES;
}

static enum ready_what mix_run(struct hog *h)
{
	static enum ready_what (*const fill[])(struct hog * h, uint64_t bytes) = {
		[PART_SHMEM] = memfd_fill,
		[PART_FILE] = file_fill,
		[PART_PAGETABLES] = pagetables_fill,
	};
	uint64_t bytes[PARTS_NR], rest;
	enum ready_what what = share_out(h, bytes, &rest);

	for (int i = 0; i < PARTS_NR && what == READY_YES; i++) {
		if (bytes[i])
			what = fill[i](h, bytes[i]);
		h->had_bytes += bytes[i];
	}
	if (what != READY_YES || !rest)
		return what;
	return region_take(h, -1, &(struct region){ .bytes = rest });
}

const struct workload workload_mix = {
	.name = "mix",
	.help = "anonymous memory and parts of other kinds in one process",
	.options = options,
	.run = mix_run,
};
