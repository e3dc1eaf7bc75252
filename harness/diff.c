// SPDX-License-Identifier: MIT
#include "harness/diff.h"
#include "harness/tally.h"

#define TIMES_FACTOR 2 /* below that, one busy host explains it */
#define TIMES_LEAST  3 /* repeats */

static const char absent[] = "none";

static int by_case(const void *a, const void *b)
{
	const struct play *x = a, *y = b;
	int n = strcmp(x->name, y->name);

	if (!n)
		n = (int)x->cgroup - (int)y->cgroup;
	if (!n)
		n = strcmp(x->kernel, y->kernel);
	return n ? n : (int)x->side - (int)y->side;
}

static bool same_case(const struct play *a, const struct play *b)
{
	return str_eq(a->name, b->name) && a->cgroup == b->cgroup && str_eq(a->kernel, b->kernel);
}

/* All plays of one case: side 0 from `all`, side 1 behind them. */
struct group {
	const struct play *side[2];
	size_t nr[2];
	char id[200];
};

static const char *value_of(const struct play *p, const char *key)
{
	const char *v = traits_get(&p->traits, key);

	return v ? v : absent;
}

static bool has_value(const struct group *g, unsigned int side, const char *key, const char *value)
{
	for (size_t i = 0; i < g->nr[side]; i++)
		if (str_eq(value_of(&g->side[side][i], key), value))
			return true;
	return false;
}

static bool differs(const struct group *g, const char *key)
{
	for (size_t i = 0; i < g->nr[0]; i++)
		if (has_value(g, 1, key, value_of(&g->side[0][i], key)))
			return false;
	return true;
}

/* Each value once, sorted: which repeat had which is no difference. NULL: no memory. */
static char *values_text(const struct group *g, unsigned int side, const char *key)
{
	const char **values __free = calloc(g->nr[side], sizeof(*values));
	char *text = NULL;
	size_t len = 0;
	FILE *out = values ? open_memstream(&text, &len) : NULL;

	if (!out)
		return NULL;
	for (size_t i = 0; i < g->nr[side]; i++)
		values[i] = value_of(&g->side[side][i], key);
	qsort(values, g->nr[side], sizeof(*values), str_order);
	for (size_t i = 0; i < g->nr[side]; i++)
		if (!i || !str_eq(values[i - 1], values[i]))
			fprintf(out, "%s%s", i ? " or " : "", values[i]);
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}

