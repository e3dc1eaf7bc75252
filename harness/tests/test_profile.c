// SPDX-License-Identifier: MIT
/* Profiles: the grammar and its messages, which values are right, and a profile held against settings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <glob.h>
#include "harness/sysctl_judge.h"

#define HEAD "profile: t\nsummary: s\nvalues:\n"

static struct profile *good(const char *text)
{
	struct profile *p;
	char *messages;

	assert_int_equal(profile_parse("a/t.yaml", text, strlen(text), &p, &messages), 0);
	free(messages);
	return p;
}

static void bad(const char *text, const char *wanted)
{
	struct profile *p;
	char *messages;

	assert_int_equal(profile_parse("t.yaml", text, strlen(text), &p, &messages), -EINVAL);
	assert_string_equal(messages, wanted);
	free(messages);
}

static void a_profile_is_read(void **state)
{
	struct profile *p = good(HEAD "  vm.a:\n    want: [0, '>= 5']\n    source: x\n"
				      "    promise: y\n    cases: [one, two]\n"
				      "  vm.b: {want: 1..3, source: z}\n");
	char buf[64];

	(void)state;
	assert_int_equal(p->nr_values, 2);
	assert_string_equal(p->values[0].name, "vm.a");
	assert_string_equal(p->values[0].cases[1], "two");
	assert_string_equal(profile_wants(&p->values[0], buf, sizeof(buf)), "one of 0, >= 5");
	assert_string_equal(profile_wants(&p->values[1], buf, sizeof(buf)), "1..3");
	assert_null(p->values[1].promise);
	profile_free(p);
}

static void mistakes_are_told_with_their_place(void **state)
{
	(void)state;
	bad("profile: u\nsummary: s\nvalues: {}\n",
	    "t.yaml:1:10: profile 'u': the file's name without .yaml is due\n");
	bad(HEAD "  vm.a: {source: x}\n",
	    "t.yaml:4:9: a value of a profile lacks 'want' (value, '>= 1', 1..3 or a list)\n");
	bad(HEAD "  vm.a: {want: 3..1, source: x}\n",
	    "t.yaml:4:16: want '3..1': a value or a range is due, as 0, '>= 1' or 1..3\n");
	bad(HEAD "  vm..a: {want: 1, source: x}\n",
	    "t.yaml:4:3: sysctl 'vm..a': dots between a-z, 0-9, '_' and '-' are due, as "
	    "vm.panic_on_oom\n");
	bad(HEAD "  vm.a: {want: 1, source: x, promise: y}\n",
	    "t.yaml:4:3: vm.a: 'promise' and 'cases' are due together\n");
	bad(HEAD "  vm.a: {want: 1, source: x, promise: y, cases: ../a}\n",
	    "t.yaml:4:49: cases: '../a' is no name of a case\n");
	bad(HEAD "  vm.a: {want: 1, sauce: x, source: x}\n",
	    "t.yaml:4:19: unknown key 'sauce' in a value of a profile; did you mean 'source'?\n");
}

static bool allows(const char *want, const char *value)
{
	char text[200];
	struct profile *p;
	bool ret;

	snprintf(text, sizeof(text), HEAD "  vm.a: {want: %s, source: x}\n", want);
	p = good(text);
	ret = profile_allows(&p->values[0], value);
	profile_free(p);
	return ret;
}

static void values_are_compared_as_the_kernel_reads_them(void **state)
{
	(void)state;
	assert_true(allows("16", "16"));
	assert_true(allows("16", "0x10"));
	assert_true(allows("8", "010"));
	assert_false(allows("16", "16 16"));
	assert_false(allows("0", ""));
	assert_false(allows("0", "zero"));
	assert_true(allows("256 256 32", "256\t256\t32"));
	assert_false(allows("256 256 32", "256\t256"));
	assert_true(allows("'>= 2'", "2"));
	assert_false(allows("'>= 2'", "1"));
	assert_false(allows("'>= 2'", "3x"));
	assert_true(allows("[1, 3..5]", "4"));
	assert_false(allows("[1, 3..5]", "2"));
}

/* "state saw" of the one value vm.a, want 1. */
static const char *judge(const char *conf, const char *table, const char *table2, bool live)
{
	static char buf[200];
	struct profile *p = good(HEAD "  vm.a: {want: 1, source: x}\n");
	struct sysctl_table tables[2] = { 0 };
	size_t nr = (table != NULL) + (table2 != NULL);
	struct sysctl_conf c = { 0 };
	struct sysctl_finding f;

	sysctl_conf_add_file(&c, "/x", NULL);
	assert_int_equal(sysctl_conf_read(&c, 0, conf, strlen(conf), false), 0);
	for (size_t i = 0; i < nr; i++) {
		const char *text = i ? table2 : table;

		assert_int_equal(sysctl_table_parse("k", text, strlen(text), &tables[i]), 0);
	}
	sysctl_judge(p, &c, tables, nr, live, &f);
	snprintf(buf, sizeof(buf), "%s %s", sysctl_state_name(f.state),
		 f.state == SYSCTL_UNKNOWN || f.state == SYSCTL_MISSING ? f.why : sysctl_saw(&f));
	for (size_t i = 0; i < nr; i++)
		sysctl_table_free(&tables[i]);
	sysctl_conf_free(&c);
	profile_free(p);
	return buf;
}

static void a_profile_is_held_against_settings(void **state)
{
	(void)state;
	assert_string_equal(judge("vm.a = 1\n", "vm.a = 0\n", NULL, false), "ok 1");
	assert_string_equal(judge("vm.* = 1\n", "vm.a = 0\n", NULL, false), "ok 1");
	assert_string_equal(judge("vm.a = 2\n", "vm.a = 1\n", NULL, false), "differs 2");
	assert_string_equal(judge("", "vm.a = 1\n", NULL, false), "default 1");
	assert_string_equal(judge("", "vm.a = 0\n", NULL, false), "differs 0");
	assert_string_equal(judge("", "vm.a = 1\n", "vm.a = 1\n", false), "default 1");
	assert_string_equal(judge("", "vm.a = 1\n", "vm.a = 0\n", false),
			    "missing nothing sets it; the default depends on the kernel");
	assert_string_equal(judge("", "vm.a = ~ 1\n", NULL, false),
			    "missing nothing sets it; the default depends on the machine");
	assert_string_equal(judge("", NULL, NULL, false),
			    "missing nothing sets it, and no table has its default");
	assert_string_equal(judge("vm.a = 1\n", "vm.b = 1\n", NULL, false),
			    "unknown no such sysctl in k");
	assert_string_equal(judge("", NULL, NULL, true), "unknown no such sysctl in this kernel");
	assert_string_equal(judge("vm.a = 3\n", NULL, NULL, true), "differs 3");
}

/* Each of ours is read without a word. */
static void our_own_profiles_are_good(void **state)
{
	glob_t g;

	(void)state;
	assert_int_equal(glob("cases/profiles/*.yaml", 0, NULL, &g), 0);
	for (size_t i = 0; i < g.gl_pathc; i++) {
		struct profile *p;
		char *messages;
		int err = profile_load(g.gl_pathv[i], &p, &messages);

		if (err)
			print_message("%s", messages ? messages : strerror(-err));
		assert_int_equal(err, 0);
		free(messages);
		profile_free(p);
	}
	globfree(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_profile_is_read),
		cmocka_unit_test(mistakes_are_told_with_their_place),
		cmocka_unit_test(values_are_compared_as_the_kernel_reads_them),
		cmocka_unit_test(our_own_profiles_are_good),
		cmocka_unit_test(a_profile_is_held_against_settings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
