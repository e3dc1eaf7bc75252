// SPDX-License-Identifier: MIT
/*
 * Reports, read back by a reader of their grammar: KTAP 1 (Documentation/dev-tools/ktap.rst) and TAP
 * 13. What a worker or a kernel log says must never look like a line of the report.
 */
#include "harness/cmd.h"
#include "harness/report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

struct printed {
	char *out, *err;
	size_t out_len, err_len;
	int status;
};

static struct plan_prediction predicted = {
	.known = true, .victim = "hog", .runner_up = "b", .margin_pages = 3000, .noise_pages = 64
};

static struct case_result result(const char *name, enum verdict v)
{
	return (struct case_result){ .name = name,
				     .kernel = "debian:6.1",
				     .release = "6.1.0",
				     .cgroup = CGROUP_V2,
				     .verdict = v,
				     .reason = v == VERDICT_PASS ? "" : "because",
				     .duration_ms = 1234,
				     .dir = v == VERDICT_SKIP ? "" : "results/x/y",
				     .reproduce = "./run.sh run -x",
				     .prediction = v == VERDICT_PASS ? &predicted : NULL };
}

#define ROUNDS SIZE_MAX

static struct printed print(const char *format, bool verbose, const struct case_result *c,
			    size_t nr, size_t planned)
{
	struct report_outputs outputs = { 0 };
	struct fail f = { 0 };
	struct printed p = { 0 };
	FILE *out = open_memstream(&p.out, &p.out_len);
	FILE *err = open_memstream(&p.err, &p.err_len);
	struct report *r;

	assert_int_equal(report_output_add(&outputs, format, &f), 0);
	r = report_open(&outputs, out, err, verbose, &f);
	assert_non_null(r);
	if (planned == ROUNDS)
		report_plan_rounds(r);
	else
		report_plan(r, planned);
	for (size_t i = 0; i < nr; i++)
		assert_int_equal(report_case(r, &c[i]), 0);
	p.status = report_finish(r, "results/x");
	report_free(r);
	fclose(out);
	fclose(err);
	return p;
}

static void printed_free(struct printed *p)
{
	free(p->out);
	free(p->err);
}

/* A strict reader: version, plan, diagnostics, results in order with legal names. Counts not-oks. */
static size_t read_back(const char *text, const char *version, const char *dash, size_t want)
{
	char *copy = strdup(text), *save = NULL, name[300], extra[8];
	size_t nr = 0, failed = 0;
	unsigned long planned;
	char *line = strtok_r(copy, "\n", &save);

	assert_string_equal(line, version);
	line = strtok_r(NULL, "\n", &save);
	assert_int_equal(sscanf(line, "1..%lu%1s", &planned, extra), 1);
	assert_int_equal(planned, want);
	while ((line = strtok_r(NULL, "\n", &save))) {
		bool bad = str_starts(line, "not ok ");
		const char *rest = bad ? line + 7 : line + 3;
		char *end;

		for (const char *c = line; *c; c++)
			assert_true(*c >= 0x20 && *c < 0x7f);
		if (line[0] == '#') {
			assert_int_equal(line[1], ' ');
			continue;
		}
		assert_true(bad || str_starts(line, "ok "));
		assert_int_equal(strtoul(rest, &end, 10), ++nr);
		assert_memory_equal(end, dash, strlen(dash));
		assert_int_equal(sscanf(end + strlen(dash), "%299[A-Za-z0-9_.-]", name), 1);
		end += strlen(dash) + strlen(name);
		assert_true(*end == '\0' || str_starts(end, " # SKIP ") ||
			    (bad && str_starts(end, " # ERROR ")));
		failed += bad;
	}
	assert_int_equal(nr, want);
	free(copy);
	return failed;
}

