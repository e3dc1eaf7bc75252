// SPDX-License-Identifier: MIT
/*
 * Which of this machine's apt sources serve Debian, and the same places with other suites. No
 * mirror is known to this program: whatever the administrator chose (proxy, mirror, snapshot, keys)
 * is kept.
 */
#include "harness/deb.h"
#include "lib/fs.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <strings.h>

#define SOURCES_TEXT_MAX KiB(256)

/* Suites of Debian itself; "bookworm-pgdg" or "cloud-sdk-bookworm" are someone else's. */
static const char *const releases[] = {
	"bookworm",  "bullseye", "buster", "duke",    "experimental", "forky",	  "oldoldstable",
	"oldstable", "sid",	 "stable", "testing", "trixie",	      "unstable",
};
static const char *const suffixes[] = { "", "-backports", "-proposed-updates", "-updates" };
static const char *const security_suffixes[] = { "-security", "/updates" };

static bool is_one_of(const char *s, size_t len, const char *const *list, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		if (strlen(list[i]) == len && !memcmp(list[i], s, len))
			return true;
	return false;
}

/* Sets what one suite says of its source. */
static void judge_suite(const char *suite, size_t len, struct deb_source *s)
{
	size_t base = 0;

	while (base < len && isalpha(suite[base]))
		base++;
	if (!is_one_of(suite, base, releases, ARRAY_SIZE(releases)))
		return;
	s->archive |= is_one_of(suite + base, len - base, suffixes, ARRAY_SIZE(suffixes));
	s->security |= is_one_of(suite + base, len - base, security_suffixes,
				 ARRAY_SIZE(security_suffixes));
}

static bool next_word(const char **text, const char **word, size_t *len)
{
	*word = *text + strspn(*text, " \t\n");
	*len = strcspn(*word, " \t\n");
	*text = *word + *len;
	return *len > 0;
}

static bool has_word(const char *text, const char *wanted)
{
	const char *w;
	size_t len;

	while (next_word(&text, &w, &len))
		if (len == strlen(wanted) && !memcmp(w, wanted, len))
			return true;
	return false;
}

/* Keeps the source if it is one of Debian's; takes over uris and options. */
static int keep(struct deb_sources *ret, char *uris, char *options, const char *suites,
		const char *components)
{
	struct deb_source s = { .uris = uris, .options = options };
	const char *w;
	size_t len;
	int err = 0;

	while (next_word(&suites, &w, &len))
		judge_suite(w, len, &s);
	if (!uris || !options)
		err = -ENOMEM;
	else if (ret->nr == DEB_SOURCES_MAX)
		err = -E2BIG;
	else if ((s.archive || s.security) && has_word(components, "main") &&
		 !str_starts(uris, "cdrom:")) {
		ret->source[ret->nr++] = s;
		return 0;
	}
	free(uris);
	free(options);
	return err;
}

/* One stanza of "Field: value" lines, continued by lines that begin with a blank. */
struct stanza {
	const char *value[5];
	size_t len[5];
};
enum { F_TYPES, F_URIS, F_SUITES, F_COMPONENTS, F_ENABLED };
static const char *const fields[] = { "types", "uris", "suites", "components", "enabled" };
/* Fields that say how far to trust a place go with it, word for word. */
static const char *const kept_fields[] = { "signed-by", "trusted", "check-valid-until",
					   "allow-insecure" };

static int field_of(const char *line, size_t len, const char *const *list, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		if (strlen(list[i]) == len && !strncasecmp(list[i], line, len))
			return i;
	return -1;
}

/* Length of a field with its continuation lines. */
static size_t field_len(const char *line)
{
	size_t n = strcspn(line, "\n");

	while (line[n] == '\n' && (line[n + 1] == ' ' || line[n + 1] == '\t'))
		n += 1 + strcspn(line + n + 1, "\n");
	return n;
}

static int stanza_end(struct stanza *st, FILE *options, char **options_text,
		      struct deb_sources *ret)
{
	char *v[ARRAY_SIZE(fields)] = {};
	int err = fclose(options) ? -ENOMEM : 0;
	bool enabled;

