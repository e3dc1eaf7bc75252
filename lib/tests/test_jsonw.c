// SPDX-License-Identifier: MIT
/* lib/jsonw.c: text for text, with and without a flush function, and what does not fit. */
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "lib/jsonw.h"

static char buf[512];
static struct jsonw w;

static void start(void)
{
	memset(buf, 0, sizeof(buf));
	jsonw_init(&w, buf, sizeof(buf) - 1);
}

static void ends_as(const char *text)
{
	assert_int_equal(jsonw_finish(&w), (ssize_t)strlen(text));
	assert_string_equal(buf, text);
}

static void nests_with_commas(void **state)
{
	(void)state;
	start();
	jsonw_object(&w, NULL);
	jsonw_str(&w, "s", "x");
	jsonw_array(&w, "a");
	jsonw_u64(&w, NULL, 1);
	jsonw_object(&w, NULL);
	jsonw_close(&w);
	jsonw_array(&w, NULL);
	jsonw_close(&w);
	jsonw_i64(&w, NULL, -2);
	jsonw_close(&w);
	jsonw_bool(&w, "t", true);
	jsonw_bool(&w, "f", false);
	jsonw_null(&w, "n");
	jsonw_str(&w, "none", NULL);
	jsonw_raw(&w, "raw", "[1]", 3);
	ends_as("{\"s\":\"x\",\"a\":[1,{},[],-2],\"t\":true,\"f\":false,\"n\":null,"
		"\"none\":null,\"raw\":[1]}");
}

static void what_is_open_is_closed(void **state)
{
	(void)state;
	start();
	jsonw_object(&w, NULL);
	jsonw_array(&w, "a");
	jsonw_object(&w, NULL);
	ends_as("{\"a\":[{}]}");
}

static void numbers_at_their_ends(void **state)
{
	(void)state;
	start();
	jsonw_array(&w, NULL);
	jsonw_u64(&w, NULL, UINT64_MAX);
	jsonw_i64(&w, NULL, INT64_MIN);
	jsonw_double(&w, NULL, 0.5);
	jsonw_double(&w, NULL, -1.25);
	jsonw_double(&w, NULL, 2.9999999);
	jsonw_double(&w, NULL, NAN);
	jsonw_double(&w, NULL, INFINITY);
	jsonw_double(&w, NULL, -INFINITY);
	ends_as("[18446744073709551615,-9223372036854775808,0.500000,-1.250000,3.000000,null,null,"
		"null]");
}

static void text_is_escaped(void **state)
{
	(void)state;
	start();
	jsonw_array(&w, NULL);
	jsonw_str(&w, NULL, "a\"b\\c\nd\te\x01\x7f");
	jsonw_strn(&w, NULL, "nul\0in", 6);
	ends_as("[\"a\\\"b\\\\c\\nd\\u0009e\\u0001\\u007f\",\"nul\\u0000in\"]");
}

static void keys_are_escaped_too(void **state)
{
	(void)state;
	start();
	jsonw_object(&w, NULL);
	jsonw_u64(&w, "a\"\n\xff", 1);
	ends_as("{\"a\\\"\\n\\ufffd\":1}");
}

static void bytes_that_are_no_utf8(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "\xc3\xa9", "\xc3\xa9" },				/* e acute */
		{ "\xe2\x82\xac", "\xe2\x82\xac" },			/* euro */
		{ "\xf0\x9f\x90\xa7", "\xf0\x9f\x90\xa7" },		/* penguin */
		{ "\xc3", "\\ufffd" },					/* cut short */
		{ "\xe2\x82", "\\ufffd\\ufffd" },			/* cut short */
		{ "\x80", "\\ufffd" },					/* no beginning */
		{ "\xc0\xaf", "\\ufffd\\ufffd" },			/* overlong */
		{ "\xed\xa0\x80", "\\ufffd\\ufffd\\ufffd" },		/* surrogate */
		{ "\xf4\x90\x80\x80", "\\ufffd\\ufffd\\ufffd\\ufffd" }, /* above U+10FFFF */
		{ "\xff\xfe", "\\ufffd\\ufffd" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char want[64];

		start();
		jsonw_str(&w, NULL, rows[i].in);
		snprintf(want, sizeof(want), "\"%s\"", rows[i].out);
		ends_as(want);
	}
}

