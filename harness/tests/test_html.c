// SPDX-License-Identifier: MIT
/* Data blocks of a page: whatever is put in comes out, and none of it is markup. */
#include "harness/html.h"
#include "harness/report_assets.h"

#include <nettle/base64.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static const char hostile[] =
	"</script><script>alert(1)</script> ]]> \" ' & \x1b[31m \xc3\xa9 \xff";

/* The text of the block "x" in a document. */
static char *unpack(const char *document)
{
	static const char head[] = "id=\"x\">";
	const char *at = strstr(document, head) + strlen(head), *end = strstr(at, "</script>");
	size_t len = (size_t)(end - at), room = BASE64_DECODE_LENGTH(len), packed = room;
	uint8_t *data = malloc(room);
	char *text = calloc(1, MiB(1));
	uLongf n = MiB(1) - 1;
	struct base64_decode_ctx ctx;

	base64_decode_init(&ctx);
	assert_true(base64_decode_update(&ctx, &packed, data, len, at));
	assert_true(base64_decode_final(&ctx));
	assert_int_equal(uncompress((Bytef *)text, &n, data, packed), Z_OK);
	free(data);
	return text;
}

static char *document(size_t times)
{
	struct html_block *b = malloc(sizeof(*b));
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	html_begin(out, "run");
	html_block_begin(b, out, "x");
	jsonw_array(&b->w, NULL);
	for (size_t i = 0; i < times; i++)
		jsonw_str(&b->w, NULL, hostile);
	assert_int_equal(html_block_end(b), 0);
	html_end(out);
	assert_int_equal(fclose(out), 0);
	free(b);
	return text;
}

static void what_goes_in_comes_out(void **state)
{
	(void)state;
	for (size_t times = 0; times < 4000; times = times * 3 + 1) {
		char *page = document(times), *text = unpack(page), *at = text;
		size_t seen = 0;

		assert_int_equal(text[0], '[');
		while ((at = strstr(at, "alert(1)</script> ]]> \\\" ' &"))) {
			at++;
			seen++;
		}
		assert_int_equal(seen, times);
		assert_int_equal(text[strlen(text) - 1], ']');
		free(text);
		free(page);
	}
}

static size_t count(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)); text++)
		n++;
	return n;
}

static void nothing_is_markup(void **state)
{
	char *page = document(3);

	(void)state;
	assert_null(strstr(page, "alert(1)"));
	assert_int_equal(count(page, "<script>"), REPORT_SCRIPTS);
	assert_int_equal(count(page, "</script>"), REPORT_SCRIPTS + 1); /* and the block's */
	assert_int_equal(count(page, "</style>"), REPORT_STYLES);
	assert_int_equal(count(page, "'sha256-"), REPORT_SCRIPTS + REPORT_STYLES);
	assert_non_null(strstr(page, "default-src 'none'"));
	free(page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_goes_in_comes_out),
		cmocka_unit_test(nothing_is_markup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
