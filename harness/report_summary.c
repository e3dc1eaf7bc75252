// SPDX-License-Identifier: MIT
/* What closes every report: counts by theme, what did not pass and why, the slowest, where it is. */
#include "harness/report_impl.h"

#define SLOWEST 3

static void line_of(FILE *f, const char *what, const char *text)
{
	if (!text || !*text)
		return;
	fprintf(f, "    %s", what);
	report_text(f, text);
	fputc('\n', f);
}

static void list(const struct report *r, FILE *f, enum verdict v)
{
	for (size_t i = 0; i < r->nr_kept; i++) {
		const struct kept_case *k = r->kept[i];

		if (k->c.verdict != v)
			continue;
		report_verdict(f, v, 0);
		fprintf(f, " %s\n", k->id);
		if (k->c.judgement)
			report_checks(f, "    ", &k->c, false);
		else
			line_of(f, "", k->c.reason);
		line_of(f, "evidence: ", k->c.dir);
		line_of(f, "reproduce: ", k->c.reproduce);
	}
}

static bool same_skip(const struct kept_case *a, const struct kept_case *b)
{
	return a->c.verdict == VERDICT_SKIP && b->c.verdict == VERDICT_SKIP &&
	       str_eq(a->c.reason, b->c.reason);
}

/* One line a reason: a kernel without v1 skips every case for the same one. */
static void skips(const struct report *r, FILE *f)
{
	for (size_t i = 0; i < r->nr_kept; i++) {
		const struct kept_case *k = r->kept[i];
		size_t before = 0, n = 0;

		for (size_t j = 0; j < i; j++)
			before += same_skip(r->kept[j], k);
		for (size_t j = i; j < r->nr_kept; j++)
			n += same_skip(r->kept[j], k);
		if (before || !n)
			continue;
		report_verdict(f, VERDICT_SKIP, 0);
		fprintf(f, " %s", k->id);
		if (n > 1)
			fprintf(f, " and %zu more", n - 1);
		fputc('\n', f);
		line_of(f, "", k->c.reason);
	}
}

static int slower(const void *a, const void *b)
{
	const struct kept_case *const *x = a, *const *y = b;

	if ((*x)->c.duration_ms != (*y)->c.duration_ms)
		return (*x)->c.duration_ms < (*y)->c.duration_ms ? 1 : -1;
	return strcmp((*x)->id, (*y)->id);
}

static void slowest(const struct report *r, FILE *f)
{
	const struct kept_case **order __free = NULL;

	if (r->nr_kept <= SLOWEST)
		return;
	order = calloc(r->nr_kept, sizeof(*order));
	if (!order)
		return;
	for (size_t i = 0; i < r->nr_kept; i++)
		order[i] = r->kept[i];
	qsort(order, r->nr_kept, sizeof(*order), slower);
	for (size_t i = 0; i < SLOWEST; i++)
		fprintf(f, "%s %s %llu.%llu s", i ? "," : "slowest:", order[i]->id,
			(unsigned long long)order[i]->c.duration_ms / 1000,
			(unsigned long long)order[i]->c.duration_ms % 1000 / 100);
	fputc('\n', f);
}

static const char *theme_of(const struct kept_case *k)
{
	return k->c.theme && *k->c.theme ? k->c.theme : "(none)";
}

static bool seen_before(const struct report *r, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (str_eq(theme_of(r->kept[j]), theme_of(r->kept[i])))
			return true;
	return false;
}

static void theme_line(const struct report *r, FILE *f, const char *theme)
{
	size_t counts[VERDICT_BROKEN + 1] = { 0 };

	for (size_t i = 0; i < r->nr_kept; i++)
		if (str_eq(theme_of(r->kept[i]), theme))
			counts[r->kept[i]->c.verdict]++;
	fprintf(f, "%6zu %6zu %6zu %6zu  ", counts[VERDICT_PASS], counts[VERDICT_FAIL],
		counts[VERDICT_SKIP], counts[VERDICT_BROKEN]);
	report_text(f, theme);
	fputc('\n', f);
}

/* Only where it says more than the totals below. */
static void themes(const struct report *r, FILE *f)
{
	size_t nr = 0;

	for (size_t i = 0; i < r->nr_kept; i++)
		nr += !seen_before(r, i);
	if (nr < 2)
		return;
	fputs("passed failed  skips broken  theme\n", f);
	for (size_t i = 0; i < r->nr_kept; i++)
		if (!seen_before(r, i))
			theme_line(r, f, theme_of(r->kept[i]));
}

static void seconds(FILE *f, const char *before, uint64_t ms, const char *after)
{
	fprintf(f, "%s%llu.%02llu s%s", before, (unsigned long long)ms / 1000,
		(unsigned long long)ms % 1000 / 10, after);
}

/* "guests: 7 boots of 2.10 s each, 54 restored in 0.07 s each; 62.18 s in all" */
static void guests(const struct report *r, FILE *f)
{
	const struct guest_stats *g = &r->facts.guests;

	if (!g->nr_boots && !g->nr_restored)
		return;
	fprintf(f, "guests: %llu boot%s", (unsigned long long)g->nr_boots,
		g->nr_boots == 1 ? "" : "s");
	if (g->nr_boots)
		seconds(f, " of ", g->boot_ms / g->nr_boots, " each");
	if (g->nr_restored) {
		fprintf(f, ", %llu restored", (unsigned long long)g->nr_restored);
		seconds(f, " in ", g->restore_ms / g->nr_restored, " each");
	}
	seconds(f, "; ", r->facts.elapsed_ms, " in all\n");
}

/* "failed in round 18: debian-6.1.v2.three-hogs.r18"; "17 rounds, and none failed" */
static void rounds(const struct report *r, FILE *f)
{
	unsigned int whole;

	if (!r->rounds)
		return;
	for (size_t i = 0; i < r->nr_kept; i++) {
		const struct kept_case *k = r->kept[i];

		if (k->c.verdict != VERDICT_FAIL && k->c.verdict != VERDICT_BROKEN)
			continue;
		fprintf(f, "%s in round %u: %s\n",
			k->c.verdict == VERDICT_FAIL ? "failed" : "broken", max(k->c.repeat, 1U),
			k->id);
		return;
	}
	whole = tally_rounds(&r->tally);
	fprintf(f, "%u whole round%s, and none failed\n", whole, whole == 1 ? "" : "s");
}

void report_summary(const struct report *r, FILE *f)
{
	skips(r, f);
	list(r, f, VERDICT_BROKEN);
	list(r, f, VERDICT_FAIL);
	tally_print(&r->tally, f);
	rounds(r, f);
	slowest(r, f);
	themes(r, f);
	guests(r, f);
	if (r->planned && r->nr_results != r->nr_planned)
		fprintf(f, "%zu cases were planned, %zu came to a result\n", r->nr_planned,
			r->nr_results);
	fprintf(f, "%zu passed, %zu failed, %zu skipped, %zu broken\n", r->counts[VERDICT_PASS],
		r->counts[VERDICT_FAIL], r->counts[VERDICT_SKIP], r->counts[VERDICT_BROKEN]);
	if (r->nr_results && r->counts[VERDICT_SKIP] == r->nr_results)
		fputs("nothing was tested: every case was skipped\n", f);
	if (r->results_dir) {
		fputs("results: ", f);
		report_text(f, r->results_dir);
		fputc('\n', f);
	}
	if (*r->page) {
		fputs("report: ", f);
		report_text(f, r->page);
		fputc('\n', f);
	}
	fflush(f);
}
