// SPDX-License-Identifier: MIT
/*
 * Page cache by read(2) or write(2): charged to the cgroup, but mapped by nobody, so that the OOM
 * killer does not see it in anyone's rss. Clean cache can be reclaimed at any time: "ready" tells
 * what was resident at that moment.
 */
#include <sys/mman.h>

#include "workloads/backing.h"
#include "workloads/fill.h"
#include "workloads/pace.h"

#define BUFFER_BYTES KiB(256)

enum { MODE_READ, MODE_DIRTY };
static const char *const modes[] = { "read", "dirty", NULL };
static int mode = MODE_READ;
static const char *path;
static bool overwrite;

static const struct option_row options[] = {
	{ "mode", "read|dirty", "clean cache by reading (default), or dirty by writing",
	  option_choice, &mode, modes, 0, 0 },
	{ "path", "PATH", BACKING_PATH_HELP, option_string, &path, NULL, 0, 0 },
	{ "overwrite", NULL,
	  "with --mode dirty: --path is a block device that nobody uses; it is written over",
	  option_flag, &overwrite, NULL, 0, 0 },
	{ NULL, NULL, NULL, NULL, NULL, NULL, 0, 0 },
};

static ssize_t move(int fd, bool writes, char *buf, uint64_t at, uint64_t bytes)
{
	ssize_t n;

	do
		n = writes ? pwrite(fd, buf, bytes, (off_t)at) : pread(fd, buf, bytes, (off_t)at);
	while (n < 0 && errno == EINTR);
	if (n == 0)
		return -EIO;
	return n < 0 ? -errno : n;
}

static int move_all(struct hog *h, int fd, bool writes, char *buf)
{
	uint64_t step = min(pace_step(h), BUFFER_BYTES);

	while (h->got_bytes < h->bytes) {
		ssize_t n = move(fd, writes, buf, h->got_bytes, min(step, h->bytes - h->got_bytes));

		if (n < 0)
			return (int)n;
		h->got_bytes += (uint64_t)n;
		pace(h, h->got_bytes);
	}
	return 0;
}

static void count_resident(struct hog *h, int fd)
{
	char *map = mmap(NULL, h->bytes, PROT_READ, MAP_SHARED, fd, 0);

	if (map == MAP_FAILED)
		return;
	h->got_bytes = resident_bytes(map, h->bytes);
	munmap(map, h->bytes);
}

enum ready_what backing_cache(struct hog *h, const struct backing *b, bool writes)
{
	char *buf = mmap(NULL, BUFFER_BYTES, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	int err;

	if (buf == MAP_FAILED) {
		fail_errno(&h->fail, -errno, "mmap of a buffer");
		return READY_ENOMEM;
	}
	h->start_ns = now_ns();
	err = move_all(h, b->fd, writes, buf);
	h->end_ns = now_ns();
	pace_end();
	munmap(buf, BUFFER_BYTES); /* also so that a pipe's page can be charged for our word */
	if (!err) {
		count_resident(h, b->fd);
		return READY_YES;
	}
	fail_errno(&h->fail, err, "%s", writes ? "write" : "read");
	return err == -ENOMEM ? READY_ENOMEM : READY_FILE;
}

static enum ready_what file_run(struct hog *h)
{
	bool over = overwrite && path && mode == MODE_DIRTY;
	struct backing b;
	enum ready_what what;

	if (overwrite && !over) {
		fail_set(&h->fail, -EINVAL, "--overwrite: --mode dirty and a --path are due");
		return READY_FILE;
	}
	what = over ? backing_overwrite(h, path, &b) : backing_open(h, h->bytes, path, &b);
	if (what != READY_YES)
		return what;
	if (mode == MODE_DIRTY && b.existing && !over)
		fail_set(&h->fail, -EINVAL, "--mode dirty: --path must be a directory");
	else if (mode == MODE_READ && b.is_ram && !b.existing)
		fail_set(&h->fail, -EINVAL,
			 "--mode read: %.200s is tmpfs or ramfs, where reading a new file caches "
			 "nothing; --mode dirty, or a --path on a disk",
			 path ? path : "the default --path");
	else
		return backing_cache(h, &b, mode == MODE_DIRTY);
	return READY_FILE;
}

const struct workload workload_file = {
	.name = "file",
	.help = "page cache of a file, by read(2) or write(2), not mapped",
	.options = options,
	.run = file_run,
};
