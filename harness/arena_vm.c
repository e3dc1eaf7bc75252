// SPDX-License-Identifier: MIT
/* One guest as an arena: orders and evidence over its line channel; its console when it dies. */
#include "harness/arena.h"
#include "lib/proc.h"

#include <fcntl.h>

#define FACTS_TIMEOUT_MS 60000

struct arena_vm {
	struct arena arena;
	struct vm *vm;
	char dir[512];
	bool over; /* gone, hung, or no longer as it was: never used again */
};

static int vm_facts(struct arena *a, struct machine *ret, struct fail *f)
{
	struct arena_vm *v = (struct arena_vm *)a;
	static const char order[] = "{\"do\":\"facts\"}";
	json_error_t e;
	json_t *json;
	char *line;
	ssize_t n = vm_send(v->vm, order, strlen(order));
	int err;

	if (n == 0)
		n = vm_recv(v->vm, FACTS_TIMEOUT_MS, &line);
	if (n < 0) {
		v->over = true;
		return fail_errno(f, (int)n, "ask the guest for its facts");
	}
	json = json_loadb(line, (size_t)n, 0, &e);
	if (!json)
		return fail_set(f, -EBADMSG, "the guest's facts are not JSON: %s", e.text);
	err = machine_parse(json, ret, f);
	json_decref(json);
	return err;
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

/* 0 when the player is done, else what vm_recv() said. */
static ssize_t copy_lines(struct arena_vm *v, uint64_t deadline_us, FILE *evidence)
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
		if (line_is(line, "left"))
			v->over = true; /* the next case shall not see what this one left */
		fwrite(line, 1, (size_t)n, evidence);
		fputc('\n', evidence);
		fflush(evidence); /* what is known stays known, should we be killed */
	}
}

static int vm_play(struct arena *a, const char *plan_json, size_t len, unsigned int deadline_ms,
		   FILE *evidence, struct fail *f)
{
	struct arena_vm *v = (struct arena_vm *)a;
	off_t console_from = vm_console_offset(v->vm);
	char *order __free = malloc(len + 64);
	int order_len;
	ssize_t n;

	if (!order)
		return fail_errno(f, -ENOMEM, "send the plan");
	order_len =
		snprintf(order, len + 64, "{\"do\":\"play\",\"plan\":%.*s}", (int)len, plan_json);
	n = vm_send(v->vm, order, (size_t)order_len);
	if (n == 0)
		n = copy_lines(v, proc_now_us() + (uint64_t)deadline_ms * 1000, evidence);
	if (n == -EINTR) {
		v->over = true;
		arena_note(evidence, "broken", "what", "interrupted");
		return 0;
	}
	if (n == -ETIMEDOUT)
		vm_declare_hung(v->vm);
	/* A panic replays the whole kernel log, earlier cases of this boot included. */
	if (n < 0)
		note_outcome(v, vm_console_find_last(v->vm, console_from, "oomlab: begin "),
			     evidence);
	return 0;
}

static bool vm_usable(struct arena *a)
{
	struct arena_vm *v = (struct arena_vm *)a;

	return !v->over && vm_outcome(v->vm, NULL) == VM_RUNNING;
}

static void vm_close(struct arena *a)
{
	struct arena_vm *v = (struct arena_vm *)a;

	vm_stop(v->vm);
	free(v);
}

enum vm_accel arena_vm_accel(const struct arena *a)
{
	return vm_accel_used(((const struct arena_vm *)a)->vm);
}

int arena_vm_open(const struct vm_config *cfg, struct arena **ret, struct fail *f)
{
	struct arena_vm *v = calloc(1, sizeof(*v));
	int err;

	if (!v)
		return fail_errno(f, -ENOMEM, "start a guest");
	v->arena = (struct arena){ vm_facts, vm_play, vm_usable, vm_close };
	str_copy(v->dir, sizeof(v->dir), cfg->dir);
	err = vm_start(cfg, &v->vm, f);
	if (err)
		free(v);
	else
		*ret = &v->arena;
	return err;
}
