// SPDX-License-Identifier: MIT
/* Records that speak of a worker: its start, its words, what we sent it, its end. */
#include "harness/evidence_parse.h"

static int add_worker(struct evidence *e, const struct ev_worker *w, struct fail *f)
{
	struct ev_worker *slot;

	if (w->pid <= 0 || evidence_worker(e, w->name) || evidence_worker_by_pid(e, w->pid))
		return fail_set(f, -EBADMSG, "worker %s started twice, or its pid is none",
				w->name);
	slot = evidence_grow(&e->workers, &e->nr_workers, sizeof(*w));
	if (!slot)
		return -ENOMEM;
	*slot = *w;
	return 0;
}

int ev_get_worker(struct evidence *e, const json_t *o, struct fail *f)
{
	struct ev_worker w = { .started = true, .exit_code = -1 };
	int64_t adj = 0;
	int err = ev_need_text(o, "name", w.name, sizeof(w.name), f);

	if (!err)
		err = ev_need_int(o, "pid", &w.pid, f);
	if (!err)
		err = ev_need_text(o, "cgroup", w.cgroup, sizeof(w.cgroup), f);
	if (!err)
		err = ev_need_int(o, "oom_score_adj", &adj, f);
	if (err)
		return err;
	w.oom_score_adj = (int)adj;
	return add_worker(e, &w, f);
}

/* The worker a record speaks of: it was started, and the pid is still its own. */
static struct ev_worker *worker_of(struct evidence *e, const json_t *o, struct fail *f)
{
	const char *name = ev_text_of(o, "name");
	struct ev_worker *w = name ? (struct ev_worker *)evidence_worker(e, name) : NULL;
	int64_t pid = 0;

	if (ev_need_int(o, "pid", &pid, f))
		return NULL;
	if (!w || w->pid != pid) {
		fail_set(f, -EBADMSG, "speaks of a worker that was not started");
		return NULL;
	}
	return w;
}

int ev_get_child(struct evidence *e, const json_t *o, struct fail *f)
{
	struct ev_worker w = { .started = true, .is_child = true, .exit_code = -1 };
	const char *name = ev_text_of(o, "name");
	const struct ev_worker *parent = name ? evidence_worker(e, name) : NULL;
	int64_t n = 0;
	int err = ev_need_int(o, "n", &n, f);

	if (!err)
		err = ev_need_int(o, "pid", &w.pid, f);
	if (err)
		return err;
	if (!parent || parent->is_child || n < 1 || n > CASE_CHILDREN_MAX)
		return fail_set(f, -EBADMSG, "speaks of a worker that was not started");
	w.parent = (size_t)(parent - e->workers);
	snprintf(w.name, sizeof(w.name), "%.15s/%d", parent->name, (int)n);
	str_copy(w.cgroup, sizeof(w.cgroup), parent->cgroup);
	return add_worker(e, &w, f);
}

int ev_get_tid(struct evidence *e, const json_t *o, struct fail *f)
{
	const struct ev_worker *w = worker_of(e, o, f);
	int64_t tid = 0;
	struct ev_tid *slot;

	if (!w || ev_need_int(o, "tid", &tid, f))
		return -EBADMSG;
	if (tid <= 0 || evidence_worker_by_pid(e, tid))
		return fail_set(f, -EBADMSG, "%s: the tid is none, or another's", w->name);
	slot = evidence_grow(&e->tids, &e->nr_tids, sizeof(*slot));
	if (!slot)
		return -ENOMEM;
	*slot = (struct ev_tid){ .tid = tid, .worker = (size_t)(w - e->workers) };
	return 0;
}

int ev_get_ready(struct evidence *e, const json_t *o, struct fail *f)
{
	struct ev_worker *w = worker_of(e, o, f);

	if (!w)
		return -EBADMSG;
	w->ready = true;
	w->rss_kb = ev_maybe_u64(o, "rss_kb");
	w->swap_kb = ev_maybe_u64(o, "swap_kb");
	w->pgtables_kb = ev_maybe_u64(o, "pgtables_kb");
	return ev_need_u64(o, "bytes", &w->ready_bytes, f);
}

int ev_get_failed(struct evidence *e, const json_t *o, struct fail *f)
{
	struct ev_worker *w = worker_of(e, o, f);

	if (!w)
		return -EBADMSG;
	w->failed = true;
	if (ev_text_of(o, "text"))
		str_copy(w->failed_text, sizeof(w->failed_text), ev_text_of(o, "text"));
	return ev_need_text(o, "what", w->failed_what, sizeof(w->failed_what), f);
}

/* Only what was sent before the death explains it. */
int ev_get_sent(struct evidence *e, const json_t *o, struct fail *f)
{
	struct ev_worker *w = worker_of(e, o, f);
	const char *why = ev_text_of(o, "why");
	int64_t sig = 0;
	int err;

	if (!w)
		return -EBADMSG;
	err = ev_need_int(o, "signal", &sig, f);
	if (err || w->died || sig != 9)
		return err;
	if (why && str_eq(why, "step"))
		w->we_killed_in_step = true;
	else
		w->we_killed_at_end = true;
	return 0;
}

int ev_get_death(struct evidence *e, const json_t *o, struct fail *f)
{
	struct ev_worker *w = worker_of(e, o, f);
	int64_t code = -1, sig = 0;
	int err;

	if (!w)
		return -EBADMSG;
	err = ev_need_int(o, "code", &code, f);
	if (!err)
		err = ev_need_int(o, "signal", &sig, f);
	if (err)
		return err;
	if (code < -1 || code > 255 || sig < 0 || sig > 127 || (code == -1) == (sig == 0))
		return fail_set(f, -EBADMSG, "neither an exit nor a signal");
	w->died = true;
	w->exit_code = (int)code;
	w->signal = (int)sig;
	w->death_us = ev_maybe_u64(o, "us");
	return 0;
}

int ev_get_alive(struct evidence *e, const json_t *o, struct fail *f)
{
	struct ev_worker *w = worker_of(e, o, f);

	if (!w)
		return -EBADMSG;
	if (w->died)
		return fail_set(f, -EBADMSG, "%s is alive after its death", w->name);
	w->alive_at_end = true;
	return 0;
}
