// SPDX-License-Identifier: MIT
/* From a report to a replay: what it tells of its end, and what can be made of it. See replay.h. */
#include "harness/replay_impl.h"

#include <stdarg.h>

void replay_assume(struct replay *p, const char *fmt, ...)
{
	va_list ap;

	if (p->nr_assumptions == REPLAY_ASSUMPTIONS)
		return;
	va_start(ap, fmt);
	vsnprintf(p->assumptions[p->nr_assumptions++], sizeof(p->assumptions[0]), fmt, ap);
	va_end(ap);
}

int replay_refuse(struct fail *f, const char *why)
{
	return fail_set(f, -EOPNOTSUPP, "%s", why);
}

bool replay_on_node(const struct replay *p)
{
	return p->kind == OOM_KIND_MEMPOLICY || p->kind == OOM_KIND_CPUSET;
}

bool replay_is_panic(const struct replay *p)
{
	return p->end == REPLAY_PANIC || p->end == REPLAY_NO_KILLABLE;
}

const char *replay_sysctl(const struct replay *p, const char *name)
{
	for (size_t i = 0; i < p->nr_sysctls; i++)
		if (str_eq(p->sysctls[i].name, name))
			return p->sysctls[i].value;
	return NULL;
}

void replay_set_sysctl(struct replay *p, const char *name, const char *value)
{
	size_t i = 0;

	while (i < p->nr_sysctls && !str_eq(p->sysctls[i].name, name))
		i++;
	str_copy(p->sysctls[i].name, sizeof(p->sysctls[i].name), name);
	str_copy(p->sysctls[i].value, sizeof(p->sysctls[i].value), value);
	p->nr_sysctls = max(p->nr_sysctls, i + 1);
}

/* The leader where a kill line names another thread. */
static int64_t victim_pid(const struct oom_report *r)
{
	if (oom_report_task(r, r->victim_row))
		return r->victim_row;
	return r->summary_pid > 0 ? r->summary_pid : r->victims[0].pid;
}

static void how_it_ended(struct replay *p, const struct oom_report *r)
{
	if (r->outcome == OOM_OUTCOME_KILLED) {
		p->end = REPLAY_KILL;
		p->victim_pid = p->home_pid = victim_pid(r);
		str_copy(p->victim, sizeof(p->victim), r->victims[0].comm);
		p->group = r->group_memcg != NULL && r->nr_victims > 1;
		/* a memcg's OOM and a manual one do not look */
		p->allocating_task = r->allocating_task && r->kind != OOM_KIND_MEMCG &&
				     r->kind != OOM_KIND_SYSRQ;
		if (p->allocating_task)
			replay_set_sysctl(p, "vm.oom_kill_allocating_task", "1");
		return;
	}
	if (p->kind == OOM_KIND_SYSRQ || p->kind == OOM_KIND_UNKNOWN)
		p->kind = OOM_KIND_GLOBAL;
	p->end = REPLAY_NO_KILLABLE;
	str_copy(p->panic, sizeof(p->panic), REPLAY_DEADLOCK);
	if (r->outcome == OOM_OUTCOME_PANIC) {
		p->end = REPLAY_PANIC;
		replay_set_sysctl(p, "vm.panic_on_oom", strstr(r->panic, "compulsory") ? "2" : "1");
		str_copy(p->panic, sizeof(p->panic), REPLAY_PANIC_ON_OOM);
	}
}

/* A panic needs nobody but one who asks for more than there is. */
static int make_alone(struct replay *p, struct fail *f)
{
	if (!replay_is_panic(p))
		return replay_refuse(f, "no task of the dump has a part in this");
	p->alone = true;
	p->roles[0] = (struct replay_role){ .name = "hog", .share = REPLAY_WHOLE, .inside = true };
	p->roles[0].immune = p->end == REPLAY_NO_KILLABLE;
	p->roles[0].adj = p->roles[0].immune ? -1000 : 0;
	p->nr_roles = 1;
	return 0;
}

