// SPDX-License-Identifier: MIT
/*
 * JUnit XML as Jenkins' xunit plugin has it (junit-10.xsd), less what GitLab, GitHub's actions and
 * LKFT's parser do not share:
 *   <testsuites><testsuite name="debian-6.1.v2" tests="2" failures="1" errors="0" skipped="0">
 *   <testcase classname="debian-6.1.v2.memcg" name="three-hogs" time="1.200">
 *   <failure type="victims" message="...">...</failure></testcase></testsuite></testsuites>
 * A suite is a kernel and a cgroup version. GitLab reads the content of a failure and Jenkins its
 * message, so what matters stands in both; GitLab takes a class and name seen twice for one.
 */
#include "harness/report_impl.h"
#include "harness/xml.h"
#include "lib/version.h"

#define LOG_BYTES_MAX KiB(64) /* of one case: GitLab drops reports with much larger ones */

static bool same_suite(const struct case_result *a, const struct case_result *b)
{
	return a->cgroup == b->cgroup && str_eq(a->kernel, b->kernel);
}

static bool is_first_of_suite(const struct report *r, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (same_suite(&r->kept[j]->c, &r->kept[i]->c))
			return false;
	return true;
}

/* "debian-6.1.v2": an id less its case. */
static const char *suite_name(const struct case_result *c, char *buf, size_t len)
{
	struct case_result none = { .name = "", .kernel = c->kernel, .cgroup = c->cgroup };

	report_name(&none, buf, len);
	buf[strlen(buf) - 1] = '\0';
	return buf;
}

static void put_seconds(FILE *out, uint64_t ms)
{
	fprintf(out, " time=\"%llu.%03llu\"", (unsigned long long)ms / 1000,
		(unsigned long long)ms % 1000);
}

static void put_property(FILE *out, const char *name, const char *value)
{
	if (!value || !*value)
		return;
	fputs("<property", out);
	xml_attr(out, "name", name);
	xml_attr(out, "value", value);
	fputs("/>\n", out);
}

static void put_properties(const struct report *r, FILE *out, const struct case_result *c)
{
	fputs("<properties>\n", out);
	put_property(out, "kernel", c->kernel);
	put_property(out, "release", c->release);
	put_property(out, "cgroup", cgroup_version_name(c->cgroup));
	put_property(out, "accel", c->accel);
	put_property(out, "host.release", r->facts.release);
	put_property(out, "host.arch", r->facts.arch);
	put_property(out, "qemu", r->facts.qemu);
	put_property(out, "oomlab", OOMLAB_VERSION);
	put_property(out, "run", r->facts.run_id);
	put_property(out, "command", r->facts.command);
	fputs("</properties>\n", out);
}

/* A failure is of the type of its first check, so that Jenkins counts equals together. */
static const char *type_of(const struct case_result *c)
{
	for (size_t i = 0; c->judgement && i < c->judgement->nr_checks; i++)
		if (c->judgement->checks[i].result != CHECK_OK)
			return c->judgement->checks[i].name;
	return verdict_name(c->verdict);
}

static void put_line(FILE *out, const char *what, const char *text)
{
	if (!text || !*text)
		return;
	fputs(what, out);
	xml_text(out, text, strlen(text));
	fputc('\n', out);
}

static void put_checks(FILE *out, const struct case_result *c)
{
	char *text __free = NULL;
	size_t len = 0;
	FILE *lines = open_memstream(&text, &len);

	if (!lines)
		return;
	report_checks(lines, "", c, false);
	fclose(lines);
	if (text)
		xml_text(out, text, len);
}

static void put_verdict(FILE *out, const char *element, const struct case_result *c)
{
	fprintf(out, "<%s", element);
	xml_attr(out, "type", type_of(c));
	xml_attr(out, "message", c->reason);
	fputc('>', out);
	if (c->judgement)
		put_checks(out, c);
	else
		put_line(out, "", c->reason);
	put_line(out, "reproduce: ", c->reproduce);
	fprintf(out, "</%s>\n", element);
}

