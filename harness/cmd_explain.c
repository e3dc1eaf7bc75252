// SPDX-License-Identifier: MIT
/* oomlab explain FILE|- [--json|--html FILE] [--what-if SPEC]...: see harness/explain.h. */
#include "harness/cmd.h"
#include "harness/explain_html.h"
#include "harness/explain_whatif.h"
#include "harness/term.h"

#include <fcntl.h>
#include <getopt.h>

static const char help[] =
	"usage: oomlab explain FILE|- [--json|--html FILE] [--what-if SPEC]...\n\n"
	"Tells of every OOM in a kernel log why it happened, who was chosen and why, who was "
	"next.\n"
	"The log may be of any kernel and transport: dmesg, journalctl, syslog, console, JSON "
	"lines.\n\n"
	"  --json            one JSON object: {\"schema\":1,\"events\":[...]}\n"
	"  --html FILE       a page to look at: ranking, memory by owner, zones against "
	"watermarks\n"
	"  --what-if SPEC    compute the choice again with one fact changed, repeatable:\n"
	"                      adj:PID=VALUE    PID's oom_score_adj is VALUE (-1000 to 1000)\n"
	"                      limit:+SIZE      the limit (or the RAM) is larger: limit:+200M\n";

static int flush_json(void *ctx, const char *text, size_t len)
{
	return fwrite(text, 1, len, ctx) == len ? 0 : -EIO;
}

static void on_report(void *ctx, const struct oom_report *r)
{
	struct explain *x = ctx;
	struct badness_verdict v;
	int err = badness_judge_report(r, &v);

	if (err == -ENOMEM && !x->err)
		x->err = err;
	x->nr_events++;
	if (x->html) {
		explain_html_event(x->html, x, r, &v);
	} else if (x->json) {
		jsonw_object(&x->w, NULL);
		explain_json(&x->w, r, &v);
		if (x->nr_whatifs)
			explain_json_whatif(&x->w, x, r);
		jsonw_close(&x->w);
	} else {
		explain_text(x, r, &v);
	}
	badness_verdict_free(&v);
}

static int explain_fd(struct explain *x, int fd, const char *name)
{
	struct oom_parser *p = oom_parser_new(on_report, x);
	static char buf[1 << 16];
	struct fail f = { 0 };
	int err;

	if (!p)
		return usage_error("no memory");
	if (x->page)
		x->html = explain_html_open(x->page, name, &f);
	if (x->page && !x->html) {
		oom_parser_free(p);
		return usage_error("explain: %s", f.where);
	}
	if (x->json) {
		jsonw_init_flush(&x->w, buf, sizeof(buf), flush_json, x->out);
		jsonw_object(&x->w, NULL);
		jsonw_u64(&x->w, "schema", 1);
		jsonw_array(&x->w, "events");
	}
	err = explain_read(fd, p, &f);
	oom_parser_free(p);
	if (x->html) {
		int failed = explain_html_close(x->html, x->nr_events);

		if (failed)
			return usage_error("write %s: %s", x->page, strerror(-failed));
		fprintf(x->out, "%s: OOMs in %s: %llu\n", x->page, name,
			(unsigned long long)x->nr_events);
	} else if (x->json) {
		jsonw_finish(&x->w);
		fputc('\n', x->out);
	} else if (!x->nr_events && !err) {
		fprintf(x->out, "%s: no OOM in this log\n", name);
	}
	if (err)
		return usage_error("%s: %s", name, f.where);
	if (x->err || fflush(x->out) || ferror(x->out))
		return usage_error("%s: cannot write the result", name);
	return 0;
}

static int options(int argc, char **argv, struct explain *x)
{
	static const struct option longs[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "html", required_argument, NULL, 'p' },
		{ "what-if", required_argument, NULL, 'w' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "hj", longs, NULL)) != -1) {
		switch (c) {
		case 'j':
			x->json = true;
			break;
		case 'p':
			x->page = optarg;
			break;
		case 'w':
			if (x->nr_whatifs == WHATIF_MAX)
				return usage_error("explain: at most %d --what-if", WHATIF_MAX);
			if (!whatif_parse(optarg, &x->whatifs[x->nr_whatifs++]))
				return usage_error("explain: --what-if '%s': wants adj:PID=VALUE "
						   "(-1000 to 1000) or limit:+SIZE",
						   optarg);
			break;
		case 'h':
			fputs(help, stdout);
			return -1;
		default:
			return EXIT_USAGE;
		}
	}
	if (x->page && x->json)
		return usage_error("explain: --html and --json: one of them was expected");
	if (optind + 1 != argc)
		return usage_error("explain: wants one FILE, or - for standard input");
	return 0;
}

int cmd_explain(int argc, char **argv)
{
	struct explain x = { .out = stdout };
	int fd __close = -1, rc = options(argc, argv, &x);
	const char *name;

	if (rc)
		return rc < 0 ? 0 : rc;
	name = argv[optind];
	x.colour = term_colour(stdout);
	if (str_eq(name, "-"))
		return explain_fd(&x, STDIN_FILENO, "standard input");
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return usage_error("%s: %s", name, strerror(errno));
	return explain_fd(&x, fd, name);
}
