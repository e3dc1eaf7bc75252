// SPDX-License-Identifier: MIT
/*
 * A table of the things transports put before a message, each recognised by its shape at the head
 * of the text; log_strip() steps over them until none matches. A new transport is one row.
 */
#include "lib/log_line.h"

#include <ctype.h>

static size_t number(const char *s)
{
	size_t n = 0;

	while (s[n] >= '0' && s[n] <= '9')
		n++;
	return n;
}

static size_t p_stamp(const char *s, struct log_line *l)
{
	size_t n = log_stamp(s, &l->stamp_us);

	l->kernel |= n > 0;
	return n;
}

/* "[  T123]", "[    C1]": CONFIG_PRINTK_CALLER */
static size_t p_caller(const char *s, struct log_line *l)
{
	size_t n = 1, d;

	if (*s != '[' && *s != '(')
		return 0;
	n += log_blanks(s + 1);
	if (s[n] != 'T' && s[n] != 'C')
		return 0;
	d = number(s + n + 1);
	if (!d || d > 9 || (s[n + 1 + d] != ']' && s[n + 1 + d] != ')'))
		return 0;
	l->caller = (uint64_t)s[n] << 32 | strtoul(s + n + 1, NULL, 10);
	return n + d + 2;
}

/* "(0)[1234:comm]", "I[0:  swapper/0:    0]", "[0:  swapper/0:    0]": phone vendors' printk */
static size_t p_vendor_caller(const char *s, struct log_line *l)
{
	size_t n = 0, d;

	if (*s == '(' && number(s + 1) && s[1 + number(s + 1)] == ')')
		n = 2 + number(s + 1);
	else if (isupper((unsigned char)*s) && s[1] == '[')
		n = 1;
	if (s[n] != '[')
		return 0;
	d = log_blanks(s + n + 1) + number(s + n + 1 + log_blanks(s + n + 1));
	if (!number(s + n + 1 + log_blanks(s + n + 1)) || s[n + 1 + d] != ':')
		return 0;
	d = strcspn(s + n, "]\n");
	if (s[n + d] != ']' || d > 40)
		return 0;
	l->kernel = true;
	return n + d + 1;
}

/* "[Tue Mar 11 10:16:36 2025]", "[Mar11 10:16]", "[2025-01-21 04:41:44]" */
static size_t p_bracket_time(const char *s, struct log_line *l)
{
	size_t d, n;

	(void)l;
	if (*s != '[')
		return 0;
	d = strcspn(s, "]");
	if (s[d] != ']' || d > 48 || d < 8)
		return 0;
	n = 1 + log_blanks(s + 1);
	if (log_time(s + n) == d - n)
		return d + 1;
	/* dmesg -H shortens the date to "[Mar11 10:16]" */
	return d == 12 && isalpha((unsigned char)s[1]) && number(s + 4) == 2 && s[9] == ':' ? d + 1
											    : 0;
}

static size_t p_time(const char *s, struct log_line *l)
{
	(void)l;
	return log_time(s);
}

/* "<4>", and RFC 5424's "<4>1 " */
static size_t p_priority(const char *s, struct log_line *l)
{
	size_t d = *s == '<' ? number(s + 1) : 0;

	(void)l;
	if (!d || d > 3 || s[1 + d] != '>')
		return 0;
	return s[2 + d] == '1' && s[3 + d] == ' ' && log_time(s + 4 + d) ? 4 + d : 2 + d;
}

static size_t tag_name(const char *s)
{
	return str_starts(s, "kernel")	? strlen("kernel")
	       : str_starts(s, "klogd") ? strlen("klogd")
					: 0;
}

/* "kernel:", "host kernel:", "host kernel[-]:", "kernel - - - ", "klogd: " */
static size_t p_tag(const char *s, struct log_line *l)
{
	size_t n = 0;

	if (!tag_name(s)) {
		n = strcspn(s, " \t");
		if (!n || n > 255)
			return 0;
		n += log_blanks(s + n);
		if (!tag_name(s + n))
			return 0;
	}
	n += tag_name(s + n);
	if (s[n] == '[') {
		size_t d = strcspn(s + n, "]");

		if (s[n + d] != ']' || d > 12)
			return 0;
		n += d + 1;
	}
	if (str_starts(s + n, " - - - "))
		n += 6;
	else if (s[n] == ':' || s[n] == '|')
		n++;
	else
		return 0;
	l->kernel = true;
	return n;
}

