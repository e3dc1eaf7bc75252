// SPDX-License-Identifier: MIT
/* What files of sysctl.d say together: lib/sysctl_conf.c on texts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "lib/sysctl.h"
#include "lib/sysctl_conf.h"

static struct sysctl_conf conf;

static void read_n(const char *text, size_t len)
{
	ssize_t file = sysctl_conf_add_file(&conf, "/etc/sysctl.d/a.conf", NULL);

	assert_true(file >= 0);
	assert_int_equal(sysctl_conf_read(&conf, (size_t)file, text, len, false), 0);
}

static void read_text(const char *text)
{
	read_n(text, strlen(text));
}

static const char *value_of(const char *name)
{
	const struct sysctl_assign *a = sysctl_conf_find(&conf, name);

	return a ? a->value : "(none)";
}

static unsigned int line_of(const char *name)
{
	const struct sysctl_assign *a = sysctl_conf_find(&conf, name);

	return a ? a->line : 0;
}

static int empty(void **state)
{
	(void)state;
	sysctl_conf_free(&conf);
	return 0;
}

static void lines_are_assignments(void **state)
{
	(void)state;
	read_text("# a comment\n; another\n\n  vm.a = 1  \nvm/b=2\n/vm/c = 3 4\t5\nkernel.d=\n"
		  "-vm.e = 5\nvm.f = a=b\n");
	assert_string_equal(value_of("vm.a"), "1");
	assert_int_equal(line_of("vm.a"), 4);
	assert_string_equal(value_of("vm.b"), "2");
	assert_string_equal(value_of("vm.c"), "3 4\t5");
	assert_string_equal(value_of("kernel.d"), "");
	assert_string_equal(value_of("vm.e"), "5");
	assert_true(sysctl_conf_find(&conf, "vm.e")->ignore_failure);
	assert_string_equal(value_of("vm.f"), "a=b");
	assert_null(conf.files[0].note);
}

static void the_first_separator_tells_what_separates(void **state)
{
	(void)state;
	read_text("net.ipv4.conf.eth0/5.x = 1\nnet/ipv4/conf/eth1.5/x = 2\nvm//./g = 3\n");
	assert_string_equal(conf.assigns[0]->path, "net/ipv4/conf/eth0.5/x");
	assert_string_equal(conf.assigns[1]->path, "net/ipv4/conf/eth1.5/x");
	assert_string_equal(value_of("net.ipv4.conf.eth1/5.x"), "2");
	assert_string_equal(value_of("vm.g"), "3");
}

static void the_last_wins_and_tells_what_it_overrode(void **state)
{
	const struct sysctl_assign *a;

	(void)state;
	read_text("vm.a = 1\nvm/a = 2\n");
	read_text("vm.a = 3\n");
	a = sysctl_conf_find(&conf, "vm.a");
	assert_string_equal(a->value, "3");
	assert_int_equal(a->file, 1);
	assert_string_equal(a->overrode->value, "2");
	assert_int_equal(a->overrode->line, 2);
	assert_string_equal(a->overrode->overrode->value, "1");
	assert_null(a->overrode->overrode->overrode);
}

static void names_beat_globs(void **state)
{
	(void)state;
	read_text("vm.dirty_ratio = 7\nvm.dirty_* = 1\n-vm.dirty_bytes\nvm.d* = 2\n*.dirty_ratio = "
		  "9\n");
	assert_string_equal(value_of("vm.dirty_ratio"), "7");
	assert_string_equal(value_of("vm.dirty_background_ratio"), "2");
	assert_string_equal(value_of("vm.dirty_bytes"), "(none)");
	assert_string_equal(value_of("kernel.dirty_ratio"), "9");
	assert_string_equal(value_of("vm.swappiness"), "(none)");
	read_text("vm.dirty_* = 3\n"); /* moves behind the other */
	assert_string_equal(value_of("vm.dirty_background_ratio"), "3");
	read_text("vm.d* = 2\n"); /* the same again keeps its place */
	assert_string_equal(value_of("vm.dirty_background_ratio"), "3");
}

static void a_glob_goes_folder_by_folder(void **state)
{
	(void)state;
	read_text("vm/[a/b] = 1\nvm/*/c = 2\nkernel/[!a] = 3\nvm/x\\*y = 4\n");
	assert_string_equal(value_of("vm.a"), "(none)");
	assert_string_equal(value_of("vm.b"), "(none)");
	assert_string_equal(value_of("vm.d.c"), "2");
	assert_string_equal(value_of("vm.d.e.c"), "(none)");
	assert_string_equal(value_of("vm./hidden.c"), "(none)");
	assert_string_equal(value_of("kernel.b"), "3");
	assert_string_equal(value_of("kernel.a"), "(none)");
	assert_string_equal(value_of("vm.x*y"), "4");
}

