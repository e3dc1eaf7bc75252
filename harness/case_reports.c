// SPDX-License-Identifier: MIT
/* expect: reports: what the OOM reports of a case say, one after the other. */
#include "harness/schema.h"

#define REPORTS_MAX 100

static bool is_of_report(int kind)
{
	switch (kind) {
	case EXPECT_CONSTRAINT:
	case EXPECT_OOM_MEMCG:
	case EXPECT_TASK_MEMCG:
	case EXPECT_NODEMASK:
	case EXPECT_MEMS_ALLOWED:
	case EXPECT_LIMIT:
	case EXPECT_USAGE:
	case EXPECT_SWAP_USAGE:
	case EXPECT_ZONE_BELOW:
	case EXPECT_TASK_DUMP:
		return true;
	default:
		return false;
	}
}

static void read_report(struct reader *r, const struct ynode *report)
{
	if (!value_is_map(r, report, "a report"))
		return;
	if (!report->child && !report->next)
		told(r, report, "reports: the last says nothing; take it out");
	for (const struct ynode *v = report->child; v; v = v->next) {
		const struct schema_row *row = schema_find(r, &schema_expect, v->key);

		if (row && row->read == read_reports)
			told(r, v->key, "reports: they cannot be nested");
		else if (row && !is_of_report(row->kind))
			told(r, v->key,
			     "reports: '%s' is of the case, not of one report; put it beside them",
			     row->key);
		else if (row && !v->bad)
			row->read(r, row, v, NULL);
	}
}

void read_reports(struct reader *r, const struct schema_row *row, const struct ynode *v, void *to)
{
	unsigned int n = 0;

	(void)to;
	if (v->kind != YNODE_LIST || !v->child) {
		told(r, v, "%s: a list is due, '- oom_memcg: box' and so on, one for each report",
		     row->key);
		return;
	}
	for (v = v->child; v && n < REPORTS_MAX; v = v->next) {
		r->report = ++n;
		read_report(r, v);
	}
	r->report = 0;
	if (v)
		told(r, v, "more than %d reports", REPORTS_MAX);
}
