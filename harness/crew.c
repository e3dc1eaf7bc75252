// SPDX-License-Identifier: MIT
/* The crew: workers spawned into their cgroups, what they say on fd 3, and how they end. */
#include "harness/stage.h"
#include "lib/ready.h"

#include <fcntl.h>
#include <signal.h>

#define END_LEAST_MS 5000 /* for all workers to die */

struct stage_worker *crew_find(struct stage *s, const char *name)
{
	for (size_t i = 0; i < s->nr_workers; i++)
		if (str_eq(s->workers[i].plan->name, name))
			return &s->workers[i];
	return NULL;
}

static int spawn(struct stage *s, struct stage_worker *w, int words, int null)
{
	enum spawn_stage stage = SPAWN_CGROUP;
	int procs[2], dir __close = -1;
	int n = memcg_entry_fds(&s->cg, w->plan->cgroup, &dir, procs), err = n;
	struct spawn how = { .file = s->player->oomhog,
			     .argv = w->plan->argv,
			     .cgroup_dir = dir,
			     .procs = procs,
			     .nr_procs = n,
			     .oom_score_adj = w->plan->oom_score_adj,
			     .nice = w->plan->nice,
			     .uid = (unsigned int)w->plan->uid,
			     .fd3 = words,
			     .output = null };

	/*
	 * Before 6.3 (42a11bf5c543) a child cloned into a cgroup kept its parent's mems_allowed: where
	 * cpusets matter it must join by itself, and before its first page.
	 */
	if (s->wants_cpuset)
		how.cgroup_dir = -1;
	if (n >= 0)
		err = proc_spawn(&how, &w->proc, &stage);
	for (int i = 0; i < n; i++)
		close(procs[i]);
	if (err)
		emit_text(s, "broken", "what", "worker %s: %s: %s", w->plan->name,
			  spawn_stage_name(stage), strerror(-err));
	return err;
}

int crew_start(struct stage *s, const char *name)
{
	const struct plan_worker *p = plan_worker(s->plan, name);
	int null __close = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct stage_worker *w = &s->workers[s->nr_workers];
	int words[2], err;

	if (!p || crew_find(s, name) || s->nr_workers == STAGE_WORKERS_MAX) {
		emit_text(s, "broken", "what", "worker %s: started twice, or not in the plan",
			  name);
		return -EINVAL;
	}
	if (pipe2(words, O_CLOEXEC | O_NONBLOCK) < 0)
		return -errno;
	fcntl(words[1], F_SETFL, 0); /* the worker's end blocks, as it expects */
	*w = (struct stage_worker){ .plan = p, .words = words[0] };
	err = spawn(s, w, words[1], null);
	close(words[1]);
	if (err) {
		close(words[0]);
		return err;
	}
	w->started = true;
	s->nr_workers++;
	timeline_worker(s, name, w->proc.pid);
	emit_begin(s, "worker");
	jsonw_str(&s->w, "name", name);
	jsonw_i64(&s->w, "pid", w->proc.pid);
	jsonw_str(&s->w, "cgroup", p->cgroup);
	jsonw_i64(&s->w, "oom_score_adj", p->oom_score_adj); /* proc_spawn() read it back */
	emit_end(s);
	return 0;
}

static void emit_ready(struct stage *s, struct stage_worker *w, uint64_t bytes)
{
	struct proc_memory mem = { 0 };
	int err = proc_memory_read(w->proc.pid, &mem);

	w->ready = true;
	emit_begin(s, "ready");
	jsonw_str(&s->w, "name", w->plan->name);
	jsonw_i64(&s->w, "pid", w->proc.pid);
	jsonw_u64(&s->w, "bytes", bytes);
	if (!err) { /* it may be dead already */
		jsonw_u64(&s->w, "rss_kb", mem.rss_kb);
		jsonw_u64(&s->w, "swap_kb", mem.swap_kb);
		jsonw_u64(&s->w, "pgtables_kb", mem.pgtables_kb);
	}
	emit_end(s);
}

static void emit_figure(struct stage *s, const struct stage_worker *w, const char *figure,
			uint64_t value)
{
	char name[16 + 1 + READY_FIGURE_LEN];

	snprintf(name, sizeof(name), "%s.%s", w->plan->name, figure);
	emit_begin(s, "figure");
	jsonw_str(&s->w, "name", name);
	jsonw_u64(&s->w, "value", value);
	emit_end(s);
}