static void a_minus_alone_takes_a_value_back(void **state)
{
	(void)state;
	read_text("vm.a = 1\n-vm.a\n");
	assert_string_equal(value_of("vm.a"), "(none)");
	read_text("vm.a = 2\n");
	assert_string_equal(value_of("vm.a"), "2");
}

static void line_ends_are_those_of_systemd(void **state)
{
	static const char text[] = "vm.a=1\r\nvm.b=2\rvm.c=3\0vm.d=4\n\nvm.e=5";

	(void)state;
	read_n(text, sizeof(text) - 1);
	assert_string_equal(value_of("vm.a"), "1");
	assert_string_equal(value_of("vm.b"), "2");
	assert_string_equal(value_of("vm.c"), "3");
	assert_string_equal(value_of("vm.d"), "4");
	assert_int_equal(line_of("vm.b"), 2);
	assert_int_equal(line_of("vm.e"), 6);
	assert_string_equal(conf.files[0].note, "is no text file");
}

static void what_is_no_assignment_is_counted(void **state)
{
	(void)state;
	read_text("vm.a = 1\nhello\n/../../etc/x = 1\nvm.\x1b[31m = 1\n = 4\nvm.b = 2\n");
	assert_string_equal(value_of("vm.b"), "2");
	assert_int_equal(conf.nr_assigns, 2);
	assert_string_equal(conf.files[0].note,
			    "line 2 is no assignment, and 3 more are passed over");
}

static void binary_content_is_one_note(void **state)
{
	static char junk[100000];
	unsigned int seed = 1;

	(void)state;
	for (size_t i = 0; i < sizeof(junk); i++)
		junk[i] = (char)rand_r(&seed);
	read_n(junk, sizeof(junk));
	assert_true(str_starts(conf.files[0].note, "is no text file; line "));
	assert_null(strchr(conf.files[0].note, '\n'));
}

static void a_byte_order_mark_is_told_of(void **state)
{
	(void)state;
	read_text("\xef\xbb\xbfvm.a = 1\nvm.b = 2\n");
	assert_string_equal(value_of("vm.a"), "(none)");
	assert_string_equal(value_of("vm.b"), "2");
	assert_string_equal(
		conf.files[0].note,
		"line 1 begins with a byte order mark, which systemd does not take away");
}

static void a_line_goes_on_nowhere(void **state)
{
	(void)state;
	read_text("vm.a = 1 \\\nvm.b = 2 # two\nvm.c \t = 3 4  \n");
	assert_string_equal(value_of("vm.a"), "1 \\");
	assert_string_equal(value_of("vm.b"), "2 # two");
	assert_string_equal(value_of("vm.c"), "3 4");
}

static void what_stands_behind_a_number_is_nothing(void **state)
{
	int64_t n = 0;

	(void)state;
	assert_true(sysctl_number("2 # two", &n));
	assert_int_equal(n, 2);
	assert_false(sysctl_number("2# two", &n));
	assert_false(sysctl_number("2 3", &n));
	assert_true(sysctl_same("2", "2\t#two"));
	assert_false(sysctl_same("3", "2 # two"));
}

static void of_a_pair_the_last_stays(void **state)
{
	(void)state;
	read_text("vm.dirty_ratio = 10\nvm.dirty_bytes = 65536\nvm.dirty_background_bytes = 8192\n"
		  "vm.dirty_background_ratio = 5\nvm.overcommit_kbytes = x\nvm.overcommit_ratio = "
		  "50\n");
	assert_int_equal(sysctl_conf_settle(&conf), 0);
	assert_string_equal(value_of("vm.dirty_ratio"), "0");
	assert_int_equal(line_of("vm.dirty_ratio"), 2);
	assert_string_equal(sysctl_conf_find(&conf, "vm.dirty_ratio")->by->name, "vm.dirty_bytes");
	assert_string_equal(sysctl_conf_find(&conf, "vm.dirty_ratio")->overrode->value, "10");
	assert_string_equal(value_of("vm.dirty_bytes"), "65536");
	assert_string_equal(value_of("vm.dirty_background_ratio"), "5");
	assert_string_equal(value_of("vm.dirty_background_bytes"), "0");
	assert_string_equal(value_of("vm.overcommit_ratio"), "50"); /* "x" is refused */
}

