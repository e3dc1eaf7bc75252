// SPDX-License-Identifier: MIT
/*
 * The claims for people. Reasons and kernels come from results that may be a stranger's: report_text()
 * keeps them on their line.
 */
#include "harness/case_show.h"
#include "harness/claims.h"
#include "harness/report_impl.h"

#define LABEL_COLUMN 4
#define TEXT_COLUMN  18

/* Words with blanks between, in new lines at TEXT_COLUMN where they would not fit. */
static void put_wrapped(FILE *f, const char *text, unsigned int width)
{
	unsigned int at = TEXT_COLUMN;

	while (*text) {
		size_t n = strcspn(text, " ");
		char *word __free = strndup(text, n);

		if (!word)
			return;
		if (at > TEXT_COLUMN && at + 1 + n > width) {
			fprintf(f, "\n%*s", TEXT_COLUMN, "");
			at = TEXT_COLUMN;
		}
		if (at > TEXT_COLUMN)
			fputc(' ', f);
		report_text(f, word);
		at += (unsigned int)n + (at > TEXT_COLUMN);
		text += n;
		text += strspn(text, " ");
	}
	fputc('\n', f);
}

static void put_line(FILE *f, const char *label, const char *text, unsigned int width)
{
	fprintf(f, "%*s%-*s", LABEL_COLUMN, "", TEXT_COLUMN - LABEL_COLUMN, label);
	put_wrapped(f, text, width);
}

static bool same(const struct claim_cell *a, const struct claim_cell *b)
{
	return a->state == b->state && (!a->reason || !b->reason || str_eq(a->reason, b->reason));
}

/* "debian:6.1 v1 v2, debian:6.12 v2: why", all columns with the same words, told at the first. */
static void put_columns(const struct claim_table *t, const struct claim *c, size_t first, FILE *f)
{
	const char *kernel = "";

	for (size_t i = first; i < t->nr_columns; i++) {
		const struct claim_column *col = &t->columns[i];

		if (!same(&c->cells[i], &c->cells[first]))
			continue;
		if (!str_eq(col->kernel, kernel))
			fprintf(f, "%s%s", *kernel ? ", " : "", col->kernel);
		fprintf(f, " %s", cgroup_version_name(col->cgroup));
		kernel = col->kernel;
	}
	if (c->cells[first].reason && *c->cells[first].reason)
		fprintf(f, ": %s", c->cells[first].reason);
}

static void put_cells(const struct claim_table *t, const struct claim *c, unsigned int width,
		      FILE *f)
{
	for (size_t i = 0; i < t->nr_columns; i++) {
		char *text = NULL;
		size_t len, before = 0;
		FILE *line;

		while (before < i && !same(&c->cells[before], &c->cells[i]))
			before++;
		if (before < i || c->cells[i].state == CLAIM_STATE_NONE)
			continue;
		line = open_memstream(&text, &len);
		if (!line)
			return;
		put_columns(t, c, i, line);
		if (fclose(line) == 0)
			put_line(f, claim_state_name(c->cells[i].state), text, width);
		free(text);
	}
}

/* The cases; before anything was played with what their files say. */
static void put_cases(const struct claim *c, bool played, unsigned int width, FILE *f)
{
	for (size_t i = 0; i < c->nr_cases; i++) {
		char truth[512] = "", line[640];

		if (!played)
			case_truth_text(c->cases[i], truth, sizeof(truth));
		snprintf(line, sizeof(line), "%s%s%s", c->cases[i]->name, *truth ? ": " : "",
			 truth);
		put_line(f, i ? "" : c->nr_cases > 1 ? "cases" : "case", line, width);
	}
}

static void put_claim(const struct claim_table *t, const struct claim *c, bool played,
		      unsigned int width, FILE *f)
{
	char overall[160];

	snprintf(overall, sizeof(overall), "%s%s%s",
		 played ? claim_overall_name(c->overall) : "not played",
		 c->changed_in ? " in " : "", c->changed_in ? c->changed_in : "");
	fprintf(f, "\n  ");
	report_text(f, overall);
	if (strlen(overall) + 3 > TEXT_COLUMN)
		fprintf(f, "\n%*s", TEXT_COLUMN, "");
	else
		fprintf(f, "%*s", TEXT_COLUMN - 2 - (int)strlen(overall), "");
	put_wrapped(f, c->text, width);
	put_line(f, "source", c->source, width);
	put_cells(t, c, width, f);
	put_cases(c, played, width, f);
}

void claims_counts(const struct claim_table *t, FILE *f)
{
	static const enum claim_overall order[] = { CLAIM_ALL_CONFIRMED, CLAIM_ALL_REFUTED,
						    CLAIM_CHANGED, CLAIM_BY_CGROUP, CLAIM_OPEN };

	for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
		size_t n = 0;

		for (size_t j = 0; j < t->nr_claims; j++)
			n += t->claims[j].overall == order[i];
		if (n || i < 3)
			fprintf(f, "%s%zu %s", i ? ", " : "", n, claim_overall_name(order[i]));
	}
}

void claims_text(const struct claim_table *t, const char *results, unsigned int width, FILE *f)
{
	const char *theme = NULL;

	for (size_t i = 0; i < t->nr_claims; i++) {
		const struct claim *c = &t->claims[i];

		if (!theme || !str_eq(theme, c->theme))
			fprintf(f, "%s%s\n", theme ? "\n" : "", c->theme);
		theme = c->theme;
		put_claim(t, c, results, width, f);
	}
	fprintf(f, "%s%zu claims: ", theme ? "\n" : "", t->nr_claims);
	if (!results) {
		fputs("not played ('oomlab run' plays them)\n", f);
		return;
	}
	claims_counts(t, f);
	fputs("\nevidence: ", f);
	report_text(f, results);
	fputs("/<kernel>/<cgroup>/<case>/\n", f);
}
