// SPDX-License-Identifier: MIT
/* What each record type says: one row and one function each. The list is in evidence.h. */
#include "harness/evidence_parse.h"

static int add_text(char ***texts, size_t *nr, char *copy)
{
	char **slot = copy ? evidence_grow(texts, nr, sizeof(*slot)) : NULL;

	if (!slot) {
		free(copy);
		return -ENOMEM;
	}
	*slot = copy;
	return 0;
}

static int get_plan(struct evidence *e, const json_t *o, struct fail *f)
{
	if (e->plan)
		return fail_set(f, -EBADMSG, "a second plan");
	if (!json_is_object(json_object_get(o, "plan")))
		return fail_set(f, -EBADMSG, "\"plan\" is no object");
	return plan_parse(json_object_get(o, "plan"), &e->plan, f);
}

static int get_machine(struct evidence *e, const json_t *o, struct fail *f)
{
	int err = machine_parse(o, &e->machine, f);

	e->has_machine = err == 0;
	return err;
}

static int get_root(struct evidence *e, const json_t *o, struct fail *f)
{
	return ev_need_text(o, "path", e->root, sizeof(e->root), f);
}

static int get_mark(struct evidence *e, const json_t *o, struct fail *f)
{
	int err = ev_need_u64(o, "seq", &e->mark_seq, f);

	e->has_mark = err == 0;
	e->mark_us = e->steps_us = ev_maybe_u64(o, "us");
	e->has_log_offset = json_is_integer(json_object_get(o, "log_offset_us"));
	e->log_offset_us = json_integer_value(json_object_get(o, "log_offset_us"));
	return err;
}

static int get_counters(struct evidence *e, const json_t *o, struct fail *f)
{
	json_t *values = json_object_get(o, "values"), *value;
	struct ev_counter head = { 0 };
	const char *key;
	int err = ev_need_text(o, "when", head.when, sizeof(head.when), f);

	if (!err)
		err = ev_need_text(o, "file", head.file, sizeof(head.file), f);
	if (!err && json_object_get(o, "cgroup"))
		err = ev_need_text(o, "cgroup", head.cgroup, sizeof(head.cgroup), f);
	if (err)
		return err;
	if (!json_is_object(values))
		return fail_set(f, -EBADMSG, "\"values\" is no object");
	if (str_eq(head.when, "before"))
		e->steps_us = ev_maybe_u64(o, "us");
	json_object_foreach (values, key, value) {
		struct ev_counter *c;

		if (!json_is_integer(value))
			return fail_set(f, -EBADMSG, "a counter of %s is no number", head.file);
		c = evidence_grow(&e->counters, &e->nr_counters, sizeof(*c));
		if (!c)
			return -ENOMEM;
		*c = head;
		if (!str_copy(c->key, sizeof(c->key), key))
			return fail_set(f, -EBADMSG, "a counter's name is too long");
		c->value = json_integer_value(value);
	}
	return 0;
}

static int get_knob(struct evidence *e, const json_t *o, struct fail *f)
{
	struct ev_knob *k = evidence_grow(&e->knobs, &e->nr_knobs, sizeof(*k));
	int err;

	if (!k)
		return -ENOMEM;
	err = ev_need_text(o, "file", k->file, sizeof(k->file), f);
	if (!err)
		err = ev_need_text(o, "wrote", k->wrote, sizeof(k->wrote), f);
	if (!err && json_object_get(o, "cgroup"))
		err = ev_need_text(o, "cgroup", k->cgroup, sizeof(k->cgroup), f);
	if (err || !ev_text_of(o, "reads"))
		return err;
	k->has_reads = true;
	return ev_need_text(o, "reads", k->reads, sizeof(k->reads), f);
}

static int get_step(struct evidence *e, const json_t *o, struct fail *f)
{
	struct ev_step *s = evidence_grow(&e->steps, &e->nr_steps, sizeof(*s));
	uint64_t n = 0;
	int err;

	if (!s)
		return -ENOMEM;
	s->text = ev_text_dup(o, "text");
	if (!s->text)
		return -ENOMEM;
	err = ev_need_u64(o, "n", &n, f);
	if (!err)
		err = ev_need_text(o, "op", s->op, sizeof(s->op), f);
	if (!err)
		err = ev_need_text(o, "result", s->result, sizeof(s->result), f);
	s->n = (unsigned int)n;
	s->us = ev_maybe_u64(o, "us");
	return err;
}

static int get_kmsg(struct evidence *e, const json_t *o, struct fail *f)
{
	struct ev_kmsg *k = evidence_grow(&e->kmsg, &e->nr_kmsg, sizeof(*k));
	uint64_t level = 0, facility = 0;
	int err;

	if (!k)
		return -ENOMEM;
	k->text = ev_text_dup(o, "text");
	if (!k->text)
		return -ENOMEM;
	err = ev_need_u64(o, "seq", &k->seq, f);
	if (!err)
		err = ev_need_u64(o, "level", &level, f);
	if (!err)
		err = ev_need_u64(o, "facility", &facility, f);
	k->usec = ev_maybe_u64(o, "usec");
	k->level = (unsigned int)level;
	/* Not cut to 32 bits: a large number must not become the kernel's 0. */
	k->facility = facility > UINT32_MAX ? UINT32_MAX : (unsigned int)facility;
	return err;
}

