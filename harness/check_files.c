// SPDX-License-Identifier: MIT
/* What kernel files said and how they took what was written: each such step is a row of its own. */
#include "harness/check.h"
#include "harness/file_value.h"

static const struct ev_file *find_file(const struct evidence *e, size_t n)
{
	for (size_t i = 0; i < e->nr_files; i++)
		if (e->files[i].n == n)
			return &e->files[i];
	return NULL;
}

static bool was_played(const struct evidence *e, size_t n)
{
	for (size_t i = 0; i < e->nr_steps; i++)
		if (e->steps[i].n == n)
			return str_eq(e->steps[i].result, "ok");
	return false;
}

static bool is_asked(const struct case_step *s)
{
	return s->op == STEP_READ || s->op == STEP_WRITE || (s->op == STEP_SET && *s->errno_name);
}

static void want_answer(struct bench *b, struct check *c, const struct case_step *s)
{
	char want[96];

	if (*s->errno_name)
		check_want(b, c, "%s", s->errno_name);
	else if (s->op == STEP_READ)
		check_want(b, c, "%s", want_text(&s->want, want, sizeof(want)));
	else
		check_want(b, c, "no error");
}

static bool is_met(const struct case_step *s, const struct ev_file *f)
{
	if (*s->errno_name || *f->errno_name)
		return str_eq(s->errno_name, f->errno_name);
	return s->op != STEP_READ || (f->has_value && want_met(&s->want, f->value));
}

static void check_step(struct bench *b, const struct case_step *s, const struct ev_file *f)
{
	char file[400];
	struct check *c;

	if (s->op == STEP_SET)
		snprintf(file, sizeof(file), "%s/%s", s->cgroup, s->setting.name);
	else
		file_text(s, file, sizeof(file));
	c = check_new(b, "%s %s", s->op == STEP_READ ? "read" : "write", file);
	want_answer(b, c, s);
	if (!f || f->wrote == (s->op == STEP_READ)) {
		check_saw(b, c, "no word of it");
		check_spoil(c);
		return;
	}
	if (*f->errno_name)
		check_saw(b, c, "%s", f->errno_name);
	else if (f->wrote)
		check_saw(b, c, "no error");
	else
		check_saw(b, c, "'%s'", f->value);
	if (!is_met(s, f))
		check_fail(c);
}

void check_files(struct bench *b)
{
	for (size_t i = 0; i < b->plan->nr_steps; i++)
		if (is_asked(&b->plan->steps[i]) && was_played(b->e, i))
			check_step(b, &b->plan->steps[i], find_file(b->e, i));
}
