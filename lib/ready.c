// SPDX-License-Identifier: MIT
#include "lib/ready.h"

#include <ctype.h>

static const char *const names[] = {
	[READY_YES] = "ready", [READY_ENOMEM] = "enomem", [READY_POLICY] = "policy",
	[READY_ADJ] = "adj",   [READY_CGROUP] = "cgroup", [READY_FILE] = "file",
	[READY_THP] = "thp",   [READY_USAGE] = "usage",	  [READY_CHILD] = "child",
	[READY_TID] = "tid",   [READY_GONE] = "gone",
};

const char *ready_what_name(enum ready_what what)
{
	return names[what];
}

enum ready_exit ready_exit_of(enum ready_what what)
{
	switch (what) {
	case READY_YES:
		return READY_EXIT_DONE;
	case READY_ENOMEM:
		return READY_EXIT_ENOMEM;
	case READY_USAGE:
		return READY_EXIT_USAGE;
	default:
		return READY_EXIT_REFUSED;
	}
}

size_t ready_format(char *buf, size_t len, enum ready_what what, uint64_t bytes, int err,
		    const char *text)
{
	const char *name = err ? strerrorname_np(err < 0 ? -err : err) : NULL;
	int n;

	if (what == READY_YES)
		n = snprintf(buf, len, "ready %llu\n", (unsigned long long)bytes);
	else
		n = snprintf(buf, len, "failed %s %llu %s %s\n", names[what],
			     (unsigned long long)bytes, name ? name : "-", text);
	if ((size_t)n < len)
		return (size_t)n;
	buf[len - 2] = '\n';
	return len - 1;
}

size_t ready_format_task(char *buf, size_t len, const struct ready_word *w)
{
	int n;

	if (w->what == READY_CHILD)
		n = snprintf(buf, len, "child %u %d\n", w->child, (int)w->pid);
	else if (w->what == READY_TID)
		n = snprintf(buf, len, "tid %d\n", (int)w->pid);
	else
		n = snprintf(buf, len, "gone %u %d %d\n", w->child, w->code, w->signal);
	return (size_t)n;
}

/* The next word into buf; returns what follows its blank, NULL if there is none or it is too long.
 */
static const char *word(const char *s, char *buf, size_t len)
{
	size_t n = strcspn(s, " \n");

	if (!n || n >= len)
		return NULL;
	memcpy(buf, s, n);
	buf[n] = '\0';
	return s + n + (s[n] == ' ');
}

static const char *number(const char *s, uint64_t *ret)
{
	unsigned long long v;
	char text[24], *end;

	s = word(s, text, sizeof(text));
	if (!s || !isdigit((unsigned char)text[0]))
		return NULL;
	errno = 0;
	v = strtoull(text, &end, 10);
	if (errno || *end)
		return NULL;
	*ret = v;
	return s;
}

/* A whole number of this range, and the blank behind it. */
static const char *integer(const char *s, int lo, int hi, int *ret)
{
	uint64_t v;

	if (lo < 0 && str_starts(s, "-1") && (s[2] == ' ' || s[2] == '\n')) {
		*ret = -1;
		return s + 2 + (s[2] == ' ');
	}
	s = number(s, &v);
	if (!s || v > (uint64_t)hi || (lo > 0 && v < (uint64_t)lo))
		return NULL;
	*ret = (int)v;
	return s;
}

/*
 * child 1 4712
 * gone 1 -1 9                                                          (workloads/fork.c)
 */
static int parse_task(const char *s, enum ready_what what, struct ready_word *ret)
{
	struct ready_word w = { .what = what };
	int child = 0;

	if (what != READY_TID)
		s = integer(s, 1, READY_CHILDREN_MAX, &child);
	w.child = (unsigned int)child;
	if (s && what != READY_GONE)
		s = integer(s, 1, INT32_MAX, &w.pid);
	if (s && what == READY_GONE)
		s = integer(s, -1, 255, &w.code);
	if (s && what == READY_GONE)
		s = integer(s, 0, 127, &w.signal);
	if (!s || (*s && *s != '\n') || (what == READY_GONE && (w.code == -1) != (w.signal != 0)))
		return -EBADMSG;
	*ret = w;
	return 0;
}

/*
 * failed enomem 81788928 ENOMEM Cannot allocate memory                          (workloads/say.c)
 */
int ready_parse(const char *line, struct ready_word *ret)
{
	struct ready_word w = { .what = READY_YES };
	char name[16];
	const char *s = word(line, name, sizeof(name));

	if (!s)
		return -EBADMSG;
	if (str_eq(name, "ready")) {
		s = number(s, &w.bytes);
		if (!s || (*s && *s != '\n'))
			return -EBADMSG;
		*ret = w;
		return 0;
	}
	for (int what = READY_CHILD; what <= READY_GONE; what++)
		if (str_eq(name, names[what]))
			return parse_task(s, (enum ready_what)what, ret);
	s = str_eq(name, "failed") ? word(s, name, sizeof(name)) : NULL;
	for (size_t i = READY_ENOMEM; s && i <= READY_USAGE; i++)
		if (str_eq(name, names[i]))
			w.what = (enum ready_what)i;
	if (!s || w.what == READY_YES)
		return -EBADMSG;
	s = number(s, &w.bytes);
	s = s ? word(s, w.errno_name, sizeof(w.errno_name)) : NULL;
	if (!s)
		return -EBADMSG;
	str_copy(w.text, sizeof(w.text), s);
	w.text[strcspn(w.text, "\n")] = '\0';
	*ret = w;
	return 0;
}

size_t ready_format_figure(char *buf, size_t len, const char *name, uint64_t value)
{
	int n = snprintf(buf, len, "figure %s %llu\n", name, (unsigned long long)value);

	return min((size_t)n, len - 1);
}

/*
 * figure rss_after_free_bytes 41943040                                          (workloads/say.c)
 */
int ready_parse_figure(const char *line, char name[READY_FIGURE_LEN], uint64_t *value)
{
	char what[8];
	const char *s = word(line, what, sizeof(what));

	s = s && str_eq(what, "figure") ? word(s, name, READY_FIGURE_LEN) : NULL;
	if (!s || name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_")])
		return -EBADMSG;
	s = number(s, value);
	return s && (!*s || *s == '\n') ? 0 : -EBADMSG;
}
