// SPDX-License-Identifier: MIT
/* Row readers for the plain types: the value goes to the row's field. */
#include "harness/schema.h"

static void *field(const struct schema_row *row, void *to)
{
	return (char *)to + row->offset;
}

void row_text(struct reader *r, const struct schema_row *row, const struct ynode *v, void *to)
{
	char **p = field(row, to);

	if (!value_is_scalar(r, v, row->key))
		return;
	*p = strdup(v->text);
	if (!*p)
		r->d->err = -ENOMEM;
}

void row_line(struct reader *r, const struct schema_row *row, const struct ynode *v, void *to)
{
	if (!value_is_scalar(r, v, row->key))
		return;
	if (strchr(v->text, '\n') || strlen(v->text) > 120)
		told(r, v, "%s: one line of at most 120 bytes is due", row->key);
	else
		row_text(r, row, v, to);
}

/* Into an array of char: printable ASCII that fits. */
void row_chars(struct reader *r, const struct schema_row *row, const struct ynode *v, void *to)
{
	if (!value_is_scalar(r, v, row->key))
		return;
	for (const char *p = v->text; *p; p++) {
		if (*p < 0x20 || *p > 0x7e) {
			told(r, v, "%s: plain ASCII on one line is due", row->key);
			return;
		}
	}
	if (!str_copy(field(row, to), row->size, v->text))
		told(r, v, "%s: %zu bytes are too long, at most %zu", row->key, strlen(v->text),
		     row->size - 1);
}

void row_bytes(struct reader *r, const struct schema_row *row, const struct ynode *v, void *to)
{
	value_bytes(r, v, row->key, (uint64_t)row->lo, (uint64_t)row->hi, field(row, to));
}

void row_size(struct reader *r, const struct schema_row *row, const struct ynode *v, void *to)
{
	struct size_spec *size = field(row, to);

	if (value_size(r, v, row->key, size) && size->base == SIZE_BYTES && size->bytes == 0)
		told(r, v, "%s '%s': more than nothing is due", row->key, v->text);
}

void row_duration(struct reader *r, const struct schema_row *row, const struct ynode *v, void *to)
{
	uint64_t *ms = field(row, to);

	if (!value_is_scalar(r, v, row->key))
		return;
	if (duration_parse_ms(v->text, ms) < 0 || *ms < (uint64_t)row->lo ||
	    *ms > (uint64_t)row->hi)
		told(r, v, "%s '%s': a time is due, as 20s, 500ms or 2min, from %lldms to %llds",
		     row->key, v->text, (long long)row->lo, (long long)row->hi / 1000);
}

void row_int(struct reader *r, const struct schema_row *row, const struct ynode *v, void *to)
{
	int64_t n;

	if (value_int(r, v, row->key, row->lo, row->hi, &n))
		*(int *)field(row, to) = (int)n;
}
