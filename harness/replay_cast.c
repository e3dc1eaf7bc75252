// SPDX-License-Identifier: MIT
/* Who of a ticket's tasks gets a part, and under which name. */
#include "harness/replay_impl.h"

#include <ctype.h>

#define IMMUNE_SHARE 300 /* smaller ones are held with the rest */
#define PART_SHARE \
	100 /* of what ran out: less of shmem, file or page tables is no part of its own */

/* "Web Content" is web-content: what a worker or a case may be called. */
void replay_clean(const char *text, char *buf, size_t len, const char *empty)
{
	size_t n = 0;

	for (; *text && n < len - 1; text++) {
		if (isalnum((unsigned char)*text))
			buf[n++] = (char)tolower((unsigned char)*text);
		else if (n && buf[n - 1] != '-')
			buf[n++] = '-';
	}
	while (n && buf[n - 1] == '-')
		n--;
	buf[n] = '\0';
	if (!n)
		str_copy(buf, len, empty);
}

static bool name_taken(const struct replay *p, const char *name)
{
	for (size_t i = 0; i < p->nr_roles; i++)
		if (str_eq(p->roles[i].name, name))
			return true;
	return str_eq(name, "held") || str_eq(name, "others") || str_eq(name, "null");
}

/* java, java-2, java-3 */
static void name_role(const struct replay *p, struct replay_role *role)
{
	char base[sizeof(role->name)] = "";

	replay_clean(role->comm, base, sizeof(base), "task");
	if (isdigit((unsigned char)base[0])) { /* 531.mount: a worker's name begins with a letter */
		memmove(base + 2, base, sizeof(base) - 3);
		memcpy(base, "t-", 2);
	}
	str_copy(role->name, sizeof(role->name), base);
	for (unsigned int i = 2; name_taken(p, role->name); i++)
		snprintf(role->name, sizeof(role->name), "%.*s-%u", i < 10 ? 13 : 12, base,
			 i % 100);
}

static int64_t share_of(int64_t pages, int64_t whole)
{
	__int128 v = (__int128)pages * REPLAY_WHOLE / whole;

	return v > 100 * REPLAY_WHOLE ? 100 * REPLAY_WHOLE : v < 0 ? 0 : (int64_t)v;
}

/* 0 if it is too little to matter, or cannot be. */
static int64_t part_kb(int64_t number, int64_t unit_kb, const struct replay *p)
{
	if (number <= 0 || number >= (int64_t)1 << 40)
		return 0;
	number *= unit_kb;
	return share_of(number, p->domain_kb) >= PART_SHARE ? number : 0;
}

const struct oom_victim *replay_victim(const struct oom_report *r, int64_t pid)
{
	for (size_t i = 0; i < r->nr_victims; i++)
		if (r->victims[i].pid == pid)
			return &r->victims[i];
	return NULL;
}

/* Columns of 6.10 and later tell it of every task, a kill line of those alone that were killed. */
static void compose(struct replay *p, struct replay_role *role, const struct replay_tasks *t,
		    const struct oom_task *row)
{
	const struct oom_report *r = t->report;
	const struct oom_victim *v = replay_victim(r, role->pid);

	if (row->pgtables_bytes > 0)
		role->pgtables_kb = part_kb(row->pgtables_bytes / 1024, 1, p);
	else
		role->pgtables_kb = part_kb(row->nr_ptes, t->page_kb, p);
	if (r->has_rss_split) {
		role->file_kb = part_kb(row->rss_file_pages, t->page_kb, p);
		role->shmem_kb = part_kb(row->rss_shmem_pages, t->page_kb, p);
	} else if (v) {
		role->file_kb = part_kb(v->file_rss_kb, 1, p);
		role->shmem_kb = part_kb(v->shmem_rss_kb, 1, p);
		/* Before 4.5 file-rss holds both, and file pages would have been reclaimed. */
		if (v->shmem_rss_kb == OOM_ABSENT) {
			role->shmem_kb = role->file_kb;
			role->file_kb = 0;
		}
	}
	/* A log may hold anything; more than there is of it all is not told at all. */
	if (role->file_kb + role->shmem_kb + role->pgtables_kb > role->kb)
		role->file_kb = role->shmem_kb = role->pgtables_kb = 0;
}

static void add_role(struct replay *p, const struct badness_task *task,
		     const struct replay_tasks *t)
{
	struct replay_role *role = &p->roles[p->nr_roles];
	const struct oom_task *row = &t->report->tasks[task - t->tasks];
	bool member = p->group && replay_victim(t->report, task->pid);

	*role = (struct replay_role){
		.pid = task->pid,
		.line = row->line,
		.kb = replay_task_pages(task) * t->page_kb,
		.share = share_of(replay_task_pages(task), t->whole),
		.adj = (int)task->oom_score_adj,
		.immune = task->oom_score_adj == -1000,
		.changed = t->changed[task - t->tasks],
		.inside = member || task->pid == p->home_pid || str_eq(p->home, p->others),
	};
	str_copy(role->comm, sizeof(role->comm), task->comm);
	compose(p, role, t, row);
	name_role(p, role);
	p->nr_roles++;
}

static bool has_role(const struct replay *p, int64_t pid)
{
	for (size_t i = 0; i < p->nr_roles; i++)
		if (p->roles[i].pid == pid)
			return true;
	return false;
}

/* Of a service's two hundred processes that --set names not all can stand there. */
static bool changed_few(const struct replay_tasks *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->nr; i++)
		n += t->changed[i];
	return n <= REPLAY_ROLES / 2;
}

static bool must_have(const struct replay *p, const struct replay_tasks *t,
		      const struct badness_task *task, bool few)
{
	return task->pid == p->victim_pid || task->pid == p->home_pid ||
	       task->pid == p->grower_pid || (few && t->changed[task - t->tasks]);
}

/* Those that must, and those with most points. `due` are the musts that still come. */
static bool gets_part(const struct replay *p, const struct replay_tasks *t,
		      const struct badness_entry *e, size_t due)
{
	if (has_role(p, e->task->pid) || p->nr_roles + due >= REPLAY_ROLES)
		return false;
	return e->eligible || share_of(replay_task_pages(e->task), t->whole) >= IMMUNE_SHARE;
}

void replay_cast(struct replay *p, const struct replay_tasks *t)
{
	bool few = changed_few(t);
	size_t due = 0;

	for (size_t i = 0; i < t->nr; i++)
		due += must_have(p, t, &t->tasks[i], few);
	for (size_t i = 0; i < t->ranking.nr_entries; i++) {
		const struct badness_entry *e = &t->ranking.entries[i];
		bool must = must_have(p, t, e->task, few);

		due -= must;
		if ((must && p->nr_roles < REPLAY_ROLES && !has_role(p, e->task->pid)) ||
		    gets_part(p, t, e, due)) {
			add_role(p, e->task, t);
			continue;
		}
		p->nr_small++;
		p->small_kb += replay_task_pages(e->task) * t->page_kb;
	}
	if (!t->report->has_rss_split && p->nr_roles > 1)
		replay_assume(p, "what of the others is file or shared memory is not in the log: "
				 "it is anonymous here");
}
