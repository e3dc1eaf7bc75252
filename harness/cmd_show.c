// SPDX-License-Identifier: MIT
/* oomlab show: what a case would do and whom it would kill, without running it. */
#include "harness/case_find.h"
#include "harness/case_show.h"
#include "harness/cmd.h"
#include "harness/schema.h"

#include <getopt.h>

static const char help[] = "usage: oomlab show [--cgroup v1|v2] [--json] CASE...\n"
			   "\n"
			   "Tree, workers, steps, expectations, and for each cgroup version who "
			   "should die first and by\n"
			   "what margin. Nothing is run: the machine is assumed to be a VM of the "
			   "memory the case needs.\n"
			   "\n"
			   "  --cgroup v1|v2   only this version\n"
			   "  --json           one JSON object a line\n"
			   "  --grammar        the keys of case files, as tables in Markdown\n";

struct options {
	bool v1, v2, json, grammar, help;
};

static int parse(int argc, char **argv, struct options *o)
{
	static const struct option options[] = { { "cgroup", required_argument, NULL, 'c' },
						 { "json", no_argument, NULL, 'j' },
						 { "grammar", no_argument, NULL, 'g' },
						 { "help", no_argument, NULL, 'h' },
						 { 0 } };
	int opt;

	*o = (struct options){ .v1 = true, .v2 = true };
	while ((opt = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (opt == 'c' && !str_eq(optarg, "v1") && !str_eq(optarg, "v2"))
			return usage_error("--cgroup '%s': v1 or v2 is due", optarg);
		if (opt == 'c')
			o->v1 = str_eq(optarg, "v1"), o->v2 = !o->v1;
		o->json |= opt == 'j';
		o->grammar |= opt == 'g';
		o->help |= opt == 'h';
		if (opt == '?')
			return EXIT_USAGE;
	}
	if (optind == argc && !o->help && !o->grammar)
		return usage_error("show: which case? ('oomlab list' shows them)");
	return 0;
}

static int make_plan(const struct oom_case *c, enum cgroup_version cg, struct plan **ret,
		     struct fail *f)
{
	struct machine m;

	*ret = NULL;
	machine_assume(&m, c->needs.memory_bytes, c->needs.nr_nodes, c->needs.swap_bytes);
	return plan_make(c, &m, cg, ret, f);
}

static const struct case_expect *find_victims(const struct plan *p)
{
	for (size_t i = 0; i < p->nr_expects; i++)
		if (p->expects[i].kind <= EXPECT_VICTIMS_ANY_ORDER && p->expects[i].nr_names)
			return &p->expects[i];
	return NULL;
}

/* A case may expect otherwise than the model, but then whoever wrote it should know. */
static void show_doubt(const struct plan *p, FILE *f)
{
	const struct case_expect *e = find_victims(p);
	bool named = !e;

	for (size_t i = 0; e && i < e->nr_names; i++)
		named |= str_eq(e->names[i], p->prediction.victim) &&
			 (i == 0 || e->kind == EXPECT_VICTIMS_ANY_ORDER);
	if (!named)
		fprintf(f, ", but the case expects %s", e->names[0]);
}

static void show_prediction(const struct plan *p, FILE *f)
{
	const struct plan_prediction *pred = &p->prediction;

	if (!pred->known) {
		fputs("no prediction: sizes alone do not tell\n", f);
		return;
	}
	fprintf(f, "first victim %s with %lld points", pred->victim, (long long)pred->points);
	if (pred->margin_pages == OOM_ABSENT)
		fputs(", no other candidate", f);
	else
		fprintf(f, ", %lld pages before %s (noise %lld)", (long long)pred->margin_pages,
			pred->runner_up, (long long)pred->noise_pages);
	show_doubt(p, f);
	fputc('\n', f);
}

static void show_plan(const struct oom_case *c, enum cgroup_version cg, FILE *f)
{
	struct plan *p;
	struct fail why;
	int err = make_plan(c, cg, &p, &why);

	fprintf(f, "  %s  ", cgroup_version_name(cg));
	if (err) {
		fprintf(f, "%s: %s\n", err == -EOPNOTSUPP ? "skipped" : "refused", why.where);
		return;
	}
	show_prediction(p, f);
	plan_free(p);
}

static void write_plan(const struct oom_case *c, enum cgroup_version cg, struct jsonw *w)
{
	struct plan *p;
	struct fail why;
	int err = make_plan(c, cg, &p, &why);

	if (!err) {
		plan_write(p, w);
		plan_free(p);
		return;
	}
	jsonw_object(w, NULL);
	jsonw_str(w, "cgroup", cgroup_version_name(cg));
	jsonw_str(w, err == -EOPNOTSUPP ? "skipped" : "refused", why.where);
	jsonw_close(w);
}

static void show_json(const struct oom_case *c, const struct options *o, FILE *f)
{
	char buf[4096];
	struct jsonw w;

	jsonw_init_stream(&w, buf, sizeof(buf), f);
	jsonw_object(&w, NULL);
	case_write_head(c, &w);
	jsonw_array(&w, "plans");
	if (o->v2)
		write_plan(c, CGROUP_V2, &w);
	if (o->v1)
		write_plan(c, CGROUP_V1, &w);
	jsonw_finish(&w);
	fputc('\n', f);
}

int cmd_show(int argc, char **argv)
{
	struct oom_case **cases;
	struct options o;
	size_t nr;
	int err = parse(argc, argv, &o);

	if (err)
		return err;
	if (o.help)
		fputs(help, stdout);
	if (o.grammar)
		schema_write_markdown(stdout);
	if (o.help || o.grammar)
		return EXIT_PASSED;
	err = cases_load(argv + optind, (size_t)(argc - optind), NULL, NULL, &cases, &nr);
	if (err)
		return err;
	for (size_t i = 0; i < nr; i++) {
		if (o.json) {
			show_json(cases[i], &o, stdout);
			continue;
		}
		if (i)
			fputs("\n--\n\n", stdout);
		case_show(cases[i], stdout);
		fputs("\npredicted\n", stdout);
		if (o.v2)
			show_plan(cases[i], CGROUP_V2, stdout);
		if (o.v1)
			show_plan(cases[i], CGROUP_V1, stdout);
	}
	cases_free(cases, nr);
	return EXIT_PASSED;
}
