// SPDX-License-Identifier: MIT
/* Did the player play it all? Its own trouble is BROKEN; what the kernel did not do in time is
 * FAIL. */
#include "harness/check.h"
#include "harness/timing.h"
#include "harness/file_value.h"

/* A worker is alive when the steps are done, or dead, or the evidence is not whole. */
static const struct ev_worker *unaccounted(const struct evidence *e)
{
	for (size_t i = 0; i < e->nr_workers; i++)
		if (!e->workers[i].alive_at_end && !e->workers[i].died)
			return &e->workers[i];
	return NULL;
}

static void check_finished(struct bench *b)
{
	const struct evidence *e = b->e;
	struct check *c = check_new(b, "player");
	const struct ev_worker *w = unaccounted(e);

	check_want(b, c, "its last word, every worker accounted for");
	if (e->nr_broken)
		check_saw(b, c, "it could not go on: %s", e->broken[0]);
	else if (!e->ended)
		check_saw(b, c, "no last word");
	else if (e->missing_lines)
		check_saw(b, c, "%llu of its lines lost on the way",
			  (unsigned long long)e->missing_lines);
	else if (!e->has_machine || !*e->root)
		check_saw(b, c, "no word of %s", *e->root ? "the machine" : "our cgroup root");
	else if (w)
		check_saw(b, c, "%s neither alive nor dead", w->name);
	if (*c->saw)
		check_spoil(c);
	else
		check_saw(b, c, "that");
}

static void want_step(struct bench *b, struct check *c, const struct case_step *s)
{
	char file[256], want[96];

	switch (s->op) {
	case STEP_WAIT_OOM:
		check_want(b, c, "%llu kill%s before the deadline", (unsigned long long)s->count,
			   s->count == 1 ? "" : "s");
		return;
	case STEP_START:
	case STEP_WAIT_READY:
		check_want(b, c, "%s ready before the deadline", s->worker);
		return;
	case STEP_WAIT_DEATH:
		check_want(b, c, "%s gone before the deadline", s->worker);
		return;
	case STEP_WAIT_FILE:
		check_want(b, c, "%s to be %s before the deadline",
			   file_text(s, file, sizeof(file)),
			   want_text(&s->want, want, sizeof(want)));
		return;
	case STEP_WAIT_QUIET:
		check_want(b, c, "nobody to die for %llu ms", (unsigned long long)s->count);
		return;
	case STEP_WAIT_EVENT:
		check_want(b, c, "an event of %s before the deadline",
			   *s->cgroup ? s->cgroup : "/");
		return;
	case STEP_REMOVE:
		check_want(b, c, "%s removed before the deadline", s->cgroup);
		return;
	default:
		check_want(b, c, "it done");
	}
}

/* Timeout and early death are the kernel's answer; an error is ours. */
static void judge_step(struct bench *b, struct check *c, const struct ev_step *s)
{
	bool error = !str_eq(s->result, "timeout") && !str_eq(s->result, "died");
	const struct case_step *plan = s->n < b->plan->nr_steps ? &b->plan->steps[s->n] : NULL;

	if (plan)
		want_step(b, c, plan);
	if (plan && plan->op == STEP_WAIT_OOM && !error)
		check_saw(b, c, "%zu", bench_nr_kills(b));
	check_saw(b, c, "%sstep %u, %s: %s%s%s", *c->saw ? " (" : "", s->n + 1, s->op,
		  *s->text ? s->text : s->result, error ? ", an error" : "", *c->saw ? ")" : "");
	if (error)
		check_spoil(c);
	else
		check_fail(c);
}

static void check_steps(struct bench *b)
{
	struct check *c = check_new(b, "steps");

	for (size_t i = 0; i < b->e->nr_steps; i++) {
		if (str_eq(b->e->steps[i].result, "ok"))
			continue;
		judge_step(b, c, &b->e->steps[i]);
		return;
	}
	check_want(b, c, "%zu done", b->plan->nr_steps);
	check_saw(b, c, "%zu done", b->e->nr_steps);
	if (b->e->nr_steps != b->plan->nr_steps)
		check_spoil(c);
}

static void check_left(struct bench *b)
{
	struct check *c;

	if (!b->e->nr_left)
		return;
	c = check_new(b, "left over");
	check_want(b, c, "nothing");
	check_saw(b, c, "%s", b->e->left[0]);
	check_unsure(c);
}

/* Asked where guest and host differ: a step that timed out by such a clock says nothing of the kernel. */
void check_clock(struct bench *b)
{
	struct timing t = timing_of(b->e);
	struct check *c;
	bool late = false;

	if (!timing_skewed(&t))
		return;
	c = check_new(b, "clock");
	check_want(b, c, "no deadline by a clock that lies");
	for (size_t i = 0; i < b->e->nr_steps; i++)
		late |= str_eq(b->e->steps[i].result, "timeout");
	check_saw(b, c, "%llu ms in the guest, %llu ms on the host, %s",
		  (unsigned long long)t.player_us / 1000, (unsigned long long)t.host_us / 1000,
		  late ? "and a step that timed out" : "no step that timed out");
	if (late)
		check_spoil(c);
}

void check_player(struct bench *b)
{
	check_finished(b);
	check_steps(b);
	check_left(b);
}
