// SPDX-License-Identifier: MIT
/* lib/fs.c on a tree made for the test: what is read, what is written, what is refused. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "lib/fs.h"

static char dir[64];
static int root;

static void put(const char *name, const char *text)
{
	int fd __close = openat(root, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
}

static int make_tree(void **state)
{
	(void)state;
	str_copy(dir, sizeof(dir), "/tmp/test_fs.XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	root = fs_root_open(dir);
	return root < 0 || mkdirat(root, "sub", 0700) < 0;
}

static int remove_tree(void **state)
{
	static const char *const names[] = { "a", "b", "sub/c", "..d" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		unlinkat(root, names[i], 0);
	unlinkat(root, "sub", AT_REMOVEDIR);
	close(root);
	return rmdir(dir);
}

static void reads_whole_files(void **state)
{
	char buf[16];

	(void)state;
	put("a", "hello\n\n");
	assert_int_equal(fs_read(root, "a", buf, sizeof(buf)), 7);
	assert_string_equal(buf, "hello\n\n");
	assert_int_equal(fs_read_line(root, "a", buf, sizeof(buf)), 6);
	assert_string_equal(buf, "hello\n");
	put("a", "");
	assert_int_equal(fs_read_line(root, "a", buf, sizeof(buf)), 0);
	assert_string_equal(buf, "");
	assert_int_equal(fs_read(root, "none", buf, sizeof(buf)), -ENOENT);
	assert_int_equal(fs_read(root, "sub", buf, sizeof(buf)), -EISDIR);
}

static void a_file_that_does_not_fit_is_told(void **state)
{
	char buf[8] = "xxxxxxx";

	(void)state;
	put("a", "12345");
	assert_int_equal(fs_read(root, "a", buf, 6), 5); /* five and the NUL */
	assert_int_equal(fs_read(root, "a", buf, 5), -ENOBUFS);
	assert_int_equal(fs_read(root, "a", buf, 1), -ENOBUFS);
	assert_int_equal(fs_read(root, "a", buf, 0), -ENOBUFS);
	put("a", "");
	memset(buf, 'x', sizeof(buf));
	assert_int_equal(fs_read(root, "a", buf, 0), -ENOBUFS);
	assert_int_equal(buf[0], 'x');
}

static void names_stay_below_the_root(void **state)
{
	static const char *const names[] = { "/a",	 "",	   "..",       "../a",
					     "sub/../a", "sub/..", "sub//../a" };
	char buf[8];

	(void)state;
	put("a", "1");
	put("..d", "2");
	put("sub/c", "3");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		assert_int_equal(fs_read(root, names[i], buf, sizeof(buf)), -EINVAL);
		assert_int_equal(fs_write(root, names[i], "9"), -EINVAL);
		assert_false(fs_exists(root, names[i]));
	}
	assert_int_equal(fs_read(root, "..d", buf, sizeof(buf)), 1);
	assert_int_equal(fs_read(root, "sub/c", buf, sizeof(buf)), 1);
	assert_true(fs_exists(root, "sub/c"));
	assert_false(fs_exists(root, "sub/d"));
}

