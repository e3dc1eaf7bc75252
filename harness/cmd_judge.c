// SPDX-License-Identifier: MIT
/*
 * oomlab judge: stored evidence before the same judge again. What a run could not play (a skip, a
 * guest that never came) keeps the verdict it had; a verdict that comes out otherwise than then is
 * said on stderr, because then the judge has changed, or the evidence.
 */
#include "harness/cmd.h"
#include "harness/results.h"

#include <getopt.h>

static const char help[] =
	"usage: oomlab judge [--format F[=FILE]] [-v] RESULTS|EVIDENCE...\n"
	"\n"
	"Judges stored evidence again: a run's folder (results/<run>), any folder that holds\n"
	"evidence.jsonl files, or one such file. Nothing is run.\n"
	"Cases without evidence keep the verdict and checks that the run had.\n"
	"\n"
	"  --format F[=FILE]   html, json, junit, ktap (default), lava, ltp, tap or text;\n"
	"                      repeatable, one without a FILE\n"
	"  -v, --verbose       every check with what it wanted and saw\n"
	"\n"
	"Exit status: 0 all passed, 1 a case failed, 2 usage, 3 broken, or a run did not come to\n"
	"all that was planned.\n";

struct options {
	struct report_outputs outputs;
	bool verbose;
};

static int judge_evidence(const struct stored_case *s, struct evidence **e, struct judgement *j,
			  struct case_result *c, struct fail *f)
{
	int err;

	/* What the run had is not asked where there is evidence. */
	c->judgement = NULL;
	c->figures = NULL;
	c->nr_figures = 0;
	c->timing = (struct timing){};
	c->prediction = NULL;
	err = evidence_load(s->evidence, e, f);
	if (err)
		return err;
	if ((*e)->plan) {
		c->name = (*e)->plan->name;
		c->kernel = (*e)->plan->kernel;
		c->cgroup = (*e)->plan->cgroup;
		c->prediction = &(*e)->plan->prediction;
		c->duration_ms = s->has_verdict ? s->duration_ms : (*e)->elapsed_us / 1000;
	}
	err = judge(*e, j);
	if (err)
		return fail_errno(f, err, "judge %s", s->evidence);
	c->verdict = j->verdict;
	c->reason = j->reason;
	c->judgement = j;
	c->figures = (*e)->figures;
	c->nr_figures = (*e)->nr_figures;
	c->timing = timing_of(*e);
	return 0;
}

/* Evidence that cannot be read proves nothing; the case says so and the others go on. */
static void judge_one(struct report *r, const struct stored_case *s)
{
	char dir[RESULTS_PATH_LEN];
	struct case_result c = stored_result(s, dir, sizeof(dir));
	struct evidence *e = NULL;
	struct judgement j = { 0 };
	struct fail f = { 0 };

	if (s->evidence && judge_evidence(s, &e, &j, &c, &f) < 0) {
		c.verdict = VERDICT_BROKEN;
		c.reason = f.where;
	}
	/* Nothing but the path is known of evidence that cannot be read. */
	c.name = c.name ? c.name : s->evidence;
	c.kernel = c.kernel ? c.kernel : "unknown";
	c.cgroup = c.cgroup ? c.cgroup : CGROUP_V2;
	report_case(r, &c);
	if (s->has_verdict && c.verdict != s->verdict)
		fprintf(stderr, "oomlab: %s: %s now, it was %s in the run\n", c.name,
			verdict_name(c.verdict), verdict_name(s->verdict));
	judgement_free(&j);
	evidence_free(e);
}

static int judge_all(const struct options *o, const char *path, struct stored_case *cases,
		     size_t nr, size_t nr_planned)
{
	struct fail f = { 0 };
	struct report *r = report_open(&o->outputs, stdout, stderr, o->verbose, &f);
	struct run_facts facts;
	int status;

	if (!r)
		return usage_error("judge: %s", f.where);
	results_read_facts(path, &facts);
	report_facts(r, &facts);
	report_plan(r, nr_planned);
	for (size_t i = 0; i < nr; i++)
		judge_one(r, &cases[i]);
	status = report_finish(r, NULL);
	report_free(r);
	return status;
}

/* The lists of all paths as one; what a run did not come to is planned and missing. */
static int read_all(char **paths, struct stored_case **ret, size_t *nr, size_t *nr_planned,
		    struct fail *f)
{
	for (; *paths; paths++) {
		struct stored_case *some = NULL, *more;
		struct run_facts facts;
		size_t n = 0;
		int err = results_read(*paths, &some, &n, f);

		if (err)
			return err;
		more = reallocarray(*ret, *nr + n, sizeof(*more));
		if (!more) {
			stored_free(some, n);
			return fail_errno(f, -ENOMEM, "read %s", *paths);
		}
		memcpy(more + *nr, some, n * sizeof(*more));
		free(some);
		*ret = more;
		*nr += n;
		results_read_facts(*paths, &facts);
		*nr_planned += max(n, (size_t)facts.nr_planned);
	}
	return 0;
}

static int parse_options(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = { { "format", required_argument, NULL, 'f' },
					       { "verbose", no_argument, NULL, 'v' },
					       { "help", no_argument, NULL, 'h' },
					       { 0 } };
	struct fail f;
	int c;

	optind = 1;
	while ((c = getopt_long(argc, argv, "vh", longs, NULL)) != -1) {
		if (c == 'h') {
			fputs(help, stdout);
			return 1;
		}
		if (c == 'v') {
			o->verbose = true;
		} else if (c != 'f') {
			return -EINVAL; /* getopt said why */
		} else if (report_output_add(&o->outputs, optarg, &f) < 0) {
			usage_error("judge: %s", f.where);
			return -EINVAL;
		}
	}
	return 0;
}

int cmd_judge(int argc, char **argv)
{
	struct options o = { 0 };
	struct stored_case *cases = NULL;
	struct fail f = { 0 };
	size_t nr = 0, nr_planned = 0;
	int err = parse_options(argc, argv, &o), status;

	if (err)
		return err > 0 ? EXIT_PASSED : EXIT_USAGE;
	if (optind == argc)
		return usage_error("judge: name a results folder or an evidence.jsonl "
				   "('oomlab judge --help')");
	err = read_all(argv + optind, &cases, &nr, &nr_planned, &f);
	status = err ? usage_error("judge: %s", f.where)
		     : judge_all(&o, argv[optind], cases, nr, nr_planned);
	stored_free(cases, nr);
	return status;
}