static int get_lost(struct evidence *e, const json_t *o, struct fail *f)
{
	uint64_t records = 0;
	int err = ev_need_u64(o, "records", &records, f);

	/* The player tells a running total. */
	e->lost_records = max(e->lost_records, records);
	return err;
}

static int get_host(struct evidence *e, const json_t *o, struct fail *f)
{
	e->restored = json_is_true(json_object_get(o, "restored"));
	e->restore_us = ev_maybe_u64(o, "restore_us");
	e->answer_us = ev_maybe_u64(o, "answer_us");
	return ev_need_u64(o, "played_us", &e->played_us, f);
}

static int get_left(struct evidence *e, const json_t *o, struct fail *f)
{
	(void)f;
	return add_text(&e->left, &e->nr_left, ev_text_dup(o, "what"));
}

static int get_broken(struct evidence *e, const json_t *o, struct fail *f)
{
	(void)f;
	return add_text(&e->broken, &e->nr_broken, ev_text_dup(o, "what"));
}

static int get_end(struct evidence *e, const json_t *o, struct fail *f)
{
	int err = ev_need_u64(o, "taint", &e->taint_after, f);

	e->ended = err == 0;
	e->elapsed_us = ev_maybe_u64(o, "elapsed_us");
	return err;
}

static int get_vm(struct evidence *e, const json_t *o, struct fail *f)
{
	const char *outcome = ev_text_of(o, "outcome");

	for (int v = VM_RUNNING; outcome && v <= VM_QEMU_KILLED; v++) {
		if (!str_eq(outcome, vm_outcome_name(v)))
			continue;
		e->vm = v;
		free(e->vm_text);
		e->vm_text = ev_text_dup(o, "text");
		return e->vm_text ? 0 : -ENOMEM;
	}
	return fail_set(f, -EBADMSG, "\"outcome\" is none we know");
}

/* One line a record: they are put together again. */
static int get_console(struct evidence *e, const json_t *o, struct fail *f)
{
	char *text __free = ev_text_dup(o, "text"), *longer;
	size_t len = text ? strlen(text) : 0;

	(void)f;
	longer = text ? realloc(e->console, e->console_len + len + 2) : NULL;
	if (!longer)
		return -ENOMEM;
	e->console = longer;
	if (e->console_len)
		longer[e->console_len++] = '\n';
	memcpy(longer + e->console_len, text, len + 1);
	e->console_len += len;
	return 0;
}

static const struct {
	const char *type;
	int (*get)(struct evidence *e, const json_t *o, struct fail *f);
} records[] = {
	/* keep sorted */
	{ "alive", ev_get_alive },
	{ "broken", get_broken },
	{ "child", ev_get_child },
	{ "console", get_console },
	{ "counters", get_counters },
	{ "death", ev_get_death },
	{ "end", get_end },
	{ "failed", ev_get_failed },
	{ "figure", ev_get_figure },
	{ "host", get_host },
	{ "kmsg", get_kmsg },
	{ "knob", get_knob },
	{ "left", get_left },
	{ "lost", get_lost },
	{ "machine", get_machine },
	{ "mark", get_mark },
	{ "plan", get_plan },
	{ "read", ev_get_read },
	{ "ready", ev_get_ready },
	{ "root", get_root },
	{ "sample", ev_get_sample },
	{ "sent", ev_get_sent },
	{ "step", get_step },
	{ "tid", ev_get_tid },
	{ "timeline", ev_get_timeline },
	{ "vm", get_vm },
	{ "worker", ev_get_worker },
	{ "write", ev_get_write },
};

/* A channel drops a line that came damaged. Old evidence, and what the host notes, has no numbers. */
static int count_line(struct evidence *e, const json_t *o, struct fail *f)
{
	uint64_t i = 0;
	int err;

	if (!json_object_get(o, "i"))
		return 0;
	err = ev_need_u64(o, "i", &i, f);
	if (err)
		return err;
	if (i != e->next_line)
		e->missing_lines += i > e->next_line ? i - e->next_line : 1;
	e->next_line = i + 1;
	return 0;
}

/* What the host notes bears no "us". */
static void take_clock(struct evidence *e, const json_t *o)
{
	uint64_t us = ev_maybe_u64(o, "us");

	e->last_us = us ? us : e->last_us;
	e->first_us = e->first_us ? e->first_us : us;
}

int evidence_record(struct evidence *e, const json_t *object, struct fail *f)
{
	const char *type = ev_text_of(object, "t");

	if (!type)
		return fail_set(f, -EBADMSG, "no record: it has no \"t\"");
	if (count_line(e, object, f) < 0)
		return -EBADMSG;
	take_clock(e, object);
	for (size_t i = 0; i < ARRAY_SIZE(records); i++) {
		struct fail inner;
		int err;

		if (!str_eq(records[i].type, type))
			continue;
		err = records[i].get(e, object, f);
		if (err != -EBADMSG)
			return err;
		inner = *f;
		return fail_set(f, err, "%s: %s", type, inner.where);
	}
	return 0;
}
