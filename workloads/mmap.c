// SPDX-License-Identifier: MIT
/*
 * A file, mapped. Shared pages are the page cache itself (rss: file). Private pages that are
 * written become copies (rss: anon) beside the cache they were copied from.
 */
#include "workloads/backing.h"
#include "workloads/fill.h"

enum { MODE_WRITE, MODE_READ };
static const char *const modes[] = { "write", "read", NULL };
static int mode = MODE_WRITE;
static bool shared, private;
static const char *path;

static const struct option_row options[] = {
	{ "shared", NULL, "MAP_SHARED (default): the page cache itself", option_flag, &shared, NULL,
	  0, 0 },
	{ "private", NULL, "MAP_PRIVATE: written pages are copied", option_flag, &private, NULL, 0,
	  0 },
	{ "mode", "write|read", "write every page (default), or only read them", option_choice,
	  &mode, modes, 0, 0 },
	{ "path", "PATH", BACKING_PATH_HELP, option_string, &path, NULL, 0, 0 },
	{ NULL, NULL, NULL, NULL, NULL, NULL, 0, 0 },
};

static enum ready_what mmap_run(struct hog *h)
{
	enum ready_what what;
	struct backing b;

	if (shared && private) {
		fail_set(&h->fail, -EINVAL, "--shared and --private exclude each other");
		return READY_USAGE;
	}
	what = backing_open(h, h->bytes, path, &b);
	if (what != READY_YES)
		return what;
	if (b.existing && !private && mode == MODE_WRITE) {
		fail_set(&h->fail, -EINVAL,
			 "%.200s would be overwritten: --private, --mode read, or a directory",
			 path);
		return READY_FILE;
	}
	return region_take(h, b.fd,
			   &(struct region){ .bytes = h->bytes,
					     .shared = !private,
					     .read_only = mode == MODE_READ });
}

const struct workload workload_mmap = {
	.name = "mmap",
	.help = "a file mapped shared or private, every page written or read",
	.options = options,
	.run = mmap_run,
};
