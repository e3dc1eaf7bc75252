// SPDX-License-Identifier: MIT
/* Escaping, byte by byte: whatever goes in, what comes out is XML 1.0 text and nothing else. */
#include "harness/xml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static char *escaped(const char *text, size_t len, bool attr)
{
	char *out = NULL;
	size_t out_len = 0;
	FILE *f = open_memstream(&out, &out_len);

	assert_non_null(f);
	if (attr)
		xml_attr(f, "a", text);
	else
		xml_text(f, text, len);
	fclose(f);
	return out;
}

static const struct {
	const char *in, *text, *attr;
} rows[] = {
	{ "<script>", "&lt;script&gt;", " a=\"&lt;script&gt;\"" },
	{ "]]>&amp;", "]]&gt;&amp;amp;", " a=\"]]&gt;&amp;amp;\"" },
	{ "\"'", "&quot;&#39;", " a=\"&quot;&#39;\"" },
	{ "a\n\tb", "a\n\tb", " a=\"a&#10;&#9;b\"" },
	{ "\x1b[31m\r\x7f", "\\x1b[31m\\x0d\\x7f", " a=\"\\x1b[31m\\x0d\\x7f\"" },
	{ "\xc2\x9b\xc2\xa0", "\\x9b\xc2\xa0", " a=\"\\x9b\xc2\xa0\"" },
	{ "\xef\xbf\xbe\xef\xbf\xbf", "\\xfffe\\xffff", " a=\"\\xfffe\\xffff\"" },
	{ "\xc3\xbc\xe6\x97\xa5\xf0\x9f\x90\xa7", "\xc3\xbc\xe6\x97\xa5\xf0\x9f\x90\xa7",
	  " a=\"\xc3\xbc\xe6\x97\xa5\xf0\x9f\x90\xa7\"" },
	/* Cut, overlong, a surrogate, above U+10FFFF. */
	{ "\xc3", "\xef\xbf\xbd", " a=\"\xef\xbf\xbd\"" },
	{ "\xc0\xbc", "\xef\xbf\xbd\xef\xbf\xbd", " a=\"\xef\xbf\xbd\xef\xbf\xbd\"" },
	{ "\xed\xa0\x80<", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd&lt;",
	  " a=\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd&lt;\"" },
	{ "\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd",
	  " a=\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
};

static void as_it_should(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *text = escaped(rows[i].in, strlen(rows[i].in), false);
		char *attr = escaped(rows[i].in, 0, true);

		assert_string_equal(text, rows[i].text);
		assert_string_equal(attr, rows[i].attr);
		free(text);
		free(attr);
	}
}

static void a_nul_is_shown(void **state)
{
	char *text = escaped("a\0b", 3, false);

	(void)state;
	assert_string_equal(text, "a\\x00b");
	free(text);
}

static void nothing_gives_no_attribute(void **state)
{
	char *text = escaped("", 0, true);

	(void)state;
	assert_string_equal(text, "");
	free(text);
}

/* Every pair of bytes: no markup, no control but the two that may stay. */
static void any_two_bytes(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 0x10000; i++) {
		char pair[2] = { (char)(i >> 8), (char)i };
		char *text = escaped(pair, 2, false);

		for (const char *s = text; *s; s++)
			assert_true(
				((unsigned char)*s >= 0x20 && *s != 0x7f && !strchr("<>\"'", *s)) ||
				*s == '\n' || *s == '\t');
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_it_should),
		cmocka_unit_test(a_nul_is_shown),
		cmocka_unit_test(nothing_gives_no_attribute),
		cmocka_unit_test(any_two_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
