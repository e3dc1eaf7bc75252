// SPDX-License-Identifier: MIT
/* lib/mempolicy.c: the text both ways, and on this kernel what is set is what is read. */
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "lib/mempolicy.h"

static void text_both_ways(void **state)
{
	static const struct {
		const char *text, *again;
		enum mempolicy_mode mode;
	} rows[] = {
		{ "default", "default", MEMPOLICY_DEFAULT },
		{ "local", "local", MEMPOLICY_LOCAL },
		{ "bind:1", "bind:1", MEMPOLICY_BIND },
		{ "bind:1,0", "bind:0-1", MEMPOLICY_BIND },
		{ "preferred:0", "preferred:0", MEMPOLICY_PREFERRED },
		{ "preferred-many:0,2", "preferred-many:0,2", MEMPOLICY_PREFERRED_MANY },
		{ "interleave:0-1", "interleave:0-1", MEMPOLICY_INTERLEAVE },
		{ "weighted-interleave:0-1", "weighted-interleave:0-1",
		  MEMPOLICY_WEIGHTED_INTERLEAVE },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char text[MEMPOLICY_TEXT_LEN];
		struct mempolicy p;

		assert_int_equal(mempolicy_parse(rows[i].text, &p), 0);
		assert_int_equal(p.mode, rows[i].mode);
		assert_string_equal(mempolicy_format(&p, text, sizeof(text)), rows[i].again);
	}
}

static void bad_text_is_refused(void **state)
{
	static const struct {
		const char *text;
		int err;
	} rows[] = {
		{ "", -EINVAL },	  { ":", -EINVAL },
		{ ":1", -EINVAL },	  { "bind", -EINVAL },
		{ "bind:", -EINVAL },	  { "bind:x", -EINVAL },
		{ "bind:1-", -EINVAL },	  { "bind:1024", -ERANGE },
		{ "Bind:1", -EINVAL },	  { "bindx:1", -EINVAL },
		{ "bin:1", -EINVAL },	  { "bind=1", -EINVAL },
		{ "preferred", -EINVAL }, { "preferred:0-1", -EINVAL },
		{ "local:0", -EINVAL },	  { "local:", -EINVAL },
		{ "default:0", -EINVAL }, { "bind:1 ", -EINVAL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct mempolicy p = { .mode = MEMPOLICY_LOCAL };

		assert_int_equal(mempolicy_parse(rows[i].text, &p), rows[i].err);
		assert_int_equal(p.mode, MEMPOLICY_LOCAL);
	}
}

/* Leaves the test's own policy as it was: the default. */
static bool kernel_has_numa(void)
{
	struct mempolicy p;

	if (mempolicy_get(&p) == 0)
		return true;
	print_message("skip: this kernel (or sandbox) has no mempolicy\n");
	return false;
}

static void what_is_set_is_read(void **state)
{
	static const char *const texts[] = { "bind:0", "preferred:0", "interleave:0", "local",
					     "default" };

	(void)state;
	if (!kernel_has_numa())
		skip();
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct mempolicy want, have;
		char text[MEMPOLICY_TEXT_LEN];
		struct fail f = { 0 };

		assert_int_equal(mempolicy_parse(texts[i], &want), 0);
		assert_int_equal(mempolicy_set(&want, &f), 0);
		assert_int_equal(mempolicy_get(&have), 0);
		assert_string_equal(mempolicy_format(&have, text, sizeof(text)), texts[i]);
	}
}

/* Node 1022 exists nowhere: refused at once alone, and beside node 0 found out by reading back. */
static void nodes_that_are_not_there(void **state)
{
	static const char *const texts[] = { "bind:1022", "preferred:1022", "bind:0,1022",
					     "interleave:0,1022" };

	(void)state;
	if (!kernel_has_numa())
		skip();
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct mempolicy p, back = { .mode = MEMPOLICY_DEFAULT };
		struct fail f = { 0 };
		int err;

		assert_int_equal(mempolicy_parse(texts[i], &p), 0);
		err = mempolicy_set(&p, &f);
		assert_true(err == -EINVAL || err == -ESTALE);
		assert_int_equal(f.err, err);
		assert_non_null(strstr(f.where, texts[i]));
		assert_non_null(strstr(f.where, "may use: 0"));
		assert_null(strchr(f.where, '\n'));
		assert_int_equal(mempolicy_set(&back, &f), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_both_ways),
		cmocka_unit_test(bad_text_is_refused),
		cmocka_unit_test(what_is_set_is_read),
		cmocka_unit_test(nodes_that_are_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
