// SPDX-License-Identifier: MIT
/*
 * oomlab replay: one OOM of a log made into a case, and played: does this kernel do the same with the same
 * tasks? With --set, a remedy is played after it.
 */
#include "harness/case.h"
#include "harness/cmd.h"
#include "harness/explain.h"
#include "harness/folder.h"
#include "harness/replay_compare.h"
#include "harness/run_args.h"

#include <fcntl.h>
#include <getopt.h>

#define SETS_MAX 16

static const char help[] =
	"usage: oomlab replay [options] FILE|- [-- RUN-OPTIONS...]\n"
	"\n"
	"Makes a case of an OOM in a kernel log, scaled to a small guest, and plays it: same "
	"victim,\n"
	"same constraint, same order of the tasks? A table shows it beside the ticket. What had to "
	"be\n"
	"assumed stands in the case.\n"
	"\n"
	"  --event N          the N-th OOM of the log (default: the first that can be replayed)\n"
	"  --set adj:TASK=N   then play it again with a remedy: the oom_score_adj of a pid, or of "
	"all\n"
	"                     tasks with that comm,\n"
	"  --set limit:+SIZE  another limit, also limit:-SIZE or limit:SIZE,\n"
	"  --set sysctl:NAME=N  a sysctl; may be given several times, all hold together\n"
	"  --json             the table as one JSON document; all else goes to standard error\n"
	"  --dry-run          print the case and play nothing\n"
	"  --out FILE.yaml    keep the case there (default: below --results)\n"
	"  --results DIR      where runs are kept (default results)\n"
	"  --kernel K[,K...], --cgroup v1|v2|all, --accel A, -v  as for run, whose other options "
	"may\n"
	"                     stand behind --\n"
	"\n"
	"Exit status: 0 the same happened (and the remedy did what the model says), 1 something "
	"else\n"
	"did, 2 usage, or the log does not tell enough, 3 broken, or no guest could play "
	"it.\n";

struct options {
	const char *file, *out, *results;
	unsigned long event; /* 0: the first that can be replayed */
	struct replay_change sets[SETS_MAX];
	size_t nr_sets;
	char *run[64]; /* handed to run */
	int nr_run;
	bool json, dry_run, help;
};

enum { OPT_EVENT = 256, OPT_SET, OPT_DRY_RUN, OPT_OUT, OPT_RESULTS, OPT_JSON, OPT_RUN };

static int add_run(struct options *o, char *word)
{
	if (o->nr_run == ARRAY_SIZE(o->run) - 5) /* play() adds four, a NULL ends them */
		return usage_error("replay: too many options");
	o->run[o->nr_run++] = word;
	return 0;
}

static int add_set(struct options *o)
{
	struct fail f = { 0 };

	if (o->nr_sets == SETS_MAX)
		return usage_error("replay: more than %d --set", SETS_MAX);
	if (replay_change_parse(optarg, &o->sets[o->nr_sets], &f) < 0)
		return usage_error("replay: %s", f.where);
	o->nr_sets++;
	return 0;
}

static int set_option(struct options *o, int c, const char *name)
{
	char *end;

	switch (c) {
	case OPT_EVENT:
		o->event = strtoul(optarg, &end, 10);
		if (*end || optarg[0] < '1' || optarg[0] > '9')
			return usage_error("replay: --event %s: a number from 1 was expected",
					   optarg);
		return 0;
	case OPT_SET:
		return add_set(o);
	case OPT_DRY_RUN:
		o->dry_run = true;
		return 0;
	case OPT_OUT:
		o->out = optarg;
		return 0;
	case OPT_RESULTS:
		o->results = optarg;
		return 0;
	case OPT_JSON:
		o->json = true;
		return 0;
	case OPT_RUN:
		return add_run(o, (char *)name) ?: add_run(o, optarg);
	case 'v':
		return add_run(o, (char *)"-v");
	case 'h':
		o->help = true;
		return 0;
	default:
		return EXIT_USAGE;
	}
}

