/* SPDX-License-Identifier: MIT */
/*
 * Lines between host and guest over a serial port: "<crc32, 8 hex digits> <text>\n". The text is one
 * JSON object; a line whose sum is wrong is reported, never used. Writing allocates nothing.
 */
#ifndef OOM_HARNESS_CHANNEL_H
#define OOM_HARNESS_CHANNEL_H

#include "lib/base.h"

#define CHANNEL_LINE_MAX 65536

struct channel {
	int fd;		     /* blocking or not; waits are by poll(2) */
	size_t have;	     /* bytes buffered */
	size_t scanned;	     /* of them, known to hold no newline */
	bool skipping;	     /* inside an over-long line */
	uint64_t nr_damaged; /* lines thrown away: bad sum, too long, no sum */
	char buf[CHANNEL_LINE_MAX];
	char line[CHANNEL_LINE_MAX];
};

void channel_init(struct channel *c, int fd);
/* Writes one line whole; 0, -EMSGSIZE, or -errno. */
int channel_send(struct channel *c, const char *text, size_t len);
/*
 * Waits for a line up to deadline_ms (-1: for ever, 0: only what is there). Returns its length and
 * *ret (NUL-terminated, valid until the next call), -ETIMEDOUT, -EPIPE when the other end is gone,
 * -EINTR at a signal that has a handler.
 */
ssize_t channel_recv(struct channel *c, int deadline_ms, char **ret);

#endif
