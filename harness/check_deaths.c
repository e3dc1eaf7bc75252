// SPDX-License-Identifier: MIT
/*
 * How did each worker end, and may it have? OOM kills are the business of the victims rows; this is
 * about every other death, which must never pass for one.
 */
#include "harness/check.h"

static bool has_step(const struct bench *b, enum step_op op, const char *worker)
{
	for (size_t i = 0; i < b->plan->nr_steps; i++)
		if (b->plan->steps[i].op == op && str_eq(b->plan->steps[i].worker, worker))
			return true;
	return false;
}

/*
 * A worker says why it gives up before it exits. ENOMEM is the kernel's answer; a policy, file or
 * cgroup it could not have means that the scene was never built.
 */
static void judge_exit(struct bench *b, struct check *c, const struct ev_worker *w)
{
	if (w->exit_code == 0 && (w->ready || has_step(b, STEP_WAIT_DEATH, w->name)))
		return;
	if (w->exit_code != 0 && w->failed && str_eq(w->failed_what, "enomem") &&
	    bench_expects_name(b, EXPECT_ENOMEM, w->name))
		return;
	check_saw(b, c, "%s%s exited with %d", *c->saw ? ", " : "", w->name, w->exit_code);
	if (w->failed)
		check_saw(b, c, " (%s%s%s)", w->failed_what, *w->failed_text ? ": " : "",
			  w->failed_text);
	else if (w->exit_code == 0)
		check_saw(b, c, " before it was ready");
	if (w->failed && !str_eq(w->failed_what, "enomem"))
		check_spoil(c);
	else
		check_fail(c);
}

static void judge_death(struct bench *b, struct check *c, const struct ev_worker *w)
{
	const char *comma = *c->saw ? ", " : "";

	switch (w->death) {
	case DEATH_NONE:
	case DEATH_OOM:
	case DEATH_OOM_GROUP:
		return;
	case DEATH_EXIT:
		judge_exit(b, c, w);
		return;
	case DEATH_SIGNAL:
		check_saw(b, c, "%s%s killed by signal %d", comma, w->name, w->signal);
		check_fail(c);
		return;
	case DEATH_OURS:
		if (has_step(b, STEP_KILL, w->name) &&
		    !bench_expects_name(b, EXPECT_VICTIMS, w->name) &&
		    !bench_expects_name(b, EXPECT_VICTIMS_ANY_ORDER, w->name))
			return;
		check_saw(b, c, "%s%s killed by our own SIGKILL", comma, w->name);
		check_fail(c);
		return;
	case DEATH_WITH_PARENT:
		return;
	case DEATH_TAKEN_ALONG:
		if (bench_expects_name(b, EXPECT_TAKEN_ALONG, w->name))
			return;
		__attribute__((fallthrough));
	case DEATH_SIGKILL_UNEXPLAINED:
		check_saw(b, c, "%s%s got a SIGKILL that neither we nor the kernel log own up to",
			  comma, w->name);
		check_spoil(c);
		return;
	}
}

void check_deaths(struct bench *b)
{
	struct check *c;

	if (!b->e->nr_workers)
		return;
	c = check_new(b, "deaths");
	check_want(b, c, "only OOM kills and what the case plans");
	for (size_t i = 0; i < b->e->nr_workers; i++)
		judge_death(b, c, &b->e->workers[i]);
	if (!*c->saw)
		check_saw(b, c, "that");
}
