// SPDX-License-Identifier: MIT
/*
 * What of the log is about this case. In a guest of ours everything is; on a shared host other
 * people's cgroups run out of memory too.
 */
#include "harness/check.h"

bool bench_in_vm(const struct bench *b)
{
	return !str_eq(b->plan->kernel, "host");
}

static bool below_our_root(const struct evidence *e, const char *path)
{
	size_t len = strlen(e->root);

	return len && path && strncmp(path, e->root, len) == 0 &&
	       (path[len] == '/' || path[len] == '\0');
}

bool report_is_ours(const struct bench *b, const struct oom_report *r)
{
	if (bench_in_vm(b) || below_our_root(b->e, r->oom_memcg) ||
	    below_our_root(b->e, r->task_memcg))
		return true;
	for (size_t i = 0; i < r->nr_victims; i++)
		if (evidence_worker_by_pid(b->e, r->victims[i].pid))
			return true;
	return false;
}

const struct case_expect *bench_expects(const struct bench *b, enum expect_kind kind)
{
	for (size_t i = 0; i < b->plan->nr_expects; i++)
		if (b->plan->expects[i].kind == kind && !b->plan->expects[i].dropped)
			return &b->plan->expects[i];
	return NULL;
}

bool bench_expects_name(const struct bench *b, enum expect_kind kind, const char *name)
{
	for (size_t i = 0; i < b->plan->nr_expects; i++) {
		const struct case_expect *x = &b->plan->expects[i];

		for (size_t n = 0; x->kind == kind && !x->dropped && n < x->nr_names; n++)
			if (str_eq(x->names[n], name))
				return true;
	}
	return false;
}

static bool told_before(const struct bench *b, size_t report, size_t victim)
{
	int64_t pid = b->e->reports[report]->victims[victim].pid;

	for (size_t i = 0; i <= report; i++) {
		const struct oom_report *r = b->e->reports[i];
		size_t end = i == report ? victim : r->nr_victims;

		for (size_t v = 0; v < end; v++)
			if (r->victims[v].pid == pid)
				return true;
	}
	return false;
}

void bench_each_kill(const struct bench *b, kill_fn fn, void *ctx)
{
	for (size_t i = 0; i < b->e->nr_reports; i++) {
		const struct oom_report *r = b->e->reports[i];

		if (!report_is_ours(b, r))
			continue;
		for (size_t v = 0; v < r->nr_victims; v++)
			if (!told_before(b, i, v))
				fn(ctx, r, &r->victims[v]);
	}
}

static void count(void *ctx, const struct oom_report *r, const struct oom_victim *v)
{
	(void)r;
	(void)v;
	++*(size_t *)ctx;
}

size_t bench_nr_kills(const struct bench *b)
{
	size_t n = 0;

	bench_each_kill(b, count, &n);
	return n;
}

bool bench_kernel_at_least(const struct bench *b, unsigned int major, unsigned int minor)
{
	unsigned int have_major, have_minor;

	if (!b->e->has_machine ||
	    sscanf(b->e->machine.release, "%u.%u", &have_major, &have_minor) != 2)
		return true;
	return have_major > major || (have_major == major && have_minor >= minor);
}