static int parse(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = { { "event", required_argument, NULL, OPT_EVENT },
					       { "set", required_argument, NULL, OPT_SET },
					       { "dry-run", no_argument, NULL, OPT_DRY_RUN },
					       { "out", required_argument, NULL, OPT_OUT },
					       { "results", required_argument, NULL, OPT_RESULTS },
					       { "json", no_argument, NULL, OPT_JSON },
					       { "kernel", required_argument, NULL, OPT_RUN },
					       { "cgroup", required_argument, NULL, OPT_RUN },
					       { "accel", required_argument, NULL, OPT_RUN },
					       { "help", no_argument, NULL, 'h' },
					       { 0 } };
	static const char *const names[] = { [6] = "--kernel", "--cgroup", "--accel" };
	int c, i = 0;

	*o = (struct options){ .results = "results", .run = { (char *)"run" }, .nr_run = 1 };
	optind = 1;
	while ((c = getopt_long(argc, argv, "vh", longs, &i)) != -1) {
		int err = set_option(o, c, c == OPT_RUN ? names[i] : NULL);

		if (err)
			return err;
	}
	if (o->help)
		return 0;
	if (o->json && o->dry_run)
		return usage_error(
			"replay: --json tells of what was played, and --dry-run plays nothing");
	if (optind == argc)
		return usage_error("replay: a kernel log is due, or - ('oomlab replay --help')");
	o->file = argv[optind++];
	if (optind < argc && !str_eq(argv[optind - 2], "--") && !str_eq(argv[optind], "--") &&
	    argv[optind][0] != '-')
		return usage_error("replay: one log at a time, '%s' is another", argv[optind]);
	for (; optind < argc; optind++)
		if (!str_eq(argv[optind], "--") && add_run(o, argv[optind]))
			return EXIT_USAGE;
	return 0;
}

struct search {
	const struct options *o;
	const char *name;
	unsigned long seen, at; /* OOMs; which of them it is */
	struct replay *replays; /* the ticket, and with what --set changes */
	bool found;
	struct fail why; /* of the first that could not be */
	int err;	 /* nothing more is tried */
};

static int make_both(struct search *s, const struct oom_report *r, struct fail *f)
{
	struct replay *p = s->replays;
	struct replay_order order = { .ticket = s->o->file, .name = s->name };
	char name[sizeof(p->name)];
	int err = replay_make(r, &order, &p[0], f);

	if (err || !s->o->nr_sets)
		return err;
	s->at = s->seen; /* a change that cannot be made of this one is not tried on another */
	snprintf(name, sizeof(name), "%.55s-remedy", p[0].name);
	order = (struct replay_order){ .ticket = s->o->file,
				       .name = name,
				       .changes = s->o->sets,
				       .nr_changes = s->o->nr_sets,
				       .before = &p[0] };
	return replay_make(r, &order, &p[1], f);
}

static void on_report(void *ctx, const struct oom_report *r)
{
	struct search *s = ctx;
	struct fail f = { 0 };
	int err;

	s->seen++;
	if (s->found || s->err || (s->o->event && s->seen != s->o->event))
		return;
	err = make_both(s, r, &f);
	s->found = !err;
	if (!err)
		s->at = s->seen;
	else if (err == -ENOMEM || s->at)
		s->err = err;
	if (err && (!s->why.err || s->at))
		s->why = f;
}

static int tell_which(const struct search *s)
{
	if (s->seen > 1 && !s->o->event)
		fprintf(stderr, "oomlab: OOM %lu of the %lu in %s (--event N takes another)\n",
			s->at, s->seen, s->o->file);
	return 0;
}

static int tell_why(const struct search *s)
{
	if (s->why.err && s->seen > 1 && !s->o->event && !s->at)
		return usage_error("replay: %s: none of its %lu OOMs; of the first: %s", s->o->file,
				   s->seen, s->why.where);
	if (s->why.err)
		return usage_error("replay: %s: %s", s->o->file, s->why.where);
	return usage_error(s->seen ? "replay: %s: it has %lu OOMs, not so many"
				   : "replay: %s: no OOM in this log",
			   s->o->file, s->seen);
}

static int find_event(const struct options *o, const char *name, struct replay ret[2])
{
	bool is_stdin = str_eq(o->file, "-");
	int fd __close = is_stdin ? dup(STDIN_FILENO) : open(o->file, O_RDONLY | O_CLOEXEC);
	struct search s = { .o = o, .name = name, .replays = ret };
	struct oom_parser *p = oom_parser_new(on_report, &s);
	struct fail f = { 0 };
	int err;

	if (fd < 0 || !p) {
		oom_parser_free(p);
		return usage_error("replay: %s: %s", o->file, strerror(errno));
	}
	err = explain_read(fd, p, &f);
	oom_parser_free(p);
	if (err || s.err == -ENOMEM)
		return usage_error("replay: %s: %s", o->file, err ? f.where : strerror(ENOMEM));
	return s.found ? tell_which(&s) : tell_why(&s);
}

