// SPDX-License-Identifier: MIT
/* What all reports share: counting, progress, names, text that is safe to print. */
#include "harness/report_impl.h"
#include "harness/cmd.h"
#include "harness/term.h"

#include <stdarg.h>

struct report *report_open(const struct report_outputs *o, FILE *out, FILE *err, bool verbose,
			   struct fail *f)
{
	struct report *r = calloc(1, sizeof(*r));

	if (!r) {
		fail_errno(f, -ENOMEM, "open the report");
		return NULL;
	}
	r->out = out;
	r->err = err;
	r->verbose = verbose;
	r->view = view_open(err);
	if (report_sinks_open(r, o, f) < 0) {
		report_free(r);
		return NULL;
	}
	return r;
}

void report_facts(struct report *r, const struct run_facts *facts)
{
	r->facts = *facts;
}

struct view *report_view(struct report *r)
{
	return r->view;
}

void report_note(struct report *r, const char *fmt, ...)
{
	char line[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	view_wipe(r->view);
	fputs("oomlab: ", r->err);
	report_text(r->err, line);
	fputc('\n', r->err);
}

static void begin(struct report *r)
{
	for (struct report_sink *s = r->sinks; s < r->sinks + r->nr_sinks; s++) {
		if (s->format->plan)
			s->format->plan(r, s->out);
		fflush(s->out);
	}
}

void report_plan(struct report *r, size_t nr_cases)
{
	r->planned = true;
	r->nr_planned = nr_cases;
	begin(r);
}

void report_plan_rounds(struct report *r)
{
	r->rounds = true;
	begin(r);
}

bool report_name_char(char c)
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
		if (!report_name_char(*p))
			*p = '-';
	return buf;
}

static int keep(struct report *r, const struct case_result *c)
{
	struct kept_case **more = reallocarray(r->kept, r->nr_kept + 1, sizeof(struct kept_case *));

	if (!more)
		return -ENOMEM;
	r->kept = more;
	more[r->nr_kept] = kept_case_new(c);
	if (!more[r->nr_kept])
		return -ENOMEM;
	r->nr_kept++;
	return tally_add(&r->tally, c);
}

int report_case(struct report *r, const struct case_result *c)
{
	char id[REPORT_NAME_LEN];
	int err = keep(r, c);

	view_wipe(r->view);
	report_name(c, id, sizeof(id));
	r->nr_results++;
	r->counts[c->verdict]++;
	for (struct report_sink *s = r->sinks; s < r->sinks + r->nr_sinks; s++) {
		if (s->format->result)
			s->format->result(r, s->out, c, id);
		fflush(s->out);
	}
	return err;
}

int report_page(struct report *r, const char *dir)
{
	int err;

	snprintf(r->page, sizeof(r->page), "%s/report.html", dir);
	err = report_html_write(r, r->page);
	if (!err)
		return 0;
	report_note(r, "write %s: %s", r->page, strerror(-err));
	r->page[0] = '\0';
	return err;
}

int report_finish(struct report *r, const char *results_dir)
{
	int err;

	view_wipe(r->view);
	r->results_dir = results_dir;
	for (struct report_sink *s = r->sinks; s < r->sinks + r->nr_sinks; s++) {
		if (s->format->end)
			s->format->end(r, s->out);
		fflush(s->out);
	}
	report_summary(r, r->people);
	err = report_sinks_close(r);
	if (r->counts[VERDICT_FAIL])
		return EXIT_FAILED;
	if (err || r->counts[VERDICT_BROKEN] || !r->nr_results || r->nr_kept != r->nr_results ||
	    (r->planned && r->nr_results != r->nr_planned))
		return EXIT_BROKEN;
	return EXIT_PASSED;
}

void report_text(FILE *f, const char *text)
{
	for (const unsigned char *s = (const unsigned char *)text; *s; s++)
		if (*s < 0x20 || *s >= 0x7f)
			fprintf(f, "\\x%02x", *s);
		else
			fputc(*s, f);
}

void report_checks(FILE *f, const char *prefix, const struct case_result *c, bool all)
{
	static const char *const words[] = { "ok", "FAIL", "BROKEN" };

	for (size_t i = 0; c->judgement && i < c->judgement->nr_checks; i++) {
		const struct check *k = &c->judgement->checks[i];

		if (k->result == CHECK_OK && !all)
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

static const char *figure_text(const struct ev_figure *g, char *buf, size_t len)
{
	size_t n = strlen(g->name);

	if (n > 3 && str_eq(g->name + n - 3, "_us"))
		snprintf(buf, len, "%.*s %.1f ms", (int)n - 3, g->name, (double)g->value / 1000);
	else
		snprintf(buf, len, "%s %llu", g->name, (unsigned long long)g->value);
	return buf;
}

void report_figures(FILE *f, const char *prefix, const struct case_result *c)
{
	char text[128];

	for (size_t i = 0; i < c->nr_figures; i++) {
		fprintf(f, "%sfigure ", prefix);
		report_text(f, figure_text(&c->figures[i], text, sizeof(text)));
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

const char *verdict_colour(enum verdict v)
{
	static const char *const codes[] = { [VERDICT_PASS] = "\033[32m",
					     [VERDICT_FAIL] = "\033[31m",
					     [VERDICT_SKIP] = "\033[33m",
					     [VERDICT_BROKEN] = "\033[35m" };

	return codes[v];
}

void report_verdict(FILE *f, enum verdict v, int width)
{
	bool colour = term_colour(f);

	fprintf(f, "%s%-*s%s", colour ? verdict_colour(v) : "", width, verdict_name(v),
		colour ? "\033[0m" : "");
}

int report_bisect(const struct report *r, unsigned int bad_at)
{
	return tally_bisect(&r->tally, bad_at);
}

void report_free(struct report *r)
{
	if (!r)
		return;
	report_sinks_close(r);
	for (size_t i = 0; i < r->nr_kept; i++)
		kept_case_free(r->kept[i]);
	free(r->kept);
	view_close(r->view);
	tally_free(&r->tally);
	free(r);
}
