// SPDX-License-Identifier: MIT
/* Steps on kernel files (read, write, wait for one), on their events, and on workers and cgroups. */
#include "harness/case_steps.h"
#include "harness/file_value.h"

static void target_cgroup(struct reader *r, const struct schema_row *row, const struct ynode *v,
			  void *to)
{
	const char *path = read_cgroup_ref(r, v);
	struct case_step *s = to;

	(void)row;
	s->file.place = FILE_OF_CGROUP;
	if (path)
		str_copy(s->cgroup, sizeof(s->cgroup), path);
}

static void target_worker(struct reader *r, const struct schema_row *row, const struct ynode *v,
			  void *to)
{
	struct case_step *s = to;

	(void)row;
	s->file.place = FILE_OF_WORKER;
	if (read_task_ref(r, v))
		str_copy(s->worker, sizeof(s->worker), v->text);
}

static void signal_worker(struct reader *r, const struct schema_row *row, const struct ynode *v,
			  void *to)
{
	const struct case_worker *w = read_worker_ref(r, v);
	struct case_step *s = to;

	(void)row;
	if (w)
		str_copy(s->worker, sizeof(s->worker), w->name);
}

static void tell_problem(struct reader *r, const struct ynode *v, const struct case_file *f)
{
	const char *problem = file_problem(f);

	if (problem)
		told(r, v, "file '%s': %s", f->name, problem);
	else if (f->place == FILE_OF_CGROUP)
		cgroup_file_ok(r, v, f->name);
}

static void target_path(struct reader *r, const struct schema_row *row, const struct ynode *v,
			void *to)
{
	struct case_step *s = to;

	s->file.place = FILE_AT_PATH;
	row_chars(r, row, v, to);
	if (*s->file.name)
		tell_problem(r, v, &s->file);
}

/* Behind cgroup, worker and path, so that the place is known. */
static void target_file(struct reader *r, const struct schema_row *row, const struct ynode *v,
			void *to)
{
	struct case_step *s = to;

	if (s->file.place == FILE_AT_PATH) {
		told(r, v, "file: the path names it already; take one of the two out");
		return;
	}
	row_chars(r, row, v, to);
	if (*s->file.name && s->file.place != FILE_NONE)
		tell_problem(r, v, &s->file);
}

static void event_file(struct reader *r, const struct schema_row *row, const struct ynode *v,
		       void *to)
{
	static const char *const names[] = { "memory.oom_control", NULL };
	int i;

	if (value_choice(r, v, row->key, names, &i))
		target_file(r, row, v, to);
}

/* A number, a size (in bytes then) or a text. */
static void file_is(struct reader *r, const struct schema_row *row, const struct ynode *v, void *to)
{
	struct case_step *s = to;
	struct range *range = &s->want.range;

	if (s->op == STEP_WAIT_OOM)
		s->op = STEP_WAIT_FILE;
	if (!value_is_scalar(r, v, row->key))
		return;
	s->want.is_range = range_parse(v->text, RANGE_NUMBERS, range);
	if (!s->want.is_range && range_parse(v->text, RANGE_SIZES, range)) {
		s->want.is_range = true;
		if (range->lo != INT64_MIN)
			range->lo *= 1024;
		if (range->hi != INT64_MAX)
			range->hi *= 1024;
	}
	if (!s->want.is_range)
		row_chars(r, row, v, to);
}

void read_errno(struct reader *r, const struct ynode *v, struct case_step *s)
{
	if (!value_is_scalar(r, v, "errno"))
		return;
	if (!errno_name_ok(v->text) || !str_copy(s->errno_name, sizeof(s->errno_name), v->text))
		told(r, v, "errno '%s': the name of one is due, as EBUSY", v->text);
}

static void file_errno(struct reader *r, const struct schema_row *row, const struct ynode *v,
		       void *to)
{
	(void)row;
	read_errno(r, v, to);
}

static void file_uid(struct reader *r, const struct schema_row *row, const struct ynode *v,
		     void *to)
{
	int64_t uid;

	if (value_int(r, v, row->key, 1, 65533, &uid))
		((struct case_step *)to)->uid = (uint32_t)uid;
}

static void wait_measure(struct reader *r, const struct schema_row *row, const struct ynode *v,
			 void *to)
{
	struct case_step *s = to;

	row_chars(r, row, v, to);
	if (strspn(s->measure, "abcdefghijklmnopqrstuvwxyz0123456789_") != strlen(s->measure))
		told(r, v, "measure '%s': a name of a-z, 0-9 and '_' is due", v->text);
}

static void wait_quiet(struct reader *r, const struct schema_row *row, const struct ynode *v,
		       void *to)
{
	((struct case_step *)to)->op = STEP_WAIT_QUIET;
	row_duration(r, row, v, to);
}

static bool has_eventfd(const struct oom_case *c, const char *cgroup)
{
	for (size_t i = 0; i < c->nr_steps; i++)
		if (c->steps[i].op == STEP_EVENTFD && str_eq(c->steps[i].cgroup, cgroup))
			return true;
	return false;
}

