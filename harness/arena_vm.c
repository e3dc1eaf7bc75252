// SPDX-License-Identifier: MIT
/*
 * A guest as an arena: orders and evidence over its line channel; its console when it dies. With a
 * template each play has a guest of its own, which is thrown away.
 */
#include "harness/arena.h"
#include "harness/load.h"
#include "lib/proc.h"

#include <fcntl.h>

#define FACTS_TIMEOUT_MS 60000

struct arena_vm {
	struct arena arena;
	struct vm_config cfg;
	struct vm *vm; /* NULL between plays of a template */
	char dir[512];
	char note[600];
	enum vm_accel accel;
	bool over; /* gone, hung, or no longer as it was: never used again */
};

static bool is_restored(const struct arena_vm *v)
{
	return v->cfg.template && v->cfg.template->saved;
}

static int parse_facts(const char *line, size_t len, struct machine *ret, struct fail *f)
{
	json_error_t e;
	json_t *json = json_loadb(line, len, 0, &e);
	int err;

	if (!json)
		return fail_set(f, -EBADMSG, "the guest's facts are not JSON: %s", e.text);
	err = machine_parse(json, ret, f);
	json_decref(json);
	return err;
}

/* A guest that ends between two cases says how, as it would within one. */
static int no_facts(struct arena_vm *v, int err, struct fail *f)
{
	const char *text = "";
	enum vm_outcome outcome = vm_outcome(v->vm, &text);

	v->over = true;
	if (outcome == VM_RUNNING)
		return fail_errno(f, err, "ask the guest for its facts");
	return fail_set(f, err, "guest: between two cases it ended: %s%s%.300s",
			vm_outcome_name(outcome), text && *text ? ": " : "", text ? text : "");
}

static int vm_facts(struct arena *a, struct machine *ret, struct fail *f)
{
	struct arena_vm *v = (struct arena_vm *)a;
	static const char order[] = "{\"do\":\"facts\"}";
	char *line;
	ssize_t n;

	if (is_restored(v)) /* every guest begins with these */
		return parse_facts(v->cfg.template->hello, strlen(v->cfg.template->hello), ret, f);
	n = vm_send(v->vm, order, strlen(order));
	if (n == 0)
		n = vm_recv(v->vm, (int)(FACTS_TIMEOUT_MS * load_factor(1)), &line);
	if (n < 0)
		return no_facts(v, (int)n, f);
	return parse_facts(line, (size_t)n, ret, f);
}

/* What the guest's console said since the case began: a panic's report is only there. */
static void note_console(struct arena_vm *v, off_t from, FILE *evidence)
{
	char path[600], line[2000];
	FILE *f __fclose = NULL;

	snprintf(path, sizeof(path), "%s/console.log", v->dir);
	f = fopen(path, "re");
	if (!f || fseeko(f, from, SEEK_SET) < 0)
		return;
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\r\n")] = '\0';
		arena_note(evidence, "console", "text", line);
	}
}

static void note_outcome(struct arena_vm *v, off_t console_from, FILE *evidence)
{
	const char *text = NULL;
	enum vm_outcome outcome = vm_outcome(v->vm, &text);
	char line[4096];
	struct jsonw w;

	v->over = true;
	if (outcome == VM_PANICKED)
		note_console(v, console_from, evidence);
	jsonw_init(&w, line, sizeof(line));
	jsonw_object(&w, NULL);
	jsonw_str(&w, "t", "vm");
	jsonw_str(&w, "outcome", vm_outcome_name(outcome));
	jsonw_strn(&w, "text", text ? text : "", text ? strnlen(text, 500) : 0);
	if (jsonw_finish(&w) > 0)
		fprintf(evidence, "%.*s\n", (int)w.len, line);
}

static bool line_is(const char *line, const char *type)
{
	char head[40];

	snprintf(head, sizeof(head), "{\"t\":\"%s\"", type);
	return str_starts(line, head);
}

struct clock { /* this host's, while a guest plays */
	uint64_t ordered_us, restored_us, first_us, last_us;
};

/* 0 when the player is done, else what vm_recv() said. */
static ssize_t copy_lines(struct arena_vm *v, uint64_t deadline_us, struct clock *c, FILE *evidence)
{
	for (;;) {
		uint64_t now = proc_now_us();
		int left_ms = now < deadline_us ? (int)((deadline_us - now) / 1000) + 1 : 0;
		char *line;
		ssize_t n = vm_recv(v->vm, left_ms, &line);

		if (n == -EINTR && !arena_interrupted())
			continue;
		if (n < 0)
			return n;
		if (line_is(line, "done"))
			return 0;
		c->last_us = proc_now_us();
		c->first_us = c->first_us ? c->first_us : c->last_us;
		if (line_is(line, "left"))
			v->over = true; /* the next case shall not see what this one left */
		fwrite(line, 1, (size_t)n, evidence);
		fputc('\n', evidence);
		fflush(evidence); /* what is known stays known, should we be killed */
	}
}

