// SPDX-License-Identifier: MIT
/* The claims as one JSON document; results/README.md has its members. */
#include "harness/case_show.h"
#include "harness/claims.h"

#define CLAIMS_SCHEMA 1

static int to_stream(void *ctx, const char *text, size_t len)
{
	return fwrite(text, 1, len, ctx) == len ? 0 : -EIO;
}

static const char *or_null(const char *s)
{
	return s && *s ? s : NULL;
}

static void put_column(struct jsonw *w, const struct claim_column *c)
{
	jsonw_str(w, "kernel", c->kernel);
	jsonw_str(w, "release", or_null(c->release));
	jsonw_str(w, "cgroup", cgroup_version_name(c->cgroup));
}

static void put_cases(struct jsonw *w, const struct claim *c)
{
	jsonw_array(w, "cases");
	for (size_t i = 0; i < c->nr_cases; i++) {
		jsonw_object(w, NULL);
		jsonw_str(w, "case", c->cases[i]->name);
		jsonw_str(w, "file", c->cases[i]->file);
		jsonw_str(w, "source", c->cases[i]->claim_source);
		case_write_truth(c->cases[i], w);
		jsonw_close(w);
	}
	jsonw_close(w);
}

static void put_cells(struct jsonw *w, const struct claim_table *t, const struct claim *c)
{
	jsonw_array(w, "verdicts");
	for (size_t i = 0; i < t->nr_columns; i++) {
		const struct claim_cell *cell = &c->cells[i];

		if (cell->state == CLAIM_STATE_NONE)
			continue;
		jsonw_object(w, NULL);
		put_column(w, &t->columns[i]);
		jsonw_str(w, "verdict", claim_state_name(cell->state));
		jsonw_str(w, "reason", or_null(cell->reason));
		jsonw_str(w, "case", cell->by->name);
		jsonw_str(w, "evidence", cell->evidence);
		jsonw_close(w);
	}
	jsonw_close(w);
}

int claims_json(const struct claim_table *t, const char *results, FILE *f)
{
	char buf[4096];
	struct jsonw w;

	jsonw_init_flush(&w, buf, sizeof(buf), to_stream, f);
	jsonw_object(&w, NULL);
	jsonw_u64(&w, "schema", CLAIMS_SCHEMA);
	jsonw_str(&w, "results", results);
	jsonw_array(&w, "columns");
	for (size_t i = 0; i < t->nr_columns; i++) {
		jsonw_object(&w, NULL);
		put_column(&w, &t->columns[i]);
		jsonw_close(&w);
	}
	jsonw_close(&w);
	jsonw_array(&w, "claims");
	for (size_t i = 0; i < t->nr_claims; i++) {
		const struct claim *c = &t->claims[i];

		jsonw_object(&w, NULL);
		jsonw_str(&w, "text", c->text);
		jsonw_str(&w, "source", c->source);
		jsonw_str(&w, "theme", c->theme);
		jsonw_str(&w, "overall", results ? claim_overall_name(c->overall) : "not played");
		jsonw_str(&w, "changed_in", c->changed_in);
		put_cases(&w, c);
		put_cells(&w, t, c);
		jsonw_close(&w);
	}
	if (jsonw_finish(&w) < 0)
		return -EIO;
	return fputc('\n', f) == EOF ? -EIO : 0;
}
