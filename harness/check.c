// SPDX-License-Identifier: MIT
#include "harness/check.h"

#include <stdarg.h>

struct check *check_new(struct bench *b, const char *fmt, ...)
{
	struct judgement *j = b->j;
	struct check *more = reallocarray(j->checks, j->nr_checks + 1, sizeof(*more));
	struct check *c = &b->spare;
	va_list ap;

	if (more) {
		j->checks = more;
		c = &j->checks[j->nr_checks++];
	} else {
		b->err = -ENOMEM;
		free(c->want);
		free(c->saw);
	}
	memset(c, 0, sizeof(*c));
	va_start(ap, fmt);
	vsnprintf(c->name, sizeof(c->name), fmt, ap);
	va_end(ap);
	c->want = strdup("");
	c->saw = strdup("");
	if (!c->want || !c->saw)
		b->err = -ENOMEM;
	return c;
}

/* What is seen may be thousands of kills; a row stays a row. */
#define TEXT_ENOUGH 4000

static __printf(3, 0) void append(struct bench *b, char **text, const char *fmt, va_list ap)
{
	char *more = NULL, *both = NULL;

	if (*text && strlen(*text) >= TEXT_ENOUGH)
		return;
	if (!*text || vasprintf(&more, fmt, ap) < 0) {
		b->err = -ENOMEM;
		return;
	}
	if (asprintf(&both, "%s%s", *text, more) < 0) {
		b->err = -ENOMEM;
	} else {
		free(*text);
		*text = both;
	}
	free(more);
}

void check_want(struct bench *b, struct check *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	append(b, &c->want, fmt, ap);
	va_end(ap);
}

void check_saw(struct bench *b, struct check *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	append(b, &c->saw, fmt, ap);
	va_end(ap);
}

/* FAIL is certain, BROKEN is not knowing: a check that found a failure stays failed. */
void check_fail(struct check *c)
{
	if (!c->spoils)
		c->result = CHECK_FAIL;
}

void check_unsure(struct check *c)
{
	if (c->result == CHECK_OK)
		c->result = CHECK_BROKEN;
}

void check_spoil(struct check *c)
{
	c->result = CHECK_BROKEN;
	c->spoils = true;
}

void check_saw_victim(struct bench *b, struct check *c, const struct oom_victim *v)
{
	const struct ev_worker *w = evidence_worker_by_pid(b->e, v->pid);
	const char *comma = c->saw && *c->saw ? ", " : "";

	if (w)
		check_saw(b, c, "%s%s", comma, w->name);
	else
		check_saw(b, c, "%s%s(%lld)", comma, v->comm, (long long)v->pid);
}