static void note_clock(const struct clock *c, bool restored, FILE *evidence)
{
	if (!c->first_us)
		return;
	fprintf(evidence, "{\"t\":\"host\",\"restored\":%s,\"restore_us\":%llu,\"answer_us\":%llu,",
		restored ? "true" : "false", (unsigned long long)(c->restored_us - c->ordered_us),
		(unsigned long long)(c->first_us - c->restored_us));
	fprintf(evidence, "\"played_us\":%llu}\n", (unsigned long long)(c->last_us - c->first_us));
}

static ssize_t send_plan(struct arena_vm *v, const struct arena_play *p)
{
	char *order __free = malloc(p->len + 64);
	int len;

	if (!order)
		return -ENOMEM;
	len = snprintf(order, p->len + 64, "{\"do\":\"play\",\"plan\":%.*s}", (int)p->len,
		       p->plan_json);
	return vm_send(v->vm, order, (size_t)len);
}

static void play_in(struct arena_vm *v, const struct arena_play *p, struct clock *c)
{
	off_t console_from = vm_console_offset(v->vm);
	ssize_t n = send_plan(v, p);

	if (n == 0)
		n = copy_lines(v, proc_now_us() + (uint64_t)p->deadline_ms * 1000, c, p->evidence);
	note_clock(c, is_restored(v), p->evidence);
	if (n == -EINTR) {
		v->over = true;
		arena_note(p->evidence, "broken", "what", "interrupted");
		return;
	}
	if (n == -ETIMEDOUT)
		vm_declare_hung(v->vm);
	/* A panic replays the whole kernel log, earlier cases of this boot included. */
	if (n < 0)
		note_outcome(v, vm_console_find_last(v->vm, console_from, "oomlab: begin "),
			     p->evidence);
}

static int boot(struct arena_vm *v, struct fail *f)
{
	int err = vm_start(&v->cfg, &v->vm, f);

	if (err)
		return err;
	v->accel = vm_accel_used(v->vm);
	if (*vm_note(v->vm))
		str_copy(v->note, sizeof(v->note), vm_note(v->vm));
	return 0;
}

/* A guest for one play. What cannot be restored is booted, now and from now on. */
static int restore(struct arena_vm *v, const char *dir, struct fail *f)
{
	str_copy(v->dir, sizeof(v->dir), dir);
	v->over = false;
	if (!vm_restore(&v->cfg, &v->vm, f))
		return 0;
	snprintf(v->note, sizeof(v->note), "%.300s; guests of this shape are booted instead",
		 f->where);
	v->cfg.template = NULL;
	return boot(v, f);
}

static int vm_play(struct arena *a, const struct arena_play *p, struct fail *f)
{
	struct arena_vm *v = (struct arena_vm *)a;
	struct clock c = { .ordered_us = proc_now_us() };
	int err = is_restored(v) ? restore(v, p->dir, f) : 0;

	if (err)
		return err;
	c.restored_us = proc_now_us();
	play_in(v, p, &c);
	if (is_restored(v)) {
		vm_discard(v->vm);
		v->vm = NULL;
	}
	return 0;
}

static bool vm_usable(struct arena *a)
{
	struct arena_vm *v = (struct arena_vm *)a;

	return is_restored(v) || (v->vm && !v->over && vm_outcome(v->vm, NULL) == VM_RUNNING);
}

static void vm_close(struct arena *a)
{
	struct arena_vm *v = (struct arena_vm *)a;

	vm_discard(v->vm);
	free(v);
}

enum vm_accel arena_vm_accel(const struct arena *a)
{
	return ((const struct arena_vm *)a)->accel;
}

bool arena_vm_restores(const struct arena *a)
{
	return is_restored((const struct arena_vm *)a);
}

void arena_vm_take_note(struct arena *a, char *buf, size_t len)
{
	struct arena_vm *v = (struct arena_vm *)a;

	str_copy(buf, len, v->note);
	v->note[0] = '\0';
}

int arena_vm_open(const struct vm_config *cfg, struct arena **ret, struct fail *f)
{
	struct arena_vm *v = calloc(1, sizeof(*v));
	int err;

	if (!v)
		return fail_errno(f, -ENOMEM, "start a guest");
	v->arena = (struct arena){ vm_facts, vm_play, vm_usable, vm_close };
	v->cfg = *cfg;
	v->cfg.dir = v->dir;
	str_copy(v->dir, sizeof(v->dir), cfg->dir);
	if (is_restored(v))
		v->accel = cfg->template->accel;
	err = is_restored(v) ? 0 : boot(v, f);
	if (err)
		free(v);
	else
		*ret = &v->arena;
	return err;
}