static void too_much_is_told_at_the_end(void **state)
{
	char small[16];

	(void)state;
	for (size_t cap = 0; cap < 14; cap++) {
		memset(small, 'x', sizeof(small));
		jsonw_init(&w, small, cap);
		jsonw_object(&w, NULL);
		jsonw_str(&w, "key", "value");
		assert_int_equal(jsonw_finish(&w), -ENOSPC);
		for (size_t i = cap; i < sizeof(small); i++)
			assert_int_equal(small[i], 'x');
	}
	memset(small, 'x', sizeof(small));
	jsonw_init(&w, small, 15); /* {"key":"value"} and not one byte more */
	jsonw_object(&w, NULL);
	jsonw_str(&w, "key", "value");
	assert_int_equal(jsonw_finish(&w), 15);
	assert_memory_equal(small, "{\"key\":\"value\"}x", 16);
}

static void too_deep_is_told_at_the_end(void **state)
{
	(void)state;
	start();
	for (int i = 0; i < JSONW_DEPTH + 5; i++)
		jsonw_array(&w, NULL);
	for (int i = 0; i < JSONW_DEPTH + 5; i++)
		jsonw_close(&w);
	assert_int_equal(jsonw_finish(&w), -EOVERFLOW);
}

struct sink {
	char text[512];
	size_t len;
	unsigned int calls, fail_at;
};

static int collect(void *ctx, const char *text, size_t len)
{
	struct sink *s = ctx;

	if (++s->calls == s->fail_at)
		return -EPIPE;
	memcpy(s->text + s->len, text, len);
	s->len += len;
	return 0;
}

static void flushes_whenever_full(void **state)
{
	static const char want[] = "{\"key\":\"a longer value than the buffer\",\"n\":[1,2,3]}";

	(void)state;
	for (size_t cap = 1; cap < 64; cap++) {
		struct sink s = { .len = 0 };
		char small[64];

		jsonw_init_flush(&w, small, cap, collect, &s);
		jsonw_object(&w, NULL);
		jsonw_str(&w, "key", "a longer value than the buffer");
		jsonw_array(&w, "n");
		for (uint64_t i = 1; i < 4; i++)
			jsonw_u64(&w, NULL, i);
		assert_int_equal(jsonw_finish(&w), 0);
		assert_int_equal(s.len, strlen(want));
		assert_memory_equal(s.text, want, strlen(want));
	}
}

static void a_failed_flush_is_kept(void **state)
{
	struct sink s = { .fail_at = 2 };
	char small[8];

	(void)state;
	jsonw_init_flush(&w, small, sizeof(small), collect, &s);
	jsonw_str(&w, NULL, "more than three buffers full of it");
	assert_int_equal(jsonw_finish(&w), -EPIPE);
	assert_int_equal(s.calls, 2); /* and nothing is sent after it */
}

static void no_buffer_at_all_ends(void **state)
{
	struct sink s = { .len = 0 };

	(void)state;
	jsonw_init_flush(&w, buf, 0, collect, &s);
	jsonw_str(&w, NULL, "x");
	assert_int_equal(jsonw_finish(&w), -ENOSPC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nests_with_commas),
		cmocka_unit_test(what_is_open_is_closed),
		cmocka_unit_test(numbers_at_their_ends),
		cmocka_unit_test(text_is_escaped),
		cmocka_unit_test(keys_are_escaped_too),
		cmocka_unit_test(bytes_that_are_no_utf8),
		cmocka_unit_test(too_much_is_told_at_the_end),
		cmocka_unit_test(too_deep_is_told_at_the_end),
		cmocka_unit_test(flushes_whenever_full),
		cmocka_unit_test(a_failed_flush_is_kept),
		cmocka_unit_test(no_buffer_at_all_ends),
	};

	setlocale(LC_ALL, "");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
