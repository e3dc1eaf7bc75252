// SPDX-License-Identifier: MIT
/* oomlab: the driver's front door. As PID 1 it is the agent of a guest. */
#include "harness/cmd.h"

static const struct command commands[] = {
	/* keep sorted */
	{ "doctor", cmd_doctor, "what this machine can and cannot do, and the consequence" },
	{ "explain", cmd_explain, "why each OOM in a kernel log happened, and who was chosen" },
	{ "judge", cmd_judge, "judge stored evidence again" },
	{ "kernels", cmd_kernels, "kernels at hand, and getting one" },
	{ "list", cmd_list, "cases with their tags and needs" },
	{ "run", cmd_run, "play cases and judge what happened" },
	{ "show", cmd_show, "what one case will do, and who should die" },
};

static void usage(FILE *f)
{
	fputs("usage: oomlab COMMAND [options]\n\n", f);
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(f, "  %-9s %s\n", commands[i].name, commands[i].help);
	fputs("\n'oomlab COMMAND --help' tells the options of one.\n", f);
}

int main(int argc, char **argv)
{
	if (getpid() == 1)
		guest_main();
	if (argc < 2) {
		usage(stderr);
		return EXIT_USAGE;
	}
	if (str_eq(argv[1], "--help") || str_eq(argv[1], "-h") || str_eq(argv[1], "help")) {
		usage(stdout);
		return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (str_eq(argv[1], commands[i].name))
			return commands[i].run(argc - 1, argv + 1);
	return usage_error("no command '%s' ('oomlab --help' lists them)", argv[1]);
}
