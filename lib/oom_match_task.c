// SPDX-License-Identifier: MIT
/*
 * The task dump. Its header line names the columns, so that no kernel version need be known:
 *
 *   [ pid ]   uid  tgid total_vm      rss cpu oom_adj oom_score_adj name               (3.2)
 *   [  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name (4.19)
 *   [     57]     0    57 34359215953      695 1064390656        0             0 virtual_address
 */
#include "lib/oom_record.h"

#include <ctype.h>

static const struct {
	const char *name;
	enum oom_column col;
} names[] = {
	{ "uid", COL_UID },
	{ "tgid", COL_TGID },
	{ "total_vm", COL_TOTAL_VM },
	{ "rss", COL_RSS },
	{ "rss_anon", COL_RSS_ANON },
	{ "rss_file", COL_RSS_FILE },
	{ "rss_shmem", COL_RSS_SHMEM },
	{ "nr_ptes", COL_NR_PTES },
	{ "nr_pmds", COL_NR_PMDS },
	{ "pgtables_bytes", COL_PGTABLES },
	{ "swapents", COL_SWAPENTS },
	{ "oom_adj", COL_OOM_ADJ },
	{ "oom_score_adj", COL_OOM_SCORE_ADJ },
};

static enum oom_column column(const char *s, size_t n)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strlen(names[i].name) == n && memcmp(names[i].name, s, n) == 0)
			return names[i].col;
	return COL_OTHER;
}

/* The "]" of "[  pid  ]", wherever it is; NULL if there is none */
static const char *header_head(const char *text)
{
	for (const char *s = strchr(text, '['); s; s = strchr(s + 1, '[')) {
		const char *k = s + 1 + strspn(s + 1, " ");

		if (!str_starts(k, "pid"))
			continue;
		k += 3 + strspn(k + 3, " ");
		if (*k == ']')
			return k;
	}
	return NULL;
}

void oom_match_header(const char *text, struct oom_record *r)
{
	const char *s = header_head(text);

	if (!s || !strstr(s, "uid") || !strstr(s, "tgid"))
		return;
	r->type = REC_HEADER;
	r->score = 1;
	for (s++; *s && !r->whole;) {
		size_t n;

		s += strspn(s, " ");
		n = strcspn(s, " ");
		r->whole = n >= 4 && memcmp(s, "name", 4) == 0 && !isalnum((unsigned char)s[4]);
		if (r->whole)
			str_copy(r->columns.behind, sizeof(r->columns.behind), s + 4);
		if (n && !r->whole && r->columns.n < OOM_COLUMNS_MAX)
			r->columns.col[r->columns.n++] = column(s, n);
		/* Halves of a name that a wrap has cut are no columns. */
		r->score += r->whole || column(s, n) != COL_OTHER;
		s += n;
	}
	r->columns.cut = !r->whole;
}

static void put(struct oom_task *t, enum oom_column col, int64_t v)
{
	switch (col) {
	case COL_UID:
		t->uid = v;
		break;
	case COL_TGID:
		t->tgid = v;
		break;
	case COL_TOTAL_VM:
		t->total_vm_pages = v;
		break;
	case COL_RSS:
		t->rss_pages = v;
		break;
	case COL_RSS_ANON:
		t->rss_anon_pages = v;
		break;
	case COL_RSS_FILE:
		t->rss_file_pages = v;
		break;
	case COL_RSS_SHMEM:
		t->rss_shmem_pages = v;
		break;
	case COL_NR_PTES:
		t->nr_ptes = v;
		break;
	case COL_NR_PMDS:
		t->nr_pmds = v;
		break;
	case COL_PGTABLES:
		t->pgtables_bytes = v;
		break;
	case COL_SWAPENTS:
		t->swapents_pages = v;
		break;
	case COL_OOM_ADJ:
		if (t->oom_score_adj == OOM_ABSENT)
			t->oom_score_adj = v;
		break;
	case COL_OOM_SCORE_ADJ:
		t->oom_score_adj = v;
		break;
	case COL_OTHER:
		break;
	}
}

static size_t comm_len(const char *s, const char *behind)
{
	size_t n = strlen(s), m = strlen(behind);

	return m && n > m && str_eq(s + n - m, behind) ? n - m : n;
}

/* Everything behind the last number is the comm: "(sd-pam)", "Web Content", "[x]" */
static void row_at(const char *s, const struct oom_columns *columns, struct oom_record *r)
{
	s += 1 + strspn(s + 1, " ");
	if (!isdigit((unsigned char)*s))
		return;
	s = text_i64(s, &r->task.pid);
	if (!s || *s != ']')
		return;
	s++;
	for (size_t i = 0; i < columns->n; i++) {
		int64_t v;

		s += strspn(s, " ");
		s = text_i64(s, &v);
		if (!s || (*s && *s != ' ')) {
			r->type = i ? REC_ROW : REC_NONE;
			return; /* cut or wrapped: a row only if more follows */
		}
		/* What ends the line may go on: "12" of "121957". */
		if (*s || i + 1 == columns->n)
			put(&r->task, columns->col[i], v);
		r->score++;
	}
	r->type = REC_ROW;
	if (columns->cut && strspn(s, " -0123456789"))
		s += strspn(s, " -0123456789") - 1;
	if (*s != ' ' || !s[1])
		return;
	s += strspn(s + 1, " "); /* one that a mail archive doubled */
	slice_copy(r->task.comm, sizeof(r->task.comm),
		   (struct slice){ s + 1, comm_len(s + 1, columns->behind) });
	r->score++;
	r->whole = true;
}

/*
 * At the head of the message, or behind a prefix that log_strip() does not know: then all the
 * columns must be there for it to be a row.
 */
void oom_match_row(const char *text, const struct oom_columns *columns, struct oom_record *r)
{
	const char *s = text + strspn(text, " ");

	if (*s == '[')
		row_at(s, columns, r);
	while (r->type == REC_NONE && (s = strchr(s + 1, '['))) {
		struct oom_record at = *r;

		row_at(s, columns, &at);
		if (at.whole)
			*r = at;
	}
}
