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

void oom_match_header(const char *text, struct oom_record *r)
{
	const char *s = strchr(text, '[');

	if (!s)
		return;
	s += 1 + strspn(s + 1, " ");
	if (!str_starts(s, "pid"))
		return;
	s += 3 + strspn(s + 3, " ");
	if (*s != ']' || !strstr(s, " uid") || !strstr(s, "tgid"))
		return;
	r->type = REC_HEADER;
	for (s++; *s && !r->whole; r->score++) {
		size_t n;

		s += strspn(s, " ");
		n = strcspn(s, " ");
		if (n == 4 && memcmp(s, "name", 4) == 0)
			r->whole = true;
		else if (n && r->columns.n < OOM_COLUMNS_MAX)
			r->columns.col[r->columns.n++] = column(s, n);
		s += n;
	}
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

/* Everything behind the last number is the comm: "(sd-pam)", "Web Content", "[x]" */
void oom_match_row(const char *text, const struct oom_columns *columns, struct oom_record *r)
{
	const char *s = text + strspn(text, " ");

	if (*s != '[')
		return;
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
		put(&r->task, columns->col[i], v);
		r->score++;
	}
	r->type = REC_ROW;
	if (*s != ' ' || !s[1])
		return;
	slice_copy(r->task.comm, sizeof(r->task.comm), (struct slice){ s + 1, strlen(s + 1) });
	r->score++;
	r->whole = true;
}