static void a_default_goes_as_well(void **state)
{
	(void)state;
	read_text(
		"vm.dirty_bytes = 4096\nvm.overcommit_kbytes = 0\nvm.dirty_background_ratio = 5\n");
	assert_int_equal(sysctl_conf_settle(&conf), 0);
	assert_string_equal(value_of("vm.dirty_ratio"), "(none)"); /* less than two pages */
	assert_string_equal(value_of("vm.overcommit_ratio"), "0");
	assert_string_equal(value_of("vm.dirty_background_bytes"), "(none)");
}

static void an_endless_line_ends_the_file(void **state)
{
	size_t n = MiB(2);
	char *text __free = malloc(n);

	(void)state;
	memset(text, 'x', n);
	memcpy(text, "vm.a = 1\n", 9);
	memcpy(text + n - 10, "\nvm.b = 2\n", 10);
	read_n(text, n);
	assert_string_equal(value_of("vm.a"), "1");
	assert_string_equal(value_of("vm.b"), "(none)");
	assert_string_equal(conf.files[0].note,
			    "line 2 is longer than 1 MiB: the file is read up to there");
}

static void quotes_are_a_shells(void **state)
{
	static const char text[] = "PATH=/bin\nvm.a=\"1\"\nvm.b='2'\nvm.c=\"3\nhello\n";

	(void)state;
	sysctl_conf_add_file(&conf, "/etc/default/x", NULL);
	assert_int_equal(sysctl_conf_read(&conf, 0, text, strlen(text), true), 0);
	assert_string_equal(value_of("vm.a"), "1");
	assert_string_equal(value_of("vm.b"), "2");
	assert_string_equal(value_of("vm.c"), "\"3");
	assert_int_equal(conf.nr_assigns, 3);
	assert_null(conf.files[0].note);
}

static void many_lines_take_little_time(void **state)
{
	size_t nr = 200000, cap = nr * 24, at = 0;
	char *text __free = malloc(cap);

	(void)state;
	for (size_t i = 0; i < nr; i++)
		at += (size_t)snprintf(text + at, cap - at, "vm.k%zu = %zu\n", i, i);
	read_n(text, at);
	assert_string_equal(value_of("vm.k199999"), "199999");
}

static void which_bear_on_memory(void **state)
{
	(void)state;
	assert_true(sysctl_is_memory("vm.panic_on_oom"));
	assert_true(sysctl_is_memory("kernel.panic_on_oops"));
	assert_true(sysctl_is_memory("vm.*"));
	assert_true(sysctl_is_memory("kernel.pan*"));
	assert_true(sysctl_is_memory("*"));
	assert_false(sysctl_is_memory("kernel.core_pattern"));
	assert_false(sysctl_is_memory("net.*.vm.x"));
	assert_false(sysctl_is_memory("vmx.a"));
}

int main(void)
{
	const struct CMUnitTest texts[] = {
		cmocka_unit_test_teardown(lines_are_assignments, empty),
		cmocka_unit_test_teardown(the_first_separator_tells_what_separates, empty),
		cmocka_unit_test_teardown(the_last_wins_and_tells_what_it_overrode, empty),
		cmocka_unit_test_teardown(names_beat_globs, empty),
		cmocka_unit_test_teardown(a_glob_goes_folder_by_folder, empty),
		cmocka_unit_test_teardown(a_minus_alone_takes_a_value_back, empty),
		cmocka_unit_test_teardown(line_ends_are_those_of_systemd, empty),
		cmocka_unit_test_teardown(what_is_no_assignment_is_counted, empty),
		cmocka_unit_test_teardown(binary_content_is_one_note, empty),
		cmocka_unit_test_teardown(a_byte_order_mark_is_told_of, empty),
		cmocka_unit_test_teardown(a_line_goes_on_nowhere, empty),
		cmocka_unit_test_teardown(what_stands_behind_a_number_is_nothing, empty),
		cmocka_unit_test_teardown(of_a_pair_the_last_stays, empty),
		cmocka_unit_test_teardown(a_default_goes_as_well, empty),
		cmocka_unit_test_teardown(an_endless_line_ends_the_file, empty),
		cmocka_unit_test_teardown(quotes_are_a_shells, empty),
		cmocka_unit_test_teardown(many_lines_take_little_time, empty),
		cmocka_unit_test_teardown(which_bear_on_memory, empty),
	};

	return cmocka_run_group_tests(texts, NULL, NULL);
}
