/* SPDX-License-Identifier: MIT */
/* What the command line of `oomlab run` says. */
#ifndef OOM_HARNESS_RUN_ARGS_H
#define OOM_HARNESS_RUN_ARGS_H

#include "harness/runner.h"

#define RUN_DEFAULT_KERNEL "debian:6.1"

struct run_args {
	struct run_options run;
	const char *filter, *tag;
	enum report_format format;
	bool verbose, help;
	char **names;
	size_t nr_names;
};

extern const char run_help[];

/* 0, or EXIT_USAGE when it has said what is wrong. */
int run_args_parse(int argc, char **argv, struct run_args *ret);

#endif
