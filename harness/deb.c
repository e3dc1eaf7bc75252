// SPDX-License-Identifier: MIT
/*
 * The private apt state (see deb.h): its folder, its configuration and the three commands we run.
 * All they say goes to its log; a failure is told in one line that names the log.
 */
#include "harness/child.h"
#include "harness/deb.h"
#include "harness/folder.h"
#include "lib/fs.h"

#include <dirent.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#define APT_DEADLINE_MS (15 * 60 * 1000)

/*
 * Read after the system's configuration (apt-get -c), whose proxies and certificates we want and
 * whose hooks we do not: they would refresh caches of the system.
 */
static const char apt_conf[] =
	"#clear APT::Update::Pre-Invoke;\n"
	"#clear APT::Update::Post-Invoke;\n"
	"#clear APT::Update::Post-Invoke-Success;\n"
	"#clear APT::Architectures;\n"
	"APT::Architecture \"amd64\";\n"
	"APT::Architectures { \"amd64\"; };\n"
	"APT::Sandbox::User \"root\";\n"
	"APT::Get::Show-Progress \"false\";\n"
	"Acquire::Languages \"none\";\n"
	"Acquire::Retries \"2\";\n"
	"Acquire::IndexTargets::deb::DEP-11 { DefaultEnabled \"false\"; };\n"
	"Acquire::IndexTargets::deb::DEP-11-icons { DefaultEnabled \"false\"; };\n"
	"Acquire::IndexTargets::deb::DEP-11-icons-small { DefaultEnabled \"false\"; };\n"
	"Acquire::IndexTargets::deb::DEP-11-icons-large { DefaultEnabled \"false\"; };\n"
	"Acquire::IndexTargets::deb::DEP-11-icons-hidpi { DefaultEnabled \"false\"; };\n"
	"Acquire::IndexTargets::deb::DEP-11-icons-large-hidpi { DefaultEnabled \"false\"; };\n"
	"Acquire::IndexTargets::deb::Contents-deb { DefaultEnabled \"false\"; };\n"
	"Dir::Etc::sourcelist \"/dev/null\";\n"
	"Dir::Etc::preferences \"/dev/null\";\n"
	"Dir::Etc::preferencesparts \"/dev/null\";\n"
	"Dir::Cache::pkgcache \"pkgcache.bin\";\n"
	"Dir::Cache::srcpkgcache \"srcpkgcache.bin\";\n";

static int write_conf(const struct deb_state *s, struct fail *f)
{
	FILE *out __fclose = NULL;

	if (strpbrk(s->dir, "\"\n\\"))
		return fail_set(
			f, -EINVAL,
			"%s: a quote or backslash in the cache's path is more than apt.conf "
			"can hold; set OOMLAB_CACHE to another folder",
			s->dir);
	out = fopen(s->conf, "we");
	if (!out)
		return fail_errno(f, -errno, "create %s", s->conf);
	fputs(apt_conf, out);
	fprintf(out,
		"Dir::State \"%s\";\nDir::State::lists \"%s/lists\";\n"
		"Dir::State::status \"%s/status\";\nDir::Cache \"%s/cache\";\n"
		"Dir::Etc::sourceparts \"%s/sources\";\n",
		s->dir, s->dir, s->dir, s->dir, s->dir);
	return fflush(out) ? fail_errno(f, -errno, "write %s", s->conf) : 0;
}

static int write_sources(const struct deb_state *s, const struct deb_family *fam, struct fail *f)
{
	struct deb_sources sources;
	char *text __free = NULL;
	char path[480];
	int err = deb_sources_read("/etc/apt", &sources, f);

	if (!err)
		text = deb_sources_text(&sources, fam);
	deb_sources_free(&sources);
	if (err)
		return err;
	snprintf(path, sizeof(path), "%s/sources/debian.sources", s->dir);
	return text ? folder_write(path, text, f) : fail_errno(f, -ENOMEM, "%s", path);
}

int deb_state_open(struct deb_state *s, const char *cache, const struct deb_family *fam,
		   struct fail *f)
{
	static const char *const folders[] = { "lists/partial", "cache/archives/partial",
					       "sources" };
	char path[480];
	int err = 0;

	if ((size_t)snprintf(s->dir, sizeof(s->dir), "%s/apt/%s", cache, fam->name) >=
	    sizeof(s->dir))
		return fail_set(f, -ENAMETOOLONG, "%s: path of the cache is too long", cache);
	snprintf(s->conf, sizeof(s->conf), "%s/apt.conf", s->dir);
	snprintf(s->log, sizeof(s->log), "%s/log", s->dir);
	if (child_which("apt-get", path, sizeof(path)))
		return fail_set(f, -ENOENT,
				"no apt-get on this machine: name a kernel by its path "
				"instead of debian:...");
	for (size_t i = 0; i < ARRAY_SIZE(folders) && !err; i++) {
		snprintf(path, sizeof(path), "%s/%s", s->dir, folders[i]);
		err = folder_make(path, f);
	}
	if (err)
		return err;
	snprintf(path, sizeof(path), "%s/status", s->dir);
	err = folder_write(path, "", f) ?: write_conf(s, f);
	return err ?: write_sources(s, fam, f);
}

static void stamp_path(const struct deb_state *s, char *buf, size_t len)
{
	snprintf(buf, len, "%s/updated", s->dir);
}

int64_t deb_state_age_s(const struct deb_state *s)
{
	char path[480];
	struct stat st;

	stamp_path(s, path, sizeof(path));
	return stat(path, &st) ? INT64_MAX : time(NULL) - st.st_mtime;
}

