// SPDX-License-Identifier: MIT
/* `oomlab doctor`: what this machine can and cannot do, and what follows from it. Changes nothing.
 */
#include "harness/cmd.h"
#include "harness/doctor.h"
#include "lib/jsonw.h"

#include <getopt.h>

static const char help[] = "usage: oomlab doctor [--json]\n"
			   "\n"
			   "What this machine can and cannot do, and the consequence. Changes "
			   "nothing and starts no guest;\n"
			   "whether KVM works is known after the first run. Exit status 0: cases "
			   "can be run in guests;\n"
			   "3: they cannot.\n"
			   "\n"
			   "      --json   one JSON object\n"
			   "  -h, --help\n";

static const char *const words[] = {
	[DOCTOR_OK] = "ok", [DOCTOR_NOTE] = "note", [DOCTOR_NO] = "NO"
};

static void print_text(const struct doctor_finding *d)
{
	printf("%-4s %-14s %s\n", words[d->state], d->name, d->found);
	if (d->consequence[0])
		printf("%-4s %-14s -> %s\n", "", "", d->consequence);
}

static int print_json(const struct doctor_finding *d, size_t nr)
{
	static char buf[KiB(64)];
	struct jsonw w;
	ssize_t n;

	jsonw_init(&w, buf, sizeof(buf));
	jsonw_object(&w, NULL);
	jsonw_array(&w, "findings");
	for (size_t i = 0; i < nr; i++) {
		jsonw_object(&w, NULL);
		jsonw_str(&w, "name", d[i].name);
		jsonw_str(&w, "state", words[d[i].state]);
		jsonw_str(&w, "found", d[i].found);
		jsonw_str(&w, "consequence", d[i].consequence);
		jsonw_close(&w);
	}
	n = jsonw_finish(&w);
	if (n < 0) {
		fprintf(stderr, "oomlab: doctor: %s\n", strerror(-n));
		return EXIT_BROKEN;
	}
	printf("%.*s\n", (int)n, buf);
	return EXIT_PASSED;
}

int cmd_doctor(int argc, char **argv)
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "json", no_argument, NULL, 'j' },
		{},
	};
	static struct doctor_finding found[DOCTOR_MAX];
	int status = EXIT_PASSED;
	bool json = false;
	size_t nr;
	int c;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (c == 'h') {
			fputs(help, stdout);
			return EXIT_PASSED;
		}
		if (c != 'j') /* getopt has said what */
			return EXIT_USAGE;
		json = true;
	}
	if (optind < argc)
		return usage_error("doctor: takes no argument, '%s' is one", argv[optind]);
	nr = doctor_examine(found);
	if (json)
		status = print_json(found, nr);
	for (size_t i = 0; i < nr; i++) {
		if (!json)
			print_text(&found[i]);
		if (found[i].state == DOCTOR_NO)
			status = EXIT_BROKEN;
	}
	return status;
}
