// SPDX-License-Identifier: MIT
/* Plays a ticket, and tells how it went. */
#include "harness/cmd.h"
#include "harness/replay_compare.h"
#include "harness/report_impl.h"
#include "harness/term.h"

/* Documents have standard output for themselves. */
static bool has_stdout(const struct report_outputs *o)
{
	for (size_t i = 0; i < o->nr; i++)
		if (!o->list[i].path)
			return o->list[i].format->for_people;
	return true;
}

static int tell_end(const struct replay_compare *c, int status)
{
	if (status != EXIT_PASSED && status != EXIT_FAILED)
		return status;
	if (status == EXIT_PASSED && (!replay_compare_judged(c, false) ||
				      (c->nr_changes && !replay_compare_judged(c, true)))) {
		fputs("oomlab: not played: what it needs and the guest has not stands above\n",
		      stderr);
		return EXIT_BROKEN;
	}
	fprintf(stderr, "oomlab: %s\n",
		status		? "not reproduced: what was otherwise stands above"
		: c->nr_changes ? "reproduced, and with the remedy what the model says"
				: "reproduced: the same victim, for the same reason");
	return status;
}

int replay_compare_run(struct replay_compare *c, struct run_args *a, bool json)
{
	FILE *out = has_stdout(&a->outputs) ? stdout : stderr;
	int status, err;

	if (json)
		a->out = stderr;
	a->on_result = replay_compare_result;
	a->on_result_ctx = c;
	status = run_cases(a);
	replay_compare_sort(c);
	err = c->err;
	if (!err && (json ? status != EXIT_USAGE : c->nr_plays > 0))
		err = json ? replay_compare_json(c, stdout)
			   : replay_compare_text(c, term_colour(out), out);
	if (err) {
		fprintf(stderr, "oomlab: replay: compare: %s\n", strerror(-err));
		return EXIT_BROKEN;
	}
	fflush(stdout);
	return tell_end(c, status);
}
