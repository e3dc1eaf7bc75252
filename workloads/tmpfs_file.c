// SPDX-License-Identifier: MIT
/*
 * A file of a tmpfs by write(2), not mapped: shmem to the memcg, in nobody's rss. Without a name it
 * goes with the process; with --leave it stays charged after a kill, as a file in /dev/shm does.
 */
#include <fcntl.h>
#include <fnmatch.h>

#include "workloads/backing.h"

static const char *path, *leave;

static const struct option_row options[] = {
	{ "path", "DIR", "in a tmpfs (default: /dev/shm, or /tmp where that is one)", option_string,
	  &path, NULL, 0, 0 },
	{ "leave", "NAME",
	  "the file's name in it ('XXXXXX' at its end: a new one): left behind, for you to remove",
	  option_string, &leave, NULL, 0, 0 },
	{ NULL, NULL, NULL, NULL, NULL, NULL, 0, 0 },
};

/* Never over one that is there. */
static int named_file(const struct hog *h)
{
	char name[4096];
	int fd;

	if (strchr(leave, '/') ||
	    (size_t)snprintf(name, sizeof(name), "%s/%s", path, leave) >= sizeof(name))
		return -EINVAL;
	fd = fnmatch("*XXXXXX", leave, 0) == 0
		     ? mkostemp(name, O_CLOEXEC)
		     : open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, (off_t)h->bytes) < 0)
		return -errno;
	return fd;
}

static enum ready_what tmpfs_file_run(struct hog *h)
{
	enum ready_what what;
	struct backing b;

	if (!path)
		path = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	what = backing_open(h, h->bytes, path, &b);
	if (what != READY_YES)
		return what;
	if (!b.is_ram || b.existing) {
		fail_set(&h->fail, -EINVAL, "%.200s: no directory in a tmpfs", path);
		return READY_FILE;
	}
	if (leave) {
		close(b.fd);
		b.fd = named_file(h);
	}
	if (b.fd >= 0)
		return backing_cache(h, &b, true);
	fail_errno(&h->fail, b.fd, "--leave %.200s in %.200s", leave, path);
	return READY_FILE;
}

const struct workload workload_tmpfs_file = {
	.name = "tmpfs-file",
	.help = "a file of a tmpfs, written by write(2), not mapped",
	.options = options,
	.run = tmpfs_file_run,
};