static void ktap_as_it_is(void **state)
{
	struct case_result c[] = { result("good", VERDICT_PASS), result("bad", VERDICT_FAIL),
				   result("skipped", VERDICT_SKIP),
				   result("broken", VERDICT_BROKEN) };
	struct printed p;

	(void)state;
	c[1].repeat = 3;
	p = print("ktap", false, c, 4, 4);
	assert_string_equal(p.out, "KTAP version 1\n"
				   "1..4\n"
				   "# predicted hog, 3000 pages before b (noise 64)\n"
				   "ok 1 debian-6.1.v2.good\n"
				   "# because\n"
				   "# evidence: results/x/y\n"
				   "# reproduce: ./run.sh run -x\n"
				   "not ok 2 debian-6.1.v2.bad.r3\n"
				   "ok 3 debian-6.1.v2.skipped # SKIP because\n"
				   "# because\n"
				   "# evidence: results/x/y\n"
				   "# reproduce: ./run.sh run -x\n"
				   "not ok 4 debian-6.1.v2.broken # ERROR because\n"
				   "# Totals: pass:1 fail:1 xfail:0 xpass:0 skip:1 error:1\n");
	assert_non_null(strstr(p.err, "1 passed, 1 failed, 1 skipped, 1 broken\n"));
	assert_non_null(strstr(p.err, "reproduce: ./run.sh run -x\n"));
	assert_non_null(strstr(p.err, "results: results/x\n"));
	assert_int_equal(p.status, EXIT_FAILED);
	assert_int_equal(read_back(p.out, "KTAP version 1", " ", 4), 2);
	printed_free(&p);
}

static void tap_as_it_is(void **state)
{
	struct case_result c[] = { result("good", VERDICT_PASS), result("skipped", VERDICT_SKIP),
				   result("broken", VERDICT_BROKEN) };
	struct printed p = print("tap", false, c, 3, 3);

	(void)state;
	assert_int_equal(read_back(p.out, "TAP version 13", " - ", 3), 1);
	assert_non_null(strstr(p.out, "not ok 3 - debian-6.1.v2.broken\n# BROKEN: because\n"));
	assert_int_equal(p.status, EXIT_BROKEN);
	printed_free(&p);
}

/* Nobody knows how many there will be: KTAP has no plan then, TAP has it at the end. */
static void rounds(void **state)
{
	struct case_result c[] = { result("a", VERDICT_PASS), result("s", VERDICT_SKIP),
				   result("b", VERDICT_PASS), result("a", VERDICT_PASS),
				   result("b", VERDICT_BROKEN) };
	struct printed p;

	(void)state;
	c[0].repeat = c[1].repeat = c[2].repeat = 1;
	c[3].repeat = c[4].repeat = 2;
	p = print("ktap", false, c, 5, ROUNDS);
	assert_null(strstr(p.out, "1.."));
	assert_non_null(strstr(p.out, "\nnot ok 5 debian-6.1.v2.b.r2 # ERROR because\n"));
	assert_non_null(strstr(p.err, "\nbroken in round 2: debian-6.1.v2.b.r2\n"));
	assert_int_equal(p.status, EXIT_BROKEN);
	printed_free(&p);
	p = print("tap", false, c, 4, ROUNDS);
	assert_non_null(strstr(p.out, "\n1..4\n# Totals: "));
	assert_non_null(strstr(p.err, "\n1 whole round, and none failed\n"));
	assert_int_equal(p.status, EXIT_PASSED);
	printed_free(&p);
}

static void text_for_people(void **state)
{
	struct case_result c[] = { result("good", VERDICT_PASS), result("bad", VERDICT_FAIL) };
	struct printed p = print("text", false, c, 2, 2);

	(void)state;
	assert_true(str_starts(
		p.out, "PASS   debian-6.1.v2.good  1.2 s  predicted hog, 3000 pages before b "
		       "(noise 64)\n"
		       "FAIL   debian-6.1.v2.bad  1.2 s  because\n"));
	assert_string_equal(p.err, ""); /* not a terminal: no progress, no colours */
	assert_null(strchr(p.out, '\033'));
	printed_free(&p);
}

