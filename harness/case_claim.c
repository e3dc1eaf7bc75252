// SPDX-License-Identifier: MIT
/* claim: what people are told, who says so, and what the case shows of it. */
#include "harness/schema.h"

static const char *const truths[] = { "confirmed", "refuted", NULL };

const char *claim_truth_name(enum claim_truth truth)
{
	return truths[truth];
}

bool case_truth_on(const struct oom_case *c, enum cgroup_version cg, const char *release,
		   enum claim_truth *ret)
{
	unsigned int major, minor;
	bool known = sscanf(release, "%3u.%4u", &major, &minor) == 2;

	for (size_t i = 0; i < c->nr_truths; i++) {
		const struct case_truth *t = &c->truths[i];

		if (*t->when.op && !known && (!t->when.cgroup || t->when.cgroup == cg))
			return false;
		if (!case_when_holds(&t->when, cg, release))
			continue;
		*ret = t->is;
		return true;
	}
	return false;
}

static void truth_if(struct reader *r, const struct schema_row *row, const struct ynode *v,
		     void *to)
{
	struct case_truth *t = to;

	read_if(r, row, v, &t->when);
}

static void truth_is(struct reader *r, const struct schema_row *row, const struct ynode *v,
		     void *to)
{
	struct case_truth *t = to;
	int i;

	if (value_choice(r, v, row->key, truths, &i))
		t->is = (enum claim_truth)i;
}

static void read_truth(struct reader *r, const struct schema_row *row, const struct ynode *v,
		       void *to)
{
	struct oom_case *c = to;

	if (v->kind != YNODE_LIST) {
		struct case_truth *t = GROW(r, c->truths, c->nr_truths);

		if (t)
			truth_is(r, row, v, t);
		return;
	}
	if (!v->child)
		told(r, v, "truth: confirmed, refuted, or a list of rows is due");
	for (v = v->child; v; v = v->next) {
		bool has_if = v->kind == YNODE_MAP && ynode_get(v, "if");
		struct case_truth *t = GROW(r, c->truths, c->nr_truths);

		if (!t)
			return;
		schema_read(r, &schema_truth, v, t);
		if (v->next && !has_if)
			told(r, v, "truth: an 'if' is due in every row but the last");
		else if (!v->next && has_if)
			told(r, v,
			     "truth: the last row says what holds elsewhere, without an 'if'");
	}
}

void read_claim(struct reader *r, const struct schema_row *row, const struct ynode *v, void *to)
{
	(void)row;
	schema_read(r, &schema_claim, v, to);
}

static const struct schema_row claim_rows[] = {
	{ "text", "one line", "the claim", .read = row_line, ROW_FIELD(struct oom_case, claim),
	  .required = true },
	{ "source", "one line", "who says so", .read = row_line,
	  ROW_FIELD(struct oom_case, claim_source), .required = true },
	{ "truth", "confirmed, refuted or [truth, ...]",
	  "what the case shows of the claim where it passes", .read = read_truth,
	  .required = true },
	{ .key = NULL },
};

static const struct schema_row truth_rows[] = {
	{ "if", "if", "where; the first row that holds counts, the last has no `if`",
	  .read = truth_if },
	{ "is", "confirmed, refuted", "what it is there", .read = truth_is, .required = true },
	{ .key = NULL },
};

const struct schema schema_claim = { "claim", "`claim`", claim_rows };
const struct schema schema_truth = { "a row of truth", "`truth`", truth_rows };
