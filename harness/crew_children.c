// SPDX-License-Identifier: MIT
/*
 * Children and threads of workers, as their parents tell of them. A child whose parent lives is
 * reaped by that, which says how it ended; one whose parent is dead is ours to reap, because the
 * player is the subreaper of all it starts.
 */
#include "harness/stage.h"

#include <signal.h>

static struct stage_child *find(struct stage *s, const struct stage_worker *parent, unsigned int n)
{
	for (size_t i = 0; i < s->nr_children; i++)
		if (s->children[i].parent == parent && s->children[i].number == n)
			return &s->children[i];
	return NULL;
}

pid_t crew_pid(struct stage *s, const char *name)
{
	const struct stage_worker *w = crew_find(s, name);

	for (size_t i = 0; i < s->nr_children; i++)
		if (str_eq(s->children[i].name, name))
			return s->children[i].proc.pid;
	return w ? w->proc.pid : -1;
}

void crew_child_new(struct stage *s, struct stage_worker *parent, unsigned int n, pid_t pid)
{
	struct stage_child *c = &s->children[s->nr_children];

	if (find(s, parent, n) || s->nr_children == CASE_CHILDREN_MAX) {
		emit_text(s, "broken", "what", "worker %s: child %u told twice, or too many",
			  parent->plan->name, n);
		return;
	}
	*c = (struct stage_child){ .parent = parent, .number = n, .proc.pid = pid };
	snprintf(c->name, sizeof(c->name), "%s/%u", parent->plan->name, n);
	/* It may be dead and reaped already: its parent will say so. */
	c->proc.pidfd = max(proc_pidfd_open(pid), -1);
	s->nr_children++;
	emit_begin(s, "child");
	jsonw_str(&s->w, "name", parent->plan->name);
	jsonw_u64(&s->w, "n", n);
	jsonw_i64(&s->w, "pid", pid);
	emit_end(s);
}

void crew_tid_new(struct stage *s, struct stage_worker *w, pid_t tid)
{
	if (w->nr_tids == STAGE_TIDS_MAX) {
		emit_text(s, "broken", "what", "worker %s: more than %d threads told",
			  w->plan->name, STAGE_TIDS_MAX);
		return;
	}
	w->tids[w->nr_tids++] = tid;
	emit_begin(s, "tid");
	jsonw_str(&s->w, "name", w->plan->name);
	jsonw_i64(&s->w, "pid", w->proc.pid);
	jsonw_i64(&s->w, "tid", tid);
	emit_end(s);
}

static void emit_death(struct stage *s, struct stage_child *c, int code, int sig)
{
	c->dead = true;
	cleanup_close(&c->proc.pidfd);
	c->proc.pidfd = -1;
	emit_begin(s, "death");
	jsonw_str(&s->w, "name", c->name);
	jsonw_i64(&s->w, "pid", c->proc.pid);
	jsonw_i64(&s->w, "code", code);
	jsonw_i64(&s->w, "signal", sig);
	emit_end(s);
}

void crew_child_gone(struct stage *s, struct stage_worker *parent, unsigned int n, int code,
		     int sig)
{
	struct stage_child *c = find(s, parent, n);

	if (c && !c->dead)
		emit_death(s, c, code, sig);
	else
		emit_text(s, "broken", "what", "worker %s: child %u ended that was none",
			  parent->plan->name, n);
}

static void look(struct stage_child *c)
{
	if (c->proc.pidfd < 0 || proc_pidfd_wait_gone(c->proc.pidfd, 0) < 0)
		return;
	cleanup_close(&c->proc.pidfd);
	c->proc.pidfd = -1;
}

void crew_children_reap(struct stage *s)
{
	for (size_t i = 0; i < s->nr_children; i++) {
		struct stage_child *c = &s->children[i];
		int code, sig;

		if (c->dead)
			continue;
		look(c);
		if (c->proc.pidfd >= 0)
			continue;
		/* A parent's death sends its children the signal that they die of: it is told first. */
		crew_reap(s, c->parent);
		if (!c->dead && proc_reap(c->proc.pid, &code, &sig) == 0)
			emit_death(s, c, code, sig);
	}
}

bool crew_is_dead(struct stage *s, const char *task)
{
	const struct stage_worker *w = crew_find(s, task);

	for (size_t i = 0; !w && i < s->nr_children; i++)
		if (str_eq(s->children[i].name, task))
			return s->children[i].dead;
	return w && w->dead;
}

static bool settled(struct stage *s, const void *unused)
{
	(void)unused;
	for (size_t i = 0; i < s->nr_children; i++) {
		const struct stage_child *c = &s->children[i];
		const struct plan_worker *p = c->parent->plan;

		if (!c->dead && c->parent->dead && !task_child_stays(p->argv, p->nr_argv))
			return false;
	}
	return true;
}

void crew_children_settle(struct stage *s)
{
	watch_until(s, settled, NULL, s->plan->timeout_ms);
}

void crew_children_named(struct stage *s, pid_t pid)
{
	for (size_t i = 0; i < s->nr_workers; i++)
		for (size_t t = 0; t < s->workers[i].nr_tids; t++)
			s->workers[i].in_log |= s->workers[i].tids[t] == pid;
	for (size_t i = 0; i < s->nr_children; i++)
		s->children[i].in_log |= s->children[i].proc.pid == pid;
}

bool crew_children_busy(const struct stage *s)
{
	for (size_t i = 0; i < s->nr_children; i++) {
		const struct stage_child *c = &s->children[i];

		if (!c->dead && (c->in_log || c->proc.pidfd < 0 || c->parent->dead))
			return true;
	}
	return false;
}

unsigned int crew_children_kills(const struct stage *s)
{
	unsigned int n = 0;

	for (size_t i = 0; i < s->nr_children; i++)
		n += s->children[i].in_log && s->children[i].dead;
	return n;
}

/* One whose end nobody told is neither alive nor dead, and the judge says so. */
void crew_children_alive_emit(struct stage *s)
{
	for (size_t i = 0; i < s->nr_children; i++) {
		if (s->children[i].dead || s->children[i].proc.pidfd < 0)
			continue;
		emit_begin(s, "alive");
		jsonw_str(&s->w, "name", s->children[i].name);
		jsonw_i64(&s->w, "pid", s->children[i].proc.pid);
		emit_end(s);
	}
}

void crew_children_kill(struct stage *s)
{
	for (size_t i = 0; i < s->nr_children; i++) {
		struct stage_child *c = &s->children[i];

		if (c->dead || c->proc.pidfd < 0)
			continue;
		emit_begin(s, "sent");
		jsonw_str(&s->w, "name", c->name);
		jsonw_i64(&s->w, "pid", c->proc.pid);
		jsonw_i64(&s->w, "signal", SIGKILL);
		jsonw_str(&s->w, "why", "teardown");
		emit_end(s);
		proc_pidfd_signal(c->proc.pidfd, SIGKILL);
	}
}

void crew_children_end(struct stage *s, uint64_t deadline_us)
{
	for (size_t i = 0; i < s->nr_children; i++) {
		const struct stage_child *c = &s->children[i];

		if (c->proc.pidfd >= 0 && proc_pidfd_wait_gone(c->proc.pidfd, deadline_us) < 0)
			emit_text(s, "left", "what", "%s (pid %d) does not die", c->name,
				  c->proc.pid);
	}
	crew_children_reap(s);
	for (size_t i = 0; i < s->nr_children; i++)
		cleanup_close(&s->children[i].proc.pidfd);
}