/* Every text that others can choose, each as nasty as it gets. */
static void hostile_texts(void **state)
{
	static char nasty[] =
		"\nnot ok 9 x\nok 1 y # SKIP z\r\033[31m\t\"quoted\" \xff\xc2\x9b #1 \\";
	struct check check = {
		.name = "vic\ntims", .want = nasty, .saw = nasty, .result = CHECK_FAIL
	};
	struct judgement j = { .checks = &check, .nr_checks = 1 };
	struct plan_prediction evil = { .known = true,
					.victim = "a\nok 1",
					.runner_up = "#\n1..7" };
	static const enum verdict verdicts[] = { VERDICT_PASS, VERDICT_FAIL, VERDICT_SKIP,
						 VERDICT_BROKEN };
	struct case_result c[ARRAY_SIZE(verdicts)];
	struct printed p;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(verdicts); i++) {
		c[i] = result("na\nme # SKIP", verdicts[i]);
		c[i].kernel = "../#\nvmlinuz 1";
		c[i].reason = c[i].reproduce = c[i].dir = nasty;
		c[i].judgement = &j;
		c[i].prediction = &evil;
	}
	p = print("ktap", true, c, 4, 4);
	assert_int_equal(read_back(p.out, "KTAP version 1", " ", 4), 2);
	for (const char *s = p.err; *s; s++)
		assert_true(*s == '\n' || (*s >= 0x20 && *s < 0x7f));
	printed_free(&p);
	p = print("tap", true, c, 4, 4);
	assert_int_equal(read_back(p.out, "TAP version 13", " - ", 4), 2);
	printed_free(&p);
	p = print("text", true, c, 4, 4);
	for (const char *s = p.out; *s; s++)
		assert_true(*s == '\n' || (*s >= 0x20 && *s < 0x7f));
	printed_free(&p);
}

static void verbose_shows_what_passed(void **state)
{
	struct check checks[] = {
		{ .name = "victims", .want = (char *)"[hog]", .saw = (char *)"hog" }
	};
	struct judgement j = { .checks = checks, .nr_checks = 1 };
	struct case_result c = result("good", VERDICT_PASS);
	struct printed p;

	(void)state;
	c.judgement = &j;
	p = print("ktap", true, &c, 1, 1);
	assert_non_null(strstr(p.out, "# ok victims: wanted [hog], saw hog\nok 1 "));
	printed_free(&p);
	p = print("ktap", false, &c, 1, 1);
	assert_null(strstr(p.out, "victims"));
	printed_free(&p);
}

static void exit_status(void **state)
{
	static const struct {
		enum verdict v[2];
		size_t nr, planned;
		int status;
	} rows[] = {
		{ { VERDICT_PASS, VERDICT_PASS }, 2, 2, EXIT_PASSED },
		{ { VERDICT_PASS, VERDICT_SKIP }, 2, 2, EXIT_PASSED },
		{ { VERDICT_SKIP, VERDICT_SKIP }, 2, 2, EXIT_PASSED },
		{ { VERDICT_PASS, VERDICT_FAIL }, 2, 2, EXIT_FAILED },
		{ { VERDICT_BROKEN, VERDICT_FAIL }, 2, 2, EXIT_FAILED },
		{ { VERDICT_PASS, VERDICT_BROKEN }, 2, 2, EXIT_BROKEN },
		{ { VERDICT_PASS, VERDICT_PASS }, 2, 3, EXIT_BROKEN }, /* one never came */
		{ { VERDICT_PASS, VERDICT_PASS }, 0, 0, EXIT_BROKEN }, /* nothing was run */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct case_result c[] = { result("a", rows[i].v[0]), result("b", rows[i].v[1]) };
		struct printed p = print("ktap", false, c, rows[i].nr, rows[i].planned);

		assert_int_equal(p.status, rows[i].status);
		printed_free(&p);
	}
}