/* Who asked: it matters where who asks dies, and is told where another one grows here. */
static void who_asked(struct replay *p, const struct replay_tasks *t)
{
	const struct oom_report *r = t->report;
	int64_t invoker = replay_invoker(t);
	char pid[32] = "";

	if (r->invoker_pid > 0)
		snprintf(pid, sizeof(pid), " (%lld)", (long long)r->invoker_pid);
	if (p->allocating_task && !invoker)
		replay_assume(p, "who asked for memory is not in the task dump: taken to be %s",
			      p->victim);
	if (p->allocating_task)
		p->grower_pid = invoker ? invoker : p->victim_pid;
	else if (*r->invoker_comm && p->end == REPLAY_KILL && p->kind != OOM_KIND_SYSRQ &&
		 invoker != p->victim_pid && (*pid || !str_eq(r->invoker_comm, p->victim)))
		replay_assume(p, "%s%s asked for the memory that was not there: here %s does",
			      r->invoker_comm, pid, p->victim);
	if (r->order > 0 && r->order < 64)
		replay_assume(p, "it was asked for %llu pages at once (order %lld): here for one",
			      1ull << r->order, (long long)r->order);
}

static void other_rules(struct replay *p, const struct badness_task *first)
{
	replay_assume(p,
		      "its kernel chose by the rules of its time; by those of 5.9 and later %s "
		      "(%lld) has most points",
		      first->comm, (long long)first->pid);
	p->old_rules = p->nr_assumptions;
}

/* Kernels of other rules chose by them: here it will be another one. */
static int old_rules(struct replay *p, const struct replay_tasks *t)
{
	struct badness_verdict v;
	const struct badness_task *first = t->ranking.entries[0].task;
	int err = badness_judge_report(t->report, &v);

	if (!err && !p->allocating_task && v.agrees == 1 && t->ranking.nr_eligible &&
	    v.pid != first->pid &&
	    t->ranking.entries[0].points -
			    (replay_entry(t, v.pid) ? replay_entry(t, v.pid)->points : 0) >
		    1024 / t->page_kb)
		other_rules(p, first);
	badness_verdict_free(&v);
	return err == -ENODATA ? 0 : err;
}

static int victim_known(const struct replay *p, const struct replay_tasks *t, struct fail *f)
{
	bool found = false;

	if (p->end != REPLAY_KILL)
		return 0;
	for (size_t i = 0; i < t->nr; i++) {
		const struct badness_task *task = &t->tasks[i];
		bool victim = task->pid == p->victim_pid;

		found |= victim;
		if (task->oom_score_adj == -1000 &&
		    (victim || (p->group && replay_victim(t->report, task->pid))))
			return replay_refuse(f, "a victim's oom_score_adj is -1000 in the task "
						"dump: no kernel kills that");
	}
	return found ? 0 : replay_refuse(f, "the victim is not in the task dump");
}

/* The one that was chosen may have two lines: its own, and that as one of its group. */
static size_t nr_killed(const struct oom_report *o)
{
	size_t nr = o->nr_victims;

	for (size_t i = 1; i < o->nr_victims; i++)
		nr -= o->victims[i].pid == o->victims[0].pid;
	return nr;
}

static void name_the_dead(struct replay *p, const struct oom_report *o)
{
	const struct replay_role *no_line = NULL;
	bool whole = false;
	size_t nr = 0, nr_more = 0;
	char more[32] = "";

	for (size_t i = 0; i < p->nr_roles; i++)
		whole |= p->group && p->roles[i].pid == p->victim_pid && p->roles[i].inside;
	for (size_t i = 0; i < p->nr_roles; i++) {
		struct replay_role *r = &p->roles[i];

		r->dies = p->end == REPLAY_KILL &&
			  (r->pid == p->victim_pid || (whole && r->inside && !r->immune));
		if (!r->dies)
			continue;
		if (replay_victim(o, r->pid))
			nr++;
		else if (no_line)
			nr_more++;
		else
			no_line = r;
	}
	if (!whole || p->is_remedy)
		return;
	if (nr < nr_killed(o))
		replay_assume(p, "of the %zu that were killed together parts are given to %zu",
			      nr_killed(o), nr);
	if (nr_more)
		snprintf(more, sizeof(more), " and %zu more", nr_more);
	if (no_line)
		replay_assume(p,
			      "no kill line names %s (%lld)%s in the cgroup that is killed whole: "
			      "all of it dies here",
			      no_line->comm, (long long)no_line->pid, more);
}

static size_t index_named(const struct replay *p, const char *name)
{
	size_t i = 0;

	while (i < p->nr_roles && !str_eq(p->roles[i].name, name))
		i++;
	return i;
}

