// SPDX-License-Identifier: MIT
#include "workloads/option.h"

#include <ctype.h>

#include "lib/units.h"

int option_flag(const struct option_row *row, const char *text, struct fail *f)
{
	(void)text;
	(void)f;
	*(bool *)row->to = true;
	return 0;
}

int option_string(const struct option_row *row, const char *text, struct fail *f)
{
	if (!*text)
		return fail_set(f, -EINVAL, "--%s: empty, %s is due", row->name, row->arg);
	*(const char **)row->to = text;
	return 0;
}

int option_choice(const struct option_row *row, const char *text, struct fail *f)
{
	for (int i = 0; row->choices[i]; i++) {
		if (str_eq(text, row->choices[i])) {
			*(int *)row->to = i;
			return 0;
		}
	}
	return fail_set(f, -EINVAL, "--%s '%s': one of %s is due", row->name, text, row->arg);
}

int option_u64(const struct option_row *row, const char *text, struct fail *f)
{
	unsigned long long v;
	char *end;

	errno = 0;
	v = strtoull(text, &end, 10);
	if (!isdigit((unsigned char)*text) || *end || errno || v < row->lo || v > row->hi)
		return fail_set(f, -EINVAL, "--%s '%s': a number from %llu to %llu is due",
				row->name, text, (unsigned long long)row->lo,
				(unsigned long long)row->hi);
	*(uint64_t *)row->to = v;
	return 0;
}

int option_adj(const struct option_row *row, const char *text, struct fail *f)
{
	char *end;
	long v = strtol(text, &end, 10);

	if (end == text || *end || v < -1000 || v > 1000 || text[0] == ' ')
		return fail_set(f, -EINVAL, "--%s '%s': a number from -1000 to 1000 is due",
				row->name, text);
	*(int64_t *)row->to = v;
	return 0;
}

int option_bytes(const struct option_row *row, const char *text, struct fail *f)
{
	char digits[32];
	size_t len = strlen(text);
	bool per_second = len > 2 && str_eq(text + len - 2, "/s");
	uint64_t v;

	if (str_copy(digits, sizeof(digits), text) && per_second && str_eq(row->name, "rate"))
		digits[len - 2] = '\0';
	if (bytes_parse(digits, &v) < 0 || v < row->lo || v > row->hi)
		return fail_set(f, -EINVAL,
				"--%s '%s': bytes are due, as 10MiB or 65536, %llu at least",
				row->name, text, (unsigned long long)row->lo);
	*(uint64_t *)row->to = v;
	return 0;
}

static const struct option_row *find(const struct option_row *const *tables, const char *name,
				     size_t len)
{
	for (; *tables; tables++)
		for (const struct option_row *r = *tables; r->name; r++)
			if (strlen(r->name) == len && strncmp(r->name, name, len) == 0)
				return r;
	return NULL;
}

/* The word after its dashes; NULL if it is no option. */
static const char *option_name(const char *word)
{
	if (str_eq(word, "-v"))
		return "verbose";
	if (str_eq(word, "-h"))
		return "help";
	return str_starts(word, "--") ? word + 2 : NULL;
}

int options_parse(int argc, char **argv, const struct option_row *const *tables, struct fail *f)
{
	for (int i = 1; i < argc; i++) {
		const char *name = option_name(argv[i]), *text = NULL;
		const struct option_row *row;
		size_t len;
		int err;

		if (!name)
			return fail_set(f, -EINVAL, "'%.64s' is no option (a size is --size SIZE)",
					argv[i]);
		len = strcspn(name, "=");
		row = find(tables, name, len);
		if (!row)
			return fail_set(f, -EINVAL, "no option '--%.*s'", (int)min(len, (size_t)64),
					name);
		if (!row->arg && name[len])
			return fail_set(f, -EINVAL, "--%s takes no value", row->name);
		if (row->arg)
			text = name[len] ? name + len + 1 : argv[++i];
		if (row->arg && !text)
			return fail_set(f, -EINVAL, "--%s needs %s behind it", row->name, row->arg);
		err = row->set(row, text, f);
		if (err)
			return err;
	}
	return 0;
}

void options_help(FILE *out, const struct option_row *table)
{
	for (const struct option_row *r = table; r->name; r++) {
		char left[64];

		snprintf(left, sizeof(left), "--%s%s%s", r->name, r->arg ? " " : "",
			 r->arg ? r->arg : "");
		/* A left side too long for its column gets a line of its own. */
		if (strlen(left) > 26)
			fprintf(out, "  %s\n  %-26s %s\n", left, "", r->help);
		else
			fprintf(out, "  %-26s %s\n", left, r->help);
	}
}
