// SPDX-License-Identifier: MIT
/*
 * Logs of OOMs that our own runs brought on (harness/tests/capture-golden.sh), 5.10 to 7.2: the
 * reader and the model must tell what the evidence of those runs told, which was taken from wait
 * statuses and counters and not from the log. Whole, cut off anywhere, and behind other transports.
 */
#include "lib/tests/oom_captured.h"

#include <dirent.h>

#include "lib/jsonw.h"

static void whole_logs(void **state)
{
	(void)state;
	for (size_t i = 0; i < nr_truths; i++) {
		char *text __free = test_log(CAPTURED, truths[i].file);

		check_log(&truths[i], text, "whole");
	}
}

static size_t count(const char *release, const char *version, const char *kind, const char *outcome)
{
	size_t n = 0;

	for (size_t i = 0; i < nr_truths; i++) {
		const struct truth *t = &truths[i];

		n += str_starts(t->release, release) && strstr(t->file, version) &&
		     str_eq(t->kind, kind) && ended(t, outcome);
	}
	return n;
}

/* What the folder must hold, or this test would pass on nothing. */
static void every_kind_on_every_kernel(void **state)
{
	static const char *const kernels[] = { "5.10.", "6.1.", "6.12.", "6.18.", "7.2." };
	static const char *const kinds[] = { "global", "memcg", "mempolicy", "cpuset" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(kernels); i++) {
		const char *k = kernels[i];

		/* Debian's kernels from 6.12 on have no memory controller on v1. */
		for (int v1 = 0; v1 <= (i < 2); v1++) {
			const char *version = v1 ? "-v1-" : "-v2-";

			for (size_t j = 0; j < ARRAY_SIZE(kinds); j++)
				assert_true(count(k, version, kinds[j], "killed") > 0);
			assert_true(count(k, version, "global", "allocating") > 0);
			assert_true(count(k, version, "global", "panic") > 0);
			assert_true(count(k, version, "memcg", "panic") > 0);
			assert_int_equal(count(k, version, "memcg", "group"), !v1);
		}
	}
}

static void every_log_is_expected(void **state)
{
	DIR *d = opendir("lib/tests/data/" CAPTURED);
	size_t logs = 0;

	(void)state;
	assert_non_null(d);
	for (struct dirent *e; (e = readdir(d));)
		logs += strstr(e->d_name, ".log") != NULL;
	closedir(d);
	assert_int_equal(logs, nr_truths); /* and whole_logs() opens each that is expected */
}

/*
 * Up to the line that names the constraint the machine's Mem-Info counts as a global OOM; a memcg's
 * is never taken for the machine's, nor the other way round.
 */
static void check_guess(const struct truth *t, const struct oom_report *r)
{
	bool may_guess = !r->constraint[0] && !str_eq(t->kind, "memcg");

	if (r->kind != OOM_KIND_UNKNOWN && !(may_guess && r->kind == OOM_KIND_GLOBAL))
		assert_string_equal(oom_kind_name(r->kind), t->kind);
}

/* Nothing is told of a part that the whole belies, but what a cut number or name may say. */
static void check_part(const struct truth *t, const char *text, size_t size)
{
	struct kept k = parse_part(text, size);
	bool between_lines = size && text[size - 1] == '\n';

	assert_true(k.n <= reports_due(t));
	for (size_t i = 0; i < k.n; i++) {
		const struct oom_report *r = k.r[i];
		struct badness_verdict v;

		assert_true(r->nr_victims <= (size_t)t->kills);
		assert_true(r->nr_tasks <= 400);
		for (size_t n = 0; n < r->nr_victims && between_lines; n++)
			assert_non_null(worker_of(t, r->victims[n].pid));
		badness_judge_report(r, &v);
		if (between_lines)
			check_guess(t, r);
		if (between_lines && r->nr_victims)
			assert_int_equal(v.agrees, 1);
		badness_verdict_free(&v);
	}
	kept_free(&k);
}

static void cut_anywhere(void **state)
{
	(void)state;
	for (size_t i = 0; i < nr_truths; i++) {
		char *text __free = test_log(CAPTURED, truths[i].file);
		size_t len = strlen(text);

		print_message("%s\n", truths[i].file);
		for (size_t n = 0; n < len; n++)
			if (n % 97 == 0 || (n && text[n - 1] == '\n'))
				check_part(&truths[i], text, n);
	}
}

/* One record, "[    3.029835] text", as a transport shows it; `secs` is without the brackets. */
typedef void (*show_fn)(FILE *out, const char *secs, const char *text, unsigned int nr);

/* dmesg -T */
static void as_dmesg_t(FILE *out, const char *secs, const char *text, unsigned int nr)
{
	(void)secs;
	fprintf(out, "[Sat Nov 21 08:%02u:31 2026] %s\n", nr / 60 % 60, text);
}