static void hear_line(struct stage *s, struct stage_worker *w, const char *line)
{
	char figure[READY_FIGURE_LEN];
	struct ready_word word;
	uint64_t value;

	if (ready_parse_figure(line, figure, &value) == 0) {
		emit_figure(s, w, figure, value);
		return;
	}
	if (ready_parse(line, &word) < 0) {
		emit_text(s, "broken", "what", "worker %s: said '%.100s'", w->plan->name, line);
		return;
	}
	switch (word.what) {
	case READY_YES:
		emit_ready(s, w, word.bytes);
		return;
	case READY_CHILD:
		crew_child_new(s, w, word.child, word.pid);
		return;
	case READY_TID:
		crew_tid_new(s, w, word.pid);
		return;
	case READY_GONE:
		crew_child_gone(s, w, word.child, word.code, word.signal);
		return;
	default:
		break;
	}
	emit_begin(s, "failed");
	jsonw_str(&s->w, "name", w->plan->name);
	jsonw_i64(&s->w, "pid", w->proc.pid);
	jsonw_str(&s->w, "what", ready_what_name(word.what));
	jsonw_u64(&s->w, "bytes", word.bytes);
	jsonw_str(&s->w, "text", word.text);
	emit_end(s);
}

void crew_hear(struct stage *s, struct stage_worker *w)
{
	for (;;) {
		ssize_t n = read(w->words, w->said + w->nr_said, sizeof(w->said) - 1 - w->nr_said);
		char *nl;

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) {
			close(w->words);
			w->words = -1;
			return;
		}
		w->nr_said += (size_t)n;
		w->said[w->nr_said] = '\0';
		while ((nl = strchr(w->said, '\n'))) {
			*nl = '\0';
			hear_line(s, w, w->said);
			w->nr_said -= (size_t)(nl + 1 - w->said);
			memmove(w->said, nl + 1, w->nr_said + 1);
		}
		if (w->nr_said == sizeof(w->said) - 1)
			w->nr_said = 0; /* no word is that long */
	}
}

void crew_reap(struct stage *s, struct stage_worker *w)
{
	int code, sig;

	if (w->dead || proc_reap(w->proc.pid, &code, &sig) < 0)
		return;
	if (w->words >= 0)
		crew_hear(s, w); /* its last word, if there was one */
	w->dead = true;
	cleanup_close(&w->proc.pidfd);
	w->proc.pidfd = -1;
	emit_begin(s, "death");
	jsonw_str(&s->w, "name", w->plan->name);
	jsonw_i64(&s->w, "pid", w->proc.pid);
	jsonw_i64(&s->w, "code", code);
	jsonw_i64(&s->w, "signal", sig);
	emit_end(s);
}

void crew_signal(struct stage *s, struct stage_worker *w, int sig, const char *why)
{
	if (w->dead)
		return;
	/* Told first: a death must never come before the record that explains it. */
	emit_begin(s, "sent");
	jsonw_str(&s->w, "name", w->plan->name);
	jsonw_i64(&s->w, "pid", w->proc.pid);
	jsonw_i64(&s->w, "signal", sig);
	jsonw_str(&s->w, "why", why);
	emit_end(s);
	w->signalled |= sig == SIGKILL;
	proc_pidfd_signal(w->proc.pidfd, sig);
}

/* Any program (kind exec) is ready before it has anything: it may do something as long as it lives. */
static bool is_program(const struct stage_worker *w)
{
	return w->plan->nr_argv > 1 && str_eq(w->plan->argv[1], "exec");
}

bool crew_busy(const struct stage *s)
{
	for (size_t i = 0; i < s->nr_workers; i++) {
		const struct stage_worker *w = &s->workers[i];

		if (!w->dead &&
		    (!w->ready || w->in_log || w->signalled || w->roused || is_program(w)))
			return true;
	}
	return crew_children_busy(s);
}

unsigned int crew_kills(const struct stage *s)
{
	unsigned int n = crew_children_kills(s);

	for (size_t i = 0; i < s->nr_workers; i++)
		n += s->workers[i].in_log && s->workers[i].dead;
	return n;
}

void crew_alive_emit(struct stage *s)
{
	for (size_t i = 0; i < s->nr_workers; i++) {
		if (s->workers[i].dead)
			continue;
		emit_begin(s, "alive");
		jsonw_str(&s->w, "name", s->workers[i].plan->name);
		jsonw_i64(&s->w, "pid", s->workers[i].proc.pid);
		emit_end(s);
	}
	crew_children_alive_emit(s);
}

void crew_end(struct stage *s)
{
	uint64_t deadline_us = proc_now_us() + stage_teardown_ms(s, END_LEAST_MS) * 1000;

	for (size_t i = 0; i < s->nr_workers; i++)
		crew_signal(s, &s->workers[i], SIGKILL, "teardown");
	crew_children_kill(s);
	for (size_t i = 0; i < s->nr_workers; i++) {
		struct stage_worker *w = &s->workers[i];

		if (!w->dead && proc_pidfd_wait_gone(w->proc.pidfd, deadline_us) == 0)
			crew_reap(s, w);
		if (!w->dead)
			emit_text(s, "left", "what", "worker %s (pid %d) does not die",
				  w->plan->name, w->proc.pid);
	}
	crew_children_end(s, deadline_us);
	for (size_t i = 0; i < s->nr_workers; i++) {
		cleanup_close(&s->workers[i].words);
		cleanup_close(&s->workers[i].proc.pidfd);
	}
}
