// SPDX-License-Identifier: MIT
/* oomlab merge: what a CI's fan-out played in shards, as the one run it was meant to be. */
#include "harness/cmd.h"
#include "harness/merge.h"

#include <getopt.h>

static const char help[] = "usage: oomlab merge [--results DIR] RESULTS...\n"
			   "\n"
			   "Joins runs that were split by --shard I/N (or any runs) into a new one "
			   "below DIR (default\n"
			   "results), with their evidence. The parts stay as they are.\n"
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

static int merge_all(const struct part *parts, size_t nr, const char *base, const char *command,
		     struct fail *f)
{
	struct results *to = NULL;
	size_t planned = 0;
	int err = results_open(base, command, "", &to, f);

	for (size_t i = 0; !err && i < nr; i++) {
		planned += parts[i].nr_planned;
		results_plan(to, planned, 1, 1);
		err = part_merge(&parts[i], to, f);
	}
	if (!err)
		err = results_finish(to, f);
	if (!err)
		printf("%s\n", results_dir(to));
	results_free(to);
	return err;
}

static size_t count(const struct part *parts, size_t nr, enum verdict v)
{
	size_t n = 0, i;
	json_t *o;

	for (size_t p = 0; p < nr; p++)
		json_array_foreach (json_object_get(parts[p].doc, "cases"), i, o)
			n += str_eq(json_string_value(json_object_get(o, "verdict")),
				    verdict_name(v));
	return n;
}

static int summary(const struct part *parts, size_t nr, size_t missing)
{
	size_t passed = count(parts, nr, VERDICT_PASS), failed = count(parts, nr, VERDICT_FAIL);
	size_t skipped = count(parts, nr, VERDICT_SKIP), broken = count(parts, nr, VERDICT_BROKEN);

	fprintf(stderr, "%zu passed, %zu failed, %zu skipped, %zu broken\n", passed, failed,
		skipped, broken);
	if (failed)
		return EXIT_FAILED;
	return broken || missing || !(passed + skipped) ? EXIT_BROKEN : EXIT_PASSED;
}

int cmd_merge(int argc, char **argv)
{
	struct part *parts __free = NULL;
	char command[1024] = "oomlab merge";
	struct fail f = { 0 };
	const char *base;
	size_t nr = 0, wanted;
	int err = parse(argc, argv, &base), status = EXIT_USAGE;

	if (err)
		return err;
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
	if (!err)
		err = parts_check(parts, nr, &f);
	for (size_t i = 0, at = strlen(command); i < nr && at < sizeof(command); i++)
		at += (size_t)snprintf(command + at, sizeof(command) - at, " %s", parts[i].path);
	if (!err)
		err = merge_all(parts, nr, base, command, &f);
	if (err)
		usage_error("merge: %s", f.where);
	else
		status = summary(parts, nr, parts_missing(parts, nr, stderr));
	for (size_t i = 0; i < nr; i++)
		part_free(&parts[i]);
	return status;
}
