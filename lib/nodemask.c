// SPDX-License-Identifier: MIT
#include "lib/nodemask.h"

#include <ctype.h>

bool nodemask_has(const struct nodemask *mask, unsigned int node)
{
	return node < NODEMASK_MAX && (mask->bits[node / 64] >> (node % 64) & 1);
}

void nodemask_set(struct nodemask *mask, unsigned int node)
{
	if (node < NODEMASK_MAX)
		mask->bits[node / 64] |= (uint64_t)1 << (node % 64);
}

/* Reads one number below NODEMASK_MAX; returns what follows, or NULL with *err set. */
static const char *parse_node(const char *s, unsigned int *ret, int *err)
{
	unsigned int v = 0;

	*err = -EINVAL;
	if (!isdigit((unsigned char)*s))
		return NULL;
	for (; isdigit((unsigned char)*s); s++) {
		v = v * 10 + (*s - '0');
		if (v >= NODEMASK_MAX) {
			*err = -ERANGE;
			return NULL;
		}
	}
	*ret = v;
	return s;
}

int nodemask_parse(const char *text, struct nodemask *ret)
{
	struct nodemask mask = { 0 };
	unsigned int lo, hi;
	int err;

	while (*text) {
		text = parse_node(text, &lo, &err);
		if (!text)
			return err;
		hi = lo;
		if (*text == '-') {
			text = parse_node(text + 1, &hi, &err);
			if (!text)
				return err;
		}
		if (hi < lo)
			return -EINVAL;
		for (unsigned int n = lo; n <= hi; n++)
			nodemask_set(&mask, n);
		if (*text == ',' && text[1])
			text++;
		else if (*text)
			return -EINVAL;
	}
	*ret = mask;
	return 0;
}

const char *nodemask_format(const struct nodemask *mask, char *buf, size_t len)
{
	size_t at = 0;

	buf[0] = '\0';
	for (unsigned int lo = 0; lo < NODEMASK_MAX && at < len; lo++) {
		unsigned int hi = lo;

		if (!nodemask_has(mask, lo))
			continue;
		while (nodemask_has(mask, hi + 1))
			hi++;
		if (lo == hi)
			at += snprintf(buf + at, len - at, "%s%u", at ? "," : "", lo);
		else
			at += snprintf(buf + at, len - at, "%s%u-%u", at ? "," : "", lo, hi);
		lo = hi;
	}
	return buf;
}

bool nodemask_intersects(const struct nodemask *a, const struct nodemask *b)
{
	for (size_t i = 0; i < ARRAY_SIZE(a->bits); i++)
		if (a->bits[i] & b->bits[i])
			return true;
	return false;
}

bool nodemask_equal(const struct nodemask *a, const struct nodemask *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

int nodemask_first(const struct nodemask *mask)
{
	for (unsigned int n = 0; n < NODEMASK_MAX; n++)
		if (nodemask_has(mask, n))
			return (int)n;
	return -1;
}

unsigned int nodemask_weight(const struct nodemask *mask)
{
	unsigned int n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(mask->bits); i++)
		n += __builtin_popcountll(mask->bits[i]);
	return n;
}
