// SPDX-License-Identifier: MIT
/* Expectations about numbers: a cgroup's counters, vmstat's, the free memory of a node. */
#include "harness/check.h"
#include "harness/timing.h"

void check_want_range(struct bench *b, struct check *c, const struct range *r, const char *unit)
{
	if (r->lo == r->hi)
		check_want(b, c, "%lld%s", (long long)r->lo, unit);
	else if (r->lo == INT64_MIN)
		check_want(b, c, "at most %lld%s", (long long)r->hi, unit);
	else if (r->hi == INT64_MAX)
		check_want(b, c, "at least %lld%s", (long long)r->lo, unit);
	else
		check_want(b, c, "%lld..%lld%s", (long long)r->lo, (long long)r->hi, unit);
}

/* These count up for as long as the cgroup lives; everything else is a state, taken as it is after.
 */
static bool is_counter(const char *file, const char *key)
{
	static const char *const files[] = { "memory.events",	    "memory.events.local",
					     "memory.swap.events",  "memory.swap.events.local",
					     "memory.failcnt",	    "memory.memsw.failcnt",
					     "memory.kmem.failcnt", "vmstat" };

	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (str_eq(files[i], file))
			return true;
	return str_eq(file, "memory.oom_control") && str_eq(key, "oom_kill");
}

static void judge_number(struct bench *b, struct check *c, const struct range *range, int err,
			 int64_t value, const char *unit)
{
	check_want_range(b, c, range, unit);
	if (err) {
		check_saw(b, c, "not in the evidence");
		check_unsure(c);
		return;
	}
	check_saw(b, c, "%lld%s", (long long)value, unit);
	if (value < range->lo || value > range->hi)
		check_fail(c);
}

static void number_counter(struct bench *b, const struct case_expect *x)
{
	const char *key = *x->key ? x->key : "value";
	struct check *c = check_new(b, "counter %s %s%s%s", *x->subject ? x->subject : "/", x->file,
				    *x->key ? " " : "", x->key);
	int64_t value = 0;
	int err = evidence_counter(b->e, is_counter(x->file, key) ? NULL : "after", x->subject,
				   x->file, key, &value);

	judge_number(b, c, &x->range, err, value, "");
}

static void number_vmstat(struct bench *b, const struct case_expect *x)
{
	struct check *c = check_new(b, "vmstat %s", x->key);
	int64_t value = 0;
	int err = evidence_counter(b->e, NULL, "", "vmstat", x->key, &value);

	judge_number(b, c, &x->range, err, value, "");
}

static void number_node_free(struct bench *b, const struct case_expect *x)
{
	struct check *c = check_new(b, "node %s free", x->key);
	char file[80];
	int64_t value = 0;
	int err;

	snprintf(file, sizeof(file), "node%s", x->key);
	err = evidence_counter(b->e, "after", "", file, "MemFree_kb", &value);
	judge_number(b, c, &x->range, err, value, " kB");
}

/* A time that was taken by a clock that lies is none. */
static bool clock_lies(const struct bench *b)
{
	struct timing t = timing_of(b->e);

	return timing_skewed(&t);
}

/* "freed" of a wait, in us; "hog.rss_after_free" of a worker, in kB. */
static void number_figure(struct bench *b, const struct case_expect *x)
{
	bool is_size = strchr(x->key, '.') != NULL;
	struct check *c = check_new(b, "figure %s", x->key);
	char name[80];

	snprintf(name, sizeof(name), "%s_%s", x->key, is_size ? "bytes" : "us");
	for (size_t i = b->e->nr_figures; i-- > 0;) { /* measured twice: the last */
		const struct ev_figure *g = &b->e->figures[i];

		if (!str_eq(g->name, name))
			continue;
		judge_number(b, c, &x->range, 0,
			     (int64_t)min(g->value, (uint64_t)INT64_MAX) / (is_size ? 1024 : 1),
			     is_size ? " kB" : " us");
		if (!is_size && clock_lies(b)) {
			check_saw(b, c, ", by a clock that lies");
			c->result = CHECK_BROKEN;
		}
		return;
	}
	judge_number(b, c, &x->range, -ENOENT, 0, is_size ? " kB" : " us");
}

void row_number(struct bench *b, const struct case_expect *x)
{
	if (x->kind == EXPECT_COUNTER)
		number_counter(b, x);
	else if (x->kind == EXPECT_VMSTAT)
		number_vmstat(b, x);
	else if (x->kind == EXPECT_FIGURE)
		number_figure(b, x);
	else
		number_node_free(b, x);
}
