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

/* A file of lib/tests/data/oom; the caller frees. */
static inline char *golden(const char *name)
{
	char path[160], *text = malloc(1 << 16);
	int root = fs_root_open("lib/tests/data/oom");

	assert_true(root >= 0);
	assert_non_null(text);
	str_copy(path, sizeof(path), name);
	assert_true(fs_read(root, path, text, 1 << 16) > 0);
	close(root);
	return text;
}

#endif
