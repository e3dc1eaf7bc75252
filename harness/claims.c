// SPDX-License-Identifier: MIT
#include "harness/claims.h"

enum claim_state claim_state_of(enum verdict v, bool known, enum claim_truth truth)
{
	switch (v) {
	case VERDICT_PASS:
		if (!known)
			return CLAIM_STATE_UNKNOWN;
		return truth == CLAIM_REFUTED ? CLAIM_STATE_REFUTED : CLAIM_STATE_CONFIRMED;
	case VERDICT_FAIL:
		return CLAIM_STATE_CONTRADICTED;
	case VERDICT_SKIP:
		return CLAIM_STATE_NOT_TESTED;
	default:
		return CLAIM_STATE_UNKNOWN;
	}
}

enum claim_overall claim_overall_of(const struct claim_column *columns,
				    const struct claim_cell *cells, size_t nr,
				    const char **changed_in)
{
	enum claim_state first[CGROUP_V2 + 1] = { CLAIM_STATE_NONE }, any = CLAIM_STATE_NONE;

	*changed_in = NULL;
	for (size_t i = 0; i < nr; i++) {
		enum claim_state s = cells[i].state, *seen = &first[columns[i].cgroup];

		if (s == CLAIM_STATE_CONTRADICTED || s == CLAIM_STATE_UNKNOWN)
			return CLAIM_OPEN;
		if (s != CLAIM_STATE_CONFIRMED && s != CLAIM_STATE_REFUTED)
			continue;
		if (!*seen)
			*seen = s;
		else if (*seen != s && !*changed_in)
			*changed_in = columns[i].kernel;
		any = s;
	}
	if (*changed_in)
		return CLAIM_CHANGED;
	if (first[CGROUP_V1] && first[CGROUP_V2] && first[CGROUP_V1] != first[CGROUP_V2])
		return CLAIM_BY_CGROUP;
	return any == CLAIM_STATE_NONE	    ? CLAIM_OPEN
	       : any == CLAIM_STATE_REFUTED ? CLAIM_ALL_REFUTED
					    : CLAIM_ALL_CONFIRMED;
}

/* Of a release, or of a name like debian:6.1 where it never booted; 0 if neither tells. */
static unsigned int version_of(const struct claim_column *c)
{
	const char *colon = strrchr(c->kernel, ':');
	unsigned int major, minor;

	if (sscanf(c->release, "%3u.%4u", &major, &minor) != 2 &&
	    (!colon || sscanf(colon + 1, "%3u.%4u", &major, &minor) != 2))
		return 0;
	return major * 10000 + minor;
}

static bool comes_before(const struct claim_column *a, const struct claim_column *b)
{
	unsigned int va = version_of(a), vb = version_of(b);

	if (va != vb)
		return va < vb;
	return str_eq(a->kernel, b->kernel) && a->cgroup < b->cgroup;
}

static struct claim_column *find_column(const struct claim_table *t, const struct stored_case *s)
{
	for (size_t i = 0; i < t->nr_columns; i++)
		if (str_eq(t->columns[i].kernel, s->kernel) && t->columns[i].cgroup == s->cgroup)
			return &t->columns[i];
	return NULL;
}

static int add_columns(struct claim_table *t, const struct stored_case *results, size_t nr)
{
	t->columns = calloc(nr + 1, sizeof(*t->columns));
	if (!t->columns)
		return -ENOMEM;
	for (size_t i = 0; i < nr; i++) {
		struct claim_column *c = find_column(t, &results[i]);

		if (!c) {
			c = &t->columns[t->nr_columns++];
			*c = (struct claim_column){ results[i].kernel, "", results[i].cgroup };
		}
		if (!*c->release)
			c->release = results[i].release;
	}
	for (size_t i = 1; i < t->nr_columns; i++) {
		for (size_t j = i; j && comes_before(&t->columns[j], &t->columns[j - 1]); j--) {
			struct claim_column c = t->columns[j];

			t->columns[j] = t->columns[j - 1];
			t->columns[j - 1] = c;
		}
	}
	return 0;
}

