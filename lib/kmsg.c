// SPDX-License-Identifier: MIT
#include "lib/kmsg.h"
#include "lib/proc.h"

#include <ctype.h>
#include <fcntl.h>
#include <poll.h>

#define MARK_DEADLINE_MS 5000

static int hex_digit(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* printk escapes what is not printable, and the backslash, as \xNN (printk.c append_char()). */
static size_t unescape(const char *s, size_t n, char *dst, size_t cap)
{
	size_t at = 0;

	for (size_t i = 0; i < n && at + 1 < cap; i++) {
		if (s[i] == '\\' && i + 3 < n && s[i + 1] == 'x' && hex_digit(s[i + 2]) >= 0 &&
		    hex_digit(s[i + 3]) >= 0) {
			dst[at++] = (char)(hex_digit(s[i + 2]) << 4 | hex_digit(s[i + 3]));
			i += 3;
		} else {
			dst[at++] = s[i];
		}
	}
	dst[at] = '\0';
	return at;
}

/*
 * 4,813,91234567,-,caller=T71;hog invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, ...
 * (6.1) prio,seq,usec,flags[,more];text, then lines " KEY=value". prio is facility << 3 | level.
 */
int kmsg_parse(const char *raw, size_t len, struct kmsg_record *ret)
{
	unsigned long long prio, seq, usec;
	const char *text = memchr(raw, ';', len);
	const char *end;
	char head[160];

	if (!text || (size_t)(text - raw) >= sizeof(head))
		return -EBADMSG;
	memcpy(head, raw, text - raw);
	head[text - raw] = '\0';
	if (sscanf(head, "%llu,%llu,%llu", &prio, &seq, &usec) != 3)
		return -EBADMSG;
	text++;
	end = memchr(text, '\n', len - (text - raw));
	if (!end)
		end = raw + len;
	ret->level = prio & 7;
	ret->facility = (unsigned int)(prio >> 3);
	ret->seq = seq;
	ret->usec = usec;
	ret->text_len = unescape(text, end - text, ret->text, sizeof(ret->text));
	return 0;
}

int kmsg_open(int root, struct kmsg *ret)
{
	int fd = openat(root, "dev/kmsg", O_RDWR | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (lseek(fd, 0, SEEK_END) < 0) {
		close(fd);
		return -errno;
	}
	*ret = (struct kmsg){ .fd = fd };
	return 0;
}

void kmsg_close(struct kmsg *k)
{
	cleanup_close(&k->fd);
	k->fd = -1;
}

int kmsg_next(struct kmsg *k, struct kmsg_record *ret)
{
	char raw[KMSG_TEXT_MAX];

	for (;;) {
		ssize_t n = read(k->fd, raw, sizeof(raw));
		int err;

		if (n < 0 && errno == EAGAIN)
			return 0;
		/* EPIPE: the next one was overwritten; the kernel has moved us to the oldest there
		 * is. */
		if (n < 0 && (errno == EPIPE || errno == EINTR))
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		err = kmsg_parse(raw, n, ret);
		if (err)
			return err;
		if (k->next_seq && ret->seq > k->next_seq)
			k->nr_lost += ret->seq - k->next_seq;
		k->next_seq = ret->seq + 1;
		return 1;
	}
}

int kmsg_mark(struct kmsg *k, const char *text, struct kmsg_record *scratch,
	      void (*each)(void *ctx, const struct kmsg_record *r), void *ctx, uint64_t *seq)
{
	struct pollfd p = { .fd = k->fd, .events = POLLIN };
	uint64_t deadline_us = proc_now_us() + MARK_DEADLINE_MS * 1000;
	char line[256];
	size_t len;
	int n;

	/* Without its newline a record stays open for a continuation, and no reader sees it. */
	snprintf(line, sizeof(line), "%s\n", text);
	len = strlen(line);
	if (write(k->fd, line, len) < 0)
		return -errno;
	len--;
	for (;;) {
		/* In a log storm our line can be overwritten before we come to it. */
		if (proc_now_us() >= deadline_us)
			return -ETIME;
		n = kmsg_next(k, scratch);
		if (n < 0)
			return n;
		if (n == 0) {
			poll(&p, 1, MARK_DEADLINE_MS);
			continue;
		}
		if (scratch->facility != 0 && scratch->text_len == len &&
		    memcmp(scratch->text, line, len) == 0)
			break;
		if (each)
			each(ctx, scratch);
	}
	*seq = scratch->seq;
	return 0;
}

int64_t kmsg_killed_pid(const struct kmsg_record *r)
{
	static const char key[] = "Killed process ";
	const char *p = r->facility == 0 ? strstr(r->text, key) : NULL;

	return p ? strtol(p + sizeof(key) - 1, NULL, 10) : 0;
}
