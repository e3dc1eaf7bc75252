// SPDX-License-Identifier: MIT
/*
 * Dates and times as loggers write them. Shapes, not calendars: a month is any word, so that
 * journald's localised months ("avril 16 21:08:50") are dates too.
 */
#include "lib/log_line.h"

#include <ctype.h>

static size_t digits(const char *s, size_t at_least, size_t at_most)
{
	size_t n = 0;

	while (n < at_most && isdigit((unsigned char)s[n]))
		n++;
	return n >= at_least ? n : 0;
}

/* "04:41:44", "04:41:44.283302", "04:41:44,283302+00:00", "04:41:44Z" */
static size_t clock_time(const char *s)
{
	size_t n = digits(s, 1, 2);

	if (!n || s[n] != ':' || !digits(s + n + 1, 2, 2) || s[n + 3] != ':' ||
	    !digits(s + n + 4, 2, 2))
		return 0;
	n += 6;
	if ((s[n] == '.' || s[n] == ',') && digits(s + n + 1, 1, 9))
		n += 1 + digits(s + n + 1, 1, 9);
	if (s[n] == 'Z')
		return n + 1;
	if ((s[n] == '+' || s[n] == '-') && digits(s + n + 1, 2, 2)) {
		n += 3;
		n += s[n] == ':' && digits(s + n + 1, 2, 2) ? 3 : digits(s + n, 2, 2);
	}
	return n;
}

/* "2025-01-21T04:41:44", "2025/01/21 04:41:44", "01-21 04:41:44.283", "21.01.2025 04:41:44" */
static size_t numeric_date(const char *s)
{
	size_t n = digits(s, 2, 4), fields = 1, rest;
	char sep = s[n];

	if (!n || (sep != '-' && sep != '/' && sep != '.'))
		return 0;
	while (fields < 3 && s[n] == sep && digits(s + n + 1, 1, 4)) {
		n += 1 + digits(s + n + 1, 1, 4);
		fields++;
	}
	if (fields < 2)
		return 0;
	if (s[n] == 'T' || s[n] == '_')
		n++;
	else
		n += log_blanks(s + n);
	rest = clock_time(s + n);
	return rest ? n + rest : 0;
}

/* A word of letters (of any alphabet), 2 to 12 bytes, with an abbreviation's dot. */
static size_t word(const char *s)
{
	size_t n = 0;

	while (isalpha((unsigned char)s[n]) || (unsigned char)s[n] >= 0x80)
		n++;
	if (n < 2 || n > 12)
		return 0;
	return n + (s[n] == '.');
}

static size_t year(const char *s)
{
	size_t n = digits(s, 4, 4);

	return n && (s[0] == '1' || s[0] == '2') && s[n] == ' ' ? n : 0;
}

/* "Mar  2 17:35:10", "Mon Apr 12 18:29:38 2021", "2025 Jan 21 04:41:44", "Mar11 10:16" */
static size_t worded_date(const char *s)
{
	size_t n = year(s), part;

	n += log_blanks(s + n);
	for (int i = 0; i < 2; i++) {
		part = word(s + n);
		if (!part)
			break;
		n += part;
		n += s[n] == ',';
		n += log_blanks(s + n);
	}
	part = digits(s + n, 1, 2);
	if (!n || !part)
		return 0;
	n += part;
	n += log_blanks(s + n);
	part = year(s + n);
	n += part + log_blanks(s + n + part);
	part = clock_time(s + n);
	if (!part)
		return 0;
	n += part;
	part = log_blanks(s + n);
	return n + (part && digits(s + n + part, 4, 4) && strchr(" ]", s[n + part + 4])
			    ? part + digits(s + n + part, 4, 4)
			    : 0);
}

/* "21 Nov 2025 07:00:00", "11월 16 21:08:50": a number stands before the word or in it */
static size_t number_first_date(const char *s)
{
	size_t n = digits(s, 1, 2), rest;

	n += n ? log_blanks(s + n) : 0;
	if (!n || !word(s + n))
		return 0;
	if ((unsigned char)s[n] >= 0x80 && s[n - 1] != ' ') {
		rest = worded_date(s + n);
		return rest ? n + rest : 0;
	}
	n += word(s + n);
	n += log_blanks(s + n);
	rest = digits(s + n, 4, 4);
	n += rest + log_blanks(s + n + rest);
	rest = clock_time(s + n);
	return rest ? n + rest : 0;
}

/* "Fri 2025-11-21 07:00:00 UTC" of journalctl -o short-full, or without its ends */
static size_t full_date(const char *s)
{
	size_t n = word(s), rest;

	n += n ? log_blanks(s + n) : 0;
	rest = numeric_date(s + n);
	if (!rest)
		return 0;
	n += rest;
	rest = s[n] == ' ' ? strspn(s + n + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") : 0;
	return rest >= 2 && rest <= 5 && s[n + 1 + rest] == ' ' ? n + 1 + rest : n;
}

/* "1700000100.123456" of journalctl -o short-unix */
static size_t epoch(const char *s)
{
	size_t n = digits(s, 10, 10);

	return n && s[n] == '.' && digits(s + n + 1, 3, 9) ? n + 1 + digits(s + n + 1, 3, 9) : 0;
}

size_t log_time(const char *s)
{
	static size_t (*const shapes[])(const char *s) = { full_date, worded_date,
							   number_first_date, clock_time, epoch };
	size_t n = 0;

	for (size_t i = 0; !n && i < ARRAY_SIZE(shapes); i++)
		n = shapes[i](s);
	return n && (!s[n] || strchr(" \t]:|,;", s[n])) ? n : 0;
}

/* "[  123.456789]", "[ +0.002367]", and "[  123.456789 <    0.000012>]" of dmesg --show-delta */
size_t log_stamp(const char *s, int64_t *us)
{
	size_t n, whole, frac;
	int64_t t = 0;

	if (*s != '[')
		return 0;
	n = 1 + log_blanks(s + 1);
	n += s[n] == '+' || s[n] == '<';
	n += log_blanks(s + n);
	whole = digits(s + n, 1, 10);
	if (!whole || s[n + whole] != '.')
		return 0;
	frac = digits(s + n + whole + 1, 3, 9);
	if (!frac)
		return 0;
	for (size_t i = 0; i < whole; i++)
		t = t * 10 + s[n + i] - '0';
	n += whole + 1;
	for (size_t i = 0; i < 6; i++)
		t = t * 10 + (i < frac ? s[n + i] - '0' : 0);
	n += frac;
	n += s[n] == '>';
	if (s[n] == ' ' && s[n + log_blanks(s + n)] == '<') {
		size_t delta = strspn(s + n, " <.0123456789");

		n += delta + (s[n + delta] == '>');
	}
	if (s[n] != ']')
		return 0;
	if (us)
		*us = t;
	return n + 1;
}
