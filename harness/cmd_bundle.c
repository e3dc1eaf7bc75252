// SPDX-License-Identifier: MIT
/* oomlab bundle: a run, or some of its cases, as one file for a ticket. */
#include "harness/bundle.h"
#include "harness/cmd.h"
#include "harness/report_impl.h"

#include <getopt.h>
#include <sys/stat.h>

static const char help[] = "usage: oomlab bundle [--out FILE.tar.zst] RUN [CASE...]\n"
			   "\n"
			   "Packs a run (results/<run>), or the cases of it whose name or id has "
			   "CASE in it, into one\n"
			   "archive: results, case files, evidence, kernel and console logs, each "
			   "OOM explained as JSON,\n"
			   "the cgroups with their counters before and after, the kernels' "
			   "configs, how to reproduce.\n"
			   "\n"
			   "  --out FILE   default: oomlab-<run>.tar.zst here\n"
			   "\n"
			   "Exit status: 0 written, 2 usage, or nothing of that name in the run.\n";

struct order {
	const char *run, *out;
	char **names;
	bool help;
};

static int parse(int argc, char **argv, struct order *o)
{
	static const struct option longs[] = { { "out", required_argument, NULL, 'o' },
					       { "help", no_argument, NULL, 'h' },
					       { 0 } };
	int c;

	*o = (struct order){ 0 };
	optind = 1;
	while ((c = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
		if (c == 'o')
			o->out = optarg;
		else if (c == 'h')
			o->help = true;
		else
			return EXIT_USAGE;
	}
	if (o->help)
		return 0;
	if (optind == argc)
		return usage_error("bundle: a run's folder is due ('oomlab bundle --help')");
	o->run = argv[optind];
	o->names = argv + optind + 1;
	return 0;
}

static const char *id_of(const struct stored_case *s, char *buf, size_t len)
{
	const struct case_result c = { .name = s->name,
				       .kernel = s->kernel ? s->kernel : "",
				       .cgroup = s->cgroup,
				       .repeat = s->repeat };

	return report_name(&c, buf, len);
}

static bool wanted(const struct order *o, const struct stored_case *s)
{
	char id[REPORT_NAME_LEN];

	if (!s->name)
		return false;
	id_of(s, id, sizeof(id));
	for (char **n = o->names; *n; n++)
		if (strstr(id, *n))
			return true;
	return !*o->names;
}

/* The folder of its evidence below the run's. */
static bool folder_of(const struct order *o, const struct stored_case *s, char *buf, size_t len)
{
	size_t n = strlen(o->run);
	char *slash;

	if (!s->evidence || strncmp(s->evidence, o->run, n) != 0 ||
	    !str_copy(buf, len, s->evidence + n + strspn(s->evidence + n, "/")))
		return false;
	slash = strrchr(buf, '/');
	if (slash)
		*slash = '\0';
	return slash != NULL;
}

static int put_text(struct bundle *b, const char *dir, const char *name, char *text, size_t len,
		    struct fail *f)
{
	char path[RESULTS_PATH_LEN];

	snprintf(path, sizeof(path), "%.900s/%s", dir, name);
	return bundle_text(b, path, text, len, f);
}

/* What is not in a file of the run yet. Evidence that cannot be read is packed as it is. */
static int put_extras(struct bundle *b, const struct order *o, const struct stored_case *s,
		      const char *dir, struct fail *f)
{
	char *explained __free = NULL, *tree __free = NULL;
	char log[RESULTS_PATH_LEN * 2];
	struct evidence *e = NULL;
	struct fail ignored;
	size_t len;
	int err = 0;

	if (evidence_load(s->evidence, &e, &ignored) < 0)
		return 0;
	snprintf(log, sizeof(log), "%s/%s/%s", o->run, dir,
		 e->reports_from_console ? "console.log" : "kmsg.log");
	if (!access(log, R_OK)) {
		err = bundle_explain(log, &explained, &len, f);
		if (!err)
			err = put_text(b, dir, "oom.json", explained, len, f);
	}
	if (!err && bundle_tree(e, &tree, &len) == 0)
		err = put_text(b, dir, "tree.txt", tree, len, f);
	evidence_free(e);
	return err;
}

static int put_case(struct bundle *b, const struct order *o, const struct stored_case *s,
		    struct fail *f)
{
	char dir[RESULTS_PATH_LEN];
	int err;

	if (!folder_of(o, s, dir, sizeof(dir)))
		return 0; /* it was not played */
	err = bundle_folder(b, o->run, dir, f);
	return err ? err : put_extras(b, o, s, dir, f);
}

/* Each kernel's config once. */
static int put_kernel(struct bundle *b, const struct order *o, const struct stored_case *s,
		      struct fail *f)
{
	char dir[RESULTS_PATH_LEN], path[RESULTS_PATH_LEN * 2];

	if (!folder_of(o, s, dir, sizeof(dir)))
		return 0;
	dir[strcspn(dir, "/")] = '\0';
	snprintf(path, sizeof(path), "%s/%s/kernel.json", o->run, dir);
	return access(path, R_OK) ? 0 : bundle_folder(b, o->run, dir, f);
}

static bool kernel_is_new(const struct order *o, const struct stored_case *cases, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (wanted(o, &cases[j]) && cases[j].evidence &&
		    str_eq(cases[j].kernel, cases[i].kernel))
			return false;
	return cases[i].evidence != NULL;
}

static void put_line(const struct stored_case *s, FILE *out)
{
	char id[REPORT_NAME_LEN];

	fprintf(out, "%-6s %s\n", verdict_name(s->verdict), id_of(s, id, sizeof(id)));
	if (s->reason && *s->reason) {
		fputs("       ", out);
		report_text(out, s->reason);
		fputc('\n', out);
	}
	if (s->reproduce && *s->reproduce) {
		fputs("       reproduce: ", out);
		report_text(out, s->reproduce);
		fputc('\n', out);
	}
}

/* What is in it, for whoever opens it a year later. */
static int put_readme(struct bundle *b, const struct order *o, const struct stored_case *cases,
		      size_t nr, struct fail *f)
{
	struct run_facts facts;
	char *text __free = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return fail_errno(f, -ENOMEM, "bundle");
	results_read_facts(o->run, &facts);
	fprintf(out, "A run of oomlab, begun %s on %s (%s).\ncommand: ", facts.started, facts.node,
		facts.release);
	report_text(out, facts.command);
	fputs("\n\nA folder a kernel, cgroup version and case: case.yaml what was asked, "
	      "evidence.jsonl "
	      "what happened,\nkmsg.log and console.log what the kernel said, oom.json the same "
	      "read "
	      "and explained,\ntree.txt the cgroups with their counters. 'oomlab judge FOLDER' "
	      "judges "
	      "it again.\n\n",
	      out);
	for (size_t i = 0; i < nr; i++)
		if (wanted(o, &cases[i]))
			put_line(&cases[i], out);
	if (fclose(out))
		return fail_errno(f, -ENOMEM, "bundle");
	return bundle_text(b, "README.txt", text, len, f);
}

static int put_results(struct bundle *b, const struct order *o, struct fail *f)
{
	char path[RESULTS_PATH_LEN];
	char *text __free = NULL;
	size_t room = 0;
	FILE *in __fclose = NULL;
	ssize_t n;

	snprintf(path, sizeof(path), "%.900s/results.json", o->run);
	in = fopen(path, "re");
	if (!in)
		return 0;
	n = getdelim(&text, &room, '\0', in);
	return n > 0 ? bundle_text(b, "results.json", text, (size_t)n, f) : 0;
}

static int pack(struct bundle *b, const struct order *o, const struct stored_case *cases, size_t nr,
		struct fail *f)
{
	int err = put_readme(b, o, cases, nr, f);

	if (!err)
		err = put_results(b, o, f);
	for (size_t i = 0; !err && i < nr; i++) {
		if (!wanted(o, &cases[i]))
			continue;
		if (kernel_is_new(o, cases, i))
			err = put_kernel(b, o, &cases[i], f);
		if (!err)
			err = put_case(b, o, &cases[i], f);
	}
	return err;
}

static size_t nr_wanted(const struct order *o, const struct stored_case *cases, size_t nr)
{
	size_t n = 0;

	for (size_t i = 0; i < nr; i++)
		n += wanted(o, &cases[i]);
	return n;
}

static int write_bundle(const struct order *o, const struct stored_case *cases, size_t nr)
{
	struct run_facts facts;
	char file[512], top[64];
	struct bundle *b;
	struct fail f = { 0 };
	int err;

	results_read_facts(o->run, &facts);
	/* It comes from a file that may be anybody's, and names one of ours. */
	if (!*facts.run_id || facts.run_id[strspn(facts.run_id, "0123456789TZ-")])
		str_copy(facts.run_id, sizeof(facts.run_id), "run");
	snprintf(top, sizeof(top), "oomlab-%s", facts.run_id);
	snprintf(file, sizeof(file), "%s.tar.zst", top);
	if (o->out && !str_copy(file, sizeof(file), o->out))
		return usage_error("bundle: --out: the path is too long");
	err = bundle_open(file, top, &b, &f);
	if (err)
		return usage_error("bundle: %s", f.where);
	err = pack(b, o, cases, nr, &f);
	if (err)
		bundle_abort(b);
	else
		err = bundle_close(b, &f);
	if (err)
		return usage_error("bundle: %s", f.where);
	printf("%s\n", file);
	return EXIT_PASSED;
}

int cmd_bundle(int argc, char **argv)
{
	struct stored_case *cases = NULL;
	struct fail f = { 0 };
	struct order o;
	struct stat st;
	size_t nr = 0;
	int err = parse(argc, argv, &o), status;

	if (err)
		return err;
	if (o.help) {
		fputs(help, stdout);
		return EXIT_PASSED;
	}
	if (stat(o.run, &st) < 0 || !S_ISDIR(st.st_mode))
		return usage_error("bundle: %s: the folder of a run is due, as results/latest",
				   o.run);
	err = results_read(o.run, &cases, &nr, &f);
	if (err)
		status = usage_error("bundle: %s", f.where);
	else if (!nr_wanted(&o, cases, nr))
		status = usage_error("bundle: %s: no case of that name in it", o.run);
	else
		status = write_bundle(&o, cases, nr);
	stored_free(cases, nr);
	return status;
}
