// SPDX-License-Identifier: MIT
/* steps: a list of one-key maps. */
#include "harness/case_steps.h"

#include <ctype.h>

#define STEPS_MAX 1000

struct case_step *new_step(struct reader *r, const struct ynode *v, int op)
{
	struct case_step *s;

	if (r->c->nr_steps == STEPS_MAX) {
		told(r, v, "more than %d steps", STEPS_MAX);
		return NULL;
	}
	s = GROW(r, r->c->steps, r->c->nr_steps);
	if (s) {
		s->op = (enum step_op)op;
		s->where = (struct where){ r->c->file, v->line, v->column };
	}
	return s;
}

static void one_worker(struct reader *r, const struct ynode *v, enum step_op op)
{
	const struct case_worker *w = read_worker_ref(r, v);
	struct case_step *s = w ? new_step(r, v, op) : NULL;

	if (s)
		str_copy(s->worker, sizeof(s->worker), w->name);
}

static void each_start(struct reader *r, const struct ynode *v, void *to)
{
	(void)to;
	one_worker(r, v, STEP_START);
}

static void on_start(struct reader *r, const struct schema_row *row, const struct ynode *v,
		     void *to)
{
	value_each(r, v, row->key, to, each_start);
}

static void on_worker(struct reader *r, const struct schema_row *row, const struct ynode *v,
		      void *to)
{
	(void)to;
	one_worker(r, v, (enum step_op)row->kind);
}

void wait_kills(struct reader *r, const struct schema_row *row, const struct ynode *v, void *to)
{
	struct case_step *s = to;
	int64_t n;

	if (value_int(r, v, row->key, 1, 1000, &n)) {
		s->op = STEP_WAIT_OOM;
		s->count = (uint64_t)n;
	}
}

void wait_worker(struct reader *r, const struct schema_row *row, const struct ynode *v, void *to)
{
	struct case_step *s = to;
	bool death = row->kind == STEP_WAIT_DEATH;
	const struct case_worker *w = death ? read_task_ref(r, v) : read_worker_ref(r, v);

	if (w) {
		s->op = (enum step_op)row->kind;
		str_copy(s->worker, sizeof(s->worker), v->text);
	}
}

/* The one key of `set` that names a file; NULL if there is none, or more than one. */
static const struct ynode *set_file(const struct ynode *v)
{
	const struct ynode *file = NULL;

	for (const struct ynode *k = v->child; k; k = k->next) {
		if (str_eq(k->key->text, "cgroup") || str_eq(k->key->text, "errno"))
			continue;
		if (file)
			return NULL;
		file = k;
	}
	return file;
}

static void on_set(struct reader *r, const struct schema_row *row, const struct ynode *v, void *to)
{
	struct case_setting set = { 0 };
	const struct ynode *cgroup, *file, *err;
	const char *path;
	struct case_step *s;

	(void)to;
	if (!value_is_map(r, v, row->key))
		return;
	cgroup = ynode_get(v, "cgroup");
	file = set_file(v);
	if (!cgroup || !file) {
		told(r, v,
		     "set: a cgroup and one of its files are due, as {cgroup: box, "
		     "memory.max: 40MiB}");
		return;
	}
	path = read_cgroup_ref(r, cgroup);
	if (!read_knob(r, file, r->c->needs.v1, r->c->needs.v2, &set))
		return;
	s = path ? new_step(r, v, STEP_SET) : NULL;
	if (!s)
		return;
	str_copy(s->cgroup, sizeof(s->cgroup), path);
	s->setting = set;
	err = ynode_get(v, "errno");
	if (err)
		read_errno(r, err, s);
}

static void on_sysrq(struct reader *r, const struct schema_row *row, const struct ynode *v,
		     void *to)
{
	struct case_step *s;

	(void)to;
	if (!value_is_scalar(r, v, row->key))
		return;
	if (strlen(v->text) != 1 || !isalnum((unsigned char)v->text[0])) {
		told(r, v, "sysrq '%s': one letter or digit is due, as f or c", v->text);
		return;
	}
	s = new_step(r, v, STEP_SYSRQ);
	if (s)
		s->letter = v->text[0];
}

static void kmsg_lines(struct reader *r, const struct schema_row *row, const struct ynode *v,
		       void *to)
{
	struct case_step *s = to;
	int64_t n;

	if (value_int(r, v, row->key, 1, 1000000, &n))
		s->count = (uint64_t)n;
}

static void on_kmsg(struct reader *r, const struct schema_row *row, const struct ynode *v, void *to)
{
	struct case_step *s = new_step(r, v, STEP_KMSG);

	(void)row;
	(void)to;
	if (s)
		schema_read(r, &schema_kmsg, v, s);
}

static void read_step(struct reader *r, const struct ynode *v)
{
	const struct schema_row *row;

	if (!value_is_map(r, v, "a step"))
		return;
	if (!v->child || v->child->next) {
		told(r, v, "a step is one action, as '- start: hog'; give each its own '-'");
		return;
	}
	row = schema_find(r, &schema_step, v->child->key);
	if (row && !v->child->bad)
		row->read(r, row, v->child, NULL);
}

void read_steps(struct reader *r, const struct schema_row *row, const struct ynode *v, void *to)
{
	size_t before = r->d->nr;

	(void)to;
	if (v->kind != YNODE_LIST || !v->child)
		told(r, v, "%s: a list with at least one '- action: ...' is due", row->key);
	else
		for (v = v->child; v; v = v->next)
			read_step(r, v);
	r->steps_bad = r->d->nr > before;
}

static const struct schema_row step_rows[] = {
	{ "start", "NAME or [NAME, ...]", "start, and wait until all its memory is resident",
	  .read = on_start },
	{ "trigger", "NAME", "start and go on at once: this one brings on the OOM",
	  .read = on_worker, .kind = STEP_TRIGGER },
	{ "wait", "wait", "until something has happened", .read = on_wait },
	{ "kill", "NAME", "our own SIGKILL", .read = on_worker, .kind = STEP_KILL },
	{ "set", "{cgroup: PATH, FILE: value}",
	  "write a cgroup's file; with `errno: ENAME` it must fail so", .read = on_set },
	{ "read", "read", "what a kernel file must say now", .read = on_read },
	{ "write", "write", "any kernel file; what the kernel answers is judged",
	  .read = on_write },
	{ "signal", "signal", "to a worker", .read = on_signal },
	{ "eventfd", "eventfd", "ask for the event of a v1 file, to `wait` for",
	  .read = on_eventfd },
	{ "move", "move", "a worker into another cgroup, by its cgroup.procs", .read = on_move },
	{ "remove", "PATH", "rmdir the cgroup, once nobody lives in it", .read = on_remove },
	{ "sysrq", "letter", "to /proc/sysrq-trigger; in a VM only", .read = on_sysrq },
	{ "kmsg", "kmsg", "noise for the kernel's log; in a VM only", .read = on_kmsg },
	{ .key = NULL },
};

static const struct schema_row kmsg_rows[] = {
	{ "lines", "number", "how many, 900 bytes each", .read = kmsg_lines, .required = true },
	{ .key = NULL },
};

const struct schema schema_step = { "a step", "A step", step_rows };
const struct schema schema_kmsg = { "kmsg", "`kmsg`", kmsg_rows };
