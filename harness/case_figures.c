// SPDX-License-Identifier: MIT
/* expect: figures: what a wait measured, and what a worker told. */
#include "harness/schema.h"

static bool is_measured(const struct oom_case *c, const char *name)
{
	for (size_t i = 0; i < c->nr_steps; i++)
		if (str_eq(c->steps[i].measure, name))
			return true;
	return false;
}

/* "freed" of a step's `measure`, or "hog.rss_after_free" of a worker. */
static bool figure_ok(struct reader *r, const struct ynode *key)
{
	const char *name = key->text, *dot = strchr(name, '.');
	bool known = false;

	for (size_t i = 0; dot && i < r->c->nr_workers; i++)
		known |= strlen(r->c->workers[i].name) == (size_t)(dot - name) &&
			 strncmp(r->c->workers[i].name, name, dot - name) == 0;
	if (strlen(name) >= sizeof(((struct case_expect *)0)->key))
		told(r, key, "figure '%s': too long", name);
	else if (dot && !known && !r->workers_bad)
		told(r, key, "figure '%s': there is no such worker", name);
	else if (!dot && !is_measured(r->c, name) && !r->steps_bad)
		told(r, key, "figure '%s': no wait has 'measure: %s'", name, name);
	else
		return true;
	return false;
}

void read_figures(struct reader *r, const struct schema_row *row, const struct ynode *v, void *to)
{
	(void)to;
	if (!value_is_map(r, v, row->key))
		return;
	for (v = v->child; v; v = v->next) {
		struct case_expect *e;

		if (!figure_ok(r, v->key))
			continue;
		e = new_expect_at(r, v, EXPECT_FIGURE, "", "", v->key->text);
		if (e)
			value_range(r, v, v->key->text,
				    strchr(v->key->text, '.') ? RANGE_SIZES : RANGE_TIMES,
				    &e->range);
	}
}
