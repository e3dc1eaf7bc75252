// SPDX-License-Identifier: MIT
#include "harness/player.h"
#include "harness/stage.h"
#include "lib/fs.h"

#include <sys/prctl.h>

/* One play at a time; static, because a stage is large and nothing may be allocated while it runs.
 */
static struct stage the_stage;

static int open_log(struct stage *s)
{
	uint64_t seq;
	int err = kmsg_open(s->player->root, &s->kmsg);

	s->log_open = err == 0;
	if (!err)
		err = watch_mark(s, "begin", &seq);
	if (err) {
		emit_text(s, "broken", "what", "read the kernel log: %s", strerror(-err));
		return err;
	}
	emit_begin(s, "mark");
	jsonw_u64(&s->w, "seq", seq);
	jsonw_i64(&s->w, "log_offset_us", s->log_offset_us);
	emit_end(s);
	return 0;
}

/* Kernel log to its end, who lives, what was counted: all before anything is torn down. */
static void collect(struct stage *s)
{
	uint64_t seq;
	int err;

	crew_children_settle(s); /* one that is dying is no survivor */
	timeline_last(s);
	err = watch_mark(s, "end", &seq);

	if (err)
		emit_text(s, "broken", "what", "read the kernel log: %s", strerror(-err));
	for (size_t i = 0; i < s->nr_workers; i++)
		crew_reap(s, &s->workers[i]);
	crew_children_reap(s);
	crew_alive_emit(s);
	counters_emit(s, "after");
}

static void emit_machine(struct stage *s)
{
	struct machine m;
	int err = machine_read(s->player->root, &m);

	if (err) {
		emit_text(s, "broken", "what", "measure the machine: %s", strerror(-err));
		return;
	}
	emit_begin(s, "machine");
	machine_write(&m, &s->w);
	emit_end(s);
}

static void emit_last_word(struct stage *s)
{
	uint64_t taint = 0;

	fs_read_u64(s->player->root, "proc/sys/kernel/tainted", &taint);
	emit_begin(s, "end");
	jsonw_u64(&s->w, "elapsed_us", proc_now_us() - s->start_us);
	jsonw_u64(&s->w, "taint", taint);
	emit_end(s);
}

int player_run(struct player *p, const struct plan *plan)
{
	struct stage *s = &the_stage;
	int err;

	memset(s, 0, sizeof(*s));
	memset(s->counter_fds, -1, sizeof(s->counter_fds));
	s->look.fd = -1;
	s->player = p;
	s->plan = plan;
	s->start_us = proc_now_us();
	/* Children of workers that died come to us (PID 1 gets them anyway). */
	prctl(PR_SET_CHILD_SUBREAPER, 1);

	emit_machine(s);
	err = scene_build(s);
	if (!err)
		err = counters_open(s);
	if (!err)
		err = open_log(s);
	if (!err) {
		counters_emit(s, "before");
		timeline_open(s);
		steps_play(s);
		collect(s);
	}
	crew_end(s);
	steps_close(s);
	if (s->log_open)
		kmsg_close(&s->kmsg);
	counters_close(s);
	timeline_close(s);
	scene_restore(s);
	emit_last_word(s);
	return s->sink_err;
}