static void wait_event(struct reader *r, const struct schema_row *row, const struct ynode *v,
		       void *to)
{
	const char *path = read_cgroup_ref(r, v);
	struct case_step *s = to;

	s->op = STEP_WAIT_EVENT;
	if (!path)
		return;
	str_copy(s->cgroup, sizeof(s->cgroup), path);
	if (!has_eventfd(r->c, path))
		told(r, v, "%s: no 'eventfd: {cgroup: %s, ...}' stands before it", row->key,
		     v->text);
}

/* Is it clear which file? Told if not. */
static bool target_ok(struct reader *r, const struct ynode *v, const struct case_step *s)
{
	unsigned int n = 0;

	n += ynode_get(v, "cgroup") != NULL;
	n += ynode_get(v, "worker") != NULL;
	n += ynode_get(v, "path") != NULL;
	if (n == 1 && (s->file.place == FILE_AT_PATH || ynode_get(v, "file")))
		return true;
	told(r, v,
	     "a file is due: {cgroup: PATH, file: NAME}, {worker: NAME, file: NAME} or {path: "
	     "PATH}");
	return false;
}

void on_wait(struct reader *r, const struct schema_row *row, const struct ynode *v, void *to)
{
	static const char *const things[] = { "kills", "death", "ready", "quiet", "event", "is" };
	static const char *const target[] = { "cgroup", "worker", "path", "file", "key" };
	unsigned int n = 0;
	struct case_step *s;

	(void)to;
	if (!value_is_map(r, v, row->key))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(things); i++)
		n += ynode_get(v, things[i]) != NULL;
	for (size_t i = 0; !ynode_get(v, "is") && i < ARRAY_SIZE(target); i++)
		n += ynode_get(v, target[i]) != NULL;
	if (n != 1) {
		told(r, v,
		     "wait: one of kills, death, ready, quiet, event, or a file and 'is', is due");
		return;
	}
	s = new_step(r, v, STEP_WAIT_OOM);
	if (!s)
		return;
	schema_read(r, &schema_wait, v, s);
	if (s->op == STEP_WAIT_FILE)
		target_ok(r, v, s);
}

void on_read(struct reader *r, const struct schema_row *row, const struct ynode *v, void *to)
{
	struct case_step *s;

	(void)to;
	if (!value_is_map(r, v, row->key))
		return;
	if (!ynode_get(v, "is") == !ynode_get(v, "errno")) {
		told(r, v, "read: what it must say, 'is', or how it must fail, 'errno', is due");
		return;
	}
	s = new_step(r, v, STEP_READ);
	if (!s)
		return;
	schema_read(r, &schema_read_step, v, s);
	target_ok(r, v, s);
}

/* No case knows a pid, and what a writer of 0 moves is itself: the player. */
static void check_written(struct reader *r, const struct ynode *v, const struct case_step *s)
{
	static const char *const movers[] = { "cgroup.procs", "cgroup.threads" };

	for (size_t i = 0; i < ARRAY_SIZE(movers); i++)
		if (s->file.place == FILE_OF_CGROUP && str_eq(s->file.name, movers[i]))
			told(r, v,
			     "file '%s': a pid is not for a case to write; to move a worker, "
			     "'move: {worker: NAME, cgroup: PATH}' is due",
			     movers[i]);
}

void on_write(struct reader *r, const struct schema_row *row, const struct ynode *v, void *to)
{
	struct case_step *s = new_step(r, v, STEP_WRITE);

	(void)to;
	if (!s || !value_is_map(r, v, row->key))
		return;
	schema_read(r, &schema_write_step, v, s);
	if (target_ok(r, v, s))
		check_written(r, ynode_get(v, "file") ?: v, s);
}

void on_eventfd(struct reader *r, const struct schema_row *row, const struct ynode *v, void *to)
{
	struct case_step *s = new_step(r, v, STEP_EVENTFD);

	(void)to;
	if (!s || !value_is_map(r, v, row->key))
		return;
	schema_read(r, &schema_eventfd, v, s);
}

static void signal_name(struct reader *r, const struct schema_row *row, const struct ynode *v,
			void *to)
{
	static const char *const names[] = { "CONT", "STOP", "TERM", "USR1", NULL };
	int i;

	if (value_choice(r, v, row->key, names, &i))
		((struct case_step *)to)->count = (uint64_t)step_signal_parse(names[i]);
}

void on_signal(struct reader *r, const struct schema_row *row, const struct ynode *v, void *to)
{
	struct case_step *s = new_step(r, v, STEP_SIGNAL);

	(void)to;
	if (s && value_is_map(r, v, row->key))
		schema_read(r, &schema_signal, v, s);
	if (s)
		s->file.place = FILE_NONE;
}

