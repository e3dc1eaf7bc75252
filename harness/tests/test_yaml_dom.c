// SPDX-License-Identifier: MIT
/* The YAML tree: places, and what is refused before anyone asks what it means. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "harness/yaml_dom.h"

static struct ynode *read_ok(const char *text)
{
	struct diag d = { .file = "f" };
	struct ynode *n = yaml_dom_read(text, strlen(text), &d);

	assert_non_null(n);
	assert_int_equal(d.nr, 0);
	return n;
}

/* The messages for a text; there may be a tree beside them. */
static void assert_told(const char *text, size_t len, const char *wanted)
{
	struct diag d = { .file = "f" };
	struct ynode *n = yaml_dom_read(text, len, &d);
	char *messages = diag_take(&d);

	assert_string_equal(messages, wanted);
	free(messages);
	ynode_free(n);
}

#define assert_text_told(text, wanted) assert_told(text, strlen(text), wanted)

static void test_places(void **state)
{
	struct ynode *root = read_ok("a: 1\nlist:\n  - x\n  - 'y z'\n"
				     "deep: {k: \"~\", n: ~, e: }\n");
	const struct ynode *n = ynode_get(root, "list");

	(void)state;
	assert_int_equal(root->kind, YNODE_MAP);
	assert_int_equal(n->kind, YNODE_LIST);
	assert_int_equal(n->key->line, 2);
	assert_int_equal(n->key->column, 1);
	assert_int_equal(n->child->line, 3);
	assert_int_equal(n->child->column, 5);
	assert_string_equal(n->child->next->text, "y z");
	assert_true(n->child->next->quoted);
	assert_null(n->child->next->next);
	n = ynode_get(root, "deep");
	assert_false(ynode_is_null(ynode_get(n, "k")));
	assert_true(ynode_is_null(ynode_get(n, "n")));
	assert_true(ynode_is_null(ynode_get(n, "e")));
	assert_null(ynode_get(n, "x"));
	ynode_free(root);
}

static void test_refused(void **state)
{
	(void)state;
	assert_text_told("a: &x 1\nb: *x\n",
			 "f:1:4: anchors are not part of a case file; write it out\n"
			 "f:2:4: aliases are not part of a case file; write it out\n");
	assert_text_told("a: 1\nb: 2\na: 3\n",
			 "f:3:1: duplicate key 'a' (first at line 1); keep one\n");
	assert_text_told("? {b: 1}\n: 2\n", "f:1:3: a key must be plain text, not a map\n");
	assert_text_told("a: 1\n\tb: 2\n", "f:2:1: a tab in the indentation; indent with spaces\n");
	assert_text_told("a: !x 1\n", "f:1:4: tags are not part of a case file; leave it out\n");
	assert_text_told("", "f:1:1: empty; see cases/README.md for what a case holds\n");
	assert_text_told("a: 1\n---\nb: 1\n",
			 "f:2:1: a second document; a case file holds one case\n");
	assert_told("a: \"\\0\"\n", 8, "f:1:4: a NUL character in a text\n");
}

static void test_bounds(void **state)
{
	size_t len = YAML_FILE_MAX + 1;
	char *big = malloc(len), deep[64];

	(void)state;
	assert_non_null(big);
	memset(big, '#', len);
	assert_told(big, len, "f:1:1: more than 1 MiB; a case file has some hundred lines\n");
	free(big);
	memset(deep, '[', sizeof(deep));
	assert_told(deep, 16,
		    "f:2:1: no YAML: while parsing a flow node, did not find expected "
		    "node content\n");
	assert_told(deep, 17, "f:1:17: nested more than 16 deep; a case file needs 6\n");
}

static void test_messages(void **state)
{
	struct diag d = { .file = "f" };
	char *messages;

	(void)state;
	diag_add(&d, 9, 1, "late");
	diag_add(&d, 2, 7, "with a %s", "line\nbreak");
	diag_add(&d, 2, 3, "early");
	messages = diag_take(&d);
	assert_string_equal(messages, "f:2:3: early\nf:2:7: with a line?break\nf:9:1: late\n");
	free(messages);
	for (int i = 0; i < 3 * DIAG_MAX; i++)
		diag_add(&d, i, 1, "x");
	assert_int_equal(d.nr, DIAG_MAX);
	free(diag_take(&d));
}

static void test_nearest(void **state)
{
	static const char *const names[] = { "victims", "survivors", "when", "memory.max", NULL };

	(void)state;
	assert_string_equal(diag_nearest("victim", names), "victims");
	assert_string_equal(diag_nearest("memroy.max", names), "memory.max");
	assert_string_equal(diag_nearest("wehn", names), "when");
	assert_null(diag_nearest("color", names));
	assert_null(diag_nearest("", names));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places),	cmocka_unit_test(test_refused),
		cmocka_unit_test(test_bounds),	cmocka_unit_test(test_messages),
		cmocka_unit_test(test_nearest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
