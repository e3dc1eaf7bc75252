// SPDX-License-Identifier: MIT
#include "harness/yaml_diag.h"

#include <stdarg.h>

void diag_add(struct diag *d, int line, int column, const char *fmt, ...)
{
	struct diag_message *m = &d->messages[d->nr];
	char text[1024];
	va_list ap;

	if (d->nr == DIAG_MAX)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	for (char *p = text; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
	m->text = strdup(text);
	if (!m->text) {
		d->err = -ENOMEM;
		return;
	}
	m->line = line;
	m->column = column;
	d->nr++;
}

static int by_place(const void *a, const void *b)
{
	const struct diag_message *x = a, *y = b;

	return x->line != y->line ? x->line - y->line : x->column - y->column;
}

char *diag_take(struct diag *d)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	qsort(d->messages, d->nr, sizeof(d->messages[0]), by_place);
	for (size_t i = 0; i < d->nr; i++) {
		const struct diag_message *m = &d->messages[i];

		if (f)
			fprintf(f, "%s:%d:%d: %s\n", d->file, m->line, m->column, m->text);
		free(m->text);
	}
	d->nr = 0;
	if (!f)
		return NULL;
	if (fclose(f) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

/* Levenshtein's distance, with one row of the table. */
static size_t distance(const char *a, const char *b)
{
	size_t row[64], n = strlen(b);

	if (n >= ARRAY_SIZE(row))
		return SIZE_MAX;
	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 0; a[i]; i++) {
		size_t diagonal = row[0];

		row[0] = i + 1;
		for (size_t j = 0; j < n; j++) {
			size_t change = diagonal + (a[i] != b[j]);
			size_t nearer = min(row[j], row[j + 1]) + 1;

			diagonal = row[j + 1];
			row[j + 1] = min(nearer, change);
		}
	}
	return row[n];
}

const char *diag_nearest(const char *word, const char *const *names)
{
	size_t best = min(strlen(word) / 3 + 1, (size_t)3) + 1;
	const char *found = NULL;

	if (strlen(word) >= 64)
		return NULL;
	for (; *names; names++) {
		size_t d = distance(word, *names);

		if (d < best) {
			best = d;
			found = *names;
		}
	}
	return found;
}
