// SPDX-License-Identifier: MIT
/* What values are made of: numbers, sizes, times, ranges, names. Each tells what it expected. */
#include "harness/schema.h"

#include <ctype.h>

bool value_is_scalar(struct reader *r, const struct ynode *v, const char *what)
{
	if (v->bad)
		return false;
	if (v->kind == YNODE_SCALAR && !ynode_is_null(v))
		return true;
	told(r, v, "%s: a value is due here, this is %s", what, ynode_kind_name(v));
	return false;
}

bool value_is_map(struct reader *r, const struct ynode *v, const char *what)
{
	if (v->bad)
		return false;
	if (v->kind == YNODE_MAP)
		return true;
	told(r, v, "%s: 'key: value' lines are due here, this is %s", what, ynode_kind_name(v));
	return false;
}

/* Decimal digits with an optional sign, nothing else: neither octal nor hex nor blanks. */
static bool parse_int(const char *s, int64_t *ret)
{
	char *end;

	if (!isdigit((unsigned char)s[*s == '-']))
		return false;
	errno = 0;
	*ret = strtoll(s, &end, 10);
	return errno == 0 && *end == '\0';
}

bool value_int(struct reader *r, const struct ynode *v, const char *what, int64_t lo, int64_t hi,
	       int64_t *ret)
{
	if (!value_is_scalar(r, v, what))
		return false;
	if (parse_int(v->text, ret) && *ret >= lo && *ret <= hi)
		return true;
	told(r, v, "%s '%s': a whole number from %lld to %lld is due", what, v->text, (long long)lo,
	     (long long)hi);
	return false;
}

bool value_bytes(struct reader *r, const struct ynode *v, const char *what, uint64_t lo,
		 uint64_t hi, uint64_t *ret)
{
	char low[32], high[32];

	if (!value_is_scalar(r, v, what))
		return false;
	if (bytes_parse(v->text, ret) < 0) {
		told(r, v, "%s '%s': a size is due, as 80MiB, 512KiB or 4096", what, v->text);
		return false;
	}
	if (*ret >= lo && *ret <= hi)
		return true;
	told(r, v, "%s '%s': %s to %s is due", what, v->text, bytes_format(lo, low, sizeof(low)),
	     bytes_format(hi, high, sizeof(high)));
	return false;
}

bool value_size(struct reader *r, const struct ynode *v, const char *what, struct size_spec *ret)
{
	if (!value_is_scalar(r, v, what))
		return false;
	if (size_parse(v->text, ret) == 0)
		return true;
	told(r, v,
	     "%s '%s': a size is due, as 80MiB, '50%% of MemTotal', '120%% of limit' or "
	     "'90%% of node 1 free'",
	     what, v->text);
	return false;
}

bool value_choice(struct reader *r, const struct ynode *v, const char *what,
		  const char *const *choices, int *ret)
{
	char list[512] = "";
	const char *near;

	if (!value_is_scalar(r, v, what))
		return false;
	for (int i = 0; choices[i]; i++) {
		if (str_eq(choices[i], v->text)) {
			*ret = i;
			return true;
		}
	}
	near = diag_nearest(v->text, choices);
	for (size_t i = 0, at = 0; choices[i] && at < sizeof(list); i++)
		at += snprintf(list + at, sizeof(list) - at, "%s%s", i ? ", " : "", choices[i]);
	if (near)
		told(r, v, "%s '%s': one of %s is due; did you mean '%s'?", what, v->text, list,
		     near);
	else
		told(r, v, "%s '%s': one of %s is due", what, v->text, list);
	return false;
}

static bool parse_bound(const char *s, size_t len, enum range_of of, int64_t *ret)
{
	char text[64];
	uint64_t n;

	if (len >= sizeof(text))
		return false;
	memcpy(text, s, len);
	text[len] = '\0';
	if (of == RANGE_NUMBERS)
		return parse_int(text, ret);
	if (of == RANGE_TIMES) {
		if (duration_parse_ms(text, &n) < 0 || n > INT64_MAX / 1000)
			return false;
		*ret = (int64_t)n * 1000;
		return true;
	}
	if (bytes_parse(text, &n) < 0 || n % 1024)
		return false;
	*ret = (int64_t)(n / 1024);
	return true;
}

bool range_parse(const char *s, enum range_of of, struct range *ret)
{
	const char *dots = strstr(s, "..");

	*ret = (struct range){ INT64_MIN, INT64_MAX };
	if (str_starts(s, ">=") || str_starts(s, "<=")) {
		int64_t *bound = *s == '>' ? &ret->lo : &ret->hi;

		s += 2;
		s += strspn(s, " ");
		return parse_bound(s, strlen(s), of, bound);
	}
	if (dots)
		return parse_bound(s, dots - s, of, &ret->lo) &&
		       parse_bound(dots + 2, strlen(dots + 2), of, &ret->hi) && ret->lo <= ret->hi;
	if (!parse_bound(s, strlen(s), of, &ret->lo))
		return false;
	ret->hi = ret->lo;
	return true;
}

bool value_range(struct reader *r, const struct ynode *v, const char *what, enum range_of of,
		 struct range *ret)
{
	static const char *const due[] = {
		[RANGE_NUMBERS] = "a number is due, 1, '>= 1', '<= 3' or 1..3",
		[RANGE_SIZES] = "a size in whole KiB is due, 80MiB, '>= 79MiB', '<= 1GiB' or "
				"79MiB..80MiB",
		[RANGE_TIMES] = "a time is due, 20ms, '>= 1s', '<= 5s' or 10ms..2s",
	};

	if (!value_is_scalar(r, v, what))
		return false;
	if (range_parse(v->text, of, ret))
		return true;
	told(r, v, "%s '%s': %s", what, v->text, due[of]);
	return false;
}

bool value_kernel(struct reader *r, const struct ynode *v, char op[3], unsigned int *major,
		  unsigned int *minor)
{
	static const char *const ops[] = { ">=", "<=", "<", ">", "=" };
	char rest;

	if (!value_is_scalar(r, v, "kernel"))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(ops); i++) {
		if (!str_starts(v->text, ops[i]))
			continue;
		if (sscanf(v->text + strlen(ops[i]), " %3u.%4u%c", major, minor, &rest) != 2)
			break;
		str_copy(op, 3, ops[i]);
		return true;
	}
	told(r, v, "kernel '%s': a version with an operator is due, as '>= 5.10' or '< 6.1'",
	     v->text);
	return false;
}

bool value_worker_name(struct reader *r, const struct ynode *v)
{
	size_t n = strlen(v->text);

	if (n == 0 || !islower((unsigned char)v->text[0]) ||
	    strspn(v->text, "abcdefghijklmnopqrstuvwxyz0123456789_-") != n) {
		told(r, v, "worker name '%s': a-z, then a-z, 0-9, '-' and '_' are due", v->text);
		return false;
	}
	if (n > 15) {
		told(r, v, "worker name '%s': %zu bytes, the kernel's comm holds 15", v->text, n);
		return false;
	}
	return true;
}

void value_each(struct reader *r, const struct ynode *v, const char *what, void *to,
		void (*each)(struct reader *r, const struct ynode *v, void *to))
{
	if (v->bad)
		return;
	if (v->kind != YNODE_LIST) {
		if (value_is_scalar(r, v, what))
			each(r, v, to);
		return;
	}
	if (!v->child)
		told(r, v, "%s: the list is empty; name at least one, or leave the key out", what);
	for (v = v->child; v; v = v->next)
		if (value_is_scalar(r, v, what))
			each(r, v, to);
}