/* The name of a case is that of its file. */
static int case_name(const char *path, char *buf, size_t len)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	size_t n = strlen(base);

	if (n < 6 || n - 5 >= len || !str_eq(base + n - 5, ".yaml") ||
	    strspn(base, "abcdefghijklmnopqrstuvwxyz0123456789-") != n - 5)
		return usage_error("replay: --out %s: NAME.yaml is due, of a-z, 0-9 and '-'", path);
	str_copy(buf, n - 4, base);
	return 0;
}

static char *case_text(const struct replay *p)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	replay_write(p, out);
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}

/* What we wrote is read as any case is: a mistake in it is ours, and nothing is played. NULL with f. */
static char *checked_text(const struct replay *p, const char *path, struct fail *f)
{
	char *text = case_text(p);
	char *messages __free = NULL;
	struct oom_case *c = NULL;
	int err = text ? case_parse(path, text, strlen(text), &c, &messages) : -ENOMEM;

	case_free(c);
	if (!err)
		return text;
	fail_set(f, -EINVAL, "the case made of this log is none: %.300s",
		 messages ? messages : strerror(-err));
	free(text);
	return NULL;
}

static int keep(const struct replay *p, const char *path, struct fail *f)
{
	char *text __free = checked_text(p, path, f);

	return text ? folder_write(path, text, f) : f->err;
}

static int put_files(const struct options *o, const struct replay p[2], char paths[2][512],
		     struct fail *f)
{
	int err = o->out ? 0 : folder_make(o->results, f);

	for (int i = 0; !err && i <= (o->nr_sets > 0); i++) {
		if (o->out && !i)
			str_copy(paths[i], sizeof(paths[i]), o->out);
		else if (o->out)
			snprintf(paths[i], sizeof(paths[i]), "%.*s%s.yaml",
				 (int)(strlen(o->out) - strlen(p[0].name) - 5), o->out, p[i].name);
		else
			snprintf(paths[i], sizeof(paths[i]), "%.400s/%.63s.yaml", o->results,
				 p[i].name);
		err = keep(&p[i], paths[i], f);
	}
	return err;
}

static int play(struct options *o, const struct replay p[2])
{
	struct replay_compare c = { .replays = p, .changes = o->sets, .nr_changes = o->nr_sets };
	char paths[2][512];
	struct run_args a;
	struct fail f = { 0 };
	int err = put_files(o, p, paths, &f);

	if (err)
		return usage_error("replay: %s", f.where);
	o->run[o->nr_run++] = (char *)"--results";
	o->run[o->nr_run++] = (char *)o->results;
	o->run[o->nr_run++] = paths[0];
	if (o->nr_sets)
		o->run[o->nr_run++] = paths[1];
	err = run_args_parse(o->nr_run, o->run, &a);
	if (err)
		return err;
	fprintf(stderr, "oomlab: the OOM of line %llu, as %s\n", (unsigned long long)p[0].line,
		paths[0]);
	err = replay_compare_run(&c, &a, o->json);
	replay_compare_free(&c);
	return err;
}

static int make(const struct options *o, struct replay p[2])
{
	char name[64] = "";

	if (o->out && case_name(o->out, name, sizeof(name) - 8))
		return EXIT_USAGE;
	return find_event(o, *name ? name : NULL, p);
}

static int show(const struct options *o, const struct replay p[2])
{
	for (int i = 0; i <= (o->nr_sets > 0); i++) {
		char path[sizeof(p->name) + 8];
		char *text __free = NULL;
		struct fail f = { 0 };

		snprintf(path, sizeof(path), "%s.yaml", p[i].name);
		text = checked_text(&p[i], path, &f);
		if (!text)
			return usage_error("replay: %s", f.where);
		printf("%s%s", i ? "---\n" : "", text);
	}
	return EXIT_PASSED;
}

int cmd_replay(int argc, char **argv)
{
	struct replay p[2];
	struct options o;
	int err = parse(argc, argv, &o);

	if (err)
		return err;
	if (o.help) {
		fputs(help, stdout);
		return EXIT_PASSED;
	}
	err = make(&o, p);
	if (err)
		return err;
	return o.dry_run ? show(&o, p) : play(&o, p);
}
