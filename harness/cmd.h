/* SPDX-License-Identifier: MIT */
/* The subcommands: one cmd_*.c each, one row in main.c. */
#ifndef OOM_HARNESS_CMD_H
#define OOM_HARNESS_CMD_H

#include "lib/base.h"

/* Exit status of the program (and so of every subcommand). */
enum exit_status {
	EXIT_PASSED = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_BROKEN = 3,
	EXIT_INTERRUPTED = 130
};

struct command {
	const char *name;
	int (*run)(int argc, char **argv); /* argv[0] is the subcommand's name */
	const char *help;		   /* one line */
};

int cmd_diff(int argc, char **argv);
int cmd_bundle(int argc, char **argv);
int cmd_claims(int argc, char **argv);
int cmd_doctor(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_judge(int argc, char **argv);
int cmd_kernels(int argc, char **argv);
int cmd_list(int argc, char **argv);
int cmd_merge(int argc, char **argv);
int cmd_replay(int argc, char **argv);
int cmd_run(int argc, char **argv);
int cmd_show(int argc, char **argv);
int cmd_sysctl(int argc, char **argv);
int cmd_top(int argc, char **argv);

/* PID 1 of a guest, or a service of one that has an init of its own: never returns. */
int guest_main(bool is_init) __attribute__((noreturn));

/* "oomlab: text\n" on stderr; returns EXIT_USAGE, so that `return usage_error(...)` reads well. */
int usage_error(const char *fmt, ...) __printf(1, 2);

#endif
