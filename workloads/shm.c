// SPDX-License-Identifier: MIT
/*
 * Shared memory, mapped: memfd, a file in a tmpfs, or SysV. All three are shmem to the kernel: it
 * stays until the last user is gone, the OOM reaper does not free it, and without swap nothing
 * reclaims it. Nothing of it outlives this process: no names are left.
 */
#include <sys/mman.h>
#include <sys/shm.h>

#include "workloads/backing.h"
#include "workloads/fill.h"

enum { TYPE_MEMFD, TYPE_TMPFS, TYPE_SYSV };
static const char *const types[] = { "memfd", "tmpfs", "sysv", NULL };
static int type = TYPE_MEMFD;
static const char *path = "/dev/shm";

static const struct option_row options[] = {
	{ "type", "memfd|tmpfs|sysv", "which kind of it (default: memfd)", option_choice, &type,
	  types, 0, 0 },
	{ "path", "DIR", "a tmpfs, for --type tmpfs (default: /dev/shm)", option_string, &path,
	  NULL, 0, 0 },
	{ NULL, NULL, NULL, NULL, NULL, NULL, 0, 0 },
};

/* ENOMEM is memory that could not be had; all else is a limit or a kernel without it. */
static enum ready_what failed(struct hog *h, const char *what)
{
	int err = -errno;

	fail_errno(&h->fail, err, "%s", what);
	return err == -ENOMEM ? READY_ENOMEM : READY_FILE;
}

static enum ready_what fill_fd(struct hog *h, uint64_t bytes, int fd)
{
	return region_take(h, fd, &(struct region){ .bytes = bytes, .shared = true });
}

enum ready_what memfd_fill(struct hog *h, uint64_t bytes)
{
	int fd = memfd_create("oomhog", MFD_CLOEXEC);

	if (fd < 0)
		return failed(h, "memfd_create");
	if (ftruncate(fd, (off_t)bytes) < 0)
		return failed(h, "ftruncate");
	return fill_fd(h, bytes, fd);
}

static enum ready_what tmpfs_fill(struct hog *h)
{
	struct backing b;
	enum ready_what what = backing_open(h, h->bytes, path, &b);

	if (what != READY_YES)
		return what;
	if (b.is_ram && !b.existing)
		return fill_fd(h, h->bytes, b.fd);
	fail_set(&h->fail, -EINVAL, "%.200s: no directory in a tmpfs", path);
	return READY_FILE;
}

static enum ready_what sysv_fill(struct hog *h)
{
	struct region r = { .bytes = h->bytes, .shared = true };
	int id = shmget(IPC_PRIVATE, h->bytes, IPC_CREAT | 0600);
	enum ready_what what;

	if (id < 0)
		return failed(h, "shmget");
	r.addr = shmat(id, NULL, 0);
	what = r.addr == (char *)-1 ? failed(h, "shmat") : READY_YES;
	shmctl(id, IPC_RMID, NULL); /* goes when we do */
	if (what == READY_YES)
		what = region_advise(h, &r);
	return what == READY_YES ? region_fill_or_fail(h, &r, -1) : what;
}

static enum ready_what shm_run(struct hog *h)
{
	switch (type) {
	case TYPE_TMPFS:
		return tmpfs_fill(h);
	case TYPE_SYSV:
		return sysv_fill(h);
	default:
		return memfd_fill(h, h->bytes);
	}
}

const struct workload workload_shm = {
	.name = "shm",
	.help = "shared memory: memfd, tmpfs or SysV, mapped and written",
	.options = options,
	.run = shm_run,
};
