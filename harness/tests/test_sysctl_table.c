// SPDX-License-Identifier: MIT
/* Tables of defaults: what is written is read, and what a larger machine changes is marked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "harness/sysctl_table.h"

static struct sysctl_table parse(const char *text)
{
	struct sysctl_table t;

	assert_int_equal(sysctl_table_parse("k", text, strlen(text), &t), 0);
	return t;
}

static void what_is_written_is_read(void **state)
{
	static const char text[] = "vm.a = 1\nvm.b = ~ 2\n-vm.c\nvm.d = \nvm.e = 1\t2\n";
	struct sysctl_table t = parse(text);
	char *again __free = NULL;
	size_t len;
	FILE *f = open_memstream(&again, &len);

	(void)state;
	assert_int_equal(t.nr, 5);
	assert_true(sysctl_table_find(&t, "vm.b")->by_size);
	assert_string_equal(sysctl_table_find(&t, "vm.b")->value, "2");
	assert_null(sysctl_table_find(&t, "vm.c")->value);
	assert_string_equal(sysctl_table_find(&t, "vm.d")->value, "");
	assert_null(sysctl_table_find(&t, "vm.f"));
	sysctl_table_write(&t, f);
	fclose(f);
	assert_string_equal(again, text);
	sysctl_table_free(&t);
}

static void what_the_machine_changes_is_marked(void **state)
{
	struct sysctl_table t = parse("vm.a = 1\nvm.b = 2\n-vm.c\nvm.d = 4\n");
	struct sysctl_table larger = parse("vm.a = 1\nvm.b = 3\n-vm.c\n");

	(void)state;
	sysctl_table_compare(&t, &larger);
	assert_false(sysctl_table_find(&t, "vm.a")->by_size);
	assert_true(sysctl_table_find(&t, "vm.b")->by_size);
	assert_false(sysctl_table_find(&t, "vm.c")->by_size);
	assert_true(sysctl_table_find(&t, "vm.d")->by_size);
	sysctl_table_free(&t);
	sysctl_table_free(&larger);
}

static void a_kernels_name_is_a_files(void **state)
{
	char buf[64];

	(void)state;
	assert_string_equal(sysctl_table_name("debian:6.1", buf, sizeof(buf)), "debian-6.1");
	assert_string_equal(sysctl_table_name("../x/vmlinuz a", buf, sizeof(buf)), "vmlinuz-a");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(what_the_machine_changes_is_marked),
		cmocka_unit_test(a_kernels_name_is_a_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
