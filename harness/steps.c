// SPDX-License-Identifier: MIT
/* What a step does: one row and one function each. */
#include "harness/plan_names.h"
#include "harness/stage.h"
#include "lib/fs.h"

#include <fcntl.h>
#include <signal.h>

static bool is_ready_or_dead(struct stage *s, const void *arg)
{
	const struct stage_worker *w = arg;

	(void)s;
	return w->ready || w->dead;
}

static bool is_dead(struct stage *s, const void *task)
{
	return crew_is_dead(s, task);
}

static bool has_kills(struct stage *s, const void *arg)
{
	return crew_kills(s) >= *(const uint64_t *)arg;
}

uint64_t steps_timeout(const struct stage *s, const struct case_step *step)
{
	return step->timeout_ms ? step->timeout_ms : s->plan->timeout_ms;
}

static int wait_ready(struct stage *s, const struct case_step *step)
{
	struct stage_worker *w = crew_find(s, step->worker);
	int err;

	if (!w)
		return -ESRCH;
	err = watch_until(s, is_ready_or_dead, w, steps_timeout(s, step));
	return err ? err : w->ready ? 0 : -ECHILD;
}

static int do_start(struct stage *s, const struct case_step *step)
{
	int err = crew_start(s, step->worker);

	return err ? err : wait_ready(s, step);
}

static int do_trigger(struct stage *s, const struct case_step *step)
{
	return crew_start(s, step->worker);
}

static int do_wait_oom(struct stage *s, const struct case_step *step)
{
	return watch_until(s, has_kills, &step->count, steps_timeout(s, step));
}

static int do_wait_death(struct stage *s, const struct case_step *step)
{
	unsigned int child;
	char name[16];

	if (!task_split(step->worker, name, sizeof(name), &child) || !crew_find(s, name))
		return -ESRCH;
	return watch_until(s, is_dead, step->worker, steps_timeout(s, step));
}

static int do_kill(struct stage *s, const struct case_step *step)
{
	struct stage_worker *w = crew_find(s, step->worker);

	if (!w)
		return -ESRCH;
	crew_signal(s, w, SIGKILL, "step");
	return 0;
}

static int do_sysrq(struct stage *s, const struct case_step *step)
{
	s->kernel_owes_us = true; /* the kernel answers from a worker thread of its own */
	return fs_writef(s->player->root, "proc/sysrq-trigger", "%c", step->letter);
}

/* Noise, for the cases that prove an overrun log is noticed. Nothing is read meanwhile. */
static int do_kmsg(struct stage *s, const struct case_step *step)
{
	char text[900];

	memset(text, '.', sizeof(text));
	text[sizeof(text) - 1] = '\n';
	for (uint64_t i = 0; i < step->count; i++)
		if (write(s->kmsg.fd, text, sizeof(text)) < 0)
			return -errno;
	return 0;
}

static int (*const ops[])(struct stage *s, const struct case_step *step) = {
	[STEP_START] = do_start,
	[STEP_TRIGGER] = do_trigger,
	[STEP_WAIT_OOM] = do_wait_oom,
	[STEP_WAIT_DEATH] = do_wait_death,
	[STEP_WAIT_READY] = wait_ready,
	[STEP_KILL] = do_kill,
	[STEP_SET] = step_set_knob,
	[STEP_SYSRQ] = do_sysrq,
	[STEP_KMSG] = do_kmsg,
	[STEP_READ] = step_read_file,
	[STEP_WRITE] = step_write_file,
	[STEP_WAIT_FILE] = step_wait_file,
	[STEP_WAIT_QUIET] = step_wait_quiet,
	[STEP_WAIT_EVENT] = step_wait_event,
	[STEP_EVENTFD] = step_eventfd,
	[STEP_SIGNAL] = step_signal,
	[STEP_MOVE] = step_move,
	[STEP_REMOVE] = step_remove,
};

static void say_why(const struct stage *s, const struct case_step *step, int err, char *buf,
		    size_t len)
{
	if (*s->why)
		snprintf(buf, len, "%s", s->why);
	else if (step->op == STEP_WAIT_OOM && (err == -ETIMEDOUT || err == -ENODATA))
		snprintf(buf, len, "wanted %llu kills, saw %u%s", (unsigned long long)step->count,
			 crew_kills(s),
			 err == -ENODATA ? "; every worker has all its memory or is gone" : "");
	else if (err == -ECHILD)
		snprintf(buf, len, "%s died before it was ready", step->worker);
	else if (err == -ESRCH)
		snprintf(buf, len, "%s was not started", step->worker);
	else
		snprintf(buf, len, "%s%s%s", step->worker, *step->worker ? ": " : "",
			 strerror(-err));
}

void steps_play(struct stage *s)
{
	for (size_t i = 0; i < s->plan->nr_steps && !s->went_wrong; i++) {
		const struct case_step *step = &s->plan->steps[i];
		char why[256];
		int err;

		s->why[0] = '\0';
		err = step_measured(s, step, ops[step->op]);
		s->went_wrong = err != 0;
		emit_begin(s, "step");
		jsonw_u64(&s->w, "n", i);
		jsonw_str(&s->w, "op", step_op_name(step->op));
		jsonw_str(&s->w, "result",
			  !err					 ? "ok"
			  : err == -ETIMEDOUT || err == -ENODATA ? "timeout"
			  : err == -ECHILD			 ? "died"
								 : "error");
		if (err) {
			say_why(s, step, err, why, sizeof(why));
			jsonw_str(&s->w, "text", why);
		}
		emit_end(s);
		timeline_moment(s);
	}
}
