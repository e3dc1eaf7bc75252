// SPDX-License-Identifier: MIT
/*
 * A file of a tmpfs by write(2), not mapped: shmem to the memcg, in nobody's rss. Without a name it
 * goes with the process; with --leave it stays charged after a kill, as a file in /dev/shm does.
 */
#include <fcntl.h>

#include "workloads/backing.h"

static const char *path = "/dev/shm", *leave;

static const struct option_row options[] = {
	{ "path", "DIR", "in a tmpfs (default: /dev/shm)", option_string, &path, NULL, 0, 0 },
	{ "leave", "NAME", "the file's name in it: it is left behind, for you to remove",
	  option_string, &leave, NULL, 0, 0 },
	{ NULL, NULL, NULL, NULL, NULL, NULL, 0, 0 },
};

/* The nameless file gets its name by link(2) through /proc. Never over one that is there. */
static int give_name(int fd)
{
	char from[64], to[4096];

	snprintf(from, sizeof(from), "/proc/self/fd/%d", fd);
	if (strchr(leave, '/') ||
	    (size_t)snprintf(to, sizeof(to), "%s/%s", path, leave) >= sizeof(to))
		return -EINVAL;
	return linkat(AT_FDCWD, from, AT_FDCWD, to, AT_SYMLINK_FOLLOW) < 0 ? -errno : 0;
}

static enum ready_what tmpfs_file_run(struct hog *h)
{
	struct backing b;
	enum ready_what what = backing_open(h, path, &b);
	int err;

	if (what != READY_YES)
		return what;
	if (!b.is_ram || b.existing) {
		fail_set(&h->fail, -EINVAL, "%.200s: no directory in a tmpfs", path);
		return READY_FILE;
	}
	err = leave ? give_name(b.fd) : 0;
	if (!err)
		return backing_cache(h, &b, true);
	fail_errno(&h->fail, err, "--leave %.200s in %.200s", leave, path);
	return READY_FILE;
}

const struct workload workload_tmpfs_file = {
	.name = "tmpfs-file",
	.help = "a file of a tmpfs, written by write(2), not mapped",
	.options = options,
	.run = tmpfs_file_run,
};
