// SPDX-License-Identifier: MIT
/* results.json as one document; the schema is harness/doc/results.schema.json. */
#include "harness/report_impl.h"
#include "harness/results.h"
#include "lib/jsonw.h"

static void end(const struct report *r, FILE *out)
{
	char buf[4096];
	struct jsonw w;

	jsonw_init_stream(&w, buf, sizeof(buf), out);
	results_json_head(&w, &r->facts, r->counts, &r->tally);
	for (size_t i = 0; i < r->nr_kept; i++)
		results_json_case(&w, r->facts.dir, &r->kept[i]->c);
	jsonw_finish(&w);
	fputc('\n', out);
}

const struct report_format report_json = { .name = "json", .end = end };
