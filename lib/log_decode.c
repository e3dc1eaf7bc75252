// SPDX-License-Identifier: MIT
/* From a raw line to printable text: see log_decode(). */
#include "lib/log_line.h"

#include <ctype.h>

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* ESC [ ... letter, as dmesg --color and CI consoles leave it; its length. */
static size_t ansi(const char *s, size_t left)
{
	size_t n = 2;

	if (left < 2 || s[0] != 033 || s[1] != '[')
		return 0;
	while (n < left && n < 16 && (isdigit((unsigned char)s[n]) || s[n] == ';' || s[n] == '?'))
		n++;
	return n < left ? n + 1 : left;
}

/*
 * /dev/kmsg writes unprintable bytes as \x0a, rsyslog as #012, syslog-ng and BSD as \012 or ^J.
 * Only control characters are undone: "\x2d" is a systemd unit's own name. Converters to Markdown
 * write "gfp\_mask", "\[ pid \]". Length, 0 if none.
 */
static size_t escaped_byte(const char *s, size_t left, char *ret)
{
	int v;

	if (left > 1 && s[0] == '\\' && s[1] && strchr("_[]*<>|~`", s[1])) {
		*ret = s[1];
		return 2;
	}
	if (left < 4)
		return 0;
	if (s[0] == '\\' && s[1] == 'x' && hex_digit(s[2]) >= 0 && hex_digit(s[3]) >= 0)
		v = hex_digit(s[2]) * 16 + hex_digit(s[3]);
	else if ((s[0] == '#' || s[0] == '\\') && s[1] == '0' && s[2] >= '0' && s[2] <= '3' &&
		 s[3] >= '0' && s[3] <= '7')
		v = (s[2] - '0') * 8 + s[3] - '0';
	else
		return 0;
	if (v != '\n' && v != '\r' && v != '\t' && v != 033 && !(s[1] == 'x' && v == '\\'))
		return 0;
	*ret = (char)(v == 033 ? ' ' : v);
	return 4;
}

static size_t trim_blanks(const char *out, size_t n)
{
	while (n && isspace((unsigned char)out[n - 1]))
		n--;
	return n;
}

/*
 * Blanks, the other half of a quote with what source code has behind it ('"...\n" +', "'...',"),
 * and an escaped newline that somebody printed.
 */
static size_t trim(char *out, size_t n)
{
	size_t first = 0, end = n = trim_blanks(out, n);

	while (first < n && out[first] == ' ')
		first++;
	while (end && strchr(" ,;+\\)", out[end - 1]))
		end--;
	if (end > first + 1 && strchr("\"'", out[first]) && out[end - 1] == out[first])
		n = end - 1;
	/* a string that goes on in the next line */
	if (n > 1 && out[n - 2] == ' ' && out[n - 1] == '\\')
		n = trim_blanks(out, n - 2);
	if (n > 1 && out[n - 2] == '\\' && out[n - 1] == 'n')
		n = trim_blanks(out, n - 2);
	out[n] = '\0';
	return n;
}

/* What a saved web page has for a character; its length, 0 if none. */
static size_t entity(const char *s, size_t left, char *ret)
{
	static const struct {
		const char *name;
		char is;
	} entities[] = {
		{ "&nbsp;", ' ' }, { "&lt;", '<' },   { "&gt;", '>' },
		{ "&amp;", '&' },  { "&quot;", '"' }, { "&#39;", '\'' },
		{ "<br>", '\n' },  { "<br/>", '\n' }, { "<br />", '\n' },
	};

	for (size_t i = 0; i < ARRAY_SIZE(entities); i++) {
		size_t n = strlen(entities[i].name);

		if (n > left || memcmp(s, entities[i].name, n) != 0)
			continue;
		*ret = entities[i].is;
		return n;
	}
	return 0;
}

/* Its other half stands in the same line, or it begins or ends the line: a path may hold "<i>" of its own. */
static bool is_markup(const char *line, size_t len, size_t at, size_t n, const char *name)
{
	char half[16];

	if (at == 0 || at + n == len)
		return true;
	snprintf(half, sizeof(half), line[at + 1] == '/' ? "<%s" : "</%s>", name);
	return line[at + 1] == '/' ? memmem(line, at, half, strlen(half)) != NULL
				   : memmem(line + at, len - at, half, strlen(half)) != NULL;
}

/* "<b>", "</span>", "<a href=...>": what a web page has around words; its length, 0 if none. */
static size_t tag(const char *line, size_t len, size_t at)
{
	static const char *const names[] = { "a",    "b",    "i",    "p",    "em",
					     "td",   "tr",   "tt",   "div",  "pre",
					     "span", "code", "font", "mark", "strong" };
	const char *s = line + at, *end;
	size_t left = len - at, from = left > 1 && s[1] == '/' ? 2 : 1, n = from;

	while (n < left && n < from + 8 && islower((unsigned char)s[n]))
		n++;
	if (n == left || (s[n] != '>' && (s[n] != ' ' || from == 2)))
		return 0;
	end = memchr(s + n, '>', min(left - n, (size_t)256));
	if (!end || (s[n] == ' ' && !memchr(s + n, '=', (size_t)(end - s) - n)))
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strlen(names[i]) == n - from && memcmp(s + from, names[i], n - from) == 0)
			return is_markup(line, len, at, (size_t)(end + 1 - s), names[i])
				       ? (size_t)(end + 1 - s)
				       : 0;
	return 0;
}