/* The first line of the log's last run that says what went wrong, or "" (they begin with "E: "). */
static void first_error(const struct deb_state *s, off_t from, char *buf, size_t len)
{
	FILE *in __fclose = fopen(s->log, "re");
	char line[512];

	*buf = '\0';
	if (!in || fseeko(in, from, SEEK_SET))
		return;
	while (fgets(line, sizeof(line), in))
		if (str_starts(line, "E: ")) {
			line[strcspn(line, "\n")] = '\0';
			str_copy(buf, len, line + 3);
			return;
		}
}

static off_t file_size(const char *path)
{
	struct stat st;

	return stat(path, &st) ? 0 : st.st_size;
}

/* One command of apt's; a status other than 0 is -EIO with apt's own words unless `lenient`. */
static int apt(const struct deb_state *s, const char *const *argv, const char *cwd, char **out,
	       bool lenient, struct fail *f)
{
	struct child_run r = {
		.argv = argv, .cwd = cwd, .log = s->log, .out = out, .deadline_ms = APT_DEADLINE_MS
	};
	off_t from = file_size(s->log);
	char why[256];
	int status, err;

	if (out)
		*out = NULL;
	err = child_run(&r, &status, f);
	if (err || lenient || (WIFEXITED(status) && !WEXITSTATUS(status)))
		return err;
	if (out) {
		free(*out);
		*out = NULL;
	}
	first_error(s, from, why, sizeof(why));
	return fail_set(f, -EIO, "%s failed: %s (log: %s)", argv[0], *why ? why : "no reason given",
			s->log);
}

static bool has_lists(const struct deb_state *s)
{
	char path[480];
	struct dirent *e;
	bool has = false;
	DIR *d;

	snprintf(path, sizeof(path), "%s/lists", s->dir);
	d = opendir(path);
	while (d && !has && (e = readdir(d)))
		has = strstr(e->d_name, "_Packages");
	if (d)
		closedir(d);
	return has;
}

/* A suite the mirror does not have makes apt-get fail; what counts is that some list came. */
int deb_state_update(const struct deb_state *s, struct fail *f)
{
	const char *const argv[] = { "apt-get", "-q", "-c", s->conf, "update", NULL };
	char path[480], why[256];
	off_t from = file_size(s->log);
	int err = apt(s, argv, NULL, NULL, true, f);

	if (err)
		return err;
	if (!has_lists(s)) {
		first_error(s, from, why, sizeof(why));
		return fail_set(f, -EIO, "no package lists could be fetched: %s (log: %s)",
				*why ? why : "is there a network?", s->log);
	}
	stamp_path(s, path, sizeof(path));
	return folder_write(path, "", f);
}

#define NAMES_MAX 512

/* Kernel image packages of the flavour, as arguments behind argv's first `n`. */
static size_t add_names(char *names, const char *flavour, const char **argv, size_t n, size_t max)
{
	char *line, *rest = names;

	while ((line = strsep(&rest, "\n")) && n < max)
		if (deb_image_is(line, flavour))
			argv[n++] = line;
	argv[n] = NULL;
	return n;
}

int deb_state_find(const struct deb_state *s, const struct deb_wanted *w, struct deb_package *ret,
		   struct fail *f)
{
	const char *const list[] = { "apt-cache", "-c", s->conf, "pkgnames", "linux-image-", NULL };
	const char *ask[NAMES_MAX + 8] = { "apt-cache", "-c", s->conf, "madison" };
	char *names __free = NULL;
	char *madison __free = NULL;
	int err = apt(s, list, NULL, &names, false, f);

	if (err)
		return err;
	if (add_names(names, w->flavour, ask, 4, NAMES_MAX) == 4)
		return -ENODATA;
	err = apt(s, ask, NULL, &madison, false, f);
	if (err)
		return err;
	return deb_choose(madison, w, ret) ? -ENODATA : 0;
}

ssize_t deb_state_depends(const struct deb_state *s, const struct deb_package *p,
			  const char *prefixes, struct deb_package *ret, size_t max, struct fail *f)
{
	char which[200];
	const char *const argv[] = { "apt-cache", "-c", s->conf, "show", which, NULL };
	char *show __free = NULL;
	int err;

	snprintf(which, sizeof(which), "%s=%s", p->name, p->version);
	err = apt(s, argv, NULL, &show, false, f);
	return err ? err : (ssize_t)deb_depends(show, prefixes, ret, max);
}

/* NAME_*.deb: apt chooses the rest of the name (the ':' of an epoch is "%3a" there). */
static int find_deb(const char *dir, const char *name, char *path, size_t len)
{
	size_t n = strlen(name);
	DIR *d = opendir(dir);
	struct dirent *e;
	int err = -ENOENT;

	if (!d)
		return -errno;
	while (err && (e = readdir(d)))
		if (str_starts(e->d_name, name) && e->d_name[n] == '_' &&
		    strstr(e->d_name, ".deb") &&
		    (size_t)snprintf(path, len, "%s/%s", dir, e->d_name) < len)
			err = 0;
	closedir(d);
	return err;
}

int deb_state_download(const struct deb_state *s, const struct deb_package *p, const char *dir,
		       char *path, size_t len, struct fail *f)
{
	char which[200];
	const char *const argv[] = { "apt-get", "-q", "-c", s->conf, "download", which, NULL };
	int err;

	snprintf(which, sizeof(which), "%s=%s", p->name, p->version);
	err = apt(s, argv, dir, NULL, false, f);
	if (err)
		return err;
	return find_deb(dir, p->name, path, len)
		       ? fail_set(f, -EIO, "apt-get download %s left no package (log: %s)", which,
				  s->log)
		       : 0;
}

void deb_state_trim(const struct deb_state *s)
{
	static const char *const files[] = { "pkgcache.bin", "srcpkgcache.bin" };
	char path[480];

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		snprintf(path, sizeof(path), "%s/cache/%s", s->dir, files[i]);
		unlink(path);
	}
}
