/* SPDX-License-Identifier: MIT */
/*
 * For tests: a true story told by a real kernel (6.18, cgroup v1, a hog against an 80 MiB limit and a
 * bystander), which each test falsifies in one place and lays before the judge.
 */
#ifndef OOM_HARNESS_TESTS_STORY_H
#define OOM_HARNESS_TESTS_STORY_H

#include "harness/judge.h"
#include "lib/jsonw.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define STORY_FILE    "harness/tests/data/evidence/child-limit-v1.part"
#define STORY_ROWS    16
#define STORY_WORKERS 4
#define STORY_STEPS   8

struct story {
	struct plan plan;
	struct case_cgroup cgroup;
	struct case_setting limit, sysctl;
	struct plan_worker workers[STORY_WORKERS];
	struct case_step steps[STORY_STEPS];
	struct case_expect rows[STORY_ROWS];
	char names[STORY_ROWS][STORY_WORKERS][CASE_TASK_LEN];
	char *tale; /* every record but the plan, which is put before it */
	char file[64];
	struct evidence *e;
	struct judgement j;
	struct fail fail;
	int err; /* of evidence_load() */
};

static char *story_argv[] = { (char *)"oomhog", (char *)"anon", NULL };

static inline char *story_read(const char *file)
{
	FILE *in = fopen(file, "r");
	char *text = NULL;
	size_t room = 0;

	assert_non_null(in);
	assert_true(getdelim(&text, &room, '\0', in) > 0);
	fclose(in);
	return text;
}

static inline struct case_expect *story_row(struct story *s, enum expect_kind kind)
{
	struct case_expect *x = &s->rows[s->plan.nr_expects];

	assert_true(s->plan.nr_expects < STORY_ROWS);
	*x = (struct case_expect){ .kind = kind, .range = { INT64_MIN, INT64_MAX } };
	x->names = s->names[s->plan.nr_expects++];
	return x;
}

static inline struct case_expect *story_names(struct story *s, enum expect_kind kind,
					      const char *name)
{
	struct case_expect *x = story_row(s, kind);

	if (name)
		str_copy(x->names[x->nr_names++], CASE_TASK_LEN, name);
	return x;
}

static inline struct case_expect *story_text(struct story *s, enum expect_kind kind,
					     const char *text)
{
	struct case_expect *x = story_row(s, kind);

	str_copy(x->text, sizeof(x->text), text);
	return x;
}

static inline struct case_expect *story_range(struct story *s, enum expect_kind kind, int64_t lo,
					      int64_t hi)
{
	struct case_expect *x = story_row(s, kind);

	x->range = (struct range){ lo, hi };
	return x;
}

static inline struct case_expect *story_counter(struct story *s, const char *cgroup,
						const char *file, const char *key, int64_t value)
{
	struct case_expect *x = story_range(s, EXPECT_COUNTER, value, value);

	str_copy(x->subject, sizeof(x->subject), cgroup);
	str_copy(x->file, sizeof(x->file), file);
	str_copy(x->key, sizeof(x->key), key);
	return x;
}

/* The row of this kind, to be falsified. */
static inline struct case_expect *story_find(struct story *s, enum expect_kind kind)
{
	for (size_t i = 0; i < s->plan.nr_expects; i++)
		if (s->rows[i].kind == kind)
			return &s->rows[i];
	fail_msg("no row of kind %d", kind);
	abort(); /* not reached; the compiler does not know */
}

static inline void story_forget_rows(struct story *s)
{
	s->plan.nr_expects = 0;
}

static inline void story_worker(struct story *s, const char *name, uint64_t bytes)
{
	struct plan_worker *w = &s->workers[s->plan.nr_workers++];

	str_copy(w->name, sizeof(w->name), name);
	str_copy(w->cgroup, sizeof(w->cgroup), "box");
	w->bytes = bytes;
	w->argv = story_argv;
	w->nr_argv = 2;
}

static inline void story_step(struct story *s, enum step_op op, const char *worker, uint64_t count)
{
	struct case_step *p = &s->steps[s->plan.nr_steps++];

	p->op = op;
	p->count = count;
	str_copy(p->worker, sizeof(p->worker), worker);
}

/* The machine's facts, as this version writes them. */
static inline void story_machine(struct story *s)
{
	struct machine m = { .release = "6.18.44",
			     .arch = "x86_64",
			     .memcg_v1 = true,
			     .cpuset_v1 = true,
			     .page_bytes = 4096,
			     .nr_cpus = 2,
			     .mem_total_kb = 4030000,
			     .mem_available_kb = 3200000,
			     .mem_free_kb = 2500000,
			     .fill_kb_per_s = 900000,
			     .nodes = { { 0, 4030000, 2500000 } },
			     .nr_nodes = 1 };
	char line[4096], *fresh = NULL;
	struct jsonw w;

	jsonw_init(&w, line, sizeof(line) - 1);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "t", "machine");
	machine_write(&m, &w);
	line[jsonw_finish(&w)] = '\0';
	assert_true(asprintf(&fresh, "%s\n%s", line, s->tale) > 0);
	free(s->tale);
	s->tale = fresh;
}

static inline void story_rows(struct story *s)
{
	struct case_expect *x;

	story_names(s, EXPECT_VICTIMS, "hog");
	story_names(s, EXPECT_SURVIVORS, "b");
	story_text(s, EXPECT_CONSTRAINT, "CONSTRAINT_MEMCG");
	story_text(s, EXPECT_OOM_MEMCG, "box");
	story_text(s, EXPECT_TASK_MEMCG, "box");
	story_text(s, EXPECT_MEMS_ALLOWED, "0");
	story_range(s, EXPECT_LIMIT, 81920, 81920);
	story_range(s, EXPECT_USAGE, 81000, 81920);
	story_counter(s, "box", "memory.oom_control", "oom_kill", 1);
	story_counter(s, "", "memory.oom_control", "oom_kill", 0);
	x = story_range(s, EXPECT_VMSTAT, 1, 1);
	str_copy(x->key, sizeof(x->key), "oom_kill");
}