/* Bytes that are themselves: no control, no escape's head, no lead byte of C1 controls. */
static size_t plain_bytes(const char *s, size_t len)
{
	static const bool special[256] = {
		[0 ... 0x1f] = true, ['\\'] = true, ['#'] = true,  ['&'] = true,
		['<'] = true,	     [0x7f] = true, [0xc2] = true,
	};
	size_t n = 0;

	while (n < len && !special[(unsigned char)s[n]])
		n++;
	return n;
}

static size_t copy_clean(const char *s, size_t len, char *out)
{
	size_t n = min(plain_bytes(s, len), (size_t)LOG_LINE_MAX - 1);

	memcpy(out, s, n);
	for (size_t i = n; i < len && n + 1 < LOG_LINE_MAX;) {
		size_t skip = ansi(s + i, len - i);
		char c = s[i];

		if (skip) {
			i += skip;
			continue;
		}
		if (c == '<' && (skip = tag(s, len, i))) {
			i += skip;
			continue;
		}
		skip = c == '\\' || c == '#'  ? escaped_byte(s + i, len - i, &c)
		       : c == '&' || c == '<' ? entity(s + i, len - i, &c)
					      : 0;
		i += skip ? skip : 1;
		if (c == '\r')
			continue;
		/* C1 controls in UTF-8, which a terminal obeys too; a web page's hard blank; DEL */
		if (n && (unsigned char)out[n - 1] == 0xc2 && (unsigned char)c <= 0xa0) {
			out[n - 1] = ' ';
			continue;
		}
		if (c == 0x7f || c == '\t')
			c = ' ';
		out[n++] = (unsigned char)c >= 0x20 || c == '\n' ? c : ' ';
	}
	return trim(out, n);
}

size_t log_decode(const char *line, size_t len, char *out)
{
	char message[LOG_LINE_MAX];
	ssize_t n = -1;
	size_t i = 0;

	if (len >= 3 && memcmp(line, "\xef\xbb\xbf", 3) == 0) {
		line += 3;
		len -= 3;
	}
	while (i < len && (line[i] == ' ' || line[i] == '\t'))
		i++;
	/* an object, or a member of one that is printed over many lines */
	if (i < len && (line[i] == '{' || line[i] == '"'))
		n = log_json_message(line + i, len - i, message, sizeof(message));
	if (n >= 0)
		return copy_clean(message, (size_t)n, out);
	return copy_clean(line, len, out);
}
