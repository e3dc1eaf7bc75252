// SPDX-License-Identifier: MIT
/*
 * report.html: block "index" is results.json as it is, block "caseN" what the evidence of its N-th
 * case tells beyond that. Evidence is read again, one case at a time. Of repeats that passed alike
 * only the first is told in full.
 */
#include "harness/html.h"
#include "harness/report_impl.h"
#include "harness/results.h"

static bool same_case(const struct case_result *a, const struct case_result *b)
{
	return a->cgroup == b->cgroup && str_eq(a->name, b->name) && str_eq(a->kernel, b->kernel);
}

static bool is_folded(const struct report *r, size_t i)
{
	const struct case_result *c = &r->kept[i]->c;

	for (size_t j = 0; c->repeat > 1 && c->verdict == VERDICT_PASS && j < i; j++)
		if (r->kept[j]->c.verdict == VERDICT_PASS && same_case(&r->kept[j]->c, c))
			return true;
	return false;
}

static int put_index(const struct report *r, FILE *out, struct html_block *b)
{
	html_block_begin(b, out, "index");
	results_json_head(&b->w, &r->facts, r->counts, &r->tally);
	for (size_t i = 0; i < r->nr_kept; i++)
		results_json_case(&b->w, r->facts.dir, &r->kept[i]->c);
	return html_block_end(b);
}

/* A case whose evidence cannot be read has no block; the index says why. */
static int put_case(const struct report *r, FILE *out, struct html_block *b, size_t i)
{
	char file[RESULTS_PATH_LEN + 32], id[32];
	struct evidence *e = NULL;
	struct fail f;

	snprintf(file, sizeof(file), "%s/evidence.jsonl", r->kept[i]->c.dir);
	if (evidence_load(file, &e, &f) < 0)
		return 0;
	snprintf(id, sizeof(id), "case%zu", i);
	html_block_begin(b, out, id);
	report_html_evidence(&b->w, e);
	evidence_free(e);
	return html_block_end(b);
}

static int put_page(const struct report *r, FILE *out)
{
	struct html_block *b __free = malloc(sizeof(*b));
	int err;

	if (!b)
		return -ENOMEM;
	html_begin(out, "run");
	err = put_index(r, out, b);
	for (size_t i = 0; !err && i < r->nr_kept; i++)
		if (r->kept[i]->c.dir && *r->kept[i]->c.dir && !is_folded(r, i))
			err = put_case(r, out, b, i);
	html_end(out);
	return err ? err : ferror(out) ? -EIO : 0;
}

int report_html_write(const struct report *r, const char *path)
{
	FILE *out = fopen(path, "we");
	int err;

	if (!out)
		return -errno;
	err = put_page(r, out);
	return fclose(out) == EOF && !err ? -errno : err;
}

static void end(const struct report *r, FILE *out)
{
	put_page(r, out);
}

const struct report_format report_html = { .name = "html", .end = end };
