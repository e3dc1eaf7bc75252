// SPDX-License-Identifier: MIT
/* oomlab merge: what a CI's fan-out played in shards, as the one run it was meant to be. */
#include "harness/cmd.h"
#include "harness/merge.h"

#include <getopt.h>

static const char help[] =
	"usage: oomlab merge [--results DIR] RESULTS...\n"
	"\n"
	"Joins runs that were split by --shard I/N (or any runs) into a new one "
	"below DIR (default\n"
	"results), with their evidence, page and summary. The parts stay as they are.\n"
	"\n"
	"Exit status: 0 all passed, 1 a case failed, 2 usage, 3 broken, or a "
	"shard is missing or was\n"
	"not finished.\n";

static int parse(int argc, char **argv, const char **base)
{
	static const struct option longs[] = { { "results", required_argument, NULL, 'r' },
					       { "help", no_argument, NULL, 'h' },
					       { 0 } };
	int c;

	*base = "results";
	optind = 1;
	while ((c = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
		if (c == 'r')
			*base = optarg;
		else if (c == 'h')
			*base = NULL;
		else
			return EXIT_USAGE;
	}
	return 0;
}

/* What all took, one beside the other or not. */
static void add_costs(const struct part *p, struct results *to)
{
	struct guest_stats sum = results_facts(to)->guests;
	struct run_facts x;

	results_read_facts(p->path, &x);
	guest_stats_add(&sum, &x.guests);
	results_guests(to, &sum, results_facts(to)->elapsed_ms + x.elapsed_ms);
}

static int merge_all(const struct part *parts, size_t nr, bool whole, struct results *to,
		     struct fail *f)
{
	size_t planned = 0;
	int err = 0;

	for (size_t i = 0; !err && i < nr; i++) {
		planned += parts[i].nr_planned;
		results_plan(to, planned, 1, 1);
		add_costs(&parts[i], to);
		err = part_merge(&parts[i], to, f);
	}
	return err ? err : results_finish(to, whole, f);
}

/* Its page and summary, as a run has them. The exit status, or -errno with f. */
static int tell(const struct results *to, size_t nr_cases, struct fail *f)
{
	struct report *r = report_open(&(struct report_outputs){ 0 }, NULL, stderr, false, f);
	struct stored_case *cases = NULL;
	int err = r ? 0 : f->err, page, status = 0;

	if (!err && nr_cases)
		err = results_read(results_dir(to), &cases, &nr_cases, f);
	if (!err) {
		report_facts(r, results_facts(to));
		report_plan(r, results_facts(to)->nr_planned);
		for (size_t i = 0; i < nr_cases; i++) {
			char dir[RESULTS_PATH_LEN];
			struct case_result c = stored_result(&cases[i], dir, sizeof(dir));

			report_case(r, &c);
		}
		page = report_page(r, results_dir(to));
		status = report_finish(r, results_dir(to));
		if (page < 0 && status == EXIT_PASSED)
			status = EXIT_BROKEN;
		stored_free(cases, nr_cases);
	}
	report_free(r);
	return err ? err : status;
}

static int merge(const struct part *parts, size_t nr, const char *base, struct fail *f)
{
	size_t at, nr_cases = 0, missing = 0;
	char command[1024] = "oomlab merge";
	struct results *to = NULL;
	int status = parts_check(parts, nr, f);

	at = strlen(command);
	for (size_t i = 0; i < nr && at < sizeof(command); i++) {
		at += (size_t)snprintf(command + at, sizeof(command) - at, " %s", parts[i].path);
		nr_cases += parts[i].nr_cases;
	}
	if (!status)
		status = results_open(base, command, "", &to, f);
	if (!status) {
		missing = parts_missing(parts, nr, stderr);
		status = merge_all(parts, nr, !missing, to, f);
	}
	if (!status)
		status = tell(to, nr_cases, f);
	if (status >= 0)
		printf("%s\n", results_dir(to));
	results_free(to);
	return status == EXIT_PASSED && missing ? EXIT_BROKEN : status;
}

int cmd_merge(int argc, char **argv)
{
	struct part *parts __free = NULL;
	struct fail f = { 0 };
	const char *base;
	size_t nr = 0, wanted;
	int status = parse(argc, argv, &base), err = 0;

	if (status)
		return status;
	if (!base) {
		fputs(help, stdout);
		return EXIT_PASSED;
	}
	wanted = (size_t)(argc - optind);
	if (!wanted)
		return usage_error("merge: results folders are due ('oomlab merge --help')");
	parts = calloc(wanted, sizeof(*parts));
	if (!parts)
		return EXIT_BROKEN;
	for (; !err && nr < wanted; nr++)
		err = part_read(argv[optind + (int)nr], &parts[nr], &f);
	status = err ? err : merge(parts, nr, base, &f);
	if (status < 0)
		status = usage_error("merge: %s", f.where);
	for (size_t i = 0; i < nr; i++)
		part_free(&parts[i]);
	return status;
}
