// SPDX-License-Identifier: MIT
/* Expectations as text, each with where it holds. */
#include "harness/case_show.h"
#include "harness/plan_names.h"
#include "harness/schema.h"

static const char *bound_text(int64_t n, enum range_of of, char *buf, size_t len)
{
	if (of == RANGE_SIZES)
		return bytes_format((uint64_t)n * 1024, buf, len);
	if (of == RANGE_TIMES)
		snprintf(buf, len, "%lld ms", (long long)n / 1000);
	else
		snprintf(buf, len, "%lld", (long long)n);
	return buf;
}

static enum range_of range_of(const struct case_expect *e)
{
	switch (e->kind) {
	case EXPECT_LIMIT:
	case EXPECT_USAGE:
	case EXPECT_SWAP_USAGE:
	case EXPECT_NODE_FREE:
		return RANGE_SIZES;
	case EXPECT_FIGURE:
		return strchr(e->key, '.') ? RANGE_SIZES : RANGE_TIMES;
	default:
		return RANGE_NUMBERS;
	}
}

static void show_range(const struct case_expect *e, FILE *f)
{
	char lo[32], hi[32];

	bound_text(e->range.lo, range_of(e), lo, sizeof(lo));
	bound_text(e->range.hi, range_of(e), hi, sizeof(hi));
	if (e->range.lo == e->range.hi)
		fprintf(f, " %s", lo);
	else if (e->range.hi == INT64_MAX)
		fprintf(f, " >= %s", lo);
	else if (e->range.lo == INT64_MIN)
		fprintf(f, " <= %s", hi);
	else
		fprintf(f, " %s to %s", lo, hi);
}

const char *case_when_text(const struct case_when *w, char *buf, size_t len)
{
	size_t at = 0;

	*buf = '\0';
	if (w->cgroup)
		at = (size_t)snprintf(buf, len, "%s", cgroup_version_name(w->cgroup));
	if (*w->op && at < len)
		snprintf(buf + at, len - at, "%skernel %s %u.%u", at ? ", " : "", w->op, w->major,
			 w->minor);
	return buf;
}

static void show_where(const struct case_when *w, FILE *f)
{
	char where[64];

	if (*case_when_text(w, where, sizeof(where)))
		fprintf(f, "  [%s]", where);
}

/* The version on which a `when` drops this row, 0 if none does. */
static enum cgroup_version dropped_on(const struct oom_case *c, const struct case_expect *e)
{
	for (size_t i = 0; i < c->nr_expects; i++) {
		const struct case_expect *d = &c->expects[i];

		if (d->dropped && d->when.cgroup && !*d->when.op && d->kind == e->kind &&
		    str_eq(d->subject, e->subject) && (!*d->file || str_eq(d->file, e->file)) &&
		    (!*d->key || str_eq(d->key, e->key)))
			return d->when.cgroup;
	}
	return (enum cgroup_version)0;
}

static void show_value(const struct case_expect *e, FILE *f)
{
	if (e->kind == EXPECT_COUNTER)
		fprintf(f, " %s %s%s%s", *e->subject ? e->subject : ".", e->file,
			*e->key && !str_eq(e->key, "value") ? " " : "",
			str_eq(e->key, "value") ? "" : e->key);
	else if (*e->key)
		fprintf(f, " %s", e->key);
	if (e->dropped) {
		fputs(" not expected", f);
		return;
	}
	for (size_t i = 0; i < e->nr_names; i++)
		fprintf(f, "%s %s", i ? "," : "", e->names[i]);
	if (*e->text || e->kind == EXPECT_OOM_MEMCG || e->kind == EXPECT_TASK_MEMCG)
		fprintf(f, " %s", *e->text ? e->text : ".");
	if (e->range.lo != INT64_MIN || e->range.hi != INT64_MAX)
		show_range(e, f);
}

void case_show_expects(const struct oom_case *c, FILE *f)
{
	for (size_t i = 0; i < c->nr_expects; i++) {
		const struct case_expect *e = &c->expects[i];
		struct case_when when = e->when;

		if (e->dropped && when.cgroup && !*when.op)
			continue; /* the row it drops says so */
		if (!e->dropped && !when.cgroup && dropped_on(c, e))
			when.cgroup = dropped_on(c, e) == CGROUP_V1 ? CGROUP_V2 : CGROUP_V1;
		fprintf(f, "  %-14s", expect_kind_name(e->kind));
		show_value(e, f);
		show_where(&when, f);
		fputc('\n', f);
	}
}
