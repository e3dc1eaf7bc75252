// SPDX-License-Identifier: MIT
#include "harness/traits.h"

#include <stdarg.h>

int traits_add(struct traits *t, const char *value, const char *fmt, ...)
{
	struct trait *more = reallocarray(t->list, t->nr + 1, sizeof(*more));
	struct trait one = { .value = strdup(value) };
	va_list ap;
	int n;

	if (more)
		t->list = more;
	va_start(ap, fmt);
	n = vasprintf(&one.key, fmt, ap);
	va_end(ap);
	if (!more || !one.value || n < 0) {
		free(one.value);
		if (n >= 0)
			free(one.key);
		return -ENOMEM;
	}
	t->list[t->nr++] = one;
	return 0;
}

void traits_free(struct traits *t)
{
	for (size_t i = 0; i < t->nr; i++) {
		free(t->list[i].key);
		free(t->list[i].value);
	}
	free(t->list);
	*t = (struct traits){ 0 };
}

const char *traits_get(const struct traits *t, const char *key)
{
	for (size_t i = 0; i < t->nr; i++)
		if (str_eq(t->list[i].key, key))
			return t->list[i].value;
	return NULL;
}

static const struct case_expect *row_of(const struct evidence *e, enum expect_kind kind)
{
	for (size_t i = 0; i < e->plan->nr_expects; i++)
		if (e->plan->expects[i].kind == kind && !e->plan->expects[i].dropped)
			return &e->plan->expects[i];
	return NULL;
}

static bool killed_before(const struct evidence *e, size_t report, size_t victim)
{
	int64_t pid = e->reports[report]->victims[victim].pid;

	for (size_t i = 0; i <= report; i++)
		for (size_t v = 0; v < (i == report ? victim : e->reports[i]->nr_victims); v++)
			if (e->reports[i]->victims[v].pid == pid)
				return true;
	return false;
}

/* Names in the order of their deaths; by name where the case leaves the order open. */
static int add_victims(struct traits *t, const struct evidence *e)
{
	const char *names[256];
	char text[2048] = "";
	size_t n = 0, at = 0;

	for (size_t i = 0; i < e->nr_reports; i++) {
		for (size_t v = 0; v < e->reports[i]->nr_victims && n < ARRAY_SIZE(names); v++) {
			const struct oom_victim *k = &e->reports[i]->victims[v];
			const struct ev_worker *w = evidence_worker_by_pid(e, k->pid);

			if (!killed_before(e, i, v))
				names[n++] = w ? w->name : k->comm;
		}
	}
	if (row_of(e, EXPECT_VICTIMS_ANY_ORDER))
		qsort(names, n, sizeof(*names), str_order);
	for (size_t i = 0; i < n && at < sizeof(text); i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s", i ? ", " : "",
				       names[i]);
	return traits_add(t, n ? text : "nobody", "victims");
}

static const struct oom_report *first_kill(const struct evidence *e)
{
	for (size_t i = 0; i < e->nr_reports; i++)
		if (e->reports[i]->nr_victims && !e->reports[i]->headless)
			return e->reports[i];
	return NULL;
}

/* Below our own root, whose name differs from play to play. */
static const char *relative(const struct evidence *e, const char *path)
{
	size_t n = strlen(e->root);

	if (!path || !n || strncmp(path, e->root, n) != 0 || (path[n] && path[n] != '/'))
		return path;
	return path[n] ? path + n + 1 : ".";
}

static int add_report(struct traits *t, const struct evidence *e)
{
	const struct oom_report *r = first_kill(e);
	/* Two OOMs at once: whose report is the first is not told. */
	bool open = row_of(e, EXPECT_VICTIMS_ANY_ORDER) != NULL;
	int err = 0;

	if (!r)
		return 0;
	err = traits_add(t, *r->constraint ? r->constraint : "not told", "constraint");
	if (!err && r->nodemask)
		err = traits_add(t, r->nodemask, "nodemask");
	if (!err && r->mems_allowed)
		err = traits_add(t, r->mems_allowed, "mems_allowed");
	if (!err && r->oom_memcg && !open)
		err = traits_add(t, relative(e, r->oom_memcg), "oom_memcg");
	if (!err && r->task_memcg && !open)
		err = traits_add(t, relative(e, r->task_memcg), "task_memcg");
	if (!err)
		err = traits_add(t, r->has_task_table ? "there" : "none", "task dump");
	return err;
}

/* Exactly as many, or some, or none: how often a charge was tried is noise. */
static void counter_text(const struct case_expect *x, int64_t value, char *buf, size_t len)
{
	if (x->range.lo == x->range.hi || value == 0)
		snprintf(buf, len, "%lld", (long long)value);
	else
		str_copy(buf, len, "some");
}

