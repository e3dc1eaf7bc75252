// SPDX-License-Identifier: MIT
/* lib/ready.c: what one side writes the other reads, and nothing else is taken for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "lib/ready.h"

static void both_ways(void **state)
{
	(void)state;
	for (int what = READY_YES; what <= READY_USAGE; what++) {
		char line[READY_LINE_MAX];
		struct ready_word w;
		size_t n = ready_format(line, sizeof(line), (enum ready_what)what, MiB(80), -ENOMEM,
					"mmap: no room");

		assert_int_equal(n, strlen(line));
		assert_int_equal(line[n - 1], '\n');
		assert_int_equal(ready_parse(line, &w), 0);
		assert_int_equal(w.what, what);
		assert_int_equal(w.bytes, MiB(80));
		assert_string_equal(w.errno_name, what == READY_YES ? "" : "ENOMEM");
		assert_string_equal(w.text, what == READY_YES ? "" : "mmap: no room");
	}
}

static void the_lines_as_documented(void **state)
{
	char line[READY_LINE_MAX];

	(void)state;
	ready_format(line, sizeof(line), READY_YES, 83886080, 0, "");
	assert_string_equal(line, "ready 83886080\n");
	ready_format(line, sizeof(line), READY_ENOMEM, 4096, -ENOMEM, "Cannot allocate memory");
	assert_string_equal(line, "failed enomem 4096 ENOMEM Cannot allocate memory\n");
	ready_format(line, sizeof(line), READY_FILE, 0, 0, "why");
	assert_string_equal(line, "failed file 0 - why\n");
}

static void figures(void **state)
{
	static const char *const lines[] = { "ready 1\n",	"figure\n",	  "figure x\n",
					     "figure x -1\n",	"figure x 1 2\n", "figure X 1\n",
					     "figure ../x 1\n", "figures x 1\n" };
	char line[READY_LINE_MAX], name[READY_FIGURE_LEN];
	uint64_t value = 0;
	struct ready_word w;

	(void)state;
	ready_format_figure(line, sizeof(line), "rss_after_free_bytes", 40960);
	assert_string_equal(line, "figure rss_after_free_bytes 40960\n");
	assert_int_equal(ready_parse_figure(line, name, &value), 0);
	assert_string_equal(name, "rss_after_free_bytes");
	assert_int_equal(value, 40960);
	assert_int_equal(ready_parse(line, &w), -EBADMSG);
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		assert_int_equal(ready_parse_figure(lines[i], name, &value), -EBADMSG);
	assert_int_equal(ready_parse_figure("figure a234567890123456789012345678901234567890 1",
					    name, &value),
			 -EBADMSG);
}

static void words_of_tasks(void **state)
{
	static const struct {
		struct ready_word w;
		const char *line;
	} rows[] = {
		{ { .what = READY_CHILD, .child = 1, .pid = 4712 }, "child 1 4712\n" },
		{ { .what = READY_CHILD, .child = 64, .pid = 4194304 }, "child 64 4194304\n" },
		{ { .what = READY_TID, .pid = 4713 }, "tid 4713\n" },
		{ { .what = READY_GONE, .child = 2, .code = -1, .signal = 9 }, "gone 2 -1 9\n" },
		{ { .what = READY_GONE, .child = 2, .code = 0 }, "gone 2 0 0\n" },
		{ { .what = READY_GONE, .child = 2, .code = 255 }, "gone 2 255 0\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char line[READY_LINE_MAX];
		struct ready_word w;

		assert_int_equal(ready_format_task(line, sizeof(line), &rows[i].w),
				 strlen(rows[i].line));
		assert_string_equal(line, rows[i].line);
		assert_int_equal(ready_parse(line, &w), 0);
		assert_int_equal(w.what, rows[i].w.what);
		assert_int_equal(w.child, rows[i].w.child);
		assert_int_equal(w.pid, rows[i].w.pid);
		assert_int_equal(w.code, rows[i].w.code);
		assert_int_equal(w.signal, rows[i].w.signal);
	}
}

static void exits(void **state)
{
	(void)state;
	assert_int_equal(ready_exit_of(READY_YES), 0);
	assert_int_equal(ready_exit_of(READY_USAGE), 2);
	assert_int_equal(ready_exit_of(READY_ENOMEM), 3);
	assert_int_equal(ready_exit_of(READY_POLICY), 4);
	assert_int_equal(ready_exit_of(READY_ADJ), 4);
	assert_int_equal(ready_exit_of(READY_CGROUP), 4);
	assert_int_equal(ready_exit_of(READY_FILE), 4);
	assert_int_equal(ready_exit_of(READY_THP), 4);
}

static void other_lines_are_refused(void **state)
{
	static const char *const lines[] = {
		"",
		"\n",
		"ready",
		"ready\n",
		"ready x\n",
		"ready -1\n",
		"ready 1 2\n",
		"ready 99999999999999999999\n",
		"Ready 1\n",
		"readyy 1\n",
		"failed\n",
		"failed enomem\n",
		"failed enomem 1\n",
		"failed ready 1 ENOMEM x\n",
		"failed surprise 1 ENOMEM x\n",
		"failed enomem x ENOMEM y\n",
		"failed child 1 - x\n",
		"child\n",
		"child 1\n",
		"child 0 5\n",
		"child 65 5\n",
		"child 1 0\n",
		"child 1 -1\n",
		"child 1 2 3\n",
		"child 1 4294967296\n",
		"tid\n",
		"tid -1\n",
		"tid 0\n",
		"gone 1 0\n",
		"gone 1 -1 0\n",
		"gone 1 0 9\n",
		"gone 1 256 0\n",
		"gone 1 -1 128\n",
		"gone 1 -2 9\n",
		"failed averyveryverylongword 1 ENOMEM y\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct ready_word w = { .bytes = 77 };

		if (ready_parse(lines[i], &w) != -EBADMSG)
			fail_msg("'%s' was taken", lines[i]);
		assert_int_equal(w.bytes, 77);
	}
}

static void a_long_text_still_ends_its_line(void **state)
{
	char line[64], text[256];
	struct ready_word w;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(ready_format(line, sizeof(line), READY_FILE, 1, -EIO, text), 63);
	assert_int_equal(line[62], '\n');
	assert_int_equal(line[63], '\0');
	assert_int_equal(ready_parse(line, &w), 0);
	assert_int_equal(w.what, READY_FILE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_ways),
		cmocka_unit_test(the_lines_as_documented),
		cmocka_unit_test(figures),
		cmocka_unit_test(words_of_tasks),
		cmocka_unit_test(exits),
		cmocka_unit_test(other_lines_are_refused),
		cmocka_unit_test(a_long_text_still_ends_its_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
