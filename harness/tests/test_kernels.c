// SPDX-License-Identifier: MIT
/*
 * Names of kernels and the cache, without a network: apt-get and apt-cache are scripts of ours in a
 * PATH of ours, the package is made here.
 */
#include "harness/archive.h"
#include "harness/folder.h"
#include "harness/kernels.h"
#include "harness/kernels_cache.h"

#include <archive.h>
#include <archive_entry.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <cmocka.h>

static char top[64], cache[100], old_path[4096], said[4096];

static void path_in(char *buf, size_t len, const char *name)
{
	snprintf(buf, len, "%s/%s", top, name);
}

static void make(const char *name, const char *text, mode_t mode)
{
	struct fail f;
	char path[200];

	path_in(path, sizeof(path), name);
	assert_int_equal(folder_write(path, text, &f), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static int set_up(void **state)
{
	char bin[100];
	struct fail f;

	(void)state;
	str_copy(top, sizeof(top), "/tmp/oomlab-test-XXXXXX");
	if (!mkdtemp(top))
		return -1;
	str_copy(old_path, sizeof(old_path), getenv("PATH") ?: "");
	path_in(cache, sizeof(cache), "cache");
	path_in(bin, sizeof(bin), "bin");
	said[0] = '\0';
	setenv("OOMLAB_CACHE", cache, 1);
	setenv("PATH", bin, 1);
	unsetenv("OOMLAB_QEMU");
	return folder_make(bin, &f);
}

static int tear_down(void **state)
{
	(void)state;
	setenv("PATH", old_path, 1);
	unsetenv("OOMLAB_CACHE");
	return folder_remove(top);
}

static void progress(const char *line)
{
	size_t n = strlen(said);

	snprintf(said + n, sizeof(said) - n, "%s\n", line);
}

static void assert_no(const char *spec, int err, const char *part)
{
	struct kernel k;
	struct fail f = {};

	assert_int_equal(kernel_get(spec, progress, &k, &f), err);
	if (!strstr(f.where, part))
		fail_msg("'%s' is not in '%s'", part, f.where);
	assert_null(strchr(f.where, '\n'));
}

static void bad_names(void **state)
{
	static const char *const names[] = {
		"debian:",     "debian:6",	   "debian:6.",	    "debian:.1",
		"debian:6..1", "debian:6.1/../..", "debian:6.1 ",   "debian:bookworm",
		"debian:-1.2", "debian:6.1;x",	   "debian:Latest",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_no(names[i], -EINVAL, "debian:6.1 (or debian:latest)");
	assert_no("/nonexistent/vmlinuz", -EINVAL, "give the path of an image");
	assert_no("6.1", -EINVAL, "give the path of an image");
	assert_no("/bin/sh", -EINVAL, "no x86-64 kernel");
	assert_no("/tmp", -EINVAL, "no kernel was built there");
}

static void cache_must_be_absolute(void **state)
{
	(void)state;
	setenv("OOMLAB_CACHE", "relative", 1);
	assert_no("debian:6.1", -EINVAL, "absolute");
}

static void no_apt_here(void **state)
{
	(void)state;
	assert_no("debian:6.1", -ENOENT, "no apt-get");
}

/* A whole kernel in the cache needs no program at all. */
static void cached(void **state)
{
	struct fail f;
	struct kernel k;
	char dir[200];

	(void)state;
	path_in(dir, sizeof(dir), "cache/linux-image-x_6.1.9-1");
	assert_int_equal(folder_make(dir, &f), 0);
	make("cache/linux-image-x_6.1.9-1/vmlinuz", "x", 0644);
	make("cache/linux-image-x_6.1.9-1/config",
	     "CONFIG_SWAP=y\nCONFIG_SWAPX=m\n# CONFIG_Y is not set\n", 0644);
	make("cache/linux-image-x_6.1.9-1/kernel.json",
	     "{\"package\":\"linux-image-x\",\"version\":\"6.1.9-1\",\"release\":\"6.1.0-9\","
	     "\"format\":2}",
	     0644);
	assert_int_equal(
		kernels_cache_link(cache, "debian-6.1-cloud-amd64", "linux-image-x_6.1.9-1", &f),
		0);
	assert_int_equal(kernel_get("debian:6.1", NULL, &k, &f), 0);
	assert_string_equal(k.spec, "debian:6.1");
	assert_string_equal(k.release, "6.1.0-9");
	assert_string_equal(k.package, "linux-image-x 6.1.9-1");
	assert_non_null(strstr(k.image, "/vmlinuz")); /* there is no vmlinux */
	assert_int_equal(kernel_config(&k, "SWAP"), 1);
	assert_int_equal(kernel_config(&k, "SWAPX"), 0);
	assert_int_equal(kernel_config(&k, "SWA"), 0);
	assert_int_equal(kernel_config(&k, "Y"), 0);
	k.config[0] = '\0';
	assert_int_equal(kernel_config(&k, "SWAP"), -ENOENT);
	/* What is not ours is not believed, and not used. */
	make("cache/linux-image-x_6.1.9-1/kernel.json", "{\"package\":7}", 0644);
	assert_int_not_equal(kernel_get("debian:6.1", NULL, &k, &f), 0);
}

static bool is_cached(const char *link)
{
	struct kernel k;
	struct fail f;
	char dir[200];

	snprintf(dir, sizeof(dir), "%s/%s", cache, link);
	return !kernels_cache_load(dir, &k, &f);
}

static void need_debian_sources(void)
{
	struct deb_sources s = {};
	struct fail f;
	int err = deb_sources_read("/etc/apt", &s, &f);

	deb_sources_free(&s);
	if (err) {
		printf("skip: this machine has no Debian apt source\n");
		skip();
	}
}

static void apt_fails(void **state)
{
	(void)state;
	need_debian_sources();
	make("bin/apt-cache", "#!/bin/sh\nexit 100\n", 0755);
	make("bin/apt-get", "#!/bin/sh\necho 'E: The mirror is asleep' >&2\nexit 100\n", 0755);
	assert_no("debian:6.1", -EIO, "The mirror is asleep");
	assert_false(is_cached("debian-6.1-cloud-amd64"));
}

/* apt of a mirror with one kernel; "download" copies $top/package.deb. */
static void make_apt(void)
{
	char text[1024];

	make("bin/apt-cache",
	     "#!/bin/sh\n"
	     "case $3 in\n"
	     "pkgnames) echo linux-image-6.1.0-56-cloud-amd64;;\n"
	     "madison) echo 'linux-image-6.1.0-56-cloud-amd64 | 6.1.192-2 | x';;\n"
	     "show) echo 'Depends: kmod';;\n"
	     "esac\n",
	     0755);
	snprintf(text, sizeof(text),
		 "#!/bin/sh\n"
		 "PATH=/usr/bin:/bin\n"
		 "case $4 in\n"
		 "update) touch \"$(dirname \"$3\")/lists/x_Packages\";;\n"
		 "download) cp %s/package.deb "
		 "./linux-image-6.1.0-56-cloud-amd64_6.1.192-2_amd64.deb;;\n"
		 "esac\n",
		 top);
	make("bin/apt-get", text, 0755);
}

static void package_is_broken(void **state)
{
	char path[200];

	(void)state;
	need_debian_sources();
	make_apt();
	make("package.deb", "!<arch>\ntrunc", 0644);
	assert_no("debian:6.1", -EBADMSG, ".deb");
	assert_false(is_cached("debian-6.1-cloud-amd64"));
	path_in(path, sizeof(path), "cache/.part");
	assert_int_not_equal(access(path, F_OK), 0); /* no half of a kernel is left */
	assert_no("debian:6.2", -EINVAL, "no Debian suite at hand has a kernel 6.2");
}

static void add_file(struct archive *a, const char *name, const char *text, size_t len)
{
	struct archive_entry *e = archive_entry_new();

	archive_entry_set_pathname(e, name);
	archive_entry_set_filetype(e, AE_IFREG);
	archive_entry_set_perm(e, 0644);
	archive_entry_set_size(e, len);
	assert_int_equal(archive_write_header(a, e), ARCHIVE_OK);
	assert_int_equal(archive_write_data(a, text, len), len);
	archive_entry_free(e);
}

/* A .deb with a config and a bzImage that is nothing but its header. */
static void make_package(const char *vmlinuz)
{
	static char tar[KiB(64)], image[0x400];
	struct archive *a = archive_write_new();
	size_t used = 0;
	char path[200];

	memcpy(image + 0x1fe, "\x55\xaaxxHdrS\x0f\x02", 10);
	memcpy(image + 0x20e, "\x00\x01", 2);
	memcpy(image + 0x300, "6.1.0-56-cloud-amd64 (x)", 25);
	archive_write_add_filter_xz(a);
	archive_write_set_format_pax_restricted(a);
	assert_int_equal(archive_write_open_memory(a, tar, sizeof(tar), &used), ARCHIVE_OK);
	add_file(a, "./boot/config-6.1.0-56-cloud-amd64", "CONFIG_SWAP=y\n", 14);
	add_file(a, vmlinuz, image, sizeof(image));
	assert_int_equal(archive_write_close(a), ARCHIVE_OK);
	archive_write_free(a);
	a = archive_write_new();
	archive_write_set_format_ar_svr4(a);
	path_in(path, sizeof(path), "package.deb");
	assert_int_equal(archive_write_open_filename(a, path), ARCHIVE_OK);
	add_file(a, "debian-binary", "2.0\n", 4);
	add_file(a, "data.tar.xz", tar, used);
	assert_int_equal(archive_write_close(a), ARCHIVE_OK);
	archive_write_free(a);
}

static void fetched(void **state)
{
	struct kernel k;
	struct fail f;

	(void)state;
	need_debian_sources();
	make_apt();
	make_package("./boot/vmlinuz-6.1.0-56-cloud-amd64");
	assert_int_equal(kernel_get("debian:6.1", progress, &k, &f), 0);
	assert_string_equal(k.release, "6.1.0-56-cloud-amd64");
	assert_string_equal(k.package, "linux-image-6.1.0-56-cloud-amd64 6.1.192-2");
	assert_int_equal(kernel_config(&k, "SWAP"), 1);
	assert_non_null(strstr(said, "downloading linux-image-6.1.0-56-cloud-amd64 6.1.192-2"));
	/* Asked again, nothing is run. */
	make("bin/apt-get", "#!/bin/sh\nexit 1\n", 0755);
	assert_int_equal(kernel_get("debian:6.1", progress, &k, &f), 0);
}

/* What an older oomlab extracted lacks modules: fetched again, or used as it is where that fails. */
static void stale(void **state)
{
	static const char old[] = "{\"package\":\"linux-image-x\",\"version\":\"6.1.9-1\","
				  "\"release\":\"6.1.0-9\"}";
	struct kernel k;
	struct fail f;
	char dir[200];

	(void)state;
	need_debian_sources();
	path_in(dir, sizeof(dir), "cache/old");
	assert_int_equal(folder_make(dir, &f), 0);
	make("cache/old/vmlinuz", "x", 0644);
	make("cache/old/kernel.json", old, 0644);
	assert_int_equal(kernels_cache_link(cache, "debian-6.1-cloud-amd64", "old", &f), 0);
	assert_int_equal(kernel_get("debian:6.1", progress, &k, &f), 0);
	assert_string_equal(k.release, "6.1.0-9");
	assert_non_null(strstr(said, "used as an older oomlab left it, without zram"));
	make_apt();
	make_package("./boot/vmlinuz-6.1.0-56-cloud-amd64");
	assert_int_equal(kernel_get("debian:6.1", progress, &k, &f), 0);
	assert_string_equal(k.release, "6.1.0-56-cloud-amd64");
	assert_false(k.stale);
}

static void package_without_an_image(void **state)
{
	(void)state;
	need_debian_sources();
	make_apt();
	make_package("../../../../tmp/vmlinuz-6.1");
	assert_no("debian:6.1", -EIO, "hold a vmlinuz");
	assert_false(is_cached("debian-6.1-cloud-amd64"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(bad_names),   TEST(cache_must_be_absolute),
		TEST(no_apt_here), TEST(cached),
		TEST(apt_fails),   TEST(package_is_broken),
		TEST(fetched),	   TEST(package_without_an_image),
		TEST(stale),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
