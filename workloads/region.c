// SPDX-License-Identifier: MIT
/* Mappings to be filled, and what a failed fill means in words. */
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/statvfs.h>

#include "workloads/fill.h"

#define HUGE_BYTES MiB(2)

enum ready_what region_advise(struct hog *h, const struct region *r)
{
	if (!h->opt.thp) {
		/* EINVAL is a kernel without huge pages: just what we ask for. */
		madvise(r->addr, r->bytes, MADV_NOHUGEPAGE);
		return READY_YES;
	}
	if (madvise(r->addr, r->bytes, MADV_HUGEPAGE) == 0)
		return READY_YES;
	fail_errno(&h->fail, -errno, "--thp: madvise(MADV_HUGEPAGE)");
	return READY_THP;
}

/*
 * An address on a huge page's border: huge pages fit, and the steps of two threads share no page
 * table. Reserved without access first, so that what lies around it is never charged.
 */
static char *aligned_map(uint64_t bytes, int prot, int flags, int fd)
{
	uint64_t room = bytes + HUGE_BYTES;
	char *hole =
		mmap(NULL, room, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	char *at, *end;

	if (hole == MAP_FAILED)
		return MAP_FAILED;
	at = (char *)(((uintptr_t)hole + HUGE_BYTES - 1) / HUGE_BYTES * HUGE_BYTES);
	if (mmap(at, bytes, prot, flags | MAP_FIXED, fd, 0) == MAP_FAILED) {
		int err = errno;

		munmap(hole, room);
		errno = err;
		return MAP_FAILED;
	}
	end = at + bytes;
	if (at > hole)
		munmap(hole, (size_t)(at - hole));
	if (hole + room > end)
		munmap(end, (size_t)(hole + room - end));
	return at;
}

enum ready_what region_map(struct hog *h, int fd, struct region *r)
{
	int prot = r->read_only ? PROT_READ : PROT_READ | PROT_WRITE;
	int flags = (r->shared ? MAP_SHARED : MAP_PRIVATE) | (fd < 0 ? MAP_ANONYMOUS : 0);
	char *at = aligned_map(r->bytes, prot, flags, fd);

	if (at == MAP_FAILED) {
		enum ready_what what = errno == ENOMEM || fd < 0 ? READY_ENOMEM : READY_FILE;

		fail_set(&h->fail, -errno, "mmap: %s", strerror(errno));
		return what;
	}
	r->addr = at;
	return region_advise(h, r);
}

enum ready_what region_lock(struct hog *h, const struct region *r)
{
	struct rlimit limit = { 0 };
	char text[32];
	int err;

	if (mlock2(r->addr, r->bytes, MLOCK_ONFAULT) == 0)
		return READY_YES;
	err = -errno;
	getrlimit(RLIMIT_MEMLOCK, &limit);
	fail_set(&h->fail, err, "mlock: %s (RLIMIT_MEMLOCK is %s)", strerror(-err),
		 limit.rlim_cur == RLIM_INFINITY
			 ? "unlimited"
			 : bytes_format(limit.rlim_cur, text, sizeof(text)));
	return READY_ENOMEM;
}

/* A full file system shows itself as a bad address too. */
static bool no_room(int fd)
{
	struct statvfs fs;

	return fd >= 0 && fstatvfs(fd, &fs) == 0 && fs.f_blocks && !fs.f_bavail;
}

enum ready_what region_fill_or_fail(struct hog *h, const struct region *r, int fd)
{
	int err = region_fill(h, r);

	if (!err)
		return READY_YES;
	if (err == -EFAULT && no_room(fd)) {
		fail_set(&h->fail, -ENOSPC, "no room left in the file's file system");
		return READY_FILE;
	}
	if (err == -EFAULT || err == -EAGAIN) /* a fault in the kernel, mlock: both mean ENOMEM */
		err = -ENOMEM;
	fail_set(&h->fail, err, "%s", strerror(-err));
	return READY_ENOMEM;
}

enum ready_what region_take(struct hog *h, int fd, struct region *r)
{
	enum ready_what what = region_map(h, fd, r);

	return what == READY_YES ? region_fill_or_fail(h, r, fd) : what;
}

enum ready_what region_anon(struct hog *h)
{
	return region_take(h, -1, &(struct region){ .bytes = h->bytes });
}