	for (size_t i = 0; i < ARRAY_SIZE(fields) && !err; i++) {
		v[i] = strndup(st->value[i] ?: "", st->len[i]);
		err = v[i] ? 0 : -ENOMEM;
	}
	enabled = !err && has_word(v[F_TYPES], "deb") && !has_word(v[F_ENABLED], "no");
	if (enabled) {
		err = keep(ret, take_ptr(v[F_URIS]), take_ptr(*options_text), v[F_SUITES],
			   v[F_COMPONENTS]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		free(v[i]);
	free(*options_text);
	*options_text = NULL;
	return err;
}

int deb_sources_parse_deb822(const char *text, struct deb_sources *ret)
{
	while (*text) {
		struct stanza st = {};
		char *options_text = NULL;
		size_t options_len;
		FILE *options = open_memstream(&options_text, &options_len);
		int err;

		if (!options)
			return -ENOMEM;
		while (*text && *text != '\n') {
			size_t n = field_len(text), name = strcspn(text, ":\n");
			int i = field_of(text, name, fields, ARRAY_SIZE(fields));

			if (i >= 0 && text[name] == ':') {
				st.value[i] = text + name + 1 + strspn(text + name + 1, " \t");
				st.len[i] = text + n - st.value[i];
			} else if (field_of(text, name, kept_fields, ARRAY_SIZE(kept_fields)) >=
				   0) {
				fprintf(options, "%.*s\n", (int)n, text);
			}
			text += n + (text[n] == '\n');
		}
		err = stanza_end(&st, options, &options_text, ret);
		if (err)
			return err;
		text += strspn(text, "\n");
	}
	return 0;
}

/* "[arch=amd64 signed-by=/usr/share/keyrings/x.gpg]" as lines of a .sources file. */
static char *list_options(const char *from, size_t len)
{
	char *text = NULL;
	size_t text_len, n;
	FILE *out = open_memstream(&text, &text_len);
	char *in __free = strndup(from, len);
	const char *at = in, *w;

	if (!out || !in) {
		if (out)
			fclose(out);
		free(text);
		return NULL;
	}
	while (next_word(&at, &w, &n)) {
		const char *eq = memchr(w, '=', n);

		if (eq && field_of(w, eq - w, kept_fields, ARRAY_SIZE(kept_fields)) >= 0)
			fprintf(out, "%.*s: %.*s\n", (int)(eq - w), w, (int)(w + n - eq - 1),
				eq + 1);
	}
	return fclose(out) ? NULL : text;
}

/* deb [signed-by=/usr/share/keyrings/k.gpg] URI bookworm main contrib */
static int parse_list_line(const char *line, struct deb_sources *ret)
{
	const char *opts = "", *uri, *suite;
	size_t opts_len = 0, uri_len, suite_len;
	char *suite_text __free = NULL;

	if (!str_starts(line, "deb ") && !str_starts(line, "deb\t"))
		return 0;
	line += 4 + strspn(line + 4, " \t");
	if (*line == '[') {
		opts = line + 1;
		opts_len = strcspn(opts, "]");
		line = opts + opts_len + (opts[opts_len] == ']');
	}
	if (!next_word(&line, &uri, &uri_len) || !next_word(&line, &suite, &suite_len))
		return 0;
	suite_text = strndup(suite, suite_len);
	if (!suite_text)
		return -ENOMEM;
	return keep(ret, strndup(uri, uri_len), list_options(opts, opts_len), suite_text, line);
}

int deb_sources_parse_list(const char *text, struct deb_sources *ret)
{
	while (*text) {
		size_t n = strcspn(text, "\n");
		char *line __free = strndup(text, n);
		int err;

		if (!line)
			return -ENOMEM;
		line[strcspn(line, "#")] = '\0';
		err = parse_list_line(line + strspn(line, " \t"), ret);
		if (err)
			return err;
		text += n + (text[n] == '\n');
	}
	return 0;
}

static bool ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), k = strlen(end);

	return n >= k && str_eq(s + n - k, end);
}

/* apt reads only these two endings, and so do we ("x.list.save" is no source). */
static int read_one(int dir, const char *name, struct deb_sources *ret)
{
	bool list = ends_with(name, ".list");
	char *text __free = NULL;
	ssize_t n;

	if (!list && !ends_with(name, ".sources"))
		return 0;
	text = malloc(SOURCES_TEXT_MAX);
	if (!text)
		return -ENOMEM;
	n = fs_read(dir, name, text, SOURCES_TEXT_MAX);
	if (n < 0)
		return n == -ENOENT ? 0 : n;
	return list ? deb_sources_parse_list(text, ret) : deb_sources_parse_deb822(text, ret);
}

static int read_folder(int etc, struct deb_sources *ret, struct fail *f)
{
	int fd = openat(etc, "sources.list.d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent *d;
	int err = 0;
	DIR *dir;

	if (fd < 0)
		return 0;
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return fail_errno(f, -errno, "read sources.list.d");
	}
	while (!err && (d = readdir(dir))) {
		err = read_one(fd, d->d_name, ret);
		if (err)
			fail_errno(f, err, "read sources.list.d/%s", d->d_name);
	}
	closedir(dir);
	return err;
}

int deb_sources_read(const char *etc_apt, struct deb_sources *ret, struct fail *f)
{
	int etc __close = open(etc_apt, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int err;

	ret->nr = 0;
	if (etc < 0)
		return fail_errno(f, -errno, "%s", etc_apt);
	err = read_one(etc, "sources.list", ret);
	if (err)
		return fail_errno(f, err, "%s/sources.list", etc_apt);
	err = read_folder(etc, ret, f);
	if (err)
		return err;
	for (size_t i = 0; i < ret->nr; i++)
		if (ret->source[i].archive)
			return 0;
	return fail_set(
		f, -ENOENT,
		"no apt source in %s serves Debian's main: name a kernel by its path instead",
		etc_apt);
}

char *deb_sources_text(const struct deb_sources *s, const struct deb_family *fam)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	for (size_t i = 0; i < s->nr; i++) {
		const struct deb_source *d = &s->source[i];
		const char *security = d->security ? fam->security_suites : "";
		const char *suites = d->archive ? fam->suites : "";

		if (*suites || *security)
			fprintf(out, "Types: deb\nURIs: %s\nSuites: %s %s\nComponents: main\n%s\n",
				d->uris, suites, security, d->options);
	}
	return fclose(out) ? NULL : text;
}

void deb_sources_free(struct deb_sources *s)
{
	for (size_t i = 0; i < s->nr; i++) {
		free(s->source[i].uris);
		free(s->source[i].options);
	}
	s->nr = 0;
}
