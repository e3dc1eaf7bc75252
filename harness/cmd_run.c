// SPDX-License-Identifier: MIT
/* oomlab run: what must be right before anything is started, and the end of it all. */
#include "harness/arena.h"
#include "harness/case_find.h"
#include "harness/cmd.h"
#include "harness/estimate.h"
#include "harness/guard.h"
#include "harness/paths.h"
#include "harness/qemu.h"
#include "harness/run_args.h"
#include "harness/shard.h"
#include "harness/tally.h"
#include "lib/fs.h"
#include "lib/proc.h"

static void shuffle(struct run *r, unsigned int seed)
{
	for (size_t i = r->nr_cases; i > 1; i--) {
		size_t j = (size_t)rand_r(&seed) % i;
		struct oom_case *c = r->cases[i - 1];
		uint64_t ms = r->case_ms[i - 1];

		r->cases[i - 1] = r->cases[j];
		r->case_ms[i - 1] = r->case_ms[j];
		r->cases[j] = c;
		r->case_ms[j] = ms;
	}
}

static size_t count_plays(const struct run *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->nr_cases; i++)
		n += run_nr_plays(r->opt, r->cases[i]);
	return n;
}

static uint64_t expected_ms(const struct run *r)
{
	uint64_t ms = 0;

	for (size_t i = 0; i < r->nr_cases; i++)
		ms += r->case_ms[i];
	return ms;
}

static int dry_run(const struct run *r)
{
	for (size_t i = 0; i < r->nr_cases; i++)
		printf("%s\t%s\t%s\n", r->cases[i]->name, scope_name(r->cases[i]->scope),
		       r->cases[i]->file);
	printf("%zu cases, %zu plays%s, about %llu s and the boots\n", r->nr_cases, count_plays(r),
	       r->opt->until_fail ? " a round" : "",
	       (unsigned long long)(expected_ms(r) + 500) / 1000);
	return EXIT_PASSED;
}

static bool bisects(const struct run_args *a)
{
	return a->exit_style == EXIT_STYLE_BISECT;
}

/* git takes every status but a few for "bad", a mistake in the command as well: it must not see that. */
static int mistake(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (str_eq(argv[i], "--exit-style=bisect") ||
		    (str_eq(argv[i - 1], "--exit-style") && str_eq(argv[i], "bisect")))
			return BISECT_ABORT;
	return EXIT_USAGE;
}

static int play_all(struct run *r, const struct run_args *a)
{
	struct guard g = { .fd = -1, .lock = -1 };
	struct fail f = { 0 }, why;
	struct qemu q = { 0 };
	uint64_t start_us = proc_now_us();
	int err = 0, status;

	/* Never the victim. Where that is not allowed we are no candidate either: outside every memcg we make. */
	proc_oom_score_adj_set(0, -1000);
	arena_catch_signals();
	r->report = report_open(&a->outputs, a->out ?: stdout, stderr, a->verbose, &f);
	if (!r->report)
		return usage_error("%s", f.where);
	if (!r->opt->on_host && run_get_kernels(r, &f) < 0) {
		status = usage_error("%s", f.where);
		return bisects(a) ? BISECT_SKIP : status; /* one that was not built, perhaps */
	}
	if (arena_interrupted())
		return EXIT_INTERRUPTED;
	if (!r->opt->on_host)
		qemu_find(&q, &why); /* told by every case that needs it, if there is none */
	if (results_open(r->opt->results, r->opt->command, q.version, &r->results, &f) < 0)
		return usage_error("%s", f.where);
	results_plan(r->results, r->opt->until_fail ? 0 : count_plays(r), r->opt->shard,
		     r->opt->nr_shards);
	if (r->opt->shuffle)
		results_shuffled(r->results, r->opt->seed);
	if (r->opt->until_fail)
		report_plan_rounds(r->report);
	else
		report_plan(r->report, count_plays(r));
	view_plan(report_view(r->report), r->opt->until_fail ? 0 : count_plays(r), expected_ms(r));
	if (r->opt->on_host)
		err = guard_start(&g, &f);
	r->guardian = g.fd;
	if (!err)
		err = r->opt->on_host ? run_host(r, &f) : run_kernels(r, &f);
	view_wipe(report_view(r->report));
	if (err)
		fprintf(stderr, "oomlab: %s\n", f.where);
	results_guests(r->results, &r->guests, (proc_now_us() - start_us) / 1000);
	if (results_finish(r->results, true, &f) < 0) {
		fprintf(stderr, "oomlab: %s\n", f.where);
		err = -EIO;
	}
	report_facts(r->report, results_facts(r->results));
	if (report_page(r->report, results_dir(r->results)) < 0)
		err = -EIO;
	status = report_finish(r->report, results_dir(r->results));
	if (!r->nr_cases) /* none was due in this shard */
		status = EXIT_PASSED;
	run_tell_claims(r);
	if (bisects(a))
		status = report_bisect(r->report, a->bad_at);
	report_free(r->report);
	results_free(r->results);
	free(r->kernels);
	free(r->case_ms);
	if (guard_stop(&g) < 0)
		err = -EBUSY;
	if (arena_interrupted())
		return EXIT_INTERRUPTED;
	if (err && bisects(a))
		return BISECT_SKIP;
	return err && status == EXIT_PASSED ? EXIT_BROKEN : status;
}

int run_cases(struct run_args *a)
{
	struct run r = { .opt = &a->run,
			 .on_result = a->on_result,
			 .on_result_ctx = a->on_result_ctx };
	struct fail f = { 0 };
	int err;

	err = cases_load(a->names, a->nr_names, a->filter, a->tag, &r.cases, &r.nr_cases);
	if (!err && run_sysctl_apply(&r) < 0)
		err = usage_error("%s", strerror(ENOMEM));
	if (!err && a->run.on_host)
		err = run_refuse_on_host(&r, RUN_DEFAULT_KERNEL);
	if (err)
		return err;
	if (estimate_make(&r, &f) < 0)
		return usage_error("%s", f.where);
	if (shard_keep(&r) < 0)
		return usage_error("%s", strerror(ENOMEM));
	if (!r.nr_cases)
		fprintf(stderr, "oomlab: shard %u of %u has no case: there are fewer than shards\n",
			a->run.shard, a->run.nr_shards);
	if (a->run.shuffle) {
		fprintf(stderr, "oomlab: --shuffle=%u\n", a->run.seed);
		shuffle(&r, a->run.seed);
	}
	if (a->run.dry_run)
		return dry_run(&r);
	if (paths_programs(r.oomlab, r.oomhog, sizeof(r.oomlab)) < 0)
		return usage_error("no oomhog beside %s: build it with 'make'", r.oomlab);
	return play_all(&r, a);
}

int cmd_run(int argc, char **argv)
{
	struct run_args a;
	int status = run_args_parse(argc, argv, &a);

	if (!status && a.help) {
		fputs(run_help, stdout);
		return EXIT_PASSED;
	}
	if (!status)
		status = run_cases(&a);
	return status == EXIT_USAGE ? mistake(argc, argv) : status;
}
