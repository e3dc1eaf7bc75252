// SPDX-License-Identifier: MIT
/*
 * See channel.h. One end is a socket (host), the other a tty (guest): both are only ever written
 * and read, and waited for with poll(2).
 */
#include "harness/channel.h"
#include "harness/child.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <zlib.h>

#define SUM_LEN	      9	    /* "1c291ca3 " */
#define SEND_LIMIT_MS 30000 /* a nonblocking peer that takes nothing for so long is gone */

void channel_init(struct channel *c, int fd)
{
	c->fd = fd;
	c->have = c->scanned = 0;
	c->skipping = false;
	c->nr_damaged = 0;
}

static int wait_writable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	int n = poll(&p, 1, SEND_LIMIT_MS);

	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	return n ? 0 : -ETIMEDOUT;
}

/* sendmsg(2) where it can be, for MSG_NOSIGNAL: a guest that is gone must not kill us by SIGPIPE.
 */
static ssize_t write_some(int fd, struct iovec *iov, int n)
{
	struct msghdr m = { .msg_iov = iov, .msg_iovlen = n };
	ssize_t did = sendmsg(fd, &m, MSG_NOSIGNAL);

	return did < 0 && errno == ENOTSOCK ? writev(fd, iov, n) : did;
}

int channel_send(struct channel *c, const char *text, size_t len)
{
	char sum[SUM_LEN + 1];
	struct iovec v[] = { { sum, SUM_LEN }, { (void *)text, len }, { (void *)"\n", 1 } };
	size_t first = 0;

	if (SUM_LEN + len + 1 > CHANNEL_LINE_MAX)
		return -EMSGSIZE;
	if (memchr(text, '\n', len))
		return -EINVAL;
	snprintf(sum, sizeof(sum), "%08lx ", crc32(0, (const Bytef *)text, len));
	while (first < ARRAY_SIZE(v)) {
		ssize_t n = write_some(c->fd, v + first, ARRAY_SIZE(v) - first);
		int err;

		if (n < 0 && errno == EAGAIN) {
			err = wait_writable(c->fd);
			if (err)
				return err;
		} else if (n < 0 && errno != EINTR) {
			return -errno;
		}
		for (; n > 0 && first < ARRAY_SIZE(v); first += !v[first].iov_len) {
			size_t k = min((size_t)n, v[first].iov_len);

			v[first].iov_base = (char *)v[first].iov_base + k;
			v[first].iov_len -= k;
			n -= k;
		}
		while (first < ARRAY_SIZE(v) && !v[first].iov_len)
			first++;
	}
	return 0;
}

/* "1c291ca3 {"do":"off"}": true if the sum is that of the text behind it. */
static bool sum_holds(const char *line, size_t len)
{
	char sum[SUM_LEN + 1];

	if (len < SUM_LEN)
		return false;
	snprintf(sum, sizeof(sum), "%08lx ",
		 crc32(0, (const Bytef *)line + SUM_LEN, len - SUM_LEN));
	return memcmp(sum, line, SUM_LEN) == 0;
}

/* Takes one whole line out of buf; its length in c->line, -EAGAIN if there is none (yet). */
static ssize_t take_line(struct channel *c)
{
	for (;;) {
		char *end = memchr(c->buf + c->scanned, '\n', c->have - c->scanned);
		bool tail = c->skipping; /* of an over-long line, counted already */
		size_t len;
		bool good;

		c->scanned = end ? 0 : c->have;
		if (!end)
			return -EAGAIN;
		len = end - c->buf;
		good = !tail && sum_holds(c->buf, len);
		if (good) {
			memcpy(c->line, c->buf + SUM_LEN, len - SUM_LEN);
			c->line[len - SUM_LEN] = '\0';
		}
		c->have -= len + 1;
		memmove(c->buf, end + 1, c->have);
		c->skipping = false;
		if (good)
			return len - SUM_LEN;
		c->nr_damaged += !tail;
	}
}

/* Reads what is there. 0 (perhaps nothing), -EPIPE at the end, or -errno. */
static int read_some(struct channel *c)
{
	ssize_t n;

	if (c->have == sizeof(c->buf)) { /* full without a newline: no line of ours */
		c->nr_damaged += !c->skipping;
		c->skipping = true;
		c->have = c->scanned = 0;
	}
	n = read(c->fd, c->buf + c->have, sizeof(c->buf) - c->have);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR     ? 0
		       : errno == ECONNRESET || errno == EIO ? -EPIPE
							     : -errno;
	c->have += n;
	if (n)
		return 0;
	c->nr_damaged += c->have && !c->skipping; /* the end came inside a line */
	c->have = c->scanned = 0;
	return -EPIPE;
}

ssize_t channel_recv(struct channel *c, int deadline_ms, char **ret)
{
	int64_t until = now_ms() + deadline_ms;

	for (;;) {
		ssize_t len = take_line(c);
		struct pollfd p = { .fd = c->fd, .events = POLLIN };
		int n, err;

		if (len >= 0) {
			*ret = c->line;
			return len;
		}
		n = poll(&p, 1, deadline_ms < 0 ? -1 : (int)max(until - now_ms(), (int64_t)0));
		if (n < 0)
			return -errno;
		if (n == 0)
			return -ETIMEDOUT;
		err = read_some(c);
		if (err)
			return err;
	}
}
