/* SPDX-License-Identifier: MIT */
/* Replays made of logs, for tests: captured ones, made-up rows, with --set; and the case that is written of one. */
#ifndef OOM_HARNESS_TESTS_REPLAY_TRY_H
#define OOM_HARNESS_TESTS_REPLAY_TRY_H

#include "harness/case.h"
#include "harness/replay.h"
#include "harness/replay_impl.h"
#include "lib/units.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define CAPTURED "lib/tests/data/captured/"

static struct replay replay, before;
static struct fail why;
static int result;
static unsigned int nr_seen;
static const char *const *sets; /* of the next one that is made */

/* The ticket, and where there are --set, the replay with them. */
static inline int make_report(const struct oom_report *r)
{
	struct replay_change changes[4];
	struct replay_order order = { .ticket = "a log", .changes = changes };
	int err = 0;

	for (; !err && sets && sets[order.nr_changes]; order.nr_changes++)
		err = replay_change_parse(sets[order.nr_changes], &changes[order.nr_changes], &why);
	if (err || !sets)
		return err ? err : replay_make(r, &order, &replay, &why);
	err = replay_make(r, &(struct replay_order){ .ticket = "a log" }, &before, &why);
	order.before = &before;
	return err ? err : replay_make(r, &order, &replay, &why);
}

static void on_report(void *ctx, const struct oom_report *r)
{
	(void)ctx;
	if (!nr_seen++)
		result = make_report(r);
}

static inline int make(const char *text)
{
	struct oom_parser *p = oom_parser_new(on_report, NULL);
	uint64_t line = 0;

	nr_seen = 0;
	result = -ENODATA;
	why = (struct fail){ 0 };
	for (const char *s = text; *s; s += strcspn(s, "\n"), s += *s == '\n')
		assert_int_equal(oom_parser_line(p, s, strcspn(s, "\n"), ++line), 0);
	assert_int_equal(oom_parser_finish(p), 0);
	oom_parser_free(p);
	return result;
}

static inline char *read_file(const char *file)
{
	FILE *in __fclose = fopen(file, "r");
	char *text = NULL;
	size_t room = 0;

	assert_non_null(in);
	assert_true(getdelim(&text, &room, '\0', in) > 0);
	return text;
}

static inline int make_file(const char *file)
{
	char *text __free = read_file(file);

	return make(text);
}

/* The case the loader makes of what is written. */
static inline struct oom_case *written(void)
{
	struct oom_case *c = NULL;
	char *text = NULL, *messages = NULL, file[80];
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	replay_write(&replay, out);
	fclose(out);
	snprintf(file, sizeof(file), "%s.yaml", replay.name);
	if (case_parse(file, text, len, &c, &messages))
		fail_msg("%s\n%s", messages, text);
	free(text);
	free(messages);
	return c;
}

static inline const struct case_expect *row(const struct oom_case *c, enum expect_kind kind)
{
	for (size_t i = 0; i < c->nr_expects; i++)
		if (c->expects[i].kind == kind)
			return &c->expects[i];
	return NULL;
}

static inline char *replace(const char *text, const char *from, const char *to)
{
	char *ret = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&ret, &len);
	const char *at;

	for (; (at = strstr(text, from)); text = at + strlen(from))
		fprintf(out, "%.*s%s", (int)(at - text), text, to);
	fputs(text, out);
	fclose(out);
	return ret;
}

static const char kill_line[] = "Memory cgroup out of memory: Killed process %d (%s) total-vm:1kB, "
				"anon-rss:1kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:1kB "
				"oom_score_adj:0\n";

/* A report with `rows` and a victim. */
static inline int make_rows(const char *rows, int pid, const char *comm)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	fprintf(out,
		"x invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n"
		"memory: usage 1048576kB, limit 1048576kB, failcnt 3\n"
		"Tasks state (memory values in pages):\n"
		"[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj "
		"name\n"
		"%s"
		"oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,"
		"oom_memcg=/../../etc,task_memcg=/../../etc/x,task=%s,pid=%d,uid=0\n",
		rows, comm, pid);
	fprintf(out, kill_line, pid, comm);
	fclose(out);
	result = make(text);
	free(text);
	return result;
}

#define ROW(pid, rss, adj, comm)                                                                   \
	"[    " pid "]     0    " pid "   300000   " rss "    4096        0         " adj " " comm \
	"\n"

#endif
