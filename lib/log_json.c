// SPDX-License-Identifier: MIT
/*
 * The message of a line that is a JSON object (or a member of one): docker's {"log":...}, journalctl's {"MESSAGE":...},
 * {"message":...}, {"msg":...}, Google's {"textPayload":...}. One string is picked out and unescaped, bounded; no tree is built,
 * since the object may be cut anywhere.
 */
#include "lib/log_line.h"

static const char *const keys[] = { "\"MESSAGE\"", "\"message\"",     "\"log\"",
				    "\"msg\"",	   "\"textPayload\"", "\"line\"",
				    "\"body\"",	   "\"text\"",	      "\"content\"" };

static int hex4(const char *s, size_t left)
{
	int v = 0;

	if (left < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		char c = s[i] | 0x20;

		if (c >= '0' && c <= '9')
			v = v * 16 + c - '0';
		else if (c >= 'a' && c <= 'f')
			v = v * 16 + c - 'a' + 10;
		else
			return -1;
	}
	return v;
}

/* Appends code point c (of the first plane) as UTF-8. */
static size_t put_utf8(char *out, size_t n, size_t cap, int c)
{
	if (c < 0x80 && n + 1 < cap) {
		out[n++] = (char)c;
	} else if (c < 0x800 && n + 2 < cap) {
		out[n++] = (char)(0xc0 | c >> 6);
		out[n++] = (char)(0x80 | (c & 63));
	} else if (c >= 0x800 && n + 3 < cap) {
		out[n++] = (char)(0xe0 | c >> 12);
		out[n++] = (char)(0x80 | (c >> 6 & 63));
		out[n++] = (char)(0x80 | (c & 63));
	}
	return n;
}

static ssize_t unescape(const char *s, const char *end, char *out, size_t cap)
{
	static const char from[] = "nrtbf", to[] = "\n\r\t\b\f";
	size_t n = 0;

	while (s < end && *s != '"' && n + 1 < cap) {
		const char *which;
		int c;

		if (*s != '\\' || s + 1 >= end) {
			out[n++] = *s++;
			continue;
		}
		s++;
		c = *s == 'u' ? hex4(s + 1, (size_t)(end - s - 1)) : -1;
		if (c > 0) {
			n = put_utf8(out, n, cap, c);
			s += 5;
			continue;
		}
		which = *s ? strchr(from, *s) : NULL;
		out[n++] = which ? to[which - from] : *s;
		s++;
	}
	return (ssize_t)n;
}

ssize_t log_json_message(const char *line, size_t len, char *out, size_t cap)
{
	const char *end = line + len;

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		const char *s = memmem(line, len, keys[i], strlen(keys[i]));

		if (!s || (*line == '"' && s != line))
			continue;
		s += strlen(keys[i]);
		while (s < end && (*s == ' ' || *s == ':'))
			s++;
		if (s < end && *s == '"')
			return unescape(s + 1, end, out, cap);
	}
	return -1;
}
