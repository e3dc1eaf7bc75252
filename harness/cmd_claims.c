// SPDX-License-Identifier: MIT
/* oomlab claims: what people are told about OOM, and what a run made of it. */
#include "harness/case_find.h"
#include "harness/claims.h"
#include "harness/cmd.h"

#include <getopt.h>
#include <sys/ioctl.h>

static const char help[] =
	"usage: oomlab claims [--json] [RESULTS]\n"
	"\n"
	"Each claim of the cases with who says so, and per kernel and cgroup version whether the "
	"run\n"
	"in RESULTS (default results/latest, if there is one) confirmed or refuted it.\n"
	"\n"
	"  --json   one JSON document\n"
	"\n"
	"  confirmed, refuted   a case passed that shows it\n"
	"  contradicted         a case failed: the kernel does otherwise than the case says\n"
	"  not tested           a case was skipped, with the reason\n"
	"  unknown              a case was broken, or not played\n"
	"  changed in K         confirmed before kernel K and refuted from it on, or the reverse\n"
	"  open                 contradicted or unknown somewhere, or tested nowhere\n";

static const char latest[] = "results/latest";

static unsigned int terminal_width(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col)
		return max(size.ws_col, (unsigned short)40);
	return 100;
}

static int show(struct oom_case **cases, size_t nr_cases, const char *results, bool json)
{
	struct stored_case *stored = NULL;
	struct claim_table t = { 0 };
	struct fail f = { 0 };
	size_t nr = 0;
	int err = results ? results_read(results, &stored, &nr, &f) : 0;

	if (!err && nr && !stored[0].has_verdict)
		err = fail_set(&f, -ENOENT, "%s: no results.json in it", results);
	if (!err && claims_make(cases, nr_cases, stored, nr, &t) < 0)
		err = fail_errno(&f, -ENOMEM, "the table of claims");
	if (err)
		err = usage_error("claims: %s", f.where);
	else if (json)
		err = claims_json(&t, results, stdout) < 0 ? EXIT_BROKEN : EXIT_PASSED;
	else
		claims_text(&t, results, terminal_width(), stdout);
	claims_free(&t);
	stored_free(stored, nr);
	return err;
}

int cmd_claims(int argc, char **argv)
{
	static const struct option options[] = { { "json", no_argument, NULL, 'j' },
						 { "help", no_argument, NULL, 'h' },
						 { 0 } };
	const char *results;
	struct oom_case **cases;
	bool json = false;
	size_t nr;
	int opt, err;

	while ((opt = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (opt == 'h') {
			fputs(help, stdout);
			return EXIT_PASSED;
		}
		if (opt == '?')
			return EXIT_USAGE;
		json = true;
	}
	if (argc - optind > 1)
		return usage_error("claims: one results folder is due, '%s' is one too many",
				   argv[optind + 1]);
	results = optind < argc ? argv[optind] : access(latest, F_OK) == 0 ? latest : NULL;
	err = cases_load(NULL, 0, NULL, NULL, &cases, &nr);
	if (err)
		return err;
	err = show(cases, nr, results, json);
	cases_free(cases, nr);
	return err;
}
