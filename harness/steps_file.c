// SPDX-License-Identifier: MIT
/* Steps on kernel files and their events. What a file said is recorded; the host judges it. */
#include "harness/file_value.h"
#include "harness/stage.h"
#include "lib/fs.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define TICK_MS 1 /* how often a file without an event of its own is looked at */

static int worker_file(struct stage *s, const struct case_step *step, char *buf, size_t len)
{
	pid_t pid = crew_pid(s, step->worker);

	if (pid < 0)
		return -ESRCH;
	if (crew_is_dead(s, step->worker))
		return -ENOENT; /* its pid may be another's by now, on a host a stranger's */
	snprintf(buf, len, "proc/%d/%s", pid, step->file.name);
	return 0;
}

/* The whole file into s->text, less its last newline. Bytes, or what open or read was told. */
static ssize_t read_file(struct stage *s, const struct case_step *step)
{
	const struct case_file *f = &step->file;
	char name[160];
	int err;

	s->text[0] = '\0';
	if (f->place == FILE_OF_CGROUP)
		return memcg_get(&s->cg, step->cgroup, f->name, s->text, sizeof(s->text));
	if (f->place == FILE_AT_PATH)
		return fs_read_line(s->player->root, f->name + 1, s->text, sizeof(s->text));
	err = worker_file(s, step, name, sizeof(name));
	return err ? err : fs_read_line(s->player->root, name, s->text, sizeof(s->text));
}

/* The value that counts, cut to what a record holds. */
static ssize_t read_value(struct stage *s, const struct case_step *step, char *buf, size_t len)
{
	ssize_t n = read_file(s, step);

	if (n < 0)
		return n;
	if (*step->file.key)
		return text_key_line(s->text, step->file.key, buf, len);
	str_copy(buf, len, s->text); /* cut, where it is longer */
	return 0;
}

static void emit_file(struct stage *s, const char *type, const struct case_step *step, int err,
		      const char *value)
{
	emit_begin(s, type);
	jsonw_u64(&s->w, "n", (uint64_t)(step - s->plan->steps));
	if (err)
		jsonw_str(&s->w, "errno", strerrorname_np(-err));
	else if (value)
		jsonw_str(&s->w, "value", value);
	emit_end(s);
}

int step_read_file(struct stage *s, const struct case_step *step)
{
	char value[256];
	ssize_t n = read_value(s, step, value, sizeof(value));

	if (n == -ENOBUFS || (n == -ESRCH && *step->worker && crew_pid(s, step->worker) < 0))
		return (int)n;
	emit_file(s, "read", step, (int)n, value);
	return 0;
}

/* v2 has no such file: its errno is ours, and no kernel's. */
static int write_file(struct stage *s, const struct case_step *step)
{
	const struct case_file *f = &step->file;
	char name[160];
	int err;

	if (f->place == FILE_OF_CGROUP)
		return memcg_set(&s->cg, step->cgroup, f->name, step->setting.value);
	if (f->place == FILE_AT_PATH)
		return fs_write(s->player->root, f->name + 1, step->setting.value);
	err = worker_file(s, step, name, sizeof(name));
	return err ? err : fs_write(s->player->root, name, step->setting.value);
}

/* A child that gives up root; setresuid(2) by syscall(2), for glibc's would ask every thread. */
static int write_as(struct stage *s, const struct case_step *step)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (pid == 0) {
		if (syscall(SYS_setgroups, 0, NULL) < 0 ||
		    syscall(SYS_setresgid, step->uid, step->uid, step->uid) < 0 ||
		    syscall(SYS_setresuid, step->uid, step->uid, step->uid) < 0)
			_exit(255);
		_exit(-write_file(s, step));
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	if (!WIFEXITED(status) || WEXITSTATUS(status) == 255)
		return -ECHILD;
	return -WEXITSTATUS(status);
}

int step_write_file(struct stage *s, const struct case_step *step)
{
	int err = step->uid ? write_as(s, step) : write_file(s, step);

	if (err == -ECHILD)
		snprintf(s->why, sizeof(s->why), "uid %u could not be taken", step->uid);
	if (err == -ECHILD || (err == -ESRCH && !crew_find(s, step->worker)))
		return -EIO;
	emit_file(s, "write", step, err, NULL);
	return 0;
}

int step_set_knob(struct stage *s, const struct case_step *step)
{
	if (!*step->errno_name)
		return scene_set_knob(s, step->cgroup, &step->setting);
	emit_file(s, "write", step,
		  memcg_set(&s->cg, step->cgroup, step->setting.name, step->setting.value), NULL);
	return 0;
}

struct look { /* a wait for what a file says */
	const struct case_step *step;
	char value[256];
	int err;
};

static bool file_says(struct stage *s, const void *arg)
{
	struct look *l = (struct look *)(uintptr_t)arg;

	/* Reading it arms the poll again, and before the value is taken. */
	if (s->look.fd >= 0 && pread(s->look.fd, s->text, sizeof(s->text), 0) < 0) {
		l->err = -errno;
		return true;
	}
	l->err = (int)read_value(s, l->step, l->value, sizeof(l->value));
	/* A key that is not there yet may come; a file that is not there will not. */
	if (l->err)
		return l->err != -ENOENT || !*l->step->file.key;
	return want_met(&l->step->want, l->value);
}

/* The time from the latest kill line, which may be long ago, or from the step's begin. */
static void emit_measure(struct stage *s, const struct case_step *step, uint64_t begin_us)
{
	uint64_t now_us = proc_now_us(), from_us = s->last_kill_us ? s->last_kill_us : begin_us;
	char name[48];

	snprintf(name, sizeof(name), "%s_us", step->measure);
	emit_begin(s, "figure");
	jsonw_str(&s->w, "name", name);
	jsonw_u64(&s->w, "value", now_us > from_us ? now_us - from_us : 0);
	emit_end(s);
}

