// SPDX-License-Identifier: MIT
/* See estimate.h. The figures of a guess are those of small guests, emulated: only their ratios matter. */
#include "harness/estimate.h"
#include "harness/plan.h"

#define PLAY_MS	       400
#define FILL_KB_PER_MS 300

struct timings { /* of an earlier run; none: nr is 0 */
	struct stored_case *plays;
	size_t nr;
};

struct mean {
	uint64_t ms, nr;
};

static uint64_t fill_kb(const struct oom_case *c, enum cgroup_version v)
{
	uint64_t most = c->needs.memory_bytes + c->needs.swap_bytes, sum = 0;
	struct plan *p = NULL;
	struct machine m;
	struct fail why;

	machine_assume(&m, c->needs.memory_bytes, c->needs.nr_nodes, c->needs.swap_bytes);
	if (plan_make(c, &m, v, &p, &why))
		return 0; /* what cannot be planned is told, not played */
	for (size_t i = 0; i < p->nr_workers; i++)
		sum += min(p->workers[i].bytes, most);
	plan_free(p);
	return min(sum, most) / 1024;
}

static uint64_t guess_ms(const struct oom_case *c, enum cgroup_version v)
{
	uint64_t ms = PLAY_MS + fill_kb(c, v) / FILL_KB_PER_MS;

	for (size_t i = 0; i < c->nr_steps; i++)
		ms += c->steps[i].op == STEP_WAIT_QUIET ? c->steps[i].count : 0;
	return ms;
}

/* What the earlier run took for one play; `kernel` and `v`: NULL and 0 for any. */
static struct mean measured(const struct timings *t, const struct oom_case *c, const char *kernel,
			    enum cgroup_version v)
{
	struct mean m = { 0 };

	for (size_t i = 0; i < t->nr; i++) {
		const struct stored_case *s = &t->plays[i];

		if (!s->name || !str_eq(s->name, c->name) || !s->has_verdict ||
		    (v && s->cgroup != v) || (kernel && !str_eq(s->kernel, kernel)))
			continue;
		m.ms += s->duration_ms;
		m.nr++;
	}
	return m;
}

/* How much slower or faster than guessed that machine was, over all cases that it knows. */
static double pace_of(const struct run *r, const struct timings *t)
{
	uint64_t guessed = 0, took = 0;

	for (size_t i = 0; i < r->nr_cases; i++) {
		struct mean m = measured(t, r->cases[i], NULL, 0);

		if (!m.nr)
			continue;
		guessed += guess_ms(r->cases[i], CGROUP_V2);
		took += m.ms / m.nr;
	}
	return guessed && took ? (double)took / (double)guessed : 1;
}

static uint64_t play_ms(const struct timings *t, const struct oom_case *c, const char *kernel,
			enum cgroup_version v, double pace)
{
	struct mean m = measured(t, c, kernel, v);

	if (!m.nr)
		m = measured(t, c, NULL, 0);
	return m.nr ? m.ms / m.nr : (uint64_t)((double)guess_ms(c, v) * pace);
}

static uint64_t case_ms(const struct run *r, const struct timings *t, const struct oom_case *c,
			double pace)
{
	const struct run_options *o = r->opt;
	uint64_t sum = 0;

	if (o->on_host)
		sum = play_ms(t, c, "host", c->needs.v2 ? CGROUP_V2 : CGROUP_V1, pace);
	for (size_t k = 0; !o->on_host && k < o->nr_kernels; k++) {
		if (run_wants_version(o, c, CGROUP_V1))
			sum += play_ms(t, c, o->kernels[k], CGROUP_V1, pace);
		if (run_wants_version(o, c, CGROUP_V2))
			sum += play_ms(t, c, o->kernels[k], CGROUP_V2, pace);
	}
	return o->until_fail ? sum : sum * o->repeat;
}

int estimate_make(struct run *r, struct fail *f)
{
	struct timings t = { 0 };
	double pace;

	if (r->opt->timings && results_read(r->opt->timings, &t.plays, &t.nr, f) < 0)
		return f->err;
	r->case_ms = calloc(r->nr_cases + 1, sizeof(*r->case_ms));
	if (!r->case_ms) {
		stored_free(t.plays, t.nr);
		return fail_errno(f, -ENOMEM, "plan the run");
	}
	pace = pace_of(r, &t);
	for (size_t i = 0; i < r->nr_cases; i++)
		r->case_ms[i] = case_ms(r, &t, r->cases[i], pace);
	stored_free(t.plays, t.nr);
	return 0;
}
