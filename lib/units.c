// SPDX-License-Identifier: MIT
#include "lib/units.h"

#include <ctype.h>
#include <strings.h>

/* A decimal number with up to four decimals, in ten-thousandths. Returns what follows, or NULL. */
static const char *parse_decimal(const char *s, uint64_t *ret)
{
	uint64_t v = 0, unit = 10000;
	bool digits = false;

	for (; isdigit((unsigned char)*s); s++, digits = true)
		if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, *s - '0', &v))
			return NULL;
	if (__builtin_mul_overflow(v, 10000, &v))
		return NULL;
	if (*s == '.') {
		for (s++; isdigit((unsigned char)*s); s++, digits = true) {
			unit /= 10;
			if (__builtin_add_overflow(v, unit * (*s - '0'), &v))
				return NULL;
		}
	}
	*ret = v;
	return digits ? s : NULL;
}

static int unit_factor(const char *s, uint64_t *ret)
{
	static const struct {
		const char *name;
		unsigned int shift;
	} units[] = {
		{ "", 0 },     { "b", 0 },    { "bytes", 0 }, { "k", 10 },   { "kb", 10 },
		{ "kib", 10 }, { "m", 20 },   { "mb", 20 },   { "mib", 20 }, { "g", 30 },
		{ "gb", 30 },  { "gib", 30 }, { "t", 40 },    { "tb", 40 },  { "tib", 40 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		if (strcasecmp(s, units[i].name) == 0) {
			*ret = (uint64_t)1 << units[i].shift;
			return 0;
		}
	}
	return -EINVAL;
}

int bytes_parse(const char *text, uint64_t *ret)
{
	uint64_t tenthousandths, factor;
	const char *unit = parse_decimal(text, &tenthousandths);
	unsigned __int128 bytes;

	if (!unit)
		return isdigit((unsigned char)*text) ? -ERANGE : -EINVAL;
	unit += strspn(unit, " ");
	if (unit_factor(unit, &factor) < 0)
		return -EINVAL;
	bytes = (unsigned __int128)tenthousandths * factor / 10000;
	if (bytes > INT64_MAX)
		return -ERANGE;
	*ret = (uint64_t)bytes;
	return 0;
}

/* What a percentage is of: "", "of MemTotal", "of node 1 free", ... */
static int parse_whole(const char *s, struct size_spec *ret)
{
	static const struct {
		const char *text;
		enum size_base base;
	} wholes[] = {
		{ "", SIZE_OF_MEMTOTAL },
		{ "of MemTotal", SIZE_OF_MEMTOTAL },
		{ "of MemAvailable", SIZE_OF_AVAILABLE },
		{ "of limit", SIZE_OF_LIMIT },
		{ "of swap", SIZE_OF_SWAP },
		{ "of node", SIZE_OF_NODE },
		{ "of node free", SIZE_OF_NODE_FREE },
	};
	unsigned long node;
	char *end;

	s += strspn(s, " ");
	ret->node = -1;
	for (size_t i = 0; i < ARRAY_SIZE(wholes); i++) {
		if (strcasecmp(s, wholes[i].text) == 0) {
			ret->base = wholes[i].base;
			return 0;
		}
	}
	if (strncasecmp(s, "of node ", 8) != 0 || !isdigit((unsigned char)s[8]))
		return -EINVAL;
	node = strtoul(s + 8, &end, 10);
	if (node > 1023)
		return -ERANGE;
	ret->node = (int)node;
	end += strspn(end, " ");
	ret->base = *end ? SIZE_OF_NODE_FREE : SIZE_OF_NODE;
	return *end == '\0' || strcasecmp(end, "free") == 0 ? 0 : -EINVAL;
}

int size_parse(const char *text, struct size_spec *ret)
{
	struct size_spec spec = { .node = -1 };
	uint64_t tenthousandths;
	const char *rest = parse_decimal(text, &tenthousandths);
	int err;

	if (!rest || *rest != '%') {
		err = bytes_parse(text, &spec.bytes);
	} else {
		err = parse_whole(rest + 1, &spec);
		tenthousandths /= 100; /* of a percent: now hundredths of one */
		if (!err && (tenthousandths == 0 || tenthousandths > 100000))
			err = -ERANGE;
		spec.permyriad = (uint32_t)tenthousandths;
	}
	if (!err)
		*ret = spec;
	return err;
}

uint64_t size_resolve(const struct size_spec *spec, uint64_t whole, uint64_t page_bytes)
{
	unsigned __int128 bytes;

	if (spec->base == SIZE_BYTES)
		return spec->bytes;
	bytes = (unsigned __int128)whole * spec->permyriad / 10000;
	return (uint64_t)bytes / page_bytes * page_bytes;
}

int duration_parse_ms(const char *text, uint64_t *ret_ms)
{
	static const struct {
		const char *name;
		uint64_t ms;
	} units[] = { { "", 1000 },	{ "ms", 1 },	{ "s", 1000 },	 { "sec", 1000 },
		      { "min", 60000 }, { "m", 60000 }, { "h", 3600000 } };
	uint64_t tenthousandths;
	const char *unit = parse_decimal(text, &tenthousandths);

	if (!unit)
		return isdigit((unsigned char)*text) ? -ERANGE : -EINVAL;
	unit += strspn(unit, " ");
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		unsigned __int128 ms = (unsigned __int128)tenthousandths * units[i].ms / 10000;

		if (!str_eq(unit, units[i].name))
			continue;
		if (ms > INT32_MAX)
			return -ERANGE;
		*ret_ms = (uint64_t)ms;
		return 0;
	}
	return -EINVAL;
}

const char *bytes_format(uint64_t bytes, char *buf, size_t len)
{
	static const char *const names[] = { "bytes", "KiB", "MiB", "GiB", "TiB" };
	unsigned int i = 0;

	while (i + 1 < ARRAY_SIZE(names) && bytes >= (uint64_t)1 << (10 * (i + 1)))
		i++;
	if (bytes % ((uint64_t)1 << (10 * i)) == 0)
		snprintf(buf, len, "%llu %s", (unsigned long long)(bytes >> (10 * i)), names[i]);
	else
		snprintf(buf, len, "%.1f %s", (double)bytes / (double)((uint64_t)1 << (10 * i)),
			 names[i]);
	return buf;
}
