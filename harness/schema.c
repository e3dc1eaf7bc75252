// SPDX-License-Identifier: MIT
/* The engine of the tables: known keys are read, required ones missed, unknown ones suggested. */
#include "harness/schema.h"

static void tell_unknown(struct reader *r, const struct schema *s, const struct ynode *key)
{
	const char *names[64];
	const char *near;
	size_t n = 0;

	for (const struct schema_row *row = s->rows; row->key && n + 1 < ARRAY_SIZE(names); row++)
		names[n++] = row->key;
	names[n] = NULL;
	near = diag_nearest(key->text, names);
	if (near) {
		told(r, key, "unknown key '%s' in %s; did you mean '%s'?", key->text, s->name,
		     near);
	} else {
		char list[512] = "";

		for (size_t i = 0, at = 0; i < n && at < sizeof(list); i++)
			at += snprintf(list + at, sizeof(list) - at, "%s%s", i ? ", " : "",
				       names[i]);
		told(r, key, "unknown key '%s' in %s; it may have: %s", key->text, s->name, list);
	}
}

const struct schema_row *schema_find(struct reader *r, const struct schema *s,
				     const struct ynode *key)
{
	for (const struct schema_row *row = s->rows; row->key; row++)
		if (str_eq(row->key, key->text))
			return row;
	tell_unknown(r, s, key);
	return NULL;
}

void schema_read(struct reader *r, const struct schema *s, const struct ynode *map, void *to)
{
	if (!value_is_map(r, map, s->name))
		return;
	for (const struct schema_row *row = s->rows; row->key; row++) {
		const struct ynode *v = ynode_get(map, row->key);

		if (!v && row->required)
			told(r, map, "%s lacks '%s' (%s)", s->name, row->key, row->form);
		else if (v && !v->bad)
			row->read(r, row, v, to);
	}
	for (const struct ynode *v = map->child; v; v = v->next)
		schema_find(r, s, v->key);
}

static const struct schema *const all[] = {
	&schema_case,	&schema_needs, &schema_claim,	&schema_truth,	       &schema_scene,
	&schema_worker, &schema_step,  &schema_wait,	&schema_read_step,     &schema_write_step,
	&schema_signal, &schema_move,  &schema_eventfd, &schema_kmsg,	       &schema_expect,
	&schema_when,	&schema_if,    &schema_profile, &schema_profile_value,
};

void schema_write_markdown(FILE *f)
{
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		fprintf(f, "%s### %s\n\n| key | value | meaning |\n|---|---|---|\n", i ? "\n" : "",
			all[i]->head);
		for (const struct schema_row *row = all[i]->rows; row->key; row++)
			fprintf(f, "| `%s`%s | %s | %s |\n", row->key,
				row->required ? " (must)" : "", row->form, row->doc);
	}
}
