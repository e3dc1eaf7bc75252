// SPDX-License-Identifier: MIT
#include "lib/oom_text.h"

#include <ctype.h>

static int digit(char c, int base)
{
	int v = isdigit((unsigned char)c)		   ? c - '0'
		: base == 16 && isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10
							   : 99;

	return v < base ? v : -1;
}

const char *text_i64(const char *s, int64_t *ret)
{
	bool negative = *s == '-';
	int base = 10;
	int64_t v = 0;

	s += negative;
	if (s[0] == '0' && s[1] == 'x' && digit(s[2], 16) >= 0) {
		base = 16;
		s += 2;
	}
	if (digit(*s, base) < 0)
		return NULL;
	for (; digit(*s, base) >= 0; s++)
		if (__builtin_mul_overflow(v, base, &v) ||
		    __builtin_add_overflow(v, digit(*s, base), &v))
			v = INT64_MAX;
	*ret = negative ? -v : v;
	return s;
}

/* Behind `key`, a number; the text behind it, or NULL. */
static const char *key_number(const char *s, const char *key, int64_t *ret)
{
	const char *at = strstr(s, key);

	return at ? text_i64(at + strlen(key), ret) : NULL;
}

bool text_key(const char *s, const char *key, int64_t *ret)
{
	return key_number(s, key, ret) != NULL;
}

bool text_key_kb(const char *s, const char *key, int64_t *ret)
{
	int64_t v;
	const char *unit = key_number(s, key, &v);

	if (!unit || (*unit != 'k' && *unit != 'K') || unit[1] != 'B')
		return false;
	*ret = v;
	return true;
}

bool text_key_pages(const char *s, const char *key, int64_t *ret)
{
	int64_t v;
	const char *unit = key_number(s, key, &v);

	if (!unit || isalpha((unsigned char)*unit))
		return false;
	*ret = v;
	return true;
}

const char *text_last(const char *s, const char *needle)
{
	const char *found = NULL;

	while ((s = strstr(s, needle)))
		found = s++;
	return found;
}

void slice_copy(char *dst, size_t len, struct slice s)
{
	while (s.n && isspace((unsigned char)s.p[s.n - 1]))
		s.n--;
	s.n = min(s.n, len - 1);
	if (s.n) /* of an empty one p may be NULL */
		memcpy(dst, s.p, s.n);
	dst[s.n] = '\0';
}

char *slice_dup(struct slice s)
{
	return strndup(s.p, s.n);
}
