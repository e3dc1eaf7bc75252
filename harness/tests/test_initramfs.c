// SPDX-License-Identifier: MIT
/* The guest's archive: what is in it, and that equal programs give equal bytes. */
#include "harness/folder.h"
#include "harness/modules.h"
#include "harness/programs.h"
#include "harness/vm.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <cmocka.h>
#include <fnmatch.h>

static char top[64];

static const char *in_top(const char *name)
{
	static char paths[4][200];
	static unsigned int i;
	char *p = paths[i++ % ARRAY_SIZE(paths)];

	snprintf(p, sizeof(paths[0]), "%s/%s", top, name);
	return p;
}

static int set_up(void **state)
{
	struct fail f;

	(void)state;
	str_copy(top, sizeof(top), "/tmp/oomlab-test-XXXXXX");
	if (!mkdtemp(top))
		return -1;
	return folder_write(in_top("lab"), "I am oomlab", &f)
		       ?: folder_write(in_top("hog"), "I am oomhog", &f);
}

static int tear_down(void **state)
{
	(void)state;
	return folder_remove(top);
}

/* One line for each entry: path, type and mode in octal, size, device, mtime. */
static void list(const char *file, char *buf, size_t len)
{
	struct archive *a = archive_read_new();
	struct archive_entry *e;
	size_t n = 0;

	archive_read_support_format_cpio(a);
	assert_int_equal(archive_read_open_filename(a, file, 4096), ARCHIVE_OK);
	while (archive_read_next_header(a, &e) == ARCHIVE_OK)
		n += snprintf(buf + n, len - n, "%s %o %lld %u:%u %lld\n",
			      archive_entry_pathname(e), archive_entry_mode(e),
			      (long long)archive_entry_size(e), major(archive_entry_rdev(e)),
			      minor(archive_entry_rdev(e)), (long long)archive_entry_mtime(e));
	archive_read_free(a);
}

static void contents(void **state)
{
	char text[1000];
	struct fail f;

	(void)state;
	assert_int_equal(initramfs_write(in_top("a"), in_top("lab"), in_top("hog"), &f), 0);
	list(in_top("a"), text, sizeof(text));
	assert_string_equal(text, "dev 40755 0 0:0 0\ndev/console 20600 0 5:1 0\n"
				  "init 100755 11 0:0 0\noomhog 100755 11 0:0 0\n"
				  "proc 40755 0 0:0 0\nrun 40755 0 0:0 0\nsys 40755 0 0:0 0\n"
				  "tmp 41777 0 0:0 0\n");
}

static void equal_programs_give_equal_archives(void **state)
{
	static char a[65536], b[65536];
	size_t n, m;
	struct fail f;
	FILE *in;

	(void)state;
	assert_int_equal(initramfs_write(in_top("a"), in_top("lab"), in_top("hog"), &f), 0);
	assert_int_equal(folder_write(in_top("hog"), "I am oomhog", &f),
			 0); /* another inode, time */
	assert_int_equal(initramfs_write(in_top("b"), in_top("lab"), in_top("hog"), &f), 0);
	in = fopen(in_top("a"), "re");
	n = fread(a, 1, sizeof(a), in);
	fclose(in);
	in = fopen(in_top("b"), "re");
	m = fread(b, 1, sizeof(b), in);
	fclose(in);
	assert_int_equal(n, m);
	assert_memory_equal(a, b, n);
	assert_int_equal(n % 4, 0); /* another archive may stand behind it */
}

static void failures_leave_no_archive(void **state)
{
	struct fail f;

	(void)state;
	assert_int_equal(initramfs_write(in_top("a"), in_top("lab"), in_top("none"), &f), -ENOENT);
	assert_non_null(strstr(f.where, "none"));
	assert_int_not_equal(access(in_top("a"), F_OK), 0);
	assert_int_not_equal(initramfs_write(in_top("no/such"), in_top("lab"), in_top("hog"), &f),
			     0);
}

/* One package layout has /lib, another /usr/lib; some modules are compressed. */
static void modules_of_a_package(void **state)
{
	static const char *const paths[] = { "lib/modules/6.1.0/kernel/mm/zsmalloc.ko",
					     "usr/lib/modules/7.2/kernel/mm/zsmalloc.ko.xz" };
	struct modules_want w;

	(void)state;
	modules_want(top, &w);
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		unsigned int nr = 0;

		for (size_t j = 0; j < MODULES_WANTED; j++) {
			if (fnmatch(w.want[j].match, paths[i], FNM_PATHNAME))
				continue;
			assert_string_equal(w.want[j].to, in_top("zsmalloc.ko"));
			nr++;
		}
		assert_int_equal(nr, 1);
	}
}

static void modules(void **state)
{
	char text[1000];
	struct fail f;

	(void)state;
	assert_int_equal(modules_pack(top, &f), 0); /* nothing to pack is no mistake */
	assert_int_not_equal(access(in_top("modules.cpio"), F_OK), 0);
	assert_false(modules_have(top, "nvme"));
	assert_int_equal(folder_write(in_top("nvme.ko"), "\177ELF nvme", &f), 0);
	assert_int_equal(folder_write(in_top("nvme-core.ko"), "\177ELF core!", &f), 0);
	assert_true(modules_have(top, "nvme"));
	assert_int_equal(modules_pack(top, &f), 0);
	list(in_top("modules.cpio"), text, sizeof(text));
	assert_string_equal(text, "modules 40755 0 0:0 0\nmodules/nvme-core.ko 100644 10 0:0 0\n"
				  "modules/nvme.ko 100644 9 0:0 0\n");
	assert_int_not_equal(access(in_top("nvme.ko"), F_OK), 0);
}

/* With what it loads, each folder before what is in it; what the host lacks is left out. */
static void programs(void **state)
{
	int root __close = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	static char text[8192];
	char names[64];
	struct fail f;

	(void)state;
	assert_int_equal(programs_pack(in_top("p"), "no-such-program sh", &f), 0);
	list(in_top("p"), text, sizeof(text));
	assert_true(str_starts(text, "programs 40755 0 0:0 0\nprograms/sh 100755 "));
	assert_non_null(strstr(text, "/libc.so."));
	assert_in_range(strstr(text, "\nlib") - text, 1, strstr(text, "/libc.so.") - text);
	assert_null(strstr(text, "no-such-program"));
	programs_read(root, names, sizeof(names));
	assert_string_equal(names, "");
	assert_int_equal(mkdir(in_top("programs"), 0755), 0);
	assert_int_equal(folder_write(in_top("programs/memhog"), "x", &f), 0);
	programs_read(root, names, sizeof(names));
	assert_string_equal(names, "memhog");
	assert_true(program_name_ok("stress-ng"));
	assert_false(program_name_ok("../sh"));
	assert_false(program_name_ok("a b"));
	assert_false(program_name_ok("--help"));
	assert_false(program_name_ok(""));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(contents),
		TEST(equal_programs_give_equal_archives),
		TEST(failures_leave_no_archive),
		TEST(modules),
		TEST(modules_of_a_package),
		TEST(programs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
