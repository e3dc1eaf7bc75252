// SPDX-License-Identifier: MIT
/* The player's one loop: kernel log, workers' words and deaths, whichever comes, until a deadline.
 */
#include "harness/stage.h"

#include <poll.h>
#include <signal.h>

static volatile sig_atomic_t stop_asked;

void watch_stop(void)
{
	stop_asked = 1;
}

static void see_record(void *ctx, const struct kmsg_record *r)
{
	struct stage *s = ctx;
	int64_t killed = kmsg_killed_pid(r);

	if (killed) {
		s->last_kill_us = r->usec + (uint64_t)s->log_offset_us;
		s->nr_kill_lines++;
	}
	for (size_t i = 0; killed && i < s->nr_workers; i++)
		if (s->workers[i].proc.pid == killed)
			s->workers[i].in_log = true;
	if (killed)
		crew_children_named(s, (pid_t)killed);
	emit_begin(s, "kmsg");
	jsonw_u64(&s->w, "seq", r->seq);
	jsonw_u64(&s->w, "usec", r->usec);
	jsonw_u64(&s->w, "level", r->level);
	jsonw_u64(&s->w, "facility", r->facility);
	jsonw_strn(&s->w, "text", r->text, r->text_len);
	emit_end(s);
}

static void tell_lost(struct stage *s)
{
	if (s->kmsg.nr_lost == s->nr_lost_told)
		return;
	s->nr_lost_told = s->kmsg.nr_lost;
	emit_begin(s, "lost");
	jsonw_u64(&s->w, "records", s->kmsg.nr_lost);
	emit_end(s);
}

/*
 * One bounded helping at a time: an unkillable task at its limit logs faster than we read (facts: a
 * full report on each retry), and then the deadline must still be looked at.
 */
int watch_log(struct stage *s)
{
	for (int i = 0; i < 512; i++) {
		int n = kmsg_next(&s->kmsg, &s->record);

		tell_lost(s);
		if (n <= 0)
			return n;
		see_record(s, &s->record);
	}
	return 0;
}

int watch_mark(struct stage *s, const char *what, uint64_t *seq)
{
	uint64_t now_us = proc_now_us();
	char text[160];
	int err;

	snprintf(text, sizeof(text), "oomlab: %s %s %s", what, s->plan->name, s->plan->run_id);
	err = kmsg_mark(&s->kmsg, text, &s->record, see_record, s, seq);
	tell_lost(s);
	if (!err) /* the mark is in the scratch record; its line was written a moment after now_us */
		s->log_offset_us = (int64_t)(now_us - s->record.usec);
	return err;
}

/* Who has something to say: the log, each worker's death and words, then what a step looks at. */
static size_t gather(struct stage *s, struct pollfd *fds)
{
	size_t n = 0;

	fds[n++] = (struct pollfd){ .fd = s->kmsg.fd, .events = POLLIN };
	for (size_t i = 0; i < s->nr_workers; i++) {
		fds[n++] = (struct pollfd){ .fd = s->workers[i].proc.pidfd, .events = POLLIN };
		fds[n++] = (struct pollfd){ .fd = s->workers[i].words, .events = POLLIN };
	}
	fds[n++] = (struct pollfd){ .fd = s->look.fd, .events = s->look.events };
	for (size_t i = 0; i < s->nr_children; i++)
		fds[n++] = (struct pollfd){ .fd = s->children[i].proc.pidfd, .events = POLLIN };
	return n;
}

/* The log is read before deaths are taken, and words before the death that follows them. */
static int handle(struct stage *s, const struct pollfd *fds)
{
	int err = watch_log(s);

	for (size_t i = 0; i < s->nr_workers; i++) {
		struct stage_worker *w = &s->workers[i];

		if (w->words >= 0 && fds[2 + 2 * i].revents)
			crew_hear(s, w);
		if (!w->dead && fds[1 + 2 * i].revents)
			crew_reap(s, w);
	}
	crew_children_reap(s);
	return err;
}

int watch_until(struct stage *s, bool (*done)(struct stage *s, const void *arg), const void *arg,
		uint64_t timeout_ms)
{
	uint64_t deadline_us = proc_now_us() + timeout_ms * 1000;
	struct pollfd fds[2 + 2 * STAGE_WORKERS_MAX + CASE_CHILDREN_MAX];

	for (;;) {
		bool idle = !crew_busy(s) && !s->kernel_owes_us && !s->look.patient;
		uint64_t now_us = proc_now_us();
		int wait_ms = now_us < deadline_us ? (int)((deadline_us - now_us) / 1000) + 1 : 0;
		size_t n = gather(s, fds);
		int err, ready;

		wait_ms = min(wait_ms, timeline_wait_ms(s));
		if (s->look.tick_ms)
			wait_ms = min(wait_ms, (int)s->look.tick_ms);
		if (done(s, arg))
			return 0;
		if (stop_asked)
			return -ECANCELED;
		/* Nobody is busy: one last look without waiting, then it cannot come true any more.
		 */
		ready = poll(fds, n, idle ? 0 : wait_ms);
		if (ready < 0 && errno != EINTR)
			return -errno;
		err = handle(s, fds);
		if (err)
			return err;
		if (!ready && !timeline_wait_ms(s)) /* never before what happened */
			timeline_moment(s);
		if (done(s, arg))
			return 0;
		if (idle && !crew_busy(s)) /* that look may have shown a kill: its death is due */
			return -ENODATA;
		if (proc_now_us() >= deadline_us)
			return -ETIMEDOUT;
	}
}
