// SPDX-License-Identifier: MIT
/* What transports put around a message, and that a message is not taken for one of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lib/log_line.h"

struct stripped {
	const char *line, *text;
	bool prefixed, kernel;
};

static void check_strip(const struct stripped *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct log_line l = log_strip(rows[i].line);

		print_message("%s\n", rows[i].line);
		assert_string_equal(l.text, rows[i].text);
		assert_int_equal(l.prefixed, rows[i].prefixed);
		assert_int_equal(l.kernel, rows[i].kernel);
	}
}

static void strips(void **state)
{
	static const struct stripped rows[] = {
		{ "Mem-Info:", "Mem-Info:", false, false },
		{ " active_file:3", " active_file:3", false, false },
		{ "[  123.456789] text", "text", true, true },
		{ "[  123.456789]  dump_stack+0x1", " dump_stack+0x1", true, true },
		{ "[  123.456789][  T123] text", "text", true, true },
		{ "[  123.456789 <    0.000012>] text", "text", true, true },
		{ "[  +0.000012] text", "text", true, true },
		{ "[Tue Mar 11 10:16:36 2025] text", "text", true, false },
		{ "[Mar11 10:16] text", "text", true, false },
		{ "[2025-11-21 07:00:00.123] [   12.345678] text", "text", true, true },
		{ "<4>[    1.000000] text", "text", true, true },
		{ "<4>1 2025-11-21T07:00:00.1+00:00 host kernel - - - text", "text", true, true },
		{ "Mar  2 17:35:10 host kernel: text", "text", true, true },
		{ "Mar  2 17:35:10 host kernel: [2858609.598568] text", "text", true, true },
		{ "Nov 21 07:00:00.123456 host kernel[0]: text", "text", true, true },
		{ "Fri 2025-11-21 07:00:00 UTC host kernel: text", "text", true, true },
		{ "2025-11-21T07:00:00+0000 host kernel: text", "text", true, true },
		{ "2025 Nov 21 07:00:00 host kernel: text", "text", true, true },
		{ "21 Nov 2025 07:00:00 host kernel: text", "text", true, true },
		{ "1700000100.123456 host kernel: text", "text", true, true },
		{ "avril 16 21:08:50 host kernel: text", "text", true, true },
		{ "Nov 21 07:00:00 host klogd: text", "text", true, true },
		{ "kern  :warn  : 2025-01-21T04:41:44,283302+00:00 text", "text", true, true },
		{ "kern.warn kernel: [  267.720081] text", "text", true, true },
		{ "warning|kernel[-]|[2919920.414131] text", "text", true, true },
		{ "4,813,1234,-;text", "text", true, true },
		{ "6,813,1234,-,caller=T12;text", "text", true, true },
		{ "11-21 07:00:00.123     0     0 W kernel  : text", "text", true, true },
		{ "W/kernel  (    0): text", "text", true, true },
		{ "<6>[   12.345678]  [4:    kworker/4:2: 1234] text", "text", true, true },
		{ "<4>[   12.345678] (0)[1234:kswapd0]text", "text", true, true },
		{ "/var/log/kern.log.1:Mar  2 17:35:10 host kernel: text", "text", true, true },
		{ "1234:[   12.345678] text", "text", true, true },
		{ "2025-11-21T07:00:00.1Z stdout F [   12.345678] text", "text", true, true },
		{ "10.0.0.5: kern:    info: [2025-06-04T04:51:57.572293906Z]: text", "text", true,
		  true },
		{ " kern: warning: [2025-06-04T04:51:57.572293906Z]: text", "text", true, true },
		{ "MESSAGE=text", "text", true, false },
		{ "app-1  | text", " text", false, false },
		{ "> > text", " text", false, false },
		{ "oom_kill: text", "text", true, false },
		{ "[W] Oct 22 20:02:32 kernel: text", "text", true, true },
		{ "2024-01-01T00:00:00.1 INFO:teuthology.run.h1.stdout:text", "text", true, false },
		{ "A 2020-06-25T09:57:22.729902Z text", "text", true, false },
		{ "    'Sep 15 12:08:17 host kernel: text", "text", true, true },
	};

	(void)state;
	check_strip(rows, ARRAY_SIZE(rows));
}

static void leaves_messages(void **state)
{
	static const struct stripped rows[] = {
		{ "[ 1234]     0  1234 sshd", "[ 1234]     0  1234 sshd", false, false },
		{ "[  pid  ]   uid  tgid", "[  pid  ]   uid  tgid", false, false },
		{ "user.slice/a,task=b", "user.slice/a,task=b", false, false },
		{ "kern: text [2025]", "kern: text [2025]", false, false },
		{ "[<c005c174>] (dump_stack)", "[<c005c174>] (dump_stack)", false, false },
		{ "__GFP_COMP|__GFP_ZERO), order=0", "__GFP_COMP|__GFP_ZERO), order=0", false,
		  false },
		{ "memory: usage 1kB", "memory: usage 1kB", false, false },
		{ "Out of memory: Killed", "Out of memory: Killed", false, false },
		{ "Killed process 5 (2020-06-25 09:57:22)",
		  "Killed process 5 (2020-06-25 09:57:22)", false, false },
		{ "", "", false, false },
	};

	(void)state;
	check_strip(rows, ARRAY_SIZE(rows));
}

static void callers_and_stamps(void **state)
{
	(void)state;
	assert_int_equal(log_strip("[    1.500000][ T7] x").caller, (uint64_t)'T' << 32 | 7);
	assert_int_equal(log_strip("[    1.500000][   C3] x").caller, (uint64_t)'C' << 32 | 3);
	assert_int_equal(log_strip("4,1,1,-,caller=T12;x").caller, (uint64_t)'T' << 32 | 12);
	assert_int_equal(log_strip("[    1.500000] x").caller, 0);
	assert_int_equal(log_strip("[    1.500000] x").stamp_us, 1500000);
	assert_int_equal(log_strip("[12.345] x").stamp_us, 12345000);
	assert_int_equal(log_strip("x").stamp_us, INT64_MIN);
}

static void decodes(void **state)
{
	static const struct {
		const char *raw, *text;
	} rows[] = {
		{ "a\r", "a" },
		{ "a   ", "a" },
		{ "\xef\xbb\xbf"
		  "a",
		  "a" },
		{ "\033[31mred\033[0m", "red" },
		{ "a#012b", "a\nb" },
		{ "a\\x0ab\\x5cc", "a\nb\\c" },
		{ "app-firefox\\x2dw.scope", "app-firefox\\x2dw.scope" },
		{ "{\"log\":\"a\\tb \\\"q\\\"\\n\",\"stream\":\"stdout\"}", "a b \"q\"" },
		{ "{\"PRIORITY\":\"4\",\"MESSAGE\":\"\\u00e9\"}", "\xc3\xa9" },
		{ "{\"log\":\"cut", "cut" },
		{ "{\"other\":1}", "{\"other\":1}" },
		{ "\"quoted\"", "\"quoted" },
		{ "line\\n", "line" },
		{ "&gt; [&lt;ffff&gt;]&nbsp;a &x; &#39;b&#39;<br/>", "> [<ffff>] a &x; 'b'" },
		{ "a<br />b", "a\nb" },
		{ "<span class=\"k\">a</span>:<b>1</b>kB <TASK> <i", "a:1kB <TASK> <i" },
		{ "task_memcg=/pa rent <i>x]]>", "task_memcg=/pa rent <i>x]]>" }, /* its own */
		{ "\"a (b) \\", "\"a (b)" },
		{ "\\[ pid \\] nr\\_ptes \\x2d", "[ pid ] nr_ptes \\x2d" },
		{ "tab\tand\xc2\xa0web", "tab and web" },
		{ "c1 \xc2\x9b"
		  "31m del \x7f.",
		  "c1  31m del  ." },
		{ "", "" },
	};
	char out[LOG_LINE_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(log_decode(rows[i].raw, strlen(rows[i].raw), out),
				 strlen(rows[i].text));
		assert_string_equal(out, rows[i].text);
	}
	/* a NUL within, as a damaged disk leaves them */
	assert_int_equal(log_decode("a\0b", 3, out), 3);
	assert_string_equal(out, "a b");
}

static void a_long_line_is_cut(void **state)
{
	static char line[3 * LOG_LINE_MAX];
	char out[LOG_LINE_MAX];

	(void)state;
	memset(line, 'x', sizeof(line));
	assert_int_equal(log_decode(line, sizeof(line), out), LOG_LINE_MAX - 1);
	memset(line, '\\', sizeof(line));
	assert_int_equal(log_decode(line, sizeof(line), out), LOG_LINE_MAX - 1);
	memcpy(line, "{\"log\":\"", 8);
	assert_true(log_decode(line, sizeof(line), out) < LOG_LINE_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strips),
		cmocka_unit_test(leaves_messages),
		cmocka_unit_test(callers_and_stamps),
		cmocka_unit_test(decodes),
		cmocka_unit_test(a_long_line_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
