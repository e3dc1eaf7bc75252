// SPDX-License-Identifier: MIT
/* Who of a report's tasks gets a part, and in which cgroups. See replay.h. */
#include "harness/replay.h"
#include "lib/badness_internal.h"

#include <ctype.h>
#include <stdarg.h>

#define IMMUNE_SHARE 300 /* smaller ones are held with the rest */

void replay_assume(struct replay *p, const char *fmt, ...)
{
	va_list ap;

	if (p->nr_assumptions == REPLAY_ASSUMPTIONS)
		return;
	va_start(ap, fmt);
	vsnprintf(p->assumptions[p->nr_assumptions++], sizeof(p->assumptions[0]), fmt, ap);
	va_end(ap);
}

int64_t replay_points(const struct replay_role *role)
{
	return role->immune ? INT64_MIN : role->share + 10 * role->adj;
}

/* "Web Content" is web-content: what a worker or a case may be called. */
static void clean(const char *text, char *buf, size_t len, const char *empty)
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
	return str_eq(name, "held");
}

/* java, java-2, java-3 */
static void name_role(const struct replay *p, struct replay_role *role)
{
	char base[sizeof(role->name)];

	clean(role->comm, base, sizeof(base), "task");
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

/* A column that the kernel's table had not yet (page tables, swap before 3.10) counts nothing. */
static int64_t known(int64_t pages)
{
	return pages == OOM_ABSENT ? 0 : pages;
}

static int64_t pages_of(const struct badness_task *t)
{
	return known(t->rss_pages) + known(t->swapents_pages) + known(t->pgtables_pages);
}

static void add_role(struct replay *p, const struct badness_task *t, int64_t whole, int64_t page_kb)
{
	struct replay_role *role = &p->roles[p->nr_roles];

	*role = (struct replay_role){ .pid = t->pid,
				      .kb = pages_of(t) * page_kb,
				      .share = share_of(pages_of(t), whole),
				      .adj = (int)t->oom_score_adj,
				      .immune = t->oom_score_adj == -1000,
				      .killed = t->pid == p->victim_pid };
	str_copy(role->comm, sizeof(role->comm), t->comm);
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

static bool in_group(const struct oom_report *r, int64_t pid)
{
	for (size_t i = 0; i < r->nr_victims; i++)
		if (r->victims[i].pid == pid)
			return true;
	return false;
}

/* The victim and those with most points; of a group kill only its members, who die together. */
static bool gets_part(const struct replay *p, const struct oom_report *r,
		      const struct badness_entry *e, int64_t whole)
{
	const struct badness_task *t = e->task;
	bool last = p->nr_roles == REPLAY_ROLES - 1 && !has_role(p, p->victim_pid);

	if (p->nr_roles == REPLAY_ROLES || (last && t->pid != p->victim_pid))
		return false;
	if (!e->eligible)
		return share_of(pages_of(t), whole) >= IMMUNE_SHARE;
	return !p->group || in_group(r, t->pid);
}

static void cast(struct replay *p, const struct oom_report *r, const struct badness_verdict *v,
		 int64_t whole)
{
	int64_t page_kb = badness_page_kb(r);

	for (size_t i = 0; i < v->ranking.nr_entries; i++) {
		const struct badness_entry *e = &v->ranking.entries[i];

		if (gets_part(p, r, e, whole)) {
			add_role(p, e->task, whole, page_kb);
			continue;
		}
		p->nr_small++;
		p->small_kb += pages_of(e->task) * page_kb;
	}
}

/* The last part of a path, as a cgroup may be called here. */
static void cgroup_name(const char *path, char *buf, size_t len)
{
	const char *slash = path ? strrchr(path, '/') : NULL;
	char text[64];

	clean(slash ? slash + 1 : "", text, sizeof(text), "");
	str_copy(buf, len, text);
}

static void set_cgroups(struct replay *p, const struct oom_report *r)
{
	const char *top = p->kind == OOM_KIND_MEMCG ? r->oom_memcg : NULL;

	if (p->kind == OOM_KIND_MEMCG || p->kind == OOM_KIND_CPUSET) {
		cgroup_name(top, p->box, sizeof(p->box));
		if (!*p->box)
			str_copy(p->box, sizeof(p->box),
				 p->kind == OOM_KIND_MEMCG ? "box" : "cpuset");
	}
	if (r->task_memcg && !(top && str_eq(top, r->task_memcg)))
		cgroup_name(r->task_memcg, p->below, sizeof(p->below));
	if (p->kind == OOM_KIND_MEMCG && !top)
		replay_assume(p, "the log does not name the cgroup that was at its limit");
}

/* What the shares are shares of, in pages. 0: no task has a page. */
static int64_t domain_pages(struct replay *p, const struct oom_report *r,
			    const struct badness_verdict *v)
{
	int64_t page_kb = badness_page_kb(r), sum = 0;

	if (v->ranking.totalpages > 1)
		return v->ranking.totalpages;
	if (p->kind == OOM_KIND_MEMCG && r->memory.limit_kb > 0)
		return r->memory.limit_kb / page_kb;
	if (r->pages_ram > 0)
		return r->pages_ram;
	for (size_t i = 0; i < v->ranking.nr_entries; i++)
		sum += pages_of(v->ranking.entries[i].task);
	replay_assume(
		p,
		"the log does not tell how much memory there was: taken for 10/9 of what the tasks "
		"had");
	return sum / 9 * 10;
}

/* Which of its users' swap a report means is not always told; here it is counted as memory. */
static void look_at_swap(struct replay *p, const struct oom_report *r)
{
	bool global = p->kind != OOM_KIND_MEMCG && r->swap_total_kb > 0;
	bool full = global && r->swap_free_kb >= 0 && r->swap_free_kb < r->swap_total_kb / 50;
	int64_t ram_kb = r->pages_ram > 0 ? r->pages_ram * badness_page_kb(r) : 0;

	if (full && ram_kb > 0 && p->kind == OOM_KIND_GLOBAL && r->swap_total_kb <= ram_kb) {
		p->swap_percent = max((int64_t)1, r->swap_total_kb * 100 / ram_kb);
		return;
	}
	if (global)
		replay_assume(p, "%lld of %lld MiB swap were free: here swap counts as memory",
			      (long long)max(r->swap_free_kb, (int64_t)0) / 1024,
			      (long long)r->swap_total_kb / 1024);
	else if (p->kind == OOM_KIND_MEMCG &&
		 (r->swap.usage_kb > 0 || r->memsw.usage_kb > r->memory.usage_kb))
		replay_assume(p, "the cgroup had memory in swap: here it counts as memory");
}

static int refuse(struct fail *f, const char *why)
{
	return fail_set(f, -EOPNOTSUPP, "%s", why);
}

static const char *no_way(const struct oom_report *r)
{
	if (r->kind == OOM_KIND_UNKNOWN && r->outcome != OOM_OUTCOME_NO_KILLABLE)
		return "the log does not tell what ran out";
	if (r->headless)
		return "only the kill line is there, without its report";
	if (r->outcome == OOM_OUTCOME_UNKNOWN)
		return "the log does not tell how it ended: no kill line, no panic";
	if (r->outcome == OOM_OUTCOME_NO_KILLABLE && r->kind == OOM_KIND_MEMCG)
		return "a cgroup with nobody to kill: a task there faults for ever, and nothing "
		       "ends it";
	if (r->outcome == OOM_OUTCOME_KILLED && !r->has_task_table)
		return "no task dump in the log: who else was there is not known";
	if (str_starts(r->constraint, "CONSTRAINT_BPF"))
		return "a BPF program asked for this kill: what it looked at is not in the log";
	if (r->kind == OOM_KIND_MEMCG && r->memory.limit_kb > 0 &&
	    badness_unlimited(r->memory.limit_kb))
		return "the cgroup had no limit of its own that could be played";
	if (r->legacy_oom_adj)
		return "before 2.6.36 the kernel chose by run times and children, which the log "
		       "does not show";
	return NULL;
}

/* The end of a report nobody died of. */
static int make_panic(struct replay *p, const struct oom_report *r, struct fail *f)
{
	p->end = r->outcome == OOM_OUTCOME_PANIC ? REPLAY_PANIC : REPLAY_NO_KILLABLE;
	if (p->end == REPLAY_NO_KILLABLE) {
		str_copy(p->panic, sizeof(p->panic), "System is deadlocked on memory");
	} else if (r->panic && strstr(r->panic, "panic_on_oom")) {
		bool all = strstr(r->panic, "compulsory") != NULL;

		str_copy(p->sysctl, sizeof(p->sysctl), "vm.panic_on_oom");
		str_copy(p->sysctl_value, sizeof(p->sysctl_value), all ? "2" : "1");
		str_copy(p->panic, sizeof(p->panic), "panic_on_oom is enabled");
	} else {
		return refuse(f, "a panic that is not the OOM killer's");
	}
	if (p->kind == OOM_KIND_SYSRQ || p->kind == OOM_KIND_UNKNOWN)
		p->kind = OOM_KIND_GLOBAL;
	p->roles[0] = (struct replay_role){ .name = "hog", .share = REPLAY_WHOLE };
	p->roles[0].immune = p->end == REPLAY_NO_KILLABLE;
	p->roles[0].adj = p->roles[0].immune ? -1000 : 0;
	p->nr_roles = 1;
	return 0;
}

/* A log may hold anything; no machine holds more than 2^40 pages. */
static bool sane(const struct badness_task *t)
{
	const int64_t pages[] = { known(t->rss_pages), known(t->swapents_pages),
				  known(t->pgtables_pages) };

	for (size_t i = 0; i < ARRAY_SIZE(pages); i++)
		if (pages[i] < 0 || pages[i] >= (int64_t)1 << 40)
			return false;
	return t->oom_score_adj >= -1000 && t->oom_score_adj <= 1000;
}

static bool all_sane(const struct badness_verdict *v)
{
	for (size_t i = 0; i < v->ranking.nr_entries; i++)
		if (!sane(v->ranking.entries[i].task))
			return false;
	return true;
}

/* Why this ranking makes no replay; NULL, and the pages of what ran out. */
static const char *cannot(struct replay *p, const struct oom_report *r,
			  const struct badness_verdict *v, int64_t *whole)
{
	if (!all_sane(v))
		return "a row of the task dump has sizes or an oom_score_adj that cannot be";
	if (badness_rules_of(r).prefer_children && r->chosen_pid != r->victims[0].pid)
		return "a child died in the stead of who was chosen, as kernels before 5.1 had it";
	*whole = domain_pages(p, r, v);
	return *whole ? NULL : "no task in the dump has a page of memory";
}

static int make_kill(struct replay *p, const struct oom_report *r, struct fail *f)
{
	struct badness_verdict v;
	struct oom_report plain = *r;
	int64_t whole = 0;
	const char *why;
	int err;

	plain.allocating_task = false; /* the ranking is wanted all the same */
	err = badness_judge_report(&plain, &v);
	if (err && err != -ENODATA)
		return err;
	why = err ? v.why : cannot(p, r, &v, &whole);
	if (why) {
		err = refuse(f, why);
	} else {
		p->domain_kb = whole * badness_page_kb(r);
		cast(p, r, &v, whole);
		err = has_role(p, p->victim_pid) ? 0
						 : refuse(f, "the victim is not in the task dump");
	}
	badness_verdict_free(&v);
	return err ? err : replay_scale(p, f);
}

/* The leader where a kill line names another thread. */
static int64_t victim_pid(const struct oom_report *r)
{
	if (!r->nr_victims)
		return 0;
	if (r->summary_pid > 0 && !oom_report_task(r, r->victims[0].pid))
		return r->summary_pid;
	return r->victims[0].pid;
}

int replay_make(const struct oom_report *r, const char *ticket, const char *name,
		struct replay *ret, struct fail *f)
{
	bool asked =
		r->allocating_task && r->kind != OOM_KIND_MEMCG; /* a memcg's OOM does not look */
	struct replay p = { .line = r->line,
			    .kind = r->kind,
			    .victim_pid = victim_pid(r),
			    .allocating_task = asked,
			    .trigger_pid = asked ? victim_pid(r) : 0,
			    .invoker_pid = r->invoker_pid > 0 ? r->invoker_pid : 0,
			    .group = r->group_memcg != NULL && r->nr_victims > 1,
			    .limit_percent = 100 };
	const char *why = no_way(r);
	char part[40];
	int err;

	if (why)
		return refuse(f, why);
	str_copy(p.ticket, sizeof(p.ticket), ticket);
	str_copy(p.release, sizeof(p.release), *r->release ? r->release : "an unknown kernel");
	if (r->nr_victims)
		str_copy(p.victim, sizeof(p.victim), r->victims[0].comm);
	clean(*p.victim ? p.victim : "panic", part, sizeof(part), "task");
	if (name)
		str_copy(p.name, sizeof(p.name), name);
	else
		snprintf(p.name, sizeof(p.name), "replay-%s", part);
	set_cgroups(&p, r);
	look_at_swap(&p, r);
	err = r->outcome == OOM_OUTCOME_KILLED ? make_kill(&p, r, f) : make_panic(&p, r, f);
	if (!err)
		*ret = p;
	return err;
}
