/* SPDX-License-Identifier: MIT */
/* Feeding text to the parser and keeping what comes out, for the tests of the OOM-log reader. */
#ifndef OOM_LIB_TESTS_OOM_TESTLIB_H
#define OOM_LIB_TESTS_OOM_TESTLIB_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lib/badness.h"
#include "lib/fs.h"

#define KEPT_MAX 64

struct kept {
	struct oom_report *r[KEPT_MAX];
	size_t n;
};

static inline void keep(void *ctx, const struct oom_report *r)
{
	struct kept *k = ctx;

	assert_true(k->n < KEPT_MAX);
	k->r[k->n] = oom_report_dup(r);
	assert_non_null(k->r[k->n++]);
}

static inline void kept_free(struct kept *k)
{
	for (size_t i = 0; i < k->n; i++)
		oom_report_free(k->r[i]);
	k->n = 0;
}

/* Parses the first `size` bytes of text. */
static inline struct kept parse_part(const char *text, size_t size)
{
	struct kept k = { .n = 0 };
	struct oom_parser *p = oom_parser_new(keep, &k);
	uint64_t line = 1;

	assert_non_null(p);
	while (size) {
		const char *nl = memchr(text, '\n', size);
		size_t n = nl ? (size_t)(nl - text) : size;

		assert_int_equal(oom_parser_line(p, text, n, line++), 0);
		n += nl != NULL;
		text += n;
		size -= n;
	}
	assert_int_equal(oom_parser_finish(p), 0);
	oom_parser_free(p);
	return k;
}

static inline struct kept parse(const char *text)
{
	return parse_part(text, strlen(text));
}

/* A file of a folder of lib/tests/data; the caller frees. */
static inline char *test_log(const char *folder, const char *name)
{
	char path[160], *text = malloc(1 << 16);
	int root = fs_root_open("lib/tests/data");

	assert_true(root >= 0);
	assert_non_null(text);
	assert_in_range(snprintf(path, sizeof(path), "%s/%s", folder, name), 1, sizeof(path) - 1);
	assert_in_range(fs_read(root, path, text, 1 << 16), 1, (1 << 16) - 1);
	close(root);
	return text;
}

static inline char *golden(const char *name)
{
	return test_log("oom", name);
}

/* Puts `before` before each line of text; the caller frees. */
static inline char *prefixed(const char *text, const char *before, const char *behind)
{
	size_t cap = strlen(text) * 4 + 4096, n = 0;
	char *out = malloc(cap);

	assert_non_null(out);
	while (*text) {
		int len = (int)strcspn(text, "\n");

		n += (size_t)snprintf(out + n, cap - n, "%s%.*s%s\n", before, len, text, behind);
		assert_true(n < cap);
		text += len + (text[len] == '\n');
	}
	return out;
}

#endif
