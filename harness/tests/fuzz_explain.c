// SPDX-License-Identifier: MIT
/*
 * libFuzzer: a log of arbitrary bytes through parser, model, JSON and text views. Besides what the
 * sanitizers see: the JSON must be JSON, and a report's counts must bear each other out.
 */
#include "harness/explain_whatif.h"

#include <assert.h>
#include <jansson.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct fuzz {
	struct explain x;
	size_t reports;
};

static void check_report(const struct oom_report *r, const struct badness_verdict *v)
{
	struct oom_report *copy = oom_report_dup(r);

	assert(r->outcome != OOM_OUTCOME_KILLED || r->nr_victims);
	assert(!r->complete || r->has_task_table);
	assert(!r->nr_tasks || r->has_task_table);
	assert(v->ranking.nr_eligible <= v->ranking.nr_entries);
	assert(v->agrees >= -1 && v->agrees <= 1);
	assert(!copy || copy->nr_tasks == r->nr_tasks);
	oom_report_free(copy);
}

static void on_report(void *ctx, const struct oom_report *r)
{
	struct fuzz *f = ctx;
	struct badness_verdict v;

	f->reports++;
	f->x.nr_events++;
	badness_judge_report(r, &v);
	check_report(r, &v);
	jsonw_object(&f->x.w, NULL);
	explain_json(&f->x.w, r, &v);
	explain_json_whatif(&f->x.w, &f->x, r);
	jsonw_close(&f->x.w);
	explain_text(&f->x, r, &v);
	badness_verdict_free(&v);
}

static void feed(struct oom_parser *p, const char *s, size_t size)
{
	uint64_t line = 1;

	while (size) {
		const char *nl = memchr(s, '\n', size);
		size_t n = nl ? (size_t)(nl - s) : size;

		oom_parser_wants_all(p);
		assert(!oom_parser_line(p, s, n, line++));
		n += nl != NULL;
		s += n;
		size -= n;
	}
	oom_parser_finish(p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char json[1 << 20];
	static FILE *null;
	struct fuzz f = { .x.nr_whatifs = 2 };
	struct oom_parser *p;
	ssize_t len;
	json_t *tree;

	if (!null)
		null = fopen("/dev/null", "w");
	f.x.out = null;
	assert(whatif_parse("adj:100=-500", &f.x.whatifs[0]));
	assert(whatif_parse("limit:+200M", &f.x.whatifs[1]));
	jsonw_init(&f.x.w, json, sizeof(json));
	jsonw_array(&f.x.w, NULL);
	p = oom_parser_new(on_report, &f);
	feed(p, (const char *)data, size);
	oom_parser_free(p);
	len = jsonw_finish(&f.x.w);
	if (len < 0)
		return 0; /* more reports than the buffer holds */
	tree = json_loadb(json, (size_t)len, 0, NULL);
	assert(tree && json_array_size(tree) == f.reports);
	json_decref(tree);
	return 0;
}