static int add_text(char ***list, size_t *nr, const char *text)
{
	char **more = reallocarray(*list, *nr + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	*list = more;
	more[*nr] = strdup(text);
	return more[(*nr)++] ? 0 : -ENOMEM;
}

static struct difference *find(struct diff *d, const char *key, const char *a, const char *b)
{
	for (size_t i = 0; i < d->nr; i++)
		if (str_eq(d->list[i].key, key) && str_eq(d->list[i].sides[0], a) &&
		    str_eq(d->list[i].sides[1], b))
			return &d->list[i];
	return NULL;
}

/* Takes the two texts over; NULL: no memory. */
static int add_finding(struct diff *d, const struct group *g, const char *key, char *a, char *b)
{
	char *left __free = a, *right __free = b;
	struct difference *x, *more;

	if (!left || !right)
		return -ENOMEM;
	x = find(d, key, left, right);
	if (!x) {
		more = reallocarray(d->list, d->nr + 1, sizeof(*more));
		if (!more)
			return -ENOMEM;
		d->list = more;
		x = &d->list[d->nr++];
		*x = (struct difference){ .key = strdup(key), .sides = { left, right } };
		left = right = NULL;
		if (!x->key)
			return -ENOMEM;
	}
	return add_text(&x->cases, &x->nr_cases, g->id);
}

static int add_difference(struct diff *d, const struct group *g, const char *key)
{
	return add_finding(d, g, key, values_text(g, 0, key), values_text(g, 1, key));
}

/* Has an earlier play of the group this key too? Then it was compared already. */
static bool seen_before(const struct group *g, unsigned int side, size_t play, const char *key)
{
	for (unsigned int s = 0; s <= side; s++)
		for (size_t i = 0; i < (s == side ? play : g->nr[s]); i++)
			if (traits_get(&g->side[s][i].traits, key))
				return true;
	return false;
}

/*
 * A counter that one side does not have was not asked for there: a case may expect it of some kernels only.
 * Which counters there are is a trait of its own.
 */
static bool is_asked_for(const struct group *g, const char *key)
{
	bool has[2] = { false, false };

	if (!str_starts(key, "counter "))
		return true;
	for (unsigned int s = 0; s < 2; s++)
		for (size_t i = 0; i < g->nr[s]; i++)
			has[s] |= traits_get(&g->side[s][i].traits, key) != NULL;
	return has[0] && has[1];
}

static int compare_all(struct diff *d, const struct group *g)
{
	int err = 0;

	for (unsigned int s = 0; s < 2; s++) {
		for (size_t i = 0; i < g->nr[s]; i++) {
			const struct traits *t = &g->side[s][i].traits;

			for (size_t k = 0; !err && k < t->nr; k++)
				if (!seen_before(g, s, i, t->list[k].key) &&
				    is_asked_for(g, t->list[k].key) && differs(g, t->list[k].key))
					err = add_difference(d, g, t->list[k].key);
		}
	}
	return err;
}

static bool starts_verdict(const struct group *g, const char *verdict)
{
	for (unsigned int s = 0; s < 2; s++)
		for (size_t i = 0; i < g->nr[s]; i++)
			if (str_starts(value_of(&g->side[s][i], "verdict"), verdict))
				return true;
	return false;
}

static unsigned int count_verdict(const struct group *g, unsigned int side, const char *verdict)
{
	unsigned int n = 0;

	for (size_t i = 0; i < g->nr[side]; i++)
		n += str_eq(value_of(&g->side[side][i], "verdict"), verdict);
	return n;
}

static char *count_text(unsigned int failed, unsigned int n)
{
	char *text;

	return asprintf(&text, "%u of %u", failed, n) < 0 ? NULL : text;
}

/* Both sides pass and fail, but one clearly more often: the intervals of their rates do not meet. */
static int compare_rates(struct diff *d, const struct group *g)
{
	unsigned int failed[2], nr[2];
	double low[2], high[2];

	for (unsigned int s = 0; s < 2; s++) {
		failed[s] = count_verdict(g, s, verdict_name(VERDICT_FAIL));
		nr[s] = failed[s] + count_verdict(g, s, verdict_name(VERDICT_PASS));
		if (!nr[s])
			return 0;
		tally_interval(failed[s], nr[s], &low[s], &high[s]);
	}
	if (differs(g, "verdict") || (low[1] <= high[0] && low[0] <= high[1]))
		return 0;
	return add_finding(d, g, low[1] > high[0] ? "fails more often" : "fails less often",
			   count_text(failed[0], nr[0]), count_text(failed[1], nr[1]));
}

static int by_us(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Sorted times of a side's kills; how many there are. */
static size_t times_of(const struct group *g, unsigned int side, uint64_t *us)
{
	size_t n = 0;

	for (size_t i = 0; i < g->nr[side]; i++)
		if (g->side[side][i].traits.kill_us)
			us[n++] = g->side[side][i].traits.kill_us;
	qsort(us, n, sizeof(*us), by_us);
	return n;
}

static int compare_times(struct diff *d, const struct group *g)
{
	uint64_t *a __free = calloc(g->nr[0], sizeof(*a));
	uint64_t *b __free = calloc(g->nr[1], sizeof(*b));
	struct kill_time t, *more;
	size_t na, nb;

	if (!a || !b)
		return -ENOMEM;
	na = times_of(g, 0, a);
	nb = times_of(g, 1, b);
	if (na < TIMES_LEAST || nb < TIMES_LEAST)
		return 0;
	t = (struct kill_time){ .median_us = { a[na / 2], b[nb / 2] } };
	if ((a[na - 1] >= b[0] && b[nb - 1] >= a[0]) ||
	    (t.median_us[0] < TIMES_FACTOR * t.median_us[1] &&
	     t.median_us[1] < TIMES_FACTOR * t.median_us[0]))
		return 0;
	more = reallocarray(d->times, d->nr_times + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	d->times = more;
	t.name = strdup(g->id);
	d->times[d->nr_times++] = t;
	return t.name ? 0 : -ENOMEM;
}

/* Of all differences, each case counted once for each. */
static size_t nr_findings(const struct diff *d)
{
	size_t n = 0;

	for (size_t i = 0; i < d->nr; i++)
		n += d->list[i].nr_cases;
	return n;
}

static int compare(struct diff *d, const struct group *g)
{
	size_t before = nr_findings(d);
	int err = 0;

	for (unsigned int s = 0; s < 2; s++)
		if (!g->nr[!s])
			return add_text(&d->only[s], &d->nr_only[s], g->id);
	d->nr_compared++;
	if (starts_verdict(g, "BROKEN")) {
		d->nr_unknown++;
		return 0;
	}
	/* What was not played has no traits to compare. */
	if (starts_verdict(g, "SKIP"))
		err = differs(g, "verdict") ? add_difference(d, g, "verdict") : 0;
	else
		err = compare_all(d, g) ?: compare_rates(d, g) ?: compare_times(d, g);
	d->nr_same += !err && nr_findings(d) == before;
	return err;
}

int diff_make(struct play *plays, size_t nr, struct diff *ret)
{
	struct diff d = { 0 };
	int err = 0;

	if (nr)
		qsort(plays, nr, sizeof(*plays), by_case);
	for (size_t i = 0, n; !err && i < nr; i += n) {
		struct group g = { .side = { &plays[i] } };

		for (n = 0; i + n < nr && same_case(&plays[i], &plays[i + n]); n++)
			g.nr[plays[i + n].side]++;
		g.side[1] = g.side[0] + g.nr[0];
		snprintf(g.id, sizeof(g.id), "%.64s %s%s%.100s", plays[i].name,
			 cgroup_version_name(plays[i].cgroup), *plays[i].kernel ? " " : "",
			 plays[i].kernel);
		err = compare(&d, &g);
	}
	if (err)
		diff_free(&d);
	else
		*ret = d;
	return err;
}

static void free_texts(char **list, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		free(list[i]);
	free(list);
}

void diff_free(struct diff *d)
{
	for (size_t i = 0; i < d->nr; i++) {
		free(d->list[i].key);
		free(d->list[i].sides[0]);
		free(d->list[i].sides[1]);
		free_texts(d->list[i].cases, d->list[i].nr_cases);
	}
	for (size_t i = 0; i < d->nr_times; i++)
		free(d->times[i].name);
	free_texts(d->only[0], d->nr_only[0]);
	free_texts(d->only[1], d->nr_only[1]);
	free(d->list);
	free(d->times);
	*d = (struct diff){ 0 };
}