static inline void story_begin(struct story *s)
{
	struct plan *p = &s->plan;

	memset(s, 0, sizeof(*s));
	str_copy(p->name, sizeof(p->name), "memcg-child-limit");
	str_copy(p->kernel, sizeof(p->kernel), "debian:6.18");
	str_copy(p->run_id, sizeof(p->run_id), "t1");
	p->cgroup = CGROUP_V1;
	p->scope = SCOPE_MEMCG;
	p->timeout_ms = 10000;
	str_copy(s->cgroup.path, sizeof(s->cgroup.path), "box");
	str_copy(s->limit.name, sizeof(s->limit.name), "memory.max");
	str_copy(s->limit.value, sizeof(s->limit.value), "83886080");
	s->cgroup.settings = &s->limit;
	s->cgroup.nr_settings = 1;
	p->cgroups = &s->cgroup;
	p->nr_cgroups = 1;
	p->workers = s->workers;
	story_worker(s, "b", MiB(8));
	story_worker(s, "hog", MiB(100));
	p->steps = s->steps;
	story_step(s, STEP_START, "b", 0);
	story_step(s, STEP_TRIGGER, "hog", 0);
	story_step(s, STEP_WAIT_OOM, "", 1);
	p->expects = s->rows;
	p->nr_kills = 1;
	story_rows(s);
	p->prediction = (struct plan_prediction){ .known = true,
						  .victim = "hog",
						  .points = 18000,
						  .runner_up = "b",
						  .margin_pages = 16000,
						  .noise_pages = 64,
						  .totalpages = 20480 };
	s->tale = story_read(STORY_FILE);
	story_machine(s);
	str_copy(s->file, sizeof(s->file), "/tmp/oomlab-story-XXXXXX");
	close(mkstemp(s->file));
}

/* Falsifies: the first `what` becomes `with`. It must be there. */
static inline void story_change(struct story *s, const char *what, const char *with)
{
	char *at = strstr(s->tale, what), *fresh = NULL;

	if (!at)
		fail_msg("the story holds no '%s'", what);
	assert_true(asprintf(&fresh, "%.*s%s%s", (int)(at - s->tale), s->tale, with,
			     at + strlen(what)) > 0);
	free(s->tale);
	s->tale = fresh;
}

/* Takes out the first line that holds `what`. */
static inline void story_without(struct story *s, const char *what)
{
	char *at = strstr(s->tale, what), *end;

	if (!at)
		fail_msg("the story holds no '%s'", what);
	while (at > s->tale && at[-1] != '\n')
		at--;
	end = strchr(at, '\n');
	memmove(at, end + 1, strlen(end + 1) + 1);
}

/* Everything from the first line that holds `what` never came. */
static inline void story_ends_before(struct story *s, const char *what)
{
	char *at = strstr(s->tale, what);

	if (!at)
		fail_msg("the story holds no '%s'", what);
	while (at > s->tale && at[-1] != '\n')
		at--;
	*at = '\0';
}

static inline void story_add(struct story *s, const char *line)
{
	char *fresh = NULL;

	assert_true(asprintf(&fresh, "%s%s\n", s->tale, line) > 0);
	free(s->tale);
	s->tale = fresh;
}

/* A line put before the first that holds `what`. */
static inline void story_insert(struct story *s, const char *what, const char *line)
{
	char *at = strstr(s->tale, what), *fresh = NULL;

	if (!at)
		fail_msg("the story holds no '%s'", what);
	while (at > s->tale && at[-1] != '\n')
		at--;
	assert_true(asprintf(&fresh, "%.*s%s\n%s", (int)(at - s->tale), s->tale, line, at) > 0);
	free(s->tale);
	s->tale = fresh;
}

static inline void story_put_plan(const struct story *s, FILE *out)
{
	static char buf[65536];
	struct jsonw w;
	ssize_t n;

	jsonw_init(&w, buf, sizeof(buf));
	plan_write(&s->plan, &w);
	n = jsonw_finish(&w);
	assert_true(n > 0);
	fprintf(out, "{\"t\":\"plan\",\"plan\":%.*s}\n", (int)n, buf);
}

/* Writes it, reads it back, judges it. */
static inline void story_judge(struct story *s)
{
	FILE *out = fopen(s->file, "w");

	assert_non_null(out);
	story_put_plan(s, out);
	fputs(s->tale, out);
	fclose(out);
	evidence_free(s->e);
	s->e = NULL;
	judgement_free(&s->j);
	s->err = evidence_load(s->file, &s->e, &s->fail);
	if (!s->err)
		assert_int_equal(judge(s->e, &s->j), 0);
}

static inline void story_end(struct story *s)
{
	evidence_free(s->e);
	judgement_free(&s->j);
	free(s->tale);
	unlink(s->file);
}

/* Judges, and demands exactly this verdict and reason; then it is over. */
static inline void story_gives(struct story *s, enum verdict verdict, const char *reason)
{
	story_judge(s);
	if (s->err)
		fail_msg("%s", s->fail.where);
	assert_string_equal(s->j.reason, reason);
	assert_int_equal(s->j.verdict, verdict);
	assert_true(s->j.nr_checks > 0);
	story_end(s);
}

#endif
