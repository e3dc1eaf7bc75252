// SPDX-License-Identifier: MIT
/*
 * The lines of one file:
 *   -net.ipv4.conf.*.rp_filter = 1      # Debian's 50-default.conf, systemd 252
 */
#include "lib/sysctl_conf.h"

#define LINE_MAX_BYTES MiB(1) /* systemd's LONG_LINE_MAX: it reads no further in that file */
#define BLANK	       " \t\n\r"

struct reading {
	struct sysctl_conf *c;
	size_t file;
	unsigned int line, nr_bad;
	bool quotes, binary;
	char first_bad[160];
};

/*
 * A line ends with NUL, or with a newline, a carriage return, or one of each in either order, and a
 * NUL behind them (systemd's read_line()). Returns what stands before that, *next what comes after.
 */
static size_t line_end(const char *text, const char *end, const char **next)
{
	const char *p = text, *q;
	bool lf = false, cr = false;

	while (p < end && *p != '\n' && *p != '\r' && *p != '\0')
		p++;
	for (q = p; q < end; q++) {
		if (*q == '\n' && !lf)
			lf = true;
		else if (*q == '\r' && !cr)
			cr = true;
		else
			break;
	}
	*next = q < end && *q == '\0' ? q + 1 : q;
	return (size_t)(p - text);
}

static char *strip(char *s)
{
	size_t n;

	s += strspn(s, BLANK);
	for (n = strlen(s); n && strchr(BLANK, s[n - 1]); n--)
		s[n - 1] = '\0';
	return s;
}

/* "vm.a.b" and "/vm/a.b" to "vm/a/b" and "vm/a.b": the first of them says what separates. */
static void normalise(char *key)
{
	char *first = strpbrk(key, "/."), *to = key;

	for (char *p = first && *first == '.' ? first : NULL; p; p = strpbrk(p + 1, "/."))
		*p = *p == '.' ? '/' : '.';
	for (char *from = key; *from; from += strcspn(from, "/")) {
		size_t n;

		from += strspn(from, "/");
		n = strcspn(from, "/");
		if (!n || (n == 1 && *from == '.'))
			continue;
		if (to != key)
			*to++ = '/';
		memmove(to, from, n);
		to += n;
	}
	*to = '\0';
}

/* Anything else is no name of a sysctl, and would not be one line when we print it. */
static bool is_path(const char *key)
{
	if (!*key)
		return false;
	for (const char *p = key; *p; p++)
		if (*p <= ' ' || *p > '~')
			return false;
	for (const char *p = key; p; p = strchr(p, '/')) {
		p += *p == '/';
		if (str_starts(p, "..") && (p[2] == '/' || p[2] == '\0'))
			return false;
	}
	return true;
}

/* The value of NAME="value" or NAME='value' in a file that a shell reads. */
static char *unquoted(char *value)
{
	size_t n = strlen(value);

	if (n >= 2 && (*value == '"' || *value == '\'') && value[n - 1] == *value) {
		value[n - 1] = '\0';
		return value + 1;
	}
	return value;
}

static void pass_over(struct reading *r, const char *why)
{
	if (!r->nr_bad++)
		snprintf(r->first_bad, sizeof(r->first_bad), "line %u %s", r->line, why);
}

static int read_one(struct reading *r, char *text)
{
	char *key = strip(text), *value;
	const char *no_name = "names no sysctl", *no_value = "is no assignment";
	bool minus;

	if (!*key || *key == '#' || *key == ';')
		return 0;
	if (r->line == 1 && str_starts(key, "\xef\xbb\xbf"))
		no_name = no_value =
			"begins with a byte order mark, which systemd does not take away";
	minus = *key == '-';
	value = strchr(key, '=');
	key += minus;
	if (value) {
		*value = '\0';
		value = strip(value + 1);
	} else if (!minus) {
		if (!r->quotes)
			pass_over(r, no_value);
		return 0;
	}
	key = strip(key);
	if (r->quotes && !strpbrk(key, "./"))
		return 0;
	normalise(key);
	if (!is_path(key)) {
		pass_over(r, no_name);
		return 0;
	}
	if (value && r->quotes)
		value = unquoted(value);
	return sysctl_conf_assign(r->c, r->file, r->line, key, value, minus && value);
}

static int set_note(struct reading *r)
{
	struct sysctl_file *f = &r->c->files[r->file];
	char note[256] = "";
	size_t at = 0;

	if (r->binary)
		at = (size_t)snprintf(note, sizeof(note), "is no text file%s",
				      r->nr_bad ? "; " : "");
	if (r->nr_bad == 1)
		snprintf(note + at, sizeof(note) - at, "%s", r->first_bad);
	else if (r->nr_bad)
		snprintf(note + at, sizeof(note) - at, "%s, and %u more are passed over",
			 r->first_bad, r->nr_bad - 1);
	if (!*note)
		return 0;
	free(f->note);
	f->note = strdup(note);
	return f->note ? 0 : -ENOMEM;
}

int sysctl_conf_read(struct sysctl_conf *c, size_t file, const char *text, size_t len, bool quotes)
{
	struct reading r = { .c = c, .file = file, .quotes = quotes };
	const char *end = text + len;
	int err = 0;

	c->files[file].read = true;
	r.binary = memchr(text, '\0', len) != NULL;
	while (!err && text < end) {
		const char *next;
		size_t n = line_end(text, end, &next);
		char *line __free = NULL;

		r.line++;
		if (n >= LINE_MAX_BYTES) {
			pass_over(&r, "is longer than 1 MiB: the file is read up to there");
			break;
		}
		line = strndup(text, n);
		err = line ? read_one(&r, line) : -ENOMEM;
		text = next;
	}
	return err ?: set_note(&r);
}