/* "user.slice" is a unit, and no facility. */
static size_t level(const char *s)
{
	static const char *const names[] = { "emerg",	"alert", "crit",   "error", "err",
					     "warning", "warn",	 "notice", "info",  "debug" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (str_starts(s, names[i]) && !isalpha((unsigned char)s[strlen(names[i])]))
			return strlen(names[i]);
	return 0;
}

/* "10.0.0.5: kern:    info: [2025-06-04T04:51:57.572293906Z]: " of talosctl, or without the node */
static size_t p_talos(const char *s, struct log_line *l)
{
	size_t n = strcspn(s, " "), end;

	n = n && s[n - 1] == ':' && s[n] == ' ' && !str_starts(s, "kern:") ? n + 1 : 0;
	if (!str_starts(s + n, "kern:"))
		return 0;
	n += strlen("kern:");
	n += log_blanks(s + n);
	n += level(s + n);
	if (s[n - 1] == ' ' || !str_starts(s + n, ": ["))
		return 0;
	n += strlen(": [");
	end = log_time(s + n);
	if (!end || !str_starts(s + n + end, "]: "))
		return 0;
	l->kernel = true;
	return n + end + strlen("]: ") - 1;
}

/* "kern  :warn  : " of dmesg -x, "kern.warn " of logread */
static size_t p_facility(const char *s, struct log_line *l)
{
	static const char *const names[] = { "kern", "user", "daemon", "syslog" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		size_t n = strlen(names[i]);

		if (!str_starts(s, names[i]))
			continue;
		n += log_blanks(s + n);
		if (s[n] != ':' && s[n] != '.')
			continue;
		n++;
		if (!level(s + n))
			continue;
		n += level(s + n);
		n += log_blanks(s + n);
		l->kernel |= i == 0;
		return n + (s[n] == ':');
	}
	return 0;
}

/* "INFO:teuthology.orchestra.run.host.stdout:" of Python's logging */
static size_t p_python(const char *s, struct log_line *l)
{
	static const char upper[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	size_t n = strspn(s, upper), name;

	(void)l;
	if (n < 4 || s[n] != ':')
		return 0;
	name = strcspn(s + n + 1, ": ");
	return s[n + 1 + name] == ':' && memchr(s + n + 1, '.', name) ? n + name + 2 : 0;
}

/* "warning|kernel[-]|": a vendor's rsyslog template, fields divided by bars */
static size_t p_bars(const char *s, struct log_line *l)
{
	bool kernel = false;
	size_t n = 0;

	for (int fields = 0; fields < 8; fields++) {
		size_t d = strcspn(s + n, "| ");

		if (s[n + d] != '|' || d > 64)
			break;
		kernel |= memmem(s + n, d, "kernel", 6) != NULL;
		n += d + 1;
	}
	l->kernel |= kernel;
	return kernel ? n : 0;
}

/* "app_1   | text" of docker compose: a name, blanks, a bar */
static size_t p_compose(const char *s, struct log_line *l)
{
	size_t n = strcspn(s, " |"), b = log_blanks(s + n);

	(void)l;
	return n && n < 64 && b && s[n + b] == '|' && s[n + b + 1] == ' ' ? n + b + 1 : 0;
}

/* "4,813,1234,-;text" of /dev/kmsg, with ",caller=T12" where the kernel has it */
static size_t p_kmsg(const char *s, struct log_line *l)
{
	const char *caller;
	size_t n = 0, end;

	for (int i = 0; i < 3; i++) {
		size_t d = number(s + n);

		if (!d || d > 20 || s[n + d] != ',')
			return 0;
		n += d + 1;
	}
	end = strcspn(s, ";");
	if (s[end] != ';' || end > n + 64 || !strchr("-c+", s[n]))
		return 0;
	caller = memmem(s, end, ",caller=", 8);
	if (caller)
		l->caller = (uint64_t)caller[8] << 32 | strtoul(caller + 9, NULL, 10);
	l->kernel = true;
	return end + 1;
}

/* "W/kernel  (  123): ", "  123   123 W kernel  : " of logcat */
static size_t p_logcat(const char *s, struct log_line *l)
{
	size_t n = number(s);

	if (n && s[n] == ' ' && number(s + n + log_blanks(s + n))) {
		n += log_blanks(s + n);
		n += number(s + n);
		n += log_blanks(s + n);
	} else {
		n = 0;
	}
	if (!strchr("VDIWEF", s[n]) || !s[n] || (s[n + 1] != '/' && s[n + 1] != ' '))
		return 0;
	n += 2;
	if (!str_starts(s + n, "kernel"))
		return 0;
	n += strlen("kernel");
	n += log_blanks(s + n);
	if (s[n] == '(')
		n += strcspn(s + n, ")") + (s[n + strcspn(s + n, ")")] == ')');
	if (s[n] != ':')
		return 0;
	l->kernel = true;
	return n + 1;
}

/* Kinds of text that may stand before a time or message, word for word. */
static size_t p_literal(const char *s, struct log_line *l)
{
	static const char *const words[] = {
		"MESSAGE=",   "stdout F ", "stderr F ", "stdout P ",	"stderr P ",
		"oom_kill: ", "cpuset: ",  "hugetlb: ", "page_alloc: ", "show_mem: ",
	};

	(void)l;
	if (str_starts(s, "[pod/")) { /* kubectl logs --prefix */
		size_t n = strcspn(s, "] ");

		return str_starts(s + n, "] ") ? n + 2 : 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (str_starts(s, words[i]))
			return strlen(words[i]);
	return 0;
}

/* "> " of a quoted mail, a quote of source code. The rest decides whether a record begins. */
static size_t p_quote(const char *s, struct log_line *l)
{
	(void)l;
	return *s == '>' || *s == '"' || *s == '\'' || (*s == '|' && s[1] == ' ');
}

/*
 * "[W] Oct 22 20:02:32", "A 2020-06-25T09:57:22.729902Z": a date and time behind a few words that
 * no kernel message begins with
 */
static size_t p_late_time(const char *s, struct log_line *l)
{
	for (size_t n = 0; n < 40 && !l->prefixed; n++) {
		size_t time = n && s[n - 1] == ' ' ? log_time(s + n) : 0;

		if (time > strlen("Oct 2 20:02:32"))
			return n + time;
		if (!isalnum((unsigned char)s[n]) && !(s[n] && strchr(" []|_.-/", s[n])))
			break;
	}
	return 0;
}

/* "/var/log/messages-20200101:", "1234:", "1234-": grep's own, if a time or stamp follows */
static size_t p_grep(const char *s, struct log_line *l)
{
	if (l->kernel)
		return 0;
	for (size_t n = 1; n < 160 && s[n - 1] && s[n - 1] != ' '; n++) {
		if (s[n - 1] != ':' && s[n - 1] != '-')
			continue;
		if (isalpha((unsigned char)s[n]) ? log_time(s + n) : log_stamp(s + n, NULL))
			return n;
	}
	return 0;
}

static const struct {
	size_t (*step)(const char *s, struct log_line *l);
	bool weak;   /* does not say that a record begins */
	bool behind; /* may stand behind a kernel stamp; all else is the message there */
} prefixes[] = {
	{ p_quote, true, false },	  { p_priority, false, true },
	{ p_stamp, false, true },	  { p_caller, false, true },
	{ p_bracket_time, false, false }, { p_vendor_caller, false, true },
	{ p_kmsg, false, false },	  { p_time, false, false },
	{ p_tag, false, true },		  { p_talos, false, false },
	{ p_facility, false, false },	  { p_logcat, false, false },
	{ p_literal, false, true },	  { p_bars, false, false },
	{ p_compose, true, false },	  { p_grep, false, false },
	{ p_late_time, false, false },	  { p_python, false, false },
};

static size_t step(const char *s, struct log_line *l)
{
	bool behind = l->stamp_us != INT64_MIN;

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++) {
		size_t n = behind && !prefixes[i].behind ? 0 : prefixes[i].step(s, l);

		if (!n)
			continue;
		l->prefixed |= !prefixes[i].weak;
		return n;
	}
	return 0;
}

struct log_line log_strip(const char *text)
{
	struct log_line l = { .stamp_us = INT64_MIN };
	const char *s = text;

	for (int guard = 0; guard < 24; guard++) {
		size_t b = log_blanks(s), n = step(s + b, &l);

		if (!n)
			break;
		s += b + n;
	}
	/* One blank divides a stamp from its message; more than one is the message's own. */
	if (l.prefixed && *s == ' ')
		s++;
	l.text = s;
	l.len = strlen(s);
	return l;
}