static void summary_says_why(void **state)
{
	struct check checks[] = {
		{ .name = "victims",
		  .want = (char *)"[hog]",
		  .saw = (char *)"b",
		  .result = CHECK_FAIL },
		{ .name = "limit", .want = (char *)"80", .saw = (char *)"80" },
	};
	struct judgement j = { .checks = checks, .nr_checks = 2 };
	struct case_result c[] = { result("a", VERDICT_PASS), result("b", VERDICT_FAIL),
				   result("c", VERDICT_SKIP) };
	struct printed p;

	(void)state;
	c[0].theme = "memcg";
	c[1].theme = "numa";
	c[2].theme = "memcg";
	c[1].judgement = &j;
	p = print("ktap", true, c, 3, 3);
	assert_string_equal(p.err, "SKIP debian-6.1.v2.c\n"
				   "    because\n"
				   "FAIL debian-6.1.v2.b\n"
				   "    FAIL victims: wanted [hog], saw b\n"
				   "    evidence: results/x/y\n"
				   "    reproduce: ./run.sh run -x\n"
				   "passed failed  skips broken  theme\n"
				   "     1      0      1      0  memcg\n"
				   "     0      1      0      0  numa\n"
				   "1 passed, 1 failed, 1 skipped, 0 broken\n"
				   "results: results/x\n");
	printed_free(&p);
}

static void slowest_are_named(void **state)
{
	struct case_result c[] = { result("a", VERDICT_PASS), result("b", VERDICT_PASS),
				   result("c", VERDICT_PASS), result("d", VERDICT_PASS) };
	struct printed p;

	(void)state;
	c[0].duration_ms = 5000;
	c[1].duration_ms = 100;
	c[2].duration_ms = 90000;
	c[3].duration_ms = 5000; /* the same as another: named once each */
	p = print("ktap", false, c, 4, 4);
	assert_non_null(strstr(p.err, "slowest: debian-6.1.v2.c 90.0 s, debian-6.1.v2.a 5.0 s, "
				      "debian-6.1.v2.d 5.0 s\n"));
	printed_free(&p);
}

static void formats_by_name(void **state)
{
	static const struct {
		const char *texts[4];
		const char *says; /* of the last of them; NULL: nothing is wrong */
	} rows[] = {
		{ { "tap" }, NULL },
		{ { "tap", "junit=a.xml", "ltp=b.json" }, NULL },
		{ { "junit=a", "json=b" }, NULL },
		{ { "" },
		  "--format : html, json, junit, ktap, lava, ltp, tap or text was expected" },
		{ { "ta" },
		  "--format ta: html, json, junit, ktap, lava, ltp, tap or text was expected" },
		{ { "tap=" }, "--format tap=: a file was expected" },
		{ { "tap", "ltp" }, "--format ltp: tap has standard output; write ltp=FILE" },
		{ { "tap=x", "ltp=x" }, "--format ltp=x: that file is for tap" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct report_outputs o = { 0 };
		struct fail f = { 0 };
		int err = 0;

		for (const char *const *text = rows[i].texts; *text; text++) {
			assert_int_equal(err, 0);
			err = report_output_add(&o, *text, &f);
		}
		assert_int_equal(err, rows[i].says ? -EINVAL : 0);
		if (rows[i].says)
			assert_string_equal(f.where, rows[i].says);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ktap_as_it_is),
		cmocka_unit_test(tap_as_it_is),
		cmocka_unit_test(rounds),
		cmocka_unit_test(text_for_people),
		cmocka_unit_test(hostile_texts),
		cmocka_unit_test(verbose_shows_what_passed),
		cmocka_unit_test(exit_status),
		cmocka_unit_test(summary_says_why),
		cmocka_unit_test(slowest_are_named),
		cmocka_unit_test(formats_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
