// SPDX-License-Identifier: MIT
#include "harness/timing.h"
#include "harness/evidence.h"

#define SKEW_PERCENT  5
#define SKEW_SLACK_US 200000 /* lines wait for a busy host to read them */

static uint64_t since(uint64_t from, uint64_t to)
{
	return to > from ? to - from : 0;
}

static bool fills(const struct ev_step *s)
{
	return str_eq(s->op, "start") || str_eq(s->op, "wait ready");
}

struct timing timing_of(const struct evidence *e)
{
	struct timing t = { .restored = e->restored,
			    .restore_us = e->restore_us,
			    .answer_us = e->answer_us,
			    .host_us = e->played_us,
			    .player_us = since(e->first_us, e->last_us) };
	uint64_t at = e->steps_us;

	t.known = e->has_mark && e->ended && e->nr_steps && e->first_us && at;
	if (!t.known)
		return t;
	t.settle_us = since(e->first_us, at);
	for (size_t i = 0; i < e->nr_steps; i++) {
		const struct ev_step *s = &e->steps[i];

		*(fills(s) ? &t.fill_us : &t.wait_us) += since(at, s->us);
		at = max(at, s->us);
	}
	t.teardown_us = since(at, e->last_us);
	return t;
}

bool timing_skewed(const struct timing *t)
{
	uint64_t far = t->host_us * SKEW_PERCENT / 100 + SKEW_SLACK_US;

	return t->host_us &&
	       since(t->host_us, t->player_us) + since(t->player_us, t->host_us) > far;
}