/* Which keys there are is a fact of the kernel; how far they moved is compared where the case asks. */
static int add_counters(struct traits *t, const struct evidence *e)
{
	char text[512] = "", name[160];
	size_t at = 0;
	int err = 0;

	for (size_t i = 0; i < e->nr_counters; i++) {
		const struct ev_counter *c = &e->counters[i];

		if (str_eq(c->when, "before") && !*c->cgroup && at < sizeof(text) &&
		    (str_eq(c->file, "memory.events") || str_eq(c->file, "memory.oom_control")))
			at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s", at ? " " : "",
					       c->key);
	}
	if (at)
		err = traits_add(t, text, "keys of %s",
				 e->plan->cgroup == CGROUP_V1 ? "memory.oom_control"
							      : "memory.events");
	for (size_t i = 0; !err && i < e->plan->nr_expects; i++) {
		const struct case_expect *x = &e->plan->expects[i];
		int64_t value;

		if (x->kind != EXPECT_COUNTER || x->dropped)
			continue;
		if (evidence_counter(e, NULL, x->subject, x->file, x->key, &value) < 0)
			str_copy(text, sizeof(text), "not there");
		else
			counter_text(x, value, text, sizeof(text));
		snprintf(name, sizeof(name), "counter %.60s %s %s", *x->subject ? x->subject : ".",
			 x->file, x->key);
		err = traits_add(t, text, "%s", name);
	}
	return err;
}

static bool is_named(const struct evidence *e, const char *name)
{
	for (size_t i = 0; i < e->plan->nr_expects; i++)
		for (size_t n = 0; n < e->plan->expects[i].nr_names; n++)
			if (str_eq(e->plan->expects[i].names[n], name))
				return true;
	return false;
}

static int add_deaths(struct traits *t, const struct evidence *e)
{
	int err = 0;

	for (size_t i = 0; !err && i < e->nr_workers; i++)
		if (is_named(e, e->workers[i].name))
			err = traits_add(t, death_name(e->workers[i].death), "end of %s",
					 e->workers[i].name);
	return err;
}

/* A skip's reason is the finding; a failure's holds figures, and is for people. */
static int add_verdict(struct traits *t, enum verdict v, const char *reason)
{
	char text[600];

	snprintf(text, sizeof(text), "%s%s%.500s", verdict_name(v), v == VERDICT_SKIP ? ": " : "",
		 v == VERDICT_SKIP ? reason : "");
	return traits_add(t, text, "verdict");
}

static void set_kill_time(struct traits *t, const struct evidence *e)
{
	for (size_t i = 0; i < e->nr_workers; i++) {
		const struct ev_worker *w = &e->workers[i];
		bool by_kernel = w->death == DEATH_OOM || w->death == DEATH_OOM_GROUP;

		if (by_kernel && w->death_us > e->mark_us &&
		    (!t->kill_us || w->death_us - e->mark_us < t->kill_us))
			t->kill_us = w->death_us - e->mark_us;
	}
}

int traits_of(const struct evidence *e, enum verdict v, const char *reason, struct traits *ret)
{
	struct traits t = { 0 };
	int err = add_verdict(&t, v, reason);

	if (!err && e && e->plan && e->vm == VM_PANICKED) {
		err = traits_add(&t, e->vm_text ? e->vm_text : "", "panic");
	} else if (!err && e && e->plan && v != VERDICT_BROKEN) {
		err = add_victims(&t, e);
		err = err ?: add_report(&t, e);
		err = err ?: add_counters(&t, e);
		err = err ?: add_deaths(&t, e);
		err = err ?: traits_add_log(&t, e);
		set_kill_time(&t, e);
	}
	if (err)
		traits_free(&t);
	else
		*ret = t;
	return err;
}

int traits_read(const struct stored_case *s, struct traits *ret, struct fail *f)
{
	struct evidence *e = NULL;
	struct judgement j = { 0 };
	int err = s->evidence ? evidence_load(s->evidence, &e, f) : 0;
	enum verdict v = s->verdict;

	if (err)
		return err;
	if (!e && (v == VERDICT_PASS || v == VERDICT_FAIL))
		return fail_set(f, -ENOENT,
				"%s: its evidence is not there, and without it there "
				"is no difference to see",
				s->name);
	if (e && !s->has_verdict) {
		err = judge(e, &j);
		v = j.verdict;
	}
	if (!err)
		err = traits_of(e, v, s->reason ? s->reason : "", ret);
	judgement_free(&j);
	evidence_free(e);
	return err ? fail_errno(f, err, "%s", s->name ? s->name : s->evidence) : 0;
}
