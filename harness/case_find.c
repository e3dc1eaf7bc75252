// SPDX-License-Identifier: MIT
#include "harness/case_find.h"
#include "harness/cmd.h"
#include "harness/paths.h"

#include <fts.h>
#include <glob.h>
#include <sys/stat.h>

#define FILES_MAX 10000

struct files {
	char **names;
	size_t nr;
};

static int add_file(struct files *f, const char *name)
{
	char **grown;

	for (size_t i = 0; i < f->nr; i++)
		if (str_eq(f->names[i], name))
			return 0; /* named twice, played once */
	if (f->nr == FILES_MAX)
		return usage_error("more than %d case files", FILES_MAX);
	grown = realloc(f->names, (f->nr + 1) * sizeof(*grown));
	if (!grown)
		return usage_error("no memory for the list of cases");
	f->names = grown;
	f->names[f->nr] = strdup(name);
	return f->names[f->nr++] ? 0 : usage_error("no memory for the list of cases");
}

static void files_free(struct files *f)
{
	for (size_t i = 0; i < f->nr; i++)
		free(f->names[i]);
	free(f->names);
}

static bool is_yaml(const char *name)
{
	size_t n = strlen(name);

	return n > 5 && str_eq(name + n - 5, ".yaml");
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

/* profiles/ holds something else than cases. */
static int add_folder(struct files *f, const char *folder)
{
	char *const roots[] = { (char *)folder, NULL };
	FTS *fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
	size_t before = f->nr;
	FTSENT *e;
	int err = 0;

	if (!fts)
		return usage_error("%s: %s", folder, strerror(errno));
	while (!err && (e = fts_read(fts))) {
		if (e->fts_info == FTS_D && e->fts_level > 0 && str_eq(e->fts_name, "profiles"))
			fts_set(fts, e, FTS_SKIP);
		else if (e->fts_info == FTS_F && is_yaml(e->fts_name))
			err = add_file(f, e->fts_path);
	}
	fts_close(fts);
	if (!err && f->nr == before)
		return usage_error("%s: no case (*.yaml) in this folder", folder);
	return err;
}

static const char *standard_folder(char *buf, size_t len)
{
	char oomlab[512], oomhog[512];
	char *slash;

	paths_programs(oomlab, oomhog, sizeof(oomlab));
	slash = strrchr(oomlab, '/');
	snprintf(buf, len, "%.*s/../cases", slash ? (int)(slash - oomlab) : 1,
		 slash ? oomlab : ".");
	/* Said short where it is the folder one stands in: reproduce commands are copied. */
	if (access("cases", R_OK) == 0)
		str_copy(buf, len, "cases");
	return buf;
}

/* A bare name: the one file of that name in the standard folder. */
static int add_named(struct files *f, const char *name)
{
	struct files all = { 0 };
	char folder[600], want[CASE_NAME_LEN + 8];
	int err = add_folder(&all, standard_folder(folder, sizeof(folder)));
	size_t before = f->nr;

	snprintf(want, sizeof(want), "/%s.yaml", name);
	for (size_t i = 0; !err && i < all.nr; i++) {
		size_t n = strlen(all.names[i]), w = strlen(want);

		if (n > w && str_eq(all.names[i] + n - w, want))
			err = add_file(f, all.names[i]);
	}
	files_free(&all);
	if (!err && f->nr == before)
		return usage_error(
			"%s: no such case file, folder or case name ('oomlab list' has the names)",
			name);
	return err;
}

static int add_glob(struct files *f, const char *pattern)
{
	glob_t g;
	int err = 0;

	if (glob(pattern, 0, NULL, &g) != 0)
		return usage_error("%s: nothing matches", pattern);
	for (size_t i = 0; !err && i < g.gl_pathc; i++)
		err = add_file(f, g.gl_pathv[i]);
	globfree(&g);
	return err;
}

static int add_name(struct files *f, const char *name)
{
	struct stat st;

	if (stat(name, &st) == 0)
		return S_ISDIR(st.st_mode) ? add_folder(f, name) : add_file(f, name);
	if (strpbrk(name, "*?["))
		return add_glob(f, name);
	if (strchr(name, '/') || is_yaml(name))
		return usage_error("%s: %s", name, strerror(ENOENT));
	return add_named(f, name);
}

static bool wanted(const struct oom_case *c, const char *filter, const char *tag)
{
	if (filter && !strstr(c->name, filter))
		return false;
	if (!tag)
		return true;
	for (size_t i = 0; i < c->nr_tags; i++)
		if (str_eq(c->tags[i], tag))
			return true;
	return false;
}

/* All files are read, so that all mistakes are told at once. */
static int load_files(const struct files *f, const char *filter, const char *tag,
		      struct oom_case **cases, size_t *nr)
{
	int status = 0;

	for (size_t i = 0; i < f->nr; i++) {
		char *messages __free = NULL;
		struct oom_case *c;
		int err = case_load(f->names[i], &c, &messages);

		if (err) {
			if (messages)
				fputs(messages, stderr);
			else
				usage_error("%s: %s", f->names[i], strerror(-err));
			status = EXIT_USAGE;
		} else if (wanted(c, filter, tag)) {
			cases[(*nr)++] = c;
		} else {
			case_free(c);
		}
	}
	return status;
}

int cases_load(char **names, size_t nr, const char *filter, const char *tag, struct oom_case ***ret,
	       size_t *nr_ret)
{
	struct files f = { 0 };
	struct oom_case **cases;
	char folder[600];
	size_t n = 0;
	int err = 0;

	for (size_t i = 0; !err && i < nr; i++)
		err = add_name(&f, names[i]);
	if (!err && !nr)
		err = add_folder(&f, standard_folder(folder, sizeof(folder)));
	cases = calloc(f.nr + 1, sizeof(*cases));
	if (!err && !cases)
		err = usage_error("no memory for the list of cases");
	if (!err)
		err = load_files(&f, filter, tag, cases, &n);
	files_free(&f);
	if (!err && !n)
		err = usage_error("no case has %s%s%s%s", filter ? filter : "",
				  filter ? " in its name" : "", filter && tag ? " and " : "",
				  tag ? tag : "");
	if (err) {
		cases_free(cases, n);
		return err;
	}
	*ret = cases;
	*nr_ret = n;
	return 0;
}

void cases_free(struct oom_case **cases, size_t nr)
{
	for (size_t i = 0; cases && i < nr; i++)
		case_free(cases[i]);
	free(cases);
}