static void writes_only_what_exists(void **state)
{
	char buf[32], longer[2048];

	(void)state;
	put("b", "");
	assert_int_equal(fs_write(root, "b", "first"), 0);
	assert_int_equal(fs_writef(root, "b", "%d-%s", 12, "x"), 0);
	assert_int_equal(fs_read(root, "b", buf, sizeof(buf)), 5);
	assert_string_equal(buf, "12-xt"); /* one write, no truncation: these are kernel files */
	assert_int_equal(fs_write(root, "none", "1"), -ENOENT);
	assert_false(fs_exists(root, "none"));
	memset(longer, 'y', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(fs_writef(root, "b", "%s", longer), -ENOBUFS);
}

static void numbers(void **state)
{
	static const struct {
		const char *text;
		int err;
		uint64_t value;
	} rows[] = {
		{ "0\n", 0, 0 },
		{ "83886080\n", 0, 83886080 },
		{ "18446744073709551615", 0, UINT64_MAX },
		{ "max\n", 0, UINT64_MAX },
		{ "18446744073709551616", -EBADMSG, 77 },
		{ "maximum\n", -EBADMSG, 77 },
		{ "-1\n", -EBADMSG, 77 },
		{ "+1\n", -EBADMSG, 77 },
		{ "12a\n", -EBADMSG, 77 },
		{ "\n", -EBADMSG, 77 },
		{ "", -EBADMSG, 77 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t v = 77;

		put("a", rows[i].text);
		assert_int_equal(fs_read_u64(root, "a", &v), rows[i].err);
		assert_int_equal(v, rows[i].value);
	}
}

/* memory.events of 6.12, and lines of /proc/meminfo. */
static void keys_are_whole_words(void **state)
{
	static const char text[] = "low 0\nhigh 0\nmax 35\noom 1\noom_kill 2\noom_group_kill 3\n"
				   "MemFree:          512 kB\nMemFreeX: 9 kB\n\nlast 4";
	uint64_t v = 77;
	char line[16];

	(void)state;
	assert_int_equal(text_key_u64(text, "oom", &v), 0);
	assert_int_equal(v, 1);
	assert_int_equal(text_key_u64(text, "oom_kill", &v), 0);
	assert_int_equal(v, 2);
	assert_int_equal(text_key_u64(text, "low", &v), 0);
	assert_int_equal(v, 0);
	assert_int_equal(text_key_u64(text, "MemFree", &v), 0);
	assert_int_equal(v, 512);
	assert_int_equal(text_key_u64(text, "last", &v), 0);
	assert_int_equal(v, 4);
	assert_int_equal(text_key_u64(text, "kill", &v), -ENOENT);
	assert_int_equal(text_key_u64(text, "oom_", &v), -ENOENT);
	assert_int_equal(text_key_u64("", "oom", &v), -ENOENT);
	assert_int_equal(text_key_u64("oom x\n", "oom", &v), -EBADMSG);
	assert_int_equal(v, 4);
	assert_int_equal(text_key_line("Name:\tx\nState:\tS (sleeping)\n", "State", line, 16), 0);
	assert_string_equal(line, "S (sleeping)");
	assert_int_equal(text_key_line("State:\tS (sleeping)\n", "State", line, 12), -ENOBUFS);
	assert_int_equal(text_key_line("State:\tS\n", "Stat", line, 16), -ENOENT);
	assert_int_equal(text_key_line("a", "a", line, 16), -ENOENT);
	put("a", text);
	assert_int_equal(fs_key_u64(root, "a", "max", &v), 0);
	assert_int_equal(v, 35);
	assert_int_equal(fs_key_u64(root, "none", "max", &v), -ENOENT);
}

static void a_root_must_be_a_directory(void **state)
{
	char name[128];

	(void)state;
	put("a", "");
	snprintf(name, sizeof(name), "%s/a", dir);
	assert_int_equal(fs_root_open(name), -ENOTDIR);
	assert_int_equal(fs_root_open("/none/such"), -ENOENT);
}

/* 0, or what opening says; both ways must agree. */
static int in_root(const char *name)
{
	int a __close = fs_open_in_root(root, name, O_PATH),
	      b __close = fs_walk_in_root(root, name);
	struct stat x, y;

	if (a < 0 || b < 0) {
		assert_int_equal(a, b);
		return a;
	}
	assert_true(fstat(a, &x) == 0 && fstat(b, &y) == 0);
	assert_int_equal(x.st_ino, y.st_ino);
	return 0;
}

static void a_root_of_others_is_not_left(void **state)
{
	static const char *const links[][2] = {
		{ "/a", "sub/abs" },	{ "../../../a", "sub/up" },
		{ "loop", "sub/loop" }, { "/etc/hostname", "sub/out" },
		{ "/sub", "sub/self" }, { ".", "sub/dot" },
	};
	char *text;
	size_t len;

	(void)state;
	put("a", "hello");
	for (size_t i = 0; i < ARRAY_SIZE(links); i++)
		assert_int_equal(symlinkat(links[i][0], root, links[i][1]), 0);
	assert_int_equal(mkfifoat(root, "sub/fifo", 0600), 0);
	assert_int_equal(in_root("/"), 0);
	assert_int_equal(in_root("/a"), 0);
	assert_int_equal(in_root("../../a"), 0);
	assert_int_equal(in_root("sub/abs"), 0);
	assert_int_equal(in_root("sub/up"), 0);
	assert_int_equal(in_root("sub/self/self/dot/./up"), 0);
	assert_int_equal(in_root("sub/loop"), -ELOOP);
	assert_int_equal(in_root("sub/out"), -ENOENT);
	assert_int_equal(in_root("a/b"), -ENOTDIR);
	assert_int_equal(in_root(""), -ENOENT);
	assert_int_equal(fs_read_in_root(root, "/sub/up", 5, &text, &len), 0);
	assert_string_equal(text, "hello");
	assert_int_equal(len, 5);
	free(text);
	assert_int_equal(fs_read_in_root(root, "a", 4, &text, &len), -EFBIG);
	assert_int_equal(fs_read_in_root(root, "sub", 4, &text, &len), -EISDIR);
	assert_int_equal(fs_read_in_root(root, "sub/fifo", 4, &text, &len), -EBADF);
	for (size_t i = 0; i < ARRAY_SIZE(links); i++)
		unlinkat(root, links[i][1], 0);
	unlinkat(root, "sub/fifo", 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_whole_files),
		cmocka_unit_test(a_file_that_does_not_fit_is_told),
		cmocka_unit_test(names_stay_below_the_root),
		cmocka_unit_test(writes_only_what_exists),
		cmocka_unit_test(numbers),
		cmocka_unit_test(keys_are_whole_words),
		cmocka_unit_test(a_root_must_be_a_directory),
		cmocka_unit_test(a_root_of_others_is_not_left),
	};

	return cmocka_run_group_tests(tests, make_tree, remove_tree);
}
