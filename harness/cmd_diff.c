// SPDX-License-Identifier: MIT
/*
 * oomlab diff: what changed between two runs, or between two kernels of one. Only behaviour and wording
 * count; how long a kill took is told beside it and changes no exit status.
 */
#include "harness/cmd.h"
#include "harness/diff.h"
#include "harness/diff_show.h"

#include <getopt.h>

static const char help[] =
	"usage: oomlab diff [--kernel A[,B]] [--json] [-k EXPR] RESULTS [RESULTS]\n"
	"\n"
	"Compares the same cases of two runs (results/<run>): verdict, victims, reports, "
	"counters,\n"
	"how the kernel words it. Of one run, two kernels: --kernel debian:5.10,debian:7.2. With\n"
	"--repeat in the runs, what varies within a side's own repeats is no difference, but a "
	"case\n"
	"that clearly fails more or less often is one: the 95 % intervals of both rates do not "
	"meet.\n"
	"\n"
	"  --kernel A[,B]  the kernel of each side, as the run named it\n"
	"  -k EXPR         only cases whose name has EXPR in it\n"
	"  --json          one object\n"
	"\n"
	"Exit status: 0 the same, 1 something differs, 2 usage, 3 nothing could be compared, or a\n"
	"case was BROKEN.\n";

struct options {
	char *kernels[2];
	const char *filter;
	bool json, help;
};

static int parse(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = { { "kernel", required_argument, NULL, 'K' },
					       { "json", no_argument, NULL, 'j' },
					       { "help", no_argument, NULL, 'h' },
					       { 0 } };
	int c;

	optind = 1;
	while ((c = getopt_long(argc, argv, "k:h", longs, NULL)) != -1) {
		if (c == 'K') {
			o->kernels[0] = strsep(&optarg, ",");
			o->kernels[1] = optarg ? optarg : o->kernels[0];
		} else if (c == 'k') {
			o->filter = optarg;
		} else if (c == 'j') {
			o->json = true;
		} else if (c == 'h') {
			o->help = true;
		} else {
			return EXIT_USAGE;
		}
	}
	return 0;
}

struct side {
	struct stored_case *cases;
	size_t nr;
};

/* Whether a case is of this side, by its kernel and name. */
static bool wanted(const struct options *o, unsigned int side, const struct stored_case *s)
{
	const char *kernel = o->kernels[side];

	return s->name && (!o->filter || strstr(s->name, o->filter)) &&
	       (!kernel || (s->kernel && str_eq(s->kernel, kernel)));
}

/* The one kernel of a side's cases; NULL if there are several. */
static const char *only_kernel(const struct options *o, unsigned int side, const struct side *s)
{
	const char *kernel = NULL;

	for (size_t i = 0; i < s->nr; i++) {
		if (!wanted(o, side, &s->cases[i]))
			continue;
		if (kernel && !str_eq(kernel, s->cases[i].kernel))
			return NULL;
		kernel = s->cases[i].kernel;
	}
	return kernel;
}

static int add_plays(const struct options *o, unsigned int side, const struct side *s,
		     bool by_kernel, struct play *plays, size_t *nr, struct fail *f)
{
	for (size_t i = 0; i < s->nr; i++) {
		struct play *p = &plays[*nr];
		int err;

		if (!wanted(o, side, &s->cases[i]))
			continue;
		*p = (struct play){ .name = s->cases[i].name,
				    .kernel = by_kernel ? s->cases[i].kernel : "",
				    .cgroup = s->cases[i].cgroup,
				    .side = side };
		err = traits_read(&s->cases[i], &p->traits, f);
		if (err)
			return err;
		++*nr;
	}
	return 0;
}

static int compare(const struct options *o, const struct side sides[2], const char *const paths[2],
		   struct fail *f)
{
	struct play *plays __free = calloc(sides[0].nr + sides[1].nr + 1, sizeof(*plays));
	const char *kernels[2] = { only_kernel(o, 0, &sides[0]), only_kernel(o, 1, &sides[1]) };
	bool by_kernel = !kernels[0] || !kernels[1];
	struct diff d = { 0 };
	size_t nr = 0;
	int err = plays ? 0 : -ENOMEM, status;

	for (unsigned int s = 0; !err && s < 2; s++)
		err = add_plays(o, s, &sides[s], by_kernel, plays, &nr, f);
	if (!err && diff_make(plays, nr, &d) < 0)
		err = fail_errno(f, -ENOMEM, "compare");
	for (size_t i = 0; i < nr; i++)
		traits_free(&plays[i].traits);
	if (err)
		return usage_error("diff: %s", f->where);
	for (unsigned int s = 0; s < 2; s++)
		kernels[s] = kernels[s] ? kernels[s] : "every kernel";
	if (o->json)
		diff_json(&d, paths, kernels, stdout);
	else
		diff_text(&d, paths, kernels, stdout);
	status = d.nr ? EXIT_FAILED : d.nr_unknown || !d.nr_compared ? EXIT_BROKEN : EXIT_PASSED;
	diff_free(&d);
	return status;
}

static int read_and_compare(const struct options *o, const char *const paths[2])
{
	struct side sides[2] = { { 0 } };
	struct fail f = { 0 };
	int err = results_read(paths[0], &sides[0].cases, &sides[0].nr, &f), status;

	if (!err)
		err = results_read(paths[1], &sides[1].cases, &sides[1].nr, &f);
	status = err ? usage_error("diff: %s", f.where) : compare(o, sides, paths, &f);
	stored_free(sides[0].cases, sides[0].nr);
	stored_free(sides[1].cases, sides[1].nr);
	return status;
}

int cmd_diff(int argc, char **argv)
{
	struct options o = { 0 };
	int err = parse(argc, argv, &o), nr = argc - optind;
	const char *paths[2];

	if (err)
		return err;
	if (o.help) {
		fputs(help, stdout);
		return EXIT_PASSED;
	}
	if (nr < 1 || nr > 2)
		return usage_error("diff: two runs are due, or one and --kernel A,B "
				   "('oomlab diff --help')");
	if (nr == 1 && (!o.kernels[0] || str_eq(o.kernels[0], o.kernels[1])))
		return usage_error("diff: of one run, --kernel A,B names the two kernels");
	paths[0] = argv[optind];
	paths[1] = argv[argc - 1];
	return read_and_compare(&o, paths);
}