static int add_case(struct claim_table *t, const struct oom_case *c)
{
	struct claim *claim = NULL;
	const struct oom_case **more;

	for (size_t i = 0; i < t->nr_claims && !claim; i++)
		if (str_eq(t->claims[i].text, c->claim))
			claim = &t->claims[i];
	if (!claim) {
		claim = &t->claims[t->nr_claims++];
		claim->text = c->claim;
		claim->source = c->claim_source;
		claim->theme = c->theme;
		claim->cells = calloc(t->nr_columns + 1, sizeof(*claim->cells));
	}
	more = reallocarray(claim->cases, claim->nr_cases + 1, sizeof(*more));
	if (!more || !claim->cells)
		return -ENOMEM;
	claim->cases = more;
	more[claim->nr_cases++] = c;
	return 0;
}

static void cell_take(struct claim_cell *cell, const struct claim_cell *other)
{
	if (other->state > cell->state)
		*cell = *other;
}

/* By what the run said of it; a run of before that was kept is asked by its kernel. */
static bool truth_of(const struct oom_case *c, const struct stored_case *s, enum claim_truth *ret)
{
	if (!*s->claim_truth)
		return case_truth_on(c, s->cgroup, s->release, ret);
	*ret = str_eq(s->claim_truth, claim_truth_name(CLAIM_REFUTED)) ? CLAIM_REFUTED
								       : CLAIM_CONFIRMED;
	return true;
}

static void ask(const struct oom_case *c, const struct claim_column *column,
		const struct stored_case *results, size_t nr, struct claim_cell *cell)
{
	bool played = false;

	if (column->cgroup == CGROUP_V1 ? !c->needs.v1 : !c->needs.v2)
		return;
	for (size_t i = 0; i < nr; i++) {
		const struct stored_case *s = &results[i];
		struct claim_cell seen = { .reason = "", .by = c, .evidence = s->evidence };
		enum claim_truth truth = CLAIM_CONFIRMED;
		bool known;

		if (!str_eq(s->name, c->name) || !str_eq(s->claim, c->claim) ||
		    !str_eq(s->kernel, column->kernel) || s->cgroup != column->cgroup)
			continue;
		played = true;
		known = truth_of(c, s, &truth);
		seen.state = claim_state_of(s->verdict, known, truth);
		if (s->verdict != VERDICT_PASS)
			seen.reason = s->reason;
		else if (!known)
			seen.reason = "the truth depends on a kernel that is not known";
		cell_take(cell, &seen);
	}
	if (!played)
		cell_take(cell, &(struct claim_cell){ CLAIM_STATE_UNKNOWN, "not played", c, NULL });
}

int claims_make(struct oom_case **cases, size_t nr_cases, const struct stored_case *results,
		size_t nr_results, struct claim_table *ret)
{
	int err;

	*ret = (struct claim_table){ 0 };
	ret->claims = calloc(nr_cases + 1, sizeof(*ret->claims));
	err = ret->claims ? add_columns(ret, results, nr_results) : -ENOMEM;
	for (size_t i = 0; !err && i < nr_cases; i++)
		if (cases[i]->claim)
			err = add_case(ret, cases[i]);
	for (size_t i = 0; !err && i < ret->nr_claims; i++) {
		struct claim *c = &ret->claims[i];

		for (size_t j = 0; j < c->nr_cases; j++)
			for (size_t k = 0; k < ret->nr_columns; k++)
				ask(c->cases[j], &ret->columns[k], results, nr_results,
				    &c->cells[k]);
		c->overall =
			claim_overall_of(ret->columns, c->cells, ret->nr_columns, &c->changed_in);
	}
	if (err)
		claims_free(ret);
	return err;
}

void claims_free(struct claim_table *t)
{
	for (size_t i = 0; i < t->nr_claims; i++) {
		free(t->claims[i].cases);
		free(t->claims[i].cells);
	}
	free(t->claims);
	free(t->columns);
	*t = (struct claim_table){ 0 };
}

const char *claim_state_name(enum claim_state state)
{
	static const char *const names[] = { "none",	"confirmed", "not tested",
					     "unknown", "refuted",   "contradicted" };

	return names[state];
}

const char *claim_overall_name(enum claim_overall overall)
{
	static const char *const names[] = { "open", "confirmed", "refuted", "changed",
					     "depends on cgroup" };

	return names[overall];
}
