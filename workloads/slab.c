// SPDX-License-Identifier: MIT
/*
 * Kernel memory that is charged to the memcg and is in nobody's rss: data that waits in pipes or in
 * sockets that nobody reads. A kill frees it, but badness does not see who has it.
 */
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "workloads/options.h"
#include "workloads/pace.h"

#define PIPE_BYTES MiB(1) /* what anyone may ask for (fs.pipe-max-size) */
#define STEP_BYTES KiB(64)

enum { WHAT_PIPES, WHAT_SOCKETS };
static const char *const whats[] = { "pipes", "sockets", NULL };
static int what_kind = WHAT_PIPES;
static char data[STEP_BYTES]; /* zeros */

static const struct option_row options[] = {
	{ "what", "pipes|sockets", "where the data waits (default: pipes)", option_choice,
	  &what_kind, whats, 0, 0 },
	{ NULL, NULL, NULL, NULL, NULL, NULL, 0, 0 },
};

/* Returns the end to write to; both stay open until we are gone. */
static int new_channel(void)
{
	int fds[2];

	if (what_kind == WHAT_SOCKETS)
		return socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) < 0
			       ? -errno
			       : fds[1];
	if (pipe2(fds, O_NONBLOCK | O_CLOEXEC) < 0)
		return -errno;
	fcntl(fds[1], F_SETPIPE_SZ, (int)PIPE_BYTES); /* refused: it is a smaller one */
	return fds[1];
}

/* Until it takes no more. The bytes that went in, or -errno. */
static int64_t fill_channel(struct hog *h, int fd)
{
	uint64_t before = h->got_bytes;

	while (h->got_bytes < h->bytes) {
		ssize_t n = write(fd, data, min(STEP_BYTES, h->bytes - h->got_bytes));

		if (n < 0 && errno == EAGAIN)
			break;
		if (n < 0 && errno != EINTR)
			return -errno;
		h->got_bytes += (uint64_t)max(n, (ssize_t)0);
		pace(h, h->got_bytes);
	}
	return (int64_t)(h->got_bytes - before);
}

static int64_t fill_channels(struct hog *h)
{
	int64_t n = 1;

	while (h->got_bytes < h->bytes && n > 0) {
		int fd = new_channel();

		n = fd < 0 ? fd : fill_channel(h, fd);
	}
	return n;
}

static void all_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static enum ready_what slab_run(struct hog *h)
{
	int64_t n;

	all_files();
	h->start_ns = now_ns();
	n = fill_channels(h);
	h->end_ns = now_ns();
	pace_end();
	if (n > 0)
		return READY_YES;
	fail_errno(&h->fail, n ? (int)n : -ENOBUFS, "%s", whats[what_kind]);
	/* EMFILE and the like are limits, not memory. */
	return n == -ENOMEM || n == -ENOBUFS ? READY_ENOMEM : READY_FILE;
}

const struct workload workload_slab = {
	.name = "slab",
	.help = "kernel memory in nobody's rss: data in unread pipes or sockets",
	.options = options,
	.run = slab_run,
};