/* Names tell tasks of one comm apart by their rank, which --set changes: each keeps what it is called in the
 * ticket's case. */
static void keep_names(struct replay *p, const struct replay *before)
{
	for (size_t i = 0; i < p->nr_roles; i++) {
		for (size_t j = 0; j < before->nr_roles; j++) {
			const char *name = before->roles[j].name;
			size_t holder = index_named(p, name);

			if (before->roles[j].pid != p->roles[i].pid || holder == i)
				continue;
			if (holder < p->nr_roles)
				memcpy(p->roles[holder].name, p->roles[i].name,
				       sizeof(p->roles[i].name));
			str_copy(p->roles[i].name, sizeof(p->roles[i].name), name);
		}
	}
}

static void keep_ticket(struct replay *p)
{
	for (size_t i = 0; i < p->nr_roles; i++) {
		struct replay_role *r = &p->roles[i];

		r->ticket_adj = r->adj;
		r->ticket_points = r->share + (replay_adj_counts(p) ? 10ll * r->adj : 0);
	}
}

static int make_tasks(struct replay *p, const struct replay_order *o, struct replay_tasks *t,
		      struct fail *f)
{
	int err = victim_known(p, t, f);

	if (err)
		return err;
	who_asked(p, t);
	if (!o->nr_changes) {
		err = old_rules(p, t);
	} else {
		if (o->before)
			p->grower_pid = o->before->roles[o->before->trigger].pid;
		err = replay_apply(p, o, t, f);
		err = err ? err : replay_predict(p, t, f);
	}
	if (err)
		return err;
	replay_cast(p, t);
	if (!p->nr_roles) /* all are small, and none may be killed */
		return make_alone(p, f);
	if (o->before)
		keep_names(p, o->before);
	keep_ticket(p);
	err = replay_scale(p, f);
	name_the_dead(p, t->report);
	return err;
}

static int make(struct replay *p, const struct oom_report *r, const struct replay_order *o,
		struct fail *f)
{
	struct replay_tasks t = { 0 };
	int err = -EOPNOTSUPP;

	if (r->nr_tasks)
		err = replay_tasks_read(p, r, &t, f);
	/* Of a panic nothing is lost without them. */
	if (err == -EOPNOTSUPP && replay_is_panic(p) && !o->nr_changes)
		err = make_alone(p, f);
	else if (!err && p->end == REPLAY_NO_KILLABLE && !o->nr_changes)
		err = make_alone(p, f);
	else if (!err)
		err = make_tasks(p, o, &t, f);
	else if (!r->nr_tasks && o->nr_changes)
		err = replay_refuse(f,
				    "no task dump in the log: what a change would do is not known");
	else if (!r->nr_tasks)
		err = replay_refuse(f, "no row of the task dump is in the log");
	replay_tasks_free(&t);
	return err;
}

static void name_case(struct replay *p, const char *name)
{
	char part[40];

	replay_clean(*p->victim ? p->victim : "panic", part, sizeof(part), "task");
	if (name)
		str_copy(p->name, sizeof(p->name), name);
	else
		snprintf(p->name, sizeof(p->name), "replay-%s", part);
}

int replay_make(const struct oom_report *r, const struct replay_order *o, struct replay *ret,
		struct fail *f)
{
	struct replay p = { .line = r->line,
			    .memcg_line = r->summary_line,
			    .limit_line = r->memory.line,
			    .limit_kb = r->memory.limit_kb,
			    .usage = replay_usage(r),
			    .swap_used = replay_swap_used(r),
			    .kind = r->kind,
			    .is_remedy = o->nr_changes > 0,
			    .limit_percent = 100 };
	const char *why = replay_no_way(r);
	int err;

	if (why)
		return replay_refuse(f, why);
	str_copy(p.ticket, sizeof(p.ticket), o->ticket);
	str_copy(p.oom_memcg, sizeof(p.oom_memcg), r->oom_memcg ? r->oom_memcg : "");
	str_copy(p.task_memcg, sizeof(p.task_memcg), r->task_memcg ? r->task_memcg : "");
	str_copy(p.release, sizeof(p.release), *r->release ? r->release : "an unknown kernel");
	how_it_ended(&p, r);
	name_case(&p, o->name);
	replay_place(&p, r);
	err = make(&p, r, o, f);
	if (!err)
		*ret = p;
	return err;
}
