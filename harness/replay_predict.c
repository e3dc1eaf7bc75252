// SPDX-License-Identifier: MIT
/*
 * What the model expects of a ticket with --set: the decisions of mm/oom_kill.c out_of_memory() (5.10 to 7.2)
 * in their order: vm.panic_on_oom, then who asks (vm.oom_kill_allocating_task), then badness.
 */
#include "harness/replay_impl.h"

/* The line "CPU: 1 PID: 212 Comm: x" names a thread, which the dump has only if it leads its process. */
int64_t replay_invoker(const struct replay_tasks *t)
{
	const struct oom_report *r = t->report;
	int64_t pid = 0;

	if (r->invoker_pid > 0 && replay_entry(t, r->invoker_pid))
		return r->invoker_pid;
	for (size_t i = 0; i < t->nr; i++) {
		if (!*r->invoker_comm || !str_eq(t->tasks[i].comm, r->invoker_comm))
			continue;
		if (pid)
			return 0; /* two of that name */
		pid = t->tasks[i].pid;
	}
	return pid;
}

static bool panics(const struct replay *p)
{
	const char *value = replay_sysctl(p, "vm.panic_on_oom");

	/* check_panic_on_oom(): 1 spares what is bounded, neither harms a manual OOM */
	if (!value || p->kind == OOM_KIND_SYSRQ)
		return false;
	return str_eq(value, "2") || (str_eq(value, "1") && p->kind == OOM_KIND_GLOBAL);
}

static void dies(struct replay *p, const struct badness_task *t)
{
	str_copy(p->victim, sizeof(p->victim), t->comm);
	p->victim_pid = t->pid;
}

static int nobody(struct replay *p, struct fail *f)
{
	if (p->kind == OOM_KIND_MEMCG)
		return replay_refuse(f,
				     "with this nobody in the cgroup can be killed: a task there "
				     "faults for ever, and nothing ends it");
	if (p->kind == OOM_KIND_SYSRQ)
		return replay_refuse(f, "with this the manual OOM kills nobody");
	p->end = REPLAY_NO_KILLABLE;
	str_copy(p->panic, sizeof(p->panic), REPLAY_DEADLOCK);
	return 0;
}

/* Does who asks die, whatever its points? A memcg's OOM and a manual one do not look. */
static const struct badness_entry *asker(const struct replay *p, const struct replay_tasks *t)
{
	const struct badness_entry *e = replay_entry(t, p->grower_pid);

	return p->allocating_task && e && e->eligible ? e : NULL;
}

static bool allocating_task_holds(const struct replay *p)
{
	const char *value = replay_sysctl(p, "vm.oom_kill_allocating_task");

	return value && strtol(value, NULL, 10) && p->kind != OOM_KIND_MEMCG &&
	       p->kind != OOM_KIND_SYSRQ;
}

static void who_asks(struct replay *p, const struct replay_tasks *t)
{
	int64_t invoker = replay_invoker(t);

	if (invoker) {
		p->grower_pid = invoker;
		return;
	}
	replay_assume(p, "who asked for memory is not in the task dump: %s asks here", p->victim);
	p->grower_pid = p->victim_pid;
}

int replay_predict(struct replay *p, const struct replay_tasks *t, struct fail *f)
{
	const struct badness_entry *first = t->ranking.nr_eligible ? &t->ranking.entries[0] : NULL;
	const struct badness_entry *asks;
	bool was = p->allocating_task;

	p->allocating_task = allocating_task_holds(p);
	if (first)
		dies(p, first->task);
	if (p->allocating_task && !was)
		who_asks(p, t);
	if (p->limit_percent > 100) {
		/* At the sizes of the ticket all fits. That it stops growing is not known. */
		p->end = REPLAY_NO_OOM;
		replay_assume(p, "with more memory nobody grows beyond what the ticket shows");
		return 0;
	}
	if (panics(p)) {
		p->end = REPLAY_PANIC;
		str_copy(p->panic, sizeof(p->panic), REPLAY_PANIC_ON_OOM);
		return 0;
	}
	if (!first)
		return nobody(p, f);
	p->end = REPLAY_KILL;
	asks = asker(p, t);
	if (asks)
		dies(p, asks->task);
	return 0;
}
