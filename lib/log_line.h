/* SPDX-License-Identifier: MIT */
/*
 * What stands around a kernel message in a log: timestamps, host and tag, priorities, callers,
 * quoting, JSON. A log_line is the message without it. Knows transports, nothing of OOMs.
 */
#ifndef OOM_LIB_LOG_LINE_H
#define OOM_LIB_LOG_LINE_H

#include "lib/base.h"

#define LOG_LINE_MAX 8192 /* a longer line is cut: a record of printk has at most 1 KiB */

struct log_line {
	const char *text; /* the message; NUL-terminated within the buffer that holds it */
	size_t len;
	bool prefixed;	  /* a transport put something before it: a record begins here */
	bool kernel;	  /* what it put says that the kernel speaks */
	uint64_t caller;  /* of [T123] and [C1], 0 if there is none */
	int64_t stamp_us; /* of [  12.345678], INT64_MIN if there is none */
};

/*
 * Steps over every prefix at the head of NUL-terminated `text`; what is left may be "". Several
 * transports may be stacked ("> Mar  2 17:35:10 host kernel: [  12.345678][  T7] text").
 */
struct log_line log_strip(const char *text);

/*
 * Makes printable NUL-terminated text of a raw line: unpacks JSON messages, escapes (#012, \x0a),
 * drops ANSI colours, CR and a BOM. Newlines in the result divide the records' own lines. `out`
 * holds LOG_LINE_MAX bytes; returns the length.
 */
size_t log_decode(const char *line, size_t len, char *out);

/* A kernel stamp, "[  123.456789]", at s: its length, 0 if none; *us if not NULL (log_time.c). */
size_t log_stamp(const char *s, int64_t *us);

static inline size_t log_blanks(const char *s)
{
	size_t n = 0;

	while (s[n] == ' ' || s[n] == '\t')
		n++;
	return n;
}

/* Steps over a date and time at s: its length, 0 if there is none (lib/log_time.c). */
size_t log_time(const char *s);

/*
 * Undoes quoted-printable; -1 if the line is in none, else the length in out (LOG_LINE_MAX bytes).
 * `sure`: the log has had such lines; *soft: the line goes on in the next one.
 */
ssize_t log_unquote(const char *line, size_t len, bool sure, char *out, bool *soft);

/* The message in a JSON object, unescaped into out (cap bytes); its length or -1 (log_json.c). */
ssize_t log_json_message(const char *line, size_t len, char *out, size_t cap);

#endif