/* What the kernel said, and where the whole of it is, as GitLab and Jenkins attach files. */
static void put_log(FILE *out, const struct case_result *c)
{
	char path[1200], *text __free = malloc(LOG_BYTES_MAX);
	FILE *log __fclose = NULL;
	size_t len;

	if (!text || !c->dir || !*c->dir ||
	    (size_t)snprintf(path, sizeof(path), "%s/kmsg.log", c->dir) >= sizeof(path))
		return;
	log = fopen(path, "re");
	if (!log)
		return;
	len = fread(text, 1, LOG_BYTES_MAX, log);
	fputs("<system-out>", out);
	xml_text(out, text, len);
	if (len == LOG_BYTES_MAX)
		fputs("\n(cut here)\n", out);
	fputs("[[ATTACHMENT|", out);
	xml_text(out, path, strlen(path));
	fputs("]]\n</system-out>\n", out);
}

static void put_case(FILE *out, const struct case_result *c)
{
	char class[REPORT_NAME_LEN], name[REPORT_NAME_LEN];

	suite_name(c, class, sizeof(class) - 1);
	if (c->theme && *c->theme)
		snprintf(class + strlen(class), sizeof(class) - strlen(class), ".%s", c->theme);
	str_copy(name, sizeof(name), c->name);
	if (c->repeat)
		snprintf(name + strlen(name), sizeof(name) - strlen(name), ".r%u", c->repeat);
	fputs("<testcase", out);
	xml_attr(out, "classname", class);
	xml_attr(out, "name", name);
	put_seconds(out, c->duration_ms);
	fputs(">\n", out);
	if (c->verdict == VERDICT_FAIL)
		put_verdict(out, "failure", c);
	else if (c->verdict == VERDICT_BROKEN)
		put_verdict(out, "error", c);
	else if (c->verdict == VERDICT_SKIP)
		put_verdict(out, "skipped", c);
	if (c->verdict == VERDICT_FAIL || c->verdict == VERDICT_BROKEN)
		put_log(out, c);
	fputs("</testcase>\n", out);
}

static void put_counts(FILE *out, const size_t *counts)
{
	fprintf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\"",
		counts[VERDICT_PASS] + counts[VERDICT_FAIL] + counts[VERDICT_SKIP] +
			counts[VERDICT_BROKEN],
		counts[VERDICT_FAIL], counts[VERDICT_BROKEN]);
}

static void put_suite(const struct report *r, FILE *out, const struct case_result *first)
{
	size_t counts[VERDICT_BROKEN + 1] = { 0 };
	char name[REPORT_NAME_LEN];
	uint64_t ms = 0;

	for (size_t i = 0; i < r->nr_kept; i++) {
		if (!same_suite(first, &r->kept[i]->c))
			continue;
		counts[r->kept[i]->c.verdict]++;
		ms += r->kept[i]->c.duration_ms;
	}
	fputs("<testsuite", out);
	xml_attr(out, "name", suite_name(first, name, sizeof(name)));
	put_counts(out, counts);
	fprintf(out, " skipped=\"%zu\"", counts[VERDICT_SKIP]);
	put_seconds(out, ms);
	xml_attr(out, "timestamp", r->facts.started);
	xml_attr(out, "hostname", r->facts.node);
	fputs(">\n", out);
	put_properties(r, out, first);
	for (size_t i = 0; i < r->nr_kept; i++)
		if (same_suite(first, &r->kept[i]->c))
			put_case(out, &r->kept[i]->c);
	fputs("</testsuite>\n", out);
}

static void end(const struct report *r, FILE *out)
{
	uint64_t ms = 0;

	for (size_t i = 0; i < r->nr_kept; i++)
		ms += r->kept[i]->c.duration_ms;
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"oomlab\"", out);
	put_counts(out, r->counts);
	put_seconds(out, ms);
	fputs(">\n", out);
	for (size_t i = 0; i < r->nr_kept; i++)
		if (is_first_of_suite(r, i))
			put_suite(r, out, &r->kept[i]->c);
	fputs("</testsuites>\n", out);
}

const struct report_format report_junit = { .name = "junit", .end = end };
