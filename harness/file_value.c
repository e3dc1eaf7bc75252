// SPDX-License-Identifier: MIT
#include "harness/file_value.h"

#include <ctype.h>
#include <signal.h>

static const struct {
	const char *name;
	int number;
} signals[] = {
	{ "CONT", SIGCONT }, { "STOP", SIGSTOP }, { "TERM", SIGTERM }, { "USR1", SIGUSR1 }
};

int step_signal_parse(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		if (str_eq(signals[i].name, name))
			return signals[i].number;
	return 0;
}

const char *step_signal_name(int number)
{
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		if (signals[i].number == number)
			return signals[i].name;
	return NULL;
}

bool errno_name_ok(const char *name)
{
	for (int err = 1; err < 134; err++) { /* EHWPOISON 133 is the last */
		const char *known = strerrorname_np(err);

		if (known && str_eq(known, name))
			return true;
	}
	return false;
}

bool name_is_plain(const char *text, const char *extra)
{
	for (; *text; text++)
		if (!isalnum((unsigned char)*text) && !strchr(extra, *text))
			return false;
	return true;
}

const char *file_problem(const struct case_file *f)
{
	const char *name = f->name;

	switch (f->place) {
	case FILE_OF_CGROUP:
		if (!name_is_plain(name, "._") ||
		    (!str_starts(name, "memory.") && !str_starts(name, "cgroup.") &&
		     !str_starts(name, "cpuset.")))
			return "a cgroup's file is due, as memory.current";
		return NULL;
	case FILE_OF_WORKER:
		return *name && name_is_plain(name, "_")
			       ? NULL
			       : "a file of /proc/PID is due, as oom_score";
	case FILE_AT_PATH:
		if (!str_starts(name, "/proc/sys/") && !str_starts(name, "/sys/"))
			return "a file below /proc/sys or /sys is due";
		if (!name_is_plain(name, "._-:/") || strstr(name, "..") || strstr(name, "//") ||
		    name[strlen(name) - 1] == '/')
			return "plain names with single slashes between them are due";
		return NULL;
	case FILE_NONE:
		break;
	}
	return "a file is due";
}

const char *file_text(const struct case_step *s, char *buf, size_t len)
{
	const struct case_file *f = &s->file;
	const char *of = f->place == FILE_OF_CGROUP   ? s->cgroup
			 : f->place == FILE_OF_WORKER ? s->worker
						      : "";

	snprintf(buf, len, "%s%s%s%s%s", of,
		 f->place == FILE_OF_CGROUP && *of ? "/"
		 : *of				   ? " "
						   : "",
		 f->name, *f->key ? " " : "", f->key);
	return buf;
}

const char *want_text(const struct case_want *w, char *buf, size_t len)
{
	long long lo = w->range.lo, hi = w->range.hi;

	if (!w->is_range)
		snprintf(buf, len, "'%s'", w->text);
	else if (lo == hi)
		snprintf(buf, len, "%lld", lo);
	else if (w->range.lo == INT64_MIN)
		snprintf(buf, len, "at most %lld", hi);
	else if (w->range.hi == INT64_MAX)
		snprintf(buf, len, "at least %lld", lo);
	else
		snprintf(buf, len, "%lld..%lld", lo, hi);
	return buf;
}

static bool parse_number(const char *value, int64_t *ret)
{
	char *end;

	if (!isdigit((unsigned char)value[*value == '-']))
		return false;
	errno = 0;
	*ret = strtoll(value, &end, 10);
	if (errno)
		return false;
	if (str_eq(end, " kB"))
		return !__builtin_mul_overflow(*ret, 1024, ret);
	return !*end;
}

bool want_met(const struct case_want *w, const char *value)
{
	size_t n = strlen(w->text);
	int64_t number;

	if (w->is_range)
		return parse_number(value, &number) && number >= w->range.lo &&
		       number <= w->range.hi;
	return strncmp(value, w->text, n) == 0 && (!value[n] || value[n] == ' ');
}
