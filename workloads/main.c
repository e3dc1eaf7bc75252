// SPDX-License-Identifier: MIT
/* oomhog KIND [options]: gets one kind of memory, says so, holds it, goes. */
#include <signal.h>

#include "lib/version.h"
#include "workloads/options.h"
#include "workloads/say.h"

static struct hog hog;

static int list(void)
{
	for (const struct workload *const *w = workloads; *w; w++)
		printf("%-11s %s%s%s%s\n", (*w)->name, (*w)->help,
		       (*w)->missing ? " (not here: " : "", (*w)->missing ? (*w)->missing : "",
		       (*w)->missing ? ")" : "");
	return READY_EXIT_DONE;
}

static void help(FILE *out)
{
	fputs("usage: oomhog KIND --size SIZE [options]\n"
	      "       oomhog --list | --help | --version | KIND --help\n\nkinds:\n",
	      out);
	for (const struct workload *const *w = workloads; *w; w++)
		fprintf(out, "  %-26s %s\n", (*w)->name, (*w)->help);
	fputs("\noptions of any kind:\n", out);
	options_help(out, common_options);
	fputs("\nexit status: 0 done, 2 usage, 3 the memory could not be had (ENOMEM),\n"
	      "  4 policy, adj, cgroup, file or huge pages could not be had as asked for\n",
	      out);
}

static int kind_help(const struct workload *kind)
{
	printf("oomhog %s --size SIZE [options]: %s\n", kind->name, kind->help);
	if (kind->options) {
		printf("\noptions of %s:\n", kind->name);
		options_help(stdout, kind->options);
	}
	puts("\noptions of any kind:");
	options_help(stdout, common_options);
	return READY_EXIT_DONE;
}

static const struct workload *kind_find(const char *name)
{
	for (const struct workload *const *w = workloads; *w; w++)
		if (str_eq((*w)->name, name))
			return *w;
	return NULL;
}

/* A wrong command line is told on --ready-fd too, though the line was not read to its end. */
static uint64_t ready_fd_of(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (str_starts(argv[i], "--ready-fd="))
			return strtoul(argv[i] + 11, NULL, 10);
		if (str_eq(argv[i], "--ready-fd") && i + 1 < argc)
			return strtoul(argv[i + 1], NULL, 10);
	}
	return UINT64_MAX;
}

static int run(const struct workload *kind, char **argv)
{
	enum ready_what what;

	hog.kind = kind;
	hog.argv = argv;
	hog.opt = hog_options;
	signal(SIGPIPE, SIG_IGN);
	what = hog_setup(&hog);
	if (what == READY_YES)
		what = hog_size(&hog);
	if (what == READY_YES)
		what = kind->run(&hog);
	hog_finish(&hog, what);
}

int main(int argc, char **argv)
{
	const struct workload *kind;
	struct fail f = { 0 };

	if (argc < 2) {
		help(stderr);
		return READY_EXIT_USAGE;
	}
	if (str_eq(argv[1], "--help") || str_eq(argv[1], "-h") || str_eq(argv[1], "help")) {
		help(stdout);
		return READY_EXIT_DONE;
	}
	if (str_eq(argv[1], "--list"))
		return list();
	if (str_eq(argv[1], "--version"))
		return puts("oomhog " OOMLAB_VERSION) == EOF;
	kind = kind_find(argv[1]);
	if (!kind) {
		fail_set(&f, -EINVAL, "no kind '%.64s' ('oomhog --list' names them)", argv[1]);
		return say_usage(NULL, ready_fd_of(argc, argv), &f);
	}
	if (kind->missing) {
		fail_set(&f, -EINVAL, "not here: %s", kind->missing);
		return say_usage(kind->name, ready_fd_of(argc, argv), &f);
	}
	if (hog_options_parse(argc - 1, argv + 1, kind, &f) < 0)
		return say_usage(kind->name, ready_fd_of(argc, argv), &f);
	return hog_options.help ? kind_help(kind) : run(kind, argv);
}
