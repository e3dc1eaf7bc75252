// SPDX-License-Identifier: MIT
/* What all reports share: counting, progress, names, text that is safe to print. */
#include "harness/report_impl.h"

#include <stdarg.h>

int report_format_parse(const char *text, enum report_format *ret)
{
	static const char *const names[] = { "ktap", "tap", "text" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (!str_eq(text, names[i]))
			continue;
		*ret = (enum report_format)i;
		return 0;
	}
	return -EINVAL;
}

/* https://no-color.org: present and not empty. */
static bool wants_colour(FILE *f)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return !(no && *no) && !(term && str_eq(term, "dumb")) && isatty(fileno(f));
}

struct report *report_open(enum report_format format, FILE *out, FILE *err, bool verbose)
{
	static const struct report_ops *const ops[] = { &report_ktap_ops, &report_tap_ops,
							&report_text_ops };
	struct report *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->ops = ops[format];
	r->out = out;
	r->err = err;
	r->verbose = verbose;
	r->human_on_out = format == REPORT_TEXT;
	r->colour = wants_colour(r->human_on_out ? out : err);
	r->progress = isatty(fileno(err));
	return r;
}

void report_progress(struct report *r, const char *fmt, ...)
{
	va_list ap;

	if (!r->progress || (!fmt && !*r->line))
		return;
	fputs("\r\033[K", r->err);
	r->line[0] = '\0';
	if (fmt) {
		va_start(ap, fmt);
		vsnprintf(r->line, sizeof(r->line), fmt, ap);
		va_end(ap);
		fprintf(r->err, "[%zu/%zu] ", r->nr_results, r->nr_planned);
		report_text(r->err, r->line);
	}
	fflush(r->err);
}

void report_plan(struct report *r, size_t nr_cases)
{
	r->planned = true;
	r->nr_planned = nr_cases;
	r->ops->plan(r, nr_cases);
	fflush(r->out);
}

static bool name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '.' || c == '-';
}

/* Names survive every consumer: KTAP forbids '#', LKFT folds what is not [A-Za-z0-9_-]. */
const char *report_name(const struct case_result *c, char *buf, size_t len)
{
	char repeat[16] = "";

	if (c->repeat)
		snprintf(repeat, sizeof(repeat), ".r%u", c->repeat);
	snprintf(buf, len, "%s.%s.%s%s", c->kernel, cgroup_version_name(c->cgroup), c->name,
		 repeat);
	for (char *p = buf; *p; p++)
		if (!name_char(*p))
			*p = '-';
	return buf;
}

static int remember(struct report *r, const struct case_result *c, const char *name)
{
	struct told *more = reallocarray(r->told, r->nr_told + 1, sizeof(*more)), *t;

	if (!more)
		return -ENOMEM;
	r->told = more;
	t = &r->told[r->nr_told];
	*t = (struct told){ .verdict = c->verdict,
			    .duration_ms = c->duration_ms,
			    .reason = strdup(c->reason ? c->reason : ""),
			    .reproduce = strdup(c->reproduce ? c->reproduce : ""),
			    .dir = strdup(c->dir ? c->dir : "") };
	r->nr_told++;
	str_copy(t->name, sizeof(t->name), name);
	return t->reason && t->reproduce && t->dir ? tally_add(&r->tally, c) : -ENOMEM;
}

int report_case(struct report *r, const struct case_result *c)
{
	char name[REPORT_NAME_LEN];
	int err = remember(r, c, report_name(c, name, sizeof(name)));

	report_progress(r, NULL);
	r->nr_results++;
	r->counts[c->verdict]++;
	r->ops->result(r, c, name);
	fflush(r->out);
	return err;
}

void report_text(FILE *f, const char *text)
{
	for (const unsigned char *s = (const unsigned char *)text; *s; s++)
		if (*s < 0x20 || *s >= 0x7f)
			fprintf(f, "\\x%02x", *s);
		else
			fputc(*s, f);
}

void report_checks(struct report *r, FILE *f, const char *prefix, const struct case_result *c)
{
	static const char *const words[] = { "ok", "FAIL", "BROKEN" };

	for (size_t i = 0; c->judgement && i < c->judgement->nr_checks; i++) {
		const struct check *k = &c->judgement->checks[i];

		if (k->result == CHECK_OK && !r->verbose)
			continue;
		fprintf(f, "%s%s ", prefix, words[k->result]);
		report_text(f, k->name);
		fputs(": wanted ", f);
		report_text(f, k->want);
		fputs(", saw ", f);
		report_text(f, k->saw);
		fputc('\n', f);
	}
}

bool report_prediction(FILE *f, const struct case_result *c)
{
	const struct plan_prediction *p = c->prediction;

	if (!p || !p->known)
		return false;
	fputs("predicted ", f);
	report_text(f, p->victim);
	if (p->margin_pages != OOM_ABSENT) {
		fprintf(f, ", %lld pages before ", (long long)p->margin_pages);
		report_text(f, *p->runner_up ? p->runner_up : "the next");
		fprintf(f, " (noise %lld)", (long long)p->noise_pages);
	}
	return true;
}

int report_bisect(const struct report *r, unsigned int bad_at)
{
	return tally_bisect(&r->tally, bad_at);
}

void report_free(struct report *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->nr_told; i++) {
		free(r->told[i].reason);
		free(r->told[i].reproduce);
		free(r->told[i].dir);
	}
	free(r->told);
	tally_free(&r->tally);
	free(r);
}