int step_measured(struct stage *s, const struct case_step *step,
		  int (*wait)(struct stage *s, const struct case_step *step))
{
	uint64_t begin_us = proc_now_us();
	int err = wait(s, step);

	if (!err && *step->measure)
		emit_measure(s, step, begin_us);
	return err;
}

/* Files of events wake whoever polls them; the others are looked at once a tick. */
int step_wait_file(struct stage *s, const struct case_step *step)
{
	struct look l = { .step = step };
	bool events = step->file.place == FILE_OF_CGROUP && strstr(step->file.name, ".events");
	char what[256];
	int fd __close = events ? memcg_open(&s->cg, step->cgroup, step->file.name) : -1;
	int err;

	s->look = (struct watch_look){
		.patient = true, .fd = fd, .events = POLLPRI, .tick_ms = fd < 0 ? TICK_MS : 0
	};
	err = watch_until(s, file_says, &l, steps_timeout(s, step));
	s->look = (struct watch_look){ .fd = -1 };
	if (!err && l.err)
		err = l.err == -ESRCH || l.err == -ENOENT ? -ECHILD : l.err;
	if (err)
		snprintf(s->why, sizeof(s->why), "%s: %.150s", file_text(step, what, sizeof(what)),
			 l.err ? strerror(-l.err) : l.value);
	return err;
}

struct quiet {
	unsigned int nr_deaths, nr_kill_lines;
};

static unsigned int nr_dead(const struct stage *s)
{
	unsigned int n = 0;

	for (size_t i = 0; i < s->nr_workers; i++)
		n += s->workers[i].dead;
	return n;
}

static bool is_loud(struct stage *s, const void *arg)
{
	const struct quiet *q = arg;

	return nr_dead(s) != q->nr_deaths || s->nr_kill_lines != q->nr_kill_lines;
}

int step_wait_quiet(struct stage *s, const struct case_step *step)
{
	struct quiet q = { nr_dead(s), s->nr_kill_lines };
	int err;

	s->look = (struct watch_look){ .patient = true, .fd = -1 };
	err = watch_until(s, is_loud, &q, step->count);
	s->look = (struct watch_look){ .fd = -1 };
	if (err == -ETIMEDOUT)
		return 0;
	if (!err)
		snprintf(s->why, sizeof(s->why), "%u deaths and %u kills meanwhile",
			 nr_dead(s) - q.nr_deaths, s->nr_kill_lines - q.nr_kill_lines);
	return err ? err : -ECHILD;
}

int step_eventfd(struct stage *s, const struct case_step *step)
{
	struct stage_event *e = &s->events[s->nr_events];
	int err;

	if (s->nr_events == STAGE_EVENTS_MAX)
		return -ENOSPC;
	e->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (e->fd < 0)
		return -errno;
	e->cgroup = step->cgroup;
	s->nr_events++;
	err = memcg_notify(&s->cg, step->cgroup, step->file.name, e->fd);
	return err;
}

static bool has_fired(struct stage *s, const void *arg)
{
	const struct stage_event *e = arg;
	uint64_t n;

	(void)s;
	return read(e->fd, &n, sizeof(n)) == sizeof(n);
}

int step_wait_event(struct stage *s, const struct case_step *step)
{
	const struct stage_event *e = NULL;
	int err;

	for (size_t i = 0; i < s->nr_events && !e; i++)
		if (str_eq(s->events[i].cgroup, step->cgroup))
			e = &s->events[i];
	if (!e)
		return -ENOENT;
	s->look = (struct watch_look){ .patient = true, .fd = e->fd, .events = POLLIN };
	err = watch_until(s, has_fired, e, steps_timeout(s, step));
	s->look = (struct watch_look){ .fd = -1 };
	if (err == -ETIMEDOUT)
		snprintf(s->why, sizeof(s->why), "no event");
	return err;
}

void steps_close(struct stage *s)
{
	for (size_t i = 0; i < s->nr_events; i++)
		cleanup_close(&s->events[i].fd);
	s->nr_events = 0;
}

int step_signal(struct stage *s, const struct case_step *step)
{
	struct stage_worker *w = crew_find(s, step->worker);

	if (!w)
		return -ESRCH;
	w->roused = true; /* it may go on to fill, or to die */
	crew_signal(s, w, (int)step->count, "step");
	return 0;
}

int step_move(struct stage *s, const struct case_step *step)
{
	struct stage_worker *w = crew_find(s, step->worker);

	if (!w)
		return -ESRCH;
	return w->dead ? -ECHILD : memcg_move(&s->cg, step->cgroup, w->proc.pid);
}

struct removal {
	const char *cgroup;
	int err;
};

static bool is_removed(struct stage *s, const void *arg)
{
	struct removal *r = (struct removal *)(uintptr_t)arg;

	r->err = memcg_populated(&s->cg, r->cgroup);
	if (r->err > 0)
		return false;
	if (!r->err) {
		counters_emit_cgroup(s, "after", r->cgroup);
		r->err = memcg_remove(&s->cg, r->cgroup);
	}
	return r->err != -EBUSY;
}

/* Its counters are read for the last time before it goes: after, their files tell nothing. */
int step_remove(struct stage *s, const struct case_step *step)
{
	struct removal r = { .cgroup = step->cgroup };
	int err;

	s->look = (struct watch_look){ .patient = true, .fd = -1, .tick_ms = TICK_MS };
	err = watch_until(s, is_removed, &r, steps_timeout(s, step));
	s->look = (struct watch_look){ .fd = -1 };
	if (!err && !r.err)
		counters_forget(s, step->cgroup);
	return err ? err : r.err;
}
