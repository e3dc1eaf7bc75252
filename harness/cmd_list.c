// SPDX-License-Identifier: MIT
/* oomlab list: cases with scope, needs, tags and summary. */
#include "harness/case_find.h"
#include "harness/case_show.h"
#include "harness/cmd.h"

#include <getopt.h>

static const char help[] = "usage: oomlab list [-k EXPR] [--tag T] [--json] [CASE|DIR|GLOB ...]\n"
			   "\n"
			   "  -k EXPR    only cases whose name has EXPR in it\n"
			   "  --tag T    only cases with this tag\n"
			   "  --json     one JSON object a line\n";

struct options {
	const char *filter, *tag;
	bool json, help;
};

static int parse(int argc, char **argv, struct options *o)
{
	static const struct option options[] = { { "tag", required_argument, NULL, 't' },
						 { "json", no_argument, NULL, 'j' },
						 { "help", no_argument, NULL, 'h' },
						 { 0 } };
	int opt;

	*o = (struct options){ 0 };
	while ((opt = getopt_long(argc, argv, "k:h", options, NULL)) != -1) {
		if (opt == 'k')
			o->filter = optarg;
		if (opt == 't')
			o->tag = optarg;
		o->json |= opt == 'j';
		o->help |= opt == 'h';
		if (opt == '?')
			return EXIT_USAGE;
	}
	return 0;
}

static void list_json(const struct oom_case *c)
{
	char buf[4096];
	struct jsonw w;

	jsonw_init_stream(&w, buf, sizeof(buf), stdout);
	jsonw_object(&w, NULL);
	case_write_head(c, &w);
	jsonw_finish(&w);
	putchar('\n');
}

/* "512 MiB, 2 nodes, v2 only" */
static void needs_text(const struct case_needs *n, char *buf, size_t len)
{
	char memory[32], nodes[32] = "";

	if (n->nr_nodes > 1)
		snprintf(nodes, sizeof(nodes), ", %u nodes", n->nr_nodes);
	snprintf(buf, len, "%s%s%s%s%s%s", bytes_format(n->memory_bytes, memory, sizeof(memory)),
		 nodes,
		 !n->swap_bytes		     ? ""
		 : n->swap_kind == SWAP_ZRAM ? ", zram"
					     : ", swap",
		 n->disk_bytes ? ", disk" : "", *n->programs ? ", programs" : "",
		 n->v1 && n->v2 ? ""
		 : n->v1	? ", v1 only"
				: ", v2 only");
}

static void list_text(struct oom_case **cases, size_t nr)
{
	int wide = 0;

	for (size_t i = 0; i < nr; i++)
		wide = max(wide, (int)strlen(cases[i]->name));
	for (size_t i = 0; i < nr; i++) {
		const struct oom_case *c = cases[i];
		char needs[80];

		needs_text(&c->needs, needs, sizeof(needs));
		printf("%-*s  %-6s  %s\n%*s  %s; theme %s; tags:", wide, c->name,
		       scope_name(c->scope), c->summary, wide, "", needs,
		       *c->theme ? c->theme : "none");
		for (size_t j = 0; j < c->nr_tags; j++)
			printf(" %s", c->tags[j]);
		putchar('\n');
	}
	printf("%zu case%s\n", nr, nr == 1 ? "" : "s");
}

int cmd_list(int argc, char **argv)
{
	struct oom_case **cases;
	struct options o;
	size_t nr;
	int err = parse(argc, argv, &o);

	if (err)
		return err;
	if (o.help) {
		fputs(help, stdout);
		return EXIT_PASSED;
	}
	err = cases_load(argv + optind, (size_t)(argc - optind), o.filter, o.tag, &cases, &nr);
	if (err)
		return err;
	for (size_t i = 0; o.json && i < nr; i++)
		list_json(cases[i]);
	if (!o.json)
		list_text(cases, nr);
	cases_free(cases, nr);
	return EXIT_PASSED;
}
