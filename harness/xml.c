// SPDX-License-Identifier: MIT
#include "harness/xml.h"
#include "lib/utf8.h"

static const char *entity(char c, bool in_attr)
{
	switch (c) {
	case '<':
		return "&lt;";
	case '>': /* so that no "]]>" is left */
		return "&gt;";
	case '&':
		return "&amp;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	case '\n':
		return in_attr ? "&#10;" : NULL;
	case '\t':
		return in_attr ? "&#9;" : NULL;
	default:
		return NULL;
	}
}

/* One character of `len` bytes, valid UTF-8. */
static void put(FILE *f, const char *s, size_t len, bool in_attr)
{
	const unsigned char *u = (const unsigned char *)s;
	const char *e = len == 1 ? entity(*s, in_attr) : NULL;

	if (e)
		fputs(e, f);
	else if ((*u < 0x20 && *u != '\n' && *u != '\t') || *u == 0x7f)
		fprintf(f, "\\x%02x", *u);
	else if (len == 2 && u[0] == 0xc2 && u[1] < 0xa0) /* U+0080 to U+009F */
		fprintf(f, "\\x%02x", u[1]);
	else if (len == 3 && u[0] == 0xef && u[1] == 0xbf && u[2] >= 0xbe)
		fprintf(f, "\\xff%02x", u[2] + 0x40u); /* U+FFFE and U+FFFF */
	else
		fwrite(s, 1, len, f);
}

static void escaped(FILE *f, const char *text, size_t n, bool in_attr)
{
	while (n) {
		size_t len = utf8_len(text, n);

		if (len)
			put(f, text, len, in_attr);
		else
			fputs("\xef\xbf\xbd", f);
		text += len ? len : 1;
		n -= len ? len : 1;
	}
}

void xml_text(FILE *f, const char *text, size_t len)
{
	escaped(f, text, len, false);
}

void xml_attr(FILE *f, const char *name, const char *value)
{
	if (!value || !*value)
		return;
	fprintf(f, " %s=\"", name);
	escaped(f, value, strlen(value), true);
	fputc('"', f);
}
