// SPDX-License-Identifier: MIT
/*
 * Feeds a log to the parser in blocks. Where no report is open, oom_scan() finds the next line
 * worth parsing, and only it and its neighbours (it may be wrapped) are fed.
 */
#include "harness/explain.h"

#define BLOCK_BYTES (512 * 1024)

struct reader {
	struct oom_parser *p;
	char *buf;
	size_t len;	   /* bytes in buf */
	uint64_t line;	   /* number of the line at buf[0], from 1 */
	bool utf16;	   /* as PowerShell writes: every other byte is 0 */
	bool skip_line;	   /* in the rest of a line that was longer than the block */
	unsigned int must; /* lines to be fed whatever the parser wants */
};

static int feed(struct reader *r, size_t from, size_t to)
{
	int err = r->skip_line ? 0 : oom_parser_line(r->p, r->buf + from, to - from, r->line);

	r->skip_line = false;
	return err;
}

static size_t line_start(const struct reader *r, size_t from, size_t at)
{
	const char *nl = at > from ? memrchr(r->buf + from, '\n', at - from) : NULL;

	return nl ? (size_t)(nl - r->buf) + 1 : from;
}

/*
 * Skips from `at` to the line before the next candidate, or to the last whole line of the block,
 * which is kept since it may be the first half of a wrapped one. Returns where it stands.
 */
static size_t skip(struct reader *r, size_t at, size_t end, bool last)
{
	size_t hit = at + oom_scan(r->buf + at, end - at), to;

	if (hit >= end) {
		to = last ? end : line_start(r, at, end - 1);
	} else {
		to = line_start(r, at, hit);
		to = to > at ? line_start(r, at, to - 1) : to;
		r->must = 3;
	}
	r->line += oom_count_lines(r->buf + at, to - at);
	return to;
}

/* Whole lines of the block; `last`: what follows the last newline is a line too. */
static int block(struct reader *r, bool last)
{
	const char *nl = memrchr(r->buf, '\n', r->len);
	size_t end = nl ? (size_t)(nl - r->buf) + 1 : 0, at = 0;
	int err = 0;

	while (at < end && !err) {
		const char *eol;

		if (!r->must && !r->skip_line && !oom_parser_wants_all(r->p)) {
			size_t to = skip(r, at, end, last);

			if (!r->must && (to == at || to == end || !last)) {
				at = to;
				break;
			}
			at = to;
			if (at >= end)
				break;
		}
		r->must -= r->must > 0;
		eol = memchr(r->buf + at, '\n', end - at);
		err = feed(r, at, (size_t)(eol - r->buf));
		at = (size_t)(eol - r->buf) + 1;
		r->line++;
	}
	if (last && at == end && end < r->len && !err) {
		err = feed(r, end, r->len);
		at = r->len;
	}
	r->len -= at;
	memmove(r->buf, r->buf + at, r->len);
	if (r->len == BLOCK_BYTES && !err) { /* one line fills it: its head is enough */
		err = feed(r, 0, r->len);
		r->skip_line = true;
		r->len = 0;
	}
	return err;
}

/* What compressors write first: their names, which are their commands' too. */
static const char *compressed(const char *s, size_t len)
{
	static const struct {
		const char *magic, *cat;
	} kinds[] = { { "\x1f\x8b", "zcat" },
		      { "\xfd"
			"7zXZ",
			"xzcat" },
		      { "\x28\xb5\x2f\xfd", "zstdcat" },
		      { "BZh", "bzcat" } };

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (len >= strlen(kinds[i].magic) &&
		    !memcmp(s, kinds[i].magic, strlen(kinds[i].magic)))
			return kinds[i].cat;
	return NULL;
}

/* The bytes just read, at buf + r->len: drops UTF-16's zeros. Returns how many are left. */
static size_t drop_zeros(struct reader *r, size_t n)
{
	char *s = r->buf + r->len;
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (s[i] && (unsigned char)s[i] < 0xfe)
			s[kept++] = s[i];
	return kept;
}

/* The first bytes tell what the file is. 0, or -EINVAL with f. */
static int sniff(struct reader *r, size_t n, struct fail *f)
{
	const char *cat = compressed(r->buf, n);

	if (cat)
		return fail_set(f, -EINVAL, "is compressed: %s FILE | oomlab explain -", cat);
	r->utf16 = n >= 2 && (!memcmp(r->buf, "\xff\xfe", 2) || !memcmp(r->buf, "\xfe\xff", 2));
	return 0;
}

int explain_read(int fd, struct oom_parser *p, struct fail *f)
{
	char *buf __free = malloc(BLOCK_BYTES);
	struct reader r = { .p = p, .buf = buf, .line = 1 };

	if (!buf)
		return fail_set(f, -ENOMEM, "no memory");
	for (bool begun = false;; begun = true) {
		ssize_t n = read(fd, buf + r.len, BLOCK_BYTES - r.len);
		int err = 0;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail_errno(f, -errno, "read");
		if (!begun)
			err = sniff(&r, (size_t)n, f);
		if (err)
			return err;
		r.len += r.utf16 ? drop_zeros(&r, (size_t)n) : (size_t)n;
		err = block(&r, n == 0);
		if (err)
			return fail_errno(f, err, "parse");
		if (n == 0)
			break;
	}
	return oom_parser_finish(p) < 0 ? fail_set(f, -ENOMEM, "no memory") : 0;
}