/* dmesg -x */
static void as_dmesg_x(FILE *out, const char *secs, const char *text, unsigned int nr)
{
	(void)nr;
	fprintf(out, "kern  :warn  : [%s] %s\n", secs, text);
}

/* dmesg -r */
static void as_dmesg_r(FILE *out, const char *secs, const char *text, unsigned int nr)
{
	fprintf(out, "<%u>[%s] %s\n", nr % 3 + 4, secs, text);
}

/* rsyslog's file, which keeps the stamp */
static void as_syslog(FILE *out, const char *secs, const char *text, unsigned int nr)
{
	fprintf(out, "Nov 21 08:44:%02u host kernel: [%s] %s\n", nr % 60, secs, text);
}

/* journalctl -k -o short-iso, which does not */
static void as_journal(FILE *out, const char *secs, const char *text, unsigned int nr)
{
	(void)secs;
	fprintf(out, "2026-11-21T08:%02u:31+0000 host kernel: %s\n", nr / 60 % 60, text);
}

/* journalctl -k -o json */
static void as_journal_json(FILE *out, const char *secs, const char *text, unsigned int nr)
{
	char buf[4096];
	struct jsonw w;

	(void)secs;
	jsonw_init(&w, buf, sizeof(buf) - 1);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "_TRANSPORT", "kernel");
	jsonw_u64(&w, "__MONOTONIC_TIMESTAMP", nr);
	jsonw_str(&w, "MESSAGE", text);
	jsonw_str(&w, "PRIORITY", "4");
	jsonw_close(&w);
	fprintf(out, "%.*s\n", (int)jsonw_finish(&w), buf);
}

/* a serial console with CONFIG_PRINTK_CALLER; its lines end in CR LF */
static void as_serial(FILE *out, const char *secs, const char *text, unsigned int nr)
{
	(void)nr;
	fprintf(out, "[%s][  T117] %s\r\n", secs, text);
}

/* cat /dev/kmsg */
static void as_kmsg(FILE *out, const char *secs, const char *text, unsigned int nr)
{
	fprintf(out, "4,%u,%.0f,-;%s\n", nr + 350, strtod(secs, NULL) * 1e6, text);
}

/* The log in that dress; the caller frees. Every line of these logs has a stamp. */
static char *dressed(const char *text, show_fn show)
{
	char *ret = NULL, line[1024];
	size_t size, len;
	unsigned int nr = 0;
	FILE *out = open_memstream(&ret, &size);

	assert_non_null(out);
	for (; *text; text += len + (text[len] == '\n')) {
		char *close;

		len = strcspn(text, "\n");
		assert_in_range(len, 1, sizeof(line) - 1);
		memcpy(line, text, len);
		line[len] = '\0';
		close = strstr(line, "] ");
		assert_true(line[0] == '[' && close);
		*close = '\0';
		show(out, line + 1, close + 2, nr++);
	}
	assert_int_equal(fclose(out), 0);
	return ret;
}

static void in_any_dress(void **state)
{
	static const struct {
		const char *name;
		show_fn show;
	} dresses[] = {
		{ "dmesg -T", as_dmesg_t },	{ "dmesg -x", as_dmesg_x },
		{ "dmesg -r", as_dmesg_r },	{ "syslog", as_syslog },
		{ "journal", as_journal },	{ "journal as JSON", as_journal_json },
		{ "serial caller", as_serial }, { "/dev/kmsg", as_kmsg },
	};

	(void)state;
	for (size_t i = 0; i < nr_truths; i++) {
		char *text __free = test_log(CAPTURED, truths[i].file);

		for (size_t d = 0; d < ARRAY_SIZE(dresses); d++) {
			char *other __free = dressed(text, dresses[d].show);

			check_log(&truths[i], other, dresses[d].name);
		}
	}
}

/* Behind one prefix more than they have, as they are passed on. */
static void passed_on(void **state)
{
	static const char *const before[] = {
		"> ",
		"2025-11-21T07:00:00.123456789Z stdout F ",
		"/var/log/kern.log:Nov 21 08:44:31 host kernel: ",
		"\033[32m",
	};

	(void)state;
	for (size_t i = 0; i < nr_truths; i++) {
		char *text __free = test_log(CAPTURED, truths[i].file);

		for (size_t b = 0; b < ARRAY_SIZE(before); b++) {
			char *other __free = prefixed(text, before[b], "");

			check_log(&truths[i], other, before[b]);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_on_every_kernel),
		cmocka_unit_test(every_log_is_expected),
		cmocka_unit_test(whole_logs),
		cmocka_unit_test(cut_anywhere),
		cmocka_unit_test(in_any_dress),
		cmocka_unit_test(passed_on),
	};

	return cmocka_run_group_tests(tests, load_truths, NULL);
}
