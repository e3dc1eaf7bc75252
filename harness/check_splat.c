// SPDX-License-Identifier: MIT
/*
 * The OOM lines we caused are expected; any other cry of the kernel is not: a warning, a BUG, a
 * hung task, a stall, a new taint. And the kernel must kill nobody but our workers.
 */
#include "harness/check.h"

static const char *const splats[] = {
	/* how such a line begins */
	"BUG:",
	"INFO: rcu",
	"Internal error:",
	"Kernel panic - not syncing:",
	"Oops:",
	"UBSAN:",
	"Unable to handle kernel",
	"WARNING:",
	"general protection fault",
	"invalid opcode:",
	"kernel BUG at",
	"rcu: INFO:",
	"watchdog: BUG:",
};

/* "[   12.345678] " or "[   12.345678][  T123] " stands before a console line. */
static const char *skip_stamp(const char *line, size_t *len)
{
	while (*len && *line == '[') {
		const char *end = memchr(line, ']', *len);
		size_t n = end ? (size_t)(end - line) + 1 : 0;

		if (!n || n > 24)
			break;
		n += n < *len && line[n] == ' ';
		line += n;
		*len -= n;
	}
	return line;
}

static bool line_has(const char *line, size_t len, const char *what)
{
	return memmem(line, len, what, strlen(what)) != NULL;
}

static bool line_begins(const char *line, size_t len, const char *what)
{
	return len >= strlen(what) && memcmp(line, what, strlen(what)) == 0;
}

struct scan {
	struct bench *b;
	unsigned int traces; /* call traces that an OOM report or the like has announced */
	bool panic_ok, sysrq_traces, failures_ok;
	bool in_panic; /* what follows a panic that was wanted belongs to it */
	char first[200];
};

/* These print a stack of their own, which is no splat. */
static bool announces_trace(const struct scan *s, const char *line, size_t len)
{
	return line_has(line, len, " invoked oom-killer: gfp_mask=") ||
	       line_has(line, len, " invoked oom-killer: order=") ||
	       line_begins(line, len, "oom_reaper: unable to reap pid:") ||
	       (s->failures_ok && line_has(line, len, ": page allocation failure: order:"));
}

static bool is_splat(struct scan *s, const char *line, size_t len)
{
	if (announces_trace(s, line, len)) {
		s->traces++;
		return false;
	}
	if (line_begins(line, len, "Call Trace:")) {
		if (s->sysrq_traces)
			return false;
		if (!s->traces)
			return true;
		s->traces--;
		return false;
	}
	if (line_has(line, len, ": page allocation failure: order:"))
		return true;
	/* INFO: task hog:71 blocked for more than 120 seconds. */
	if (line_begins(line, len, "INFO: task ") && line_has(line, len, " blocked for more than "))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(splats); i++)
		if (line_begins(line, len, splats[i]))
			return true;
	return false;
}

static void scan_text(struct scan *s, const char *text)
{
	for (;; text++) {
		size_t len = strcspn(text, "\n"), rest = len;
		const char *line = skip_stamp(text, &rest);

		if (s->panic_ok && line_begins(line, rest, "Kernel panic - not syncing:"))
			s->in_panic = true;
		if (!*s->first && !s->in_panic && is_splat(s, line, rest))
			snprintf(s->first, sizeof(s->first), "%.*s",
				 (int)min(rest, sizeof(s->first)), line);
		text += len;
		if (!*text)
			return;
	}
}

static bool uses_sysrq(const struct plan *p)
{
	for (size_t i = 0; i < p->nr_steps; i++)
		if (p->steps[i].op == STEP_SYSRQ)
			return true;
	return false;
}

static void check_taint(struct bench *b)
{
	const struct evidence *e = b->e;
	struct check *c;

	if (!e->has_machine || !e->ended)
		return;
	c = check_new(b, "taint");
	check_want(b, c, "%llu as before", (unsigned long long)e->machine.taint);
	check_saw(b, c, "%llu", (unsigned long long)e->taint_after);
	if (e->taint_after != e->machine.taint)
		check_fail(c);
}

/*
 * Allocations that may fail do fail when a whole node or machine is out of memory, and the kernel
 * says so; only where a memcg alone is full is that news.
 */
void check_splat(struct bench *b)
{
	const struct evidence *e = b->e;
	struct scan s = { .b = b,
			  .panic_ok = bench_expects(b, EXPECT_PANIC) != NULL,
			  .sysrq_traces = uses_sysrq(b->plan),
			  .failures_ok = b->plan->scope != SCOPE_MEMCG ||
					 bench_expects(b, EXPECT_ENOMEM) };
	struct check *c = check_new(b, "no splat");

	for (size_t i = 0; i < e->nr_kmsg; i++)
		if (evidence_kmsg_counts(e, &e->kmsg[i]))
			scan_text(&s, e->kmsg[i].text);
	s.traces = 0;
	if (e->vm == VM_PANICKED && e->console)
		scan_text(&s, e->console);
	check_want(b, c, "no warning, BUG, stall or stack but those of OOM reports");
	check_saw(b, c, "%s", *s.first ? s.first : "none");
	if (*s.first)
		check_fail(c);
	check_taint(b);
}

struct foreign {
	struct bench *b;
	struct check *c;
};

static void see_foreign(void *ctx, const struct oom_report *r, const struct oom_victim *v)
{
	struct foreign *f = ctx;

	(void)r;
	if (evidence_worker_by_pid(f->b->e, v->pid))
		return;
	check_saw_victim(f->b, f->c, v);
	check_fail(f->c);
}

/* A bystander is whoever is no worker: the agent, init, someone else on this host. */
void check_bystanders(struct bench *b)
{
	struct check *c = check_new(b, "bystanders");

	check_want(b, c, "none killed");
	bench_each_kill(b, see_foreign, &(struct foreign){ b, c });
	if (!*c->saw)
		check_saw(b, c, "none");
}
