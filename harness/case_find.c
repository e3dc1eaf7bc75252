// SPDX-License-Identifier: MIT
#include "harness/case_find.h"
#include "harness/cmd.h"
#include "harness/paths.h"

#include <fts.h>
#include <glob.h>
#include <limits.h>
#include <sys/stat.h>

struct files {
	char **paths;
	size_t nr;
	int err;
};

static void add_file(struct files *fs, const char *path)
{
	char **bigger = reallocarray(fs->paths, fs->nr + 1, sizeof(*bigger));

	if (bigger)
		fs->paths = bigger;
	if (!bigger || !(fs->paths[fs->nr] = strdup(path)))
		fs->err = -ENOMEM;
	else
		fs->nr++;
}

static bool is_case_file(const char *path)
{
	size_t n = strlen(path);

	return n > 5 && str_eq(path + n - 5, ".yaml");
}

static bool is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool is_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/*
 * All case files below a folder, those called `name` if that is not NULL. Returns how many. Links
 * are not followed, so that no loop is; profiles/ holds something else than cases.
 */
static size_t add_folder(struct files *fs, const char *dir, const char *name)
{
	char *const roots[] = { (char *)dir, NULL };
	FTS *tree = fts_open(roots, FTS_COMFOLLOW | FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	size_t before = fs->nr, n = name ? strlen(name) : 0;
	FTSENT *e;

	while (tree && (e = fts_read(tree))) {
		if (e->fts_level > 0 && (e->fts_name[0] == '.' || str_eq(e->fts_name, "profiles")))
			fts_set(tree, e, FTS_SKIP);
		else if (e->fts_info == FTS_F && is_case_file(e->fts_name) &&
			 (!name ||
			  (strncmp(e->fts_name, name, n) == 0 && str_eq(e->fts_name + n, ".yaml"))))
			add_file(fs, e->fts_path);
	}
	if (tree)
		fts_close(tree);
	else
		fs->err = -ENOMEM;
	return fs->nr - before;
}

const char *cases_dir(char *buf, size_t len)
{
	static const char *const places[] = { "/../cases", "/cases" };
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;

	self[n < 0 ? 0 : n] = '\0';
	slash = strrchr(self, '/');
	for (size_t i = 0; slash && i < ARRAY_SIZE(places); i++) {
		char real[PATH_MAX], cwd[PATH_MAX];

		*slash = '\0';
		snprintf(buf, len, "%s%s", self, places[i]);
		if (!is_dir(buf) || !realpath(buf, real))
			continue;
		/* Below where we stand, the short path is the one to print. */
		if (getcwd(cwd, sizeof(cwd)) && str_starts(real, cwd) && real[strlen(cwd)] == '/')
			str_copy(buf, len, real + strlen(cwd) + 1);
		else
			str_copy(buf, len, real);
		return buf;
	}
	if (is_dir("cases") || !paths_share("cases", buf, len))
		str_copy(buf, len, "cases");
	return buf;
}

static int add_glob(struct files *fs, const char *pattern)
{
	size_t before = fs->nr;
	glob_t g;

	if (glob(pattern, 0, NULL, &g) == 0) {
		for (size_t i = 0; i < g.gl_pathc; i++) {
			if (is_dir(g.gl_pathv[i]))
				add_folder(fs, g.gl_pathv[i], NULL);
			else if (is_case_file(g.gl_pathv[i]))
				add_file(fs, g.gl_pathv[i]);
		}
		globfree(&g);
	}
	return fs->nr > before ? 0 : usage_error("no case file matches '%s'", pattern);
}

/* A word that is no path: a case's name, or a folder of the cases. */
static int add_word(struct files *fs, const char *word)
{
	char dir[PATH_MAX], sub[PATH_MAX + 256];

	cases_dir(dir, sizeof(dir));
	snprintf(sub, sizeof(sub), "%s/%s", dir, word);
	if (is_dir(dir) && add_folder(fs, dir, word))
		return 0;
	if (is_dir(sub) && add_folder(fs, sub, NULL))
		return 0;
	return usage_error("no case '%s': neither a file, a folder, nor the name of a case in %s "
			   "('oomlab list' shows them)",
			   word, dir);
}

static int add_name(struct files *fs, const char *name)
{
	if (!*name) /* "$UNSET" shall not mean all there are */
		return usage_error("an empty name of a case");
	if (is_dir(name))
		return add_folder(fs, name, NULL)
			       ? 0
			       : usage_error("no case file (*.yaml) in '%s'", name);
	if (access(name, F_OK) == 0) {
		if (!is_file(name))
			return usage_error("'%s' is neither a file nor a folder of cases", name);
		add_file(fs, name);
		return 0;
	}
	if (strpbrk(name, "*?["))
		return add_glob(fs, name);
	if (strchr(name, '/') || is_case_file(name))
		return usage_error("no case file '%s': %s", name, strerror(ENOENT));
	return add_word(fs, name);
}

static int find_files(struct files *fs, char **names, size_t nr)
{
	char dir[PATH_MAX];
	int err = 0;

	if (!nr) {
		cases_dir(dir, sizeof(dir));
		err = is_dir(dir) ? add_name(fs, dir)
				  : usage_error("no cases folder beside the program, no ./cases, "
						"and none installed");
	}
	for (size_t i = 0; !err && i < nr; i++)
		err = add_name(fs, names[i]);
	if (!err && fs->err)
		err = usage_error("%s", strerror(-fs->err));
	if (fs->nr)
		qsort(fs->paths, fs->nr, sizeof(*fs->paths), str_order);
	return err;
}

bool case_has_tag(const struct oom_case *c, const char *tag)
{
	for (size_t i = 0; i < c->nr_tags; i++)
		if (str_eq(c->tags[i], tag))
			return true;
	return false;
}

/* A name stands for its case in reports and folders: two of one name would be mixed up. */
static int check_twins(struct oom_case **cases, size_t nr, const struct oom_case *c)
{
	for (size_t i = 0; i < nr; i++)
		if (str_eq(cases[i]->name, c->name))
			return usage_error("two cases are called '%s': %s and %s", c->name,
					   cases[i]->file, c->file);
	return 0;
}

static int load_one(const char *path, struct oom_case **ret)
{
	char *messages = NULL;
	int err = case_load(path, ret, &messages);

	if (err && messages && *messages)
		fputs(messages, stderr);
	else if (err)
		usage_error("%s: %s", path, strerror(-err));
	free(messages);
	return err ? EXIT_USAGE : 0;
}

/* All files are looked at, so that all mistakes are told at once. */
static int load_files(const struct files *fs, const char *filter, const char *tag,
		      struct oom_case **cases, size_t *nr)
{
	int err = 0;

	for (size_t i = 0; i < fs->nr; i++) {
		struct oom_case *c;

		if (i && str_eq(fs->paths[i], fs->paths[i - 1]))
			continue;
		if (load_one(fs->paths[i], &c)) {
			err = EXIT_USAGE;
			continue;
		}
		if ((filter && !strstr(c->name, filter)) || (tag && !case_has_tag(c, tag))) {
			case_free(c);
			continue;
		}
		if (check_twins(cases, *nr, c))
			err = EXIT_USAGE;
		cases[(*nr)++] = c;
	}
	if (!err && !*nr)
		err = usage_error("no case is left: %s%s%s%s%s", filter ? "-k " : "",
				  filter ? filter : "", filter && tag ? ", " : "",
				  tag ? "--tag " : "", tag ? tag : "");
	return err;
}

void cases_free(struct oom_case **cases, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		case_free(cases[i]);
	free(cases);
}

int cases_load(char **names, size_t nr, const char *filter, const char *tag, struct oom_case ***ret,
	       size_t *nr_ret)
{
	struct files fs = { 0 };
	int err = find_files(&fs, names, nr);

	*nr_ret = 0;
	*ret = calloc(fs.nr + 1, sizeof(**ret));
	if (!err && !*ret)
		err = usage_error("%s", strerror(ENOMEM));
	if (!err)
		err = load_files(&fs, filter, tag, *ret, nr_ret);
	if (err) {
		cases_free(*ret, *nr_ret);
		*ret = NULL;
		*nr_ret = 0;
	}
	for (size_t i = 0; i < fs.nr; i++)
		free(fs.paths[i]);
	free(fs.paths);
	return err;
}
