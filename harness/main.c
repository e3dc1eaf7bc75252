// SPDX-License-Identifier: MIT
/* oomlab: the driver's front door. As PID 1 it is the agent of a guest. */
#include "harness/cmd.h"
#include "harness/guest.h"
#include "lib/version.h"

#include <fcntl.h>

static const struct command commands[] = {
	/* keep sorted */
	{ "bundle", cmd_bundle, "a run, or some of its cases, as one file for a ticket" },
	{ "claims", cmd_claims, "what people are told about OOM, and what a run made of it" },
	{ "diff", cmd_diff, "what differs between two runs, or two kernels of one" },
	{ "doctor", cmd_doctor, "what this machine can and cannot do, and the consequence" },
	{ "explain", cmd_explain, "why each OOM in a kernel log happened, and who was chosen" },
	{ "judge", cmd_judge, "judge stored evidence again" },
	{ "kernels", cmd_kernels, "kernels at hand, and getting one" },
	{ "list", cmd_list, "cases with their tags and needs" },
	{ "merge", cmd_merge, "join the results of shards" },
	{ "replay", cmd_replay, "a case from a log, scaled to a guest, and played" },
	{ "run", cmd_run, "play cases and judge what happened" },
	{ "show", cmd_show, "what one case will do, and who should die" },
	{ "sysctl", cmd_sysctl, "validate a distribution's sysctls, by value and by behaviour" },
	{ "top", cmd_top, "whom the OOM killer would take now, and why" },
};

static void usage(FILE *f)
{
	fputs("usage: oomlab COMMAND [options]\n       oomlab --help | --version\n\n", f);
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(f, "  %-9s %s\n", commands[i].name, commands[i].help);
	fputs("\n'oomlab COMMAND --help' tells the options of one.\n", f);
}

/* A file opened as 1 or 2 gets what is printed: a report after `>&-` would go into the evidence. */
static void open_standard_fds(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR); /* no O_CLOEXEC: our children need them as well */
	while (fd >= 0 && fd <= STDERR_FILENO);
	cleanup_close(&fd);
}

static int run_command(const struct command *c, int argc, char **argv)
{
	char name[32];
	int status;

	snprintf(name, sizeof(name), "oomlab %s", c->name);
	argv[0] = name; /* getopt puts it before what it says */
	status = c->run(argc, argv);
	if (status == EXIT_USAGE)
		return status; /* it has said what was wrong, this as well */
	errno = EIO;	       /* if it failed before, we no longer know why */
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	fprintf(stderr, "oomlab: write to standard output: %s\n", strerror(errno));
	return status == EXIT_PASSED ? EXIT_BROKEN : status;
}

int main(int argc, char **argv)
{
	/* The kernel starts us as /init; a container's PID 1 is a driver like any other. */
	if (getpid() == 1 && str_eq(argv[0], "/init"))
		guest_main(true);
	/* A service of a guest that was made for it: it ends with the machine it runs on. */
	if (str_eq(argv[0], "oomlab-agent") && guest_cmdline_has("oomlab.agent=1"))
		guest_main(false);
	open_standard_fds();
	if (argc < 2) {
		usage(stderr);
		return EXIT_USAGE;
	}
	if (str_eq(argv[1], "--help") || str_eq(argv[1], "-h") || str_eq(argv[1], "help")) {
		usage(stdout);
		return 0;
	}
	if (str_eq(argv[1], "--version"))
		return puts("oomlab " OOMLAB_VERSION) == EOF;
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (str_eq(argv[1], commands[i].name))
			return run_command(&commands[i], argc - 1, argv + 1);
	return usage_error("no command '%s' ('oomlab --help' lists them)", argv[1]);
}
