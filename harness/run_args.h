/* SPDX-License-Identifier: MIT */
/* What the command line of `oomlab run` says. */
#ifndef OOM_HARNESS_RUN_ARGS_H
#define OOM_HARNESS_RUN_ARGS_H

#include "harness/runner.h"

#define RUN_DEFAULT_KERNEL "debian:6.1"

enum exit_style { EXIT_STYLE_PLAIN, EXIT_STYLE_BISECT };

struct run_args {
	struct run_options run;
	const char *filter, *tag;
	struct report_outputs outputs;
	enum exit_style exit_style;
	unsigned int bad_at; /* repeats of one case that must fail to make a kernel bad */
	bool verbose, help;
	char **names;
	size_t nr_names;
	FILE *out; /* what goes to standard output; NULL: there */
	void (*on_result)(void *ctx, const struct case_result *res);
	void *on_result_ctx;
};

extern const char run_help[];

/* 0, or EXIT_USAGE when it has said what is wrong. */
int run_args_parse(int argc, char **argv, struct run_args *ret);
/* cmd_run.c: loads, plays, judges, reports. The exit status. */
int run_cases(struct run_args *a);

#endif
