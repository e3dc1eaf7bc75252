// SPDX-License-Identifier: MIT
#include "harness/tally.h"

#include <limits.h>
#include <math.h>

/* Where the row of that name is, or would be. */
static size_t find(const struct tally *t, const char *name)
{
	size_t low = 0, high = t->nr;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(t->rows[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int tally_add(struct tally *t, const struct case_result *c)
{
	struct case_result all = *c;
	struct tally_row *more;
	char name[TALLY_NAME_LEN];
	size_t i;

	all.repeat = 0;
	report_name(&all, name, sizeof(name));
	i = find(t, name);
	if (i == t->nr || !str_eq(t->rows[i].name, name)) {
		more = reallocarray(t->rows, t->nr + 1, sizeof(*more));
		if (!more)
			return -ENOMEM;
		t->rows = more;
		memmove(more + i + 1, more + i, (t->nr++ - i) * sizeof(*more));
		more[i] = (struct tally_row){ 0 };
		str_copy(more[i].name, sizeof(more[i].name), name);
	}
	t->rows[i].nr[c->verdict]++;
	return 0;
}

void tally_free(struct tally *t)
{
	free(t->rows);
	*t = (struct tally){ 0 };
}

void tally_interval(unsigned int failed, unsigned int n, double *low, double *high)
{
	const double z = 1.96; /* 95 % of a normal distribution */
	double rate = (double)failed / n, spread = z * z / n;
	double middle = rate + spread / 2;
	double half = z * sqrt(rate * (1 - rate) / n + spread / (4 * n));

	*low = failed ? 100 * (middle - half) / (1 + spread) : 0;
	*high = failed < n ? 100 * (middle + half) / (1 + spread) : 100;
}

enum bisect_exit tally_bisect(const struct tally *t, unsigned int bad_at)
{
	bool broken = false, answered = false;

	for (size_t i = 0; i < t->nr; i++) {
		const unsigned int *nr = t->rows[i].nr;

		if (nr[VERDICT_FAIL] >= bad_at)
			return BISECT_BAD;
		broken |= nr[VERDICT_BROKEN] > 0;
		answered |= nr[VERDICT_PASS] || nr[VERDICT_FAIL];
	}
	return broken || !answered ? BISECT_SKIP : BISECT_GOOD;
}

unsigned int tally_rounds(const struct tally *t)
{
	unsigned int least = UINT_MAX;

	for (size_t i = 0; i < t->nr; i++) {
		const unsigned int *nr = t->rows[i].nr;
		unsigned int played = nr[VERDICT_PASS] + nr[VERDICT_FAIL] + nr[VERDICT_BROKEN];

		if (played)
			least = min(least, played);
	}
	return least == UINT_MAX ? 0 : least;
}

void tally_print(const struct tally *t, FILE *out)
{
	unsigned int most = 0, least = 0;
	double low, high;

	for (size_t i = 0; i < t->nr; i++) {
		const unsigned int *nr = t->rows[i].nr;
		unsigned int n = nr[VERDICT_PASS] + nr[VERDICT_FAIL];

		if (n < 2)
			continue;
		least = least ? min(least, n) : n;
		most = max(most, nr[VERDICT_FAIL]);
		if (!nr[VERDICT_FAIL])
			continue;
		tally_interval(nr[VERDICT_FAIL], n, &low, &high);
		fprintf(out,
			"%s: failed %u of %u: %.0f %%, with 95 %% confidence %.1f to %.1f %%\n",
			t->rows[i].name, nr[VERDICT_FAIL], n, 100.0 * nr[VERDICT_FAIL] / n, low,
			high);
	}
	if (!least || most)
		return;
	tally_interval(0, least, &low, &high);
	fprintf(out,
		"no failure in %u repeats of each: with 95 %% confidence each fails at most %.1f "
		"%% of the time\n",
		least, high);
}
