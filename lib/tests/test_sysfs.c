// SPDX-License-Identifier: MIT
/* Knobs below /sys: which paths are let through, and what reads back differently. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lib/fs.h"
#include "lib/sysfs.h"

#include <fcntl.h>
#include <sys/stat.h>

static void paths(void **state)
{
	static const char *const good[] = {
		"/sys/kernel/mm/ksm/run",
		"/sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages",
		"/sys/module/zswap/parameters/enabled",
		"/sys/a..b/c.d",
	};
	static const char *const bad[] = {
		"",	    "/sys",	"/sys/",    "sys/kernel/mm", "/proc/sys/vm",
		"/sysx/a",  "/sys//a",	"/sys/a/",  "/sys/../etc/a", "/sys/./a",
		"/sys/a b", "/sys/a\n", "/sys/a%n", "/sys/a/..",
	};
	char longest[SYSFS_PATH_MAX + 1];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_true(sysfs_path_ok(good[i]));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(sysfs_path_ok(bad[i]));
	memset(longest, 'a', sizeof(longest));
	memcpy(longest, "/sys/", 5);
	longest[SYSFS_PATH_MAX] = '\0';
	assert_false(sysfs_path_ok(longest));
	longest[SYSFS_PATH_MAX - 1] = '\0';
	assert_true(sysfs_path_ok(longest));
}

static void reads_back(void **state)
{
	(void)state;
	assert_true(sysfs_took("madvise", "madvise"));
	assert_true(sysfs_took("0", "0x0000"));
	assert_true(sysfs_took("7", "0x0007"));
	assert_true(sysfs_took("1", "Y"));
	assert_true(sysfs_took("n", "N"));
	assert_false(sysfs_took("1", "N"));
	assert_false(sysfs_took("", "Y"));
	assert_false(sysfs_took("32", "31")); /* huge pages that were not to be had */
	assert_false(sysfs_took("never", "always"));
	assert_false(sysfs_took("-1", "18446744073709551615"));
}

static void files(void **state)
{
	char top[] = "/tmp/oomlab-sysfs-XXXXXX", buf[64];
	int root __close = -1, fd __close = -1;

	(void)state;
	assert_non_null(mkdtemp(top));
	root = fs_root_open(top);
	assert_true(root >= 0);
	assert_int_equal(mkdirat(root, "sys", 0755), 0);
	fd = openat(root, "sys/enabled", O_CREAT | O_RDWR | O_CLOEXEC, 0644);
	assert_int_equal(write(fd, "always [madvise] never\n", 23), 23);
	assert_int_equal(sysfs_get(root, "/sys/enabled", buf, sizeof(buf)), 7);
	assert_string_equal(buf, "madvise");
	assert_int_equal(sysfs_set(root, "/sys/enabled", "never "), 0);
	assert_true(sysfs_get(root, "/sys/enabled", buf, sizeof(buf)) > 0);
	assert_true(str_starts(buf, "madvise")); /* a plain file keeps what stood behind */
	assert_int_equal(sysfs_get(root, "/sys/../enabled", buf, sizeof(buf)), -EINVAL);
	assert_int_equal(sysfs_set(root, "/sys/none", "1"), -ENOENT);
	unlinkat(root, "sys/enabled", 0);
	unlinkat(root, "sys", AT_REMOVEDIR);
	rmdir(top);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths),
		cmocka_unit_test(reads_back),
		cmocka_unit_test(files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
