// SPDX-License-Identifier: MIT
/* This host as the one arena of a run: its cases one behind the other. */
#include "harness/arena.h"
#include "harness/runner.h"
#include "lib/fs.h"

/* A host has the memory controller on one version: that one counts. */
static int play_one(struct run *r, struct arena *a, const struct run_target *t,
		    const struct oom_case *c, struct fail *f)
{
	struct run_played p;
	int err;

	if (!run_wants_version(r->opt, c, t->cgroup))
		return run_report_unplayed(
			r, t, c, VERDICT_SKIP,
			"this host's memory controller is on the other cgroup version", f);
	if (!a->usable(a))
		return run_report_unplayed(
			r, t, c, VERDICT_BROKEN,
			"an earlier case changed this host and it could not be put back", f);
	err = run_play(r, a, t, c, &p, f);
	if (err)
		return err;
	r->nr_reports = 0;
	err = run_judge(r, t, c, &p, f);
	pace_saw(&r->pace, r->nr_reports);
	return err;
}

int run_host(struct run *r, struct fail *f)
{
	struct run_target t = { .kernel = "host", .accel = "host", .speed = r->opt->timeout_mul };
	struct arena *a;
	struct machine m = { 0 };
	bool *left_out __free = calloc(r->nr_cases, sizeof(*left_out));
	size_t nr_left = r->nr_cases;
	int root, err;

	if (!left_out)
		return fail_errno(f, -ENOMEM, "plan the run");
	err = arena_host_open(r->guardian, r->oomhog, &a, f);
	if (err)
		return err;
	root = fs_root_open("/");
	err = pace_init_host(&r->pace, root);
	cleanup_close(&root);
	if (err)
		err = fail_errno(f, err, "read this host's kernel log");
	if (!err)
		err = a->facts(a, &m, f);
	str_copy(t.release, sizeof(t.release), m.release);
	t.cgroup = m.memcg_v2 ? CGROUP_V2 : CGROUP_V1;
	for (t.repeat = 0; !err && nr_left && !r->stop && t.repeat < r->opt->repeat; t.repeat++) {
		for (size_t i = 0; !err && i < r->nr_cases && !r->stop; i++) {
			if (left_out[i])
				continue;
			err = play_one(r, a, &t, r->cases[i], f);
			left_out[i] = r->opt->until_fail && r->verdict == VERDICT_SKIP;
			nr_left -= left_out[i];
			r->stop |= arena_interrupted();
		}
	}
	pace_done(&r->pace);
	a->close(a);
	return err;
}