/* The worker and the cgroup are the step's; no file of theirs is meant. */
void on_move(struct reader *r, const struct schema_row *row, const struct ynode *v, void *to)
{
	struct case_step *s = new_step(r, v, STEP_MOVE);

	(void)to;
	if (s && value_is_map(r, v, row->key))
		schema_read(r, &schema_move, v, s);
	if (s)
		s->file.place = FILE_NONE;
}

void on_remove(struct reader *r, const struct schema_row *row, const struct ynode *v, void *to)
{
	const char *path = read_cgroup_ref(r, v);
	struct case_step *s;

	(void)to;
	if (!path)
		return;
	if (!*path) {
		told(r, v, "%s: our own root is not for a case to remove", row->key);
		return;
	}
	s = new_step(r, v, STEP_REMOVE);
	if (s)
		str_copy(s->cgroup, sizeof(s->cgroup), path);
}

#define TARGET_ROWS                                                                           \
	{ "cgroup", "PATH", "a file of this cgroup, by its v2 name", .read = target_cgroup }, \
		{ "worker", "NAME", "a file of its /proc/PID", .read = target_worker },       \
		{ "path", "PATH", "below /proc/sys or /sys", .read = target_path,             \
		  ROW_FIELD(struct case_step, file.name) },                                   \
		{ "file", "name", "of the cgroup or worker: `memory.current`, `oom_score`",   \
		  .read = target_file, ROW_FIELD(struct case_step, file.name) },              \
	{                                                                                     \
		"key", "text", "the line `KEY VALUE` or `KEY: VALUE kB`, not the whole",      \
			.read = row_chars, ROW_FIELD(struct case_step, file.key)              \
	}

static const struct schema_row wait_rows[] = {
	{ "kills", "number", "so many workers were killed by the kernel, since the beginning",
	  .read = wait_kills },
	{ "death", "NAME", "the worker is gone", .read = wait_worker, .kind = STEP_WAIT_DEATH },
	{ "ready", "NAME", "the triggered worker has all its memory", .read = wait_worker,
	  .kind = STEP_WAIT_READY },
	{ "quiet", "time", "for so long no worker may die, nor be killed", .read = wait_quiet,
	  ROW_FIELD(struct case_step, count), .lo = 1, .hi = 3600000 },
	{ "event", "PATH", "the eventfd of that cgroup fires", .read = wait_event },
	TARGET_ROWS,
	{ "is", "range or text", "the file says so; `80MiB` in bytes, a text or its first word",
	  .read = file_is, ROW_FIELD(struct case_step, want.text) },
	{ "measure", "name",
	  "the time from the last kill, or else from the step's begin, is a figure of that name",
	  .read = wait_measure, ROW_FIELD(struct case_step, measure) },
	{ "timeout", "time", "instead of the case's", .read = row_duration,
	  ROW_FIELD(struct case_step, timeout_ms), .lo = 1, .hi = 3600000 },
	{ .key = NULL },
};

static const struct schema_row read_rows[] = {
	TARGET_ROWS,
	{ "is", "range or text", "what it must say; `80MiB` in bytes, a text or its first word",
	  .read = file_is, ROW_FIELD(struct case_step, want.text) },
	{ "errno", "ENAME", "how reading it must fail", .read = file_errno },
	{ .key = NULL },
};

static const struct schema_row write_rows[] = {
	TARGET_ROWS,
	{ "value", "text", "as the kernel takes it", .read = row_chars,
	  ROW_FIELD(struct case_step, setting.value), .required = true },
	{ "errno", "ENAME", "how it must fail; without it, it must not", .read = file_errno },
	{ "uid", "number", "a child with this uid writes, not root", .read = file_uid },
	{ .key = NULL },
};

static const struct schema_row eventfd_rows[] = {
	{ "cgroup", "PATH", "whose file", .read = target_cgroup, .required = true },
	{ "file", "memory.oom_control", "fires when this cgroup or one above runs out of memory",
	  .read = event_file, ROW_FIELD(struct case_step, file.name), .required = true },
	{ .key = NULL },
};

static const struct schema_row signal_rows[] = {
	{ "worker", "NAME", "to whom", .read = signal_worker, .required = true },
	{ "signal", "CONT, STOP, TERM, USR1", "`oomhog --stall` goes on at USR1",
	  .read = signal_name, .required = true },
	{ .key = NULL },
};

static const struct schema_row move_rows[] = {
	{ "worker", "NAME", "who; as started, not its children", .read = signal_worker,
	  .required = true },
	{ "cgroup", "PATH", "where to", .read = target_cgroup, .required = true },
	{ .key = NULL },
};

const struct schema schema_move = { "move", "`move`", move_rows };
const struct schema schema_wait = { "wait", "`wait`", wait_rows };
const struct schema schema_read_step = { "read", "`read`", read_rows };
const struct schema schema_write_step = { "write", "`write`", write_rows };
const struct schema schema_eventfd = { "eventfd", "`eventfd`", eventfd_rows };
const struct schema schema_signal = { "signal", "`signal`", signal_rows };
