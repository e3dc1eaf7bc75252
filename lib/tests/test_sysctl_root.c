// SPDX-License-Identifier: MIT
/* The sysctl.d folders of made-up roots: lib/sysctl_root.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "lib/fs.h"
#include "lib/sysctl_root.h"

static struct sysctl_conf conf;
static char dir[64];
static int root;
static struct sysctl_source src;

static const char *value_of(const char *name)
{
	const struct sysctl_assign *a = sysctl_conf_find(&conf, name);

	return a ? a->value : "(none)";
}

static int empty(void **state)
{
	(void)state;
	sysctl_conf_free(&conf);
	return 0;
}

static void put(const char *name, const char *text)
{
	char path[256];
	int fd __close = -1;

	str_copy(path, sizeof(path), name);
	for (char *p = strchr(path, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		mkdirat(root, path, 0700);
		*p = '/';
	}
	fd = openat(root, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
}

static int make_tree(void **state)
{
	(void)state;
	str_copy(dir, sizeof(dir), "/tmp/test_sysctl.XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	root = fs_root_open(dir);
	src = sysctl_folder(&root);
	put("etc/sysctl.d/50-b.conf", "vm.a = etc\nvm.b = etc\n");
	put("run/sysctl.d/50-b.conf", "vm.a = run\n");
	put("usr/lib/sysctl.d/10-a.conf", "vm.a = usr\nvm.c = usr\n");
	put("usr/lib/sysctl.d/90-z.conf", "vm.d = usr\n");
	put("usr/local/lib/sysctl.d/90-z.conf", "vm.d = local\n");
	put("usr/lib/sysctl.d/95-masked.conf", "vm.e = usr\n");
	put("usr/lib/sysctl.d/96-other", "vm.f = 1\n");
	put("usr/lib/sysctl.d/.97-hidden.conf", "vm.f = 1\n");
	put("etc/sysctl.conf", "vm.g = 1\n");
	return root < 0 || symlinkat("/dev/null", root, "etc/sysctl.d/95-masked.conf") ||
	       symlinkat("usr/lib", root, "lib");
}

static int remove_tree(void **state)
{
	char command[100];
	pid_t pid = fork();

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	if (pid == 0)
		execl("/bin/sh", "sh", "-c", command, NULL);
	close(root);
	return waitpid(pid, NULL, 0) != pid;
}

static const char *note_of(const char *path)
{
	for (size_t i = 0; i < conf.nr_files; i++)
		if (str_eq(conf.files[i].path, path))
			return conf.files[i].note ? conf.files[i].note : "";
	return "(no such file)";
}

static void read_tree(void)
{
	struct fail f = { 0 };

	sysctl_conf_free(&conf);
	assert_int_equal(sysctl_root_read(&src, &conf, &f), 0);
}

static void the_name_decides_the_order_and_the_folder_hides(void **state)
{
	(void)state;
	read_tree();
	assert_string_equal(value_of("vm.a"), "etc");
	assert_string_equal(value_of("vm.b"), "etc");
	assert_string_equal(value_of("vm.c"), "usr");
	assert_string_equal(value_of("vm.d"), "local");
	assert_string_equal(value_of("vm.e"), "(none)");
	assert_string_equal(value_of("vm.f"), "(none)");
	assert_string_equal(value_of("vm.g"), "(none)");
	assert_string_equal(note_of("/run/sysctl.d/50-b.conf"),
			    "hidden by /etc/sysctl.d/50-b.conf");
	assert_string_equal(note_of("/usr/lib/sysctl.d/95-masked.conf"),
			    "hidden by /etc/sysctl.d/95-masked.conf");
	assert_string_equal(note_of("/etc/sysctl.d/95-masked.conf"),
			    "is a link to /dev/null: none of this name is read");
	assert_string_equal(note_of("/lib/sysctl.d/90-z.conf"), "(no such file)"); /* is /usr/lib */
	assert_string_equal(note_of("/etc/sysctl.conf"),
			    "is not read: no link in sysctl.d leads there; it has 1 setting");
}

/* systemd 252 to 257: also a folder or a FIFO of that name is what is found first. */
static void whatever_has_the_name_hides(void **state)
{
	(void)state;
	put("usr/lib/sysctl.d/40-dir.conf", "vm.h = 1\n");
	assert_int_equal(mkdirat(root, "etc/sysctl.d/40-dir.conf", 0700), 0);
	read_tree();
	assert_string_equal(value_of("vm.h"), "(none)");
	assert_string_equal(note_of("/etc/sysctl.d/40-dir.conf"), "is a folder, not read");
	assert_string_equal(note_of("/usr/lib/sysctl.d/40-dir.conf"),
			    "hidden by /etc/sysctl.d/40-dir.conf");
}

static void sysctl_conf_without_settings_is_no_matter(void **state)
{
	(void)state;
	put("etc/sysctl.conf", "# vm.g = 1\n");
	read_tree();
	assert_string_equal(note_of("/etc/sysctl.conf"), "(no such file)");
	put("etc/sysctl.conf", "vm.g = 1\n");
}

static void the_credential_comes_last(void **state)
{
	(void)state;
	put("usr/lib/credstore/sysctl.extra", "vm.a = lib\n");
	put("etc/credstore/sysctl.extra", "vm.a = extra\n");
	read_tree();
	assert_string_equal(value_of("vm.a"), "extra");
	assert_string_equal(note_of("/usr/lib/credstore/sysctl.extra"), "(no such file)");
	put("usr/lib/credstore.encrypted/sysctl.extra", "x");
	read_tree();
	assert_string_equal(note_of("/usr/lib/credstore.encrypted/sysctl.extra"),
			    "is encrypted, not read");
	assert_int_equal(unlinkat(root, "usr/lib/credstore.encrypted/sysctl.extra", 0), 0);
	assert_int_equal(unlinkat(root, "etc/credstore/sysctl.extra", 0), 0);
	assert_int_equal(unlinkat(root, "usr/lib/credstore/sysctl.extra", 0), 0);
}

static void a_folder_that_cannot_be_read_is_passed_over(void **state)
{
	(void)state;
	assert_int_equal(renameat(root, "run/sysctl.d", root, "run/kept"), 0);
	assert_int_equal(symlinkat("sysctl.d", root, "run/sysctl.d"), 0);
	read_tree();
	assert_string_equal(value_of("vm.a"), "etc");
	assert_string_equal(note_of("/run/sysctl.d"), strerror(ELOOP));
	assert_int_equal(unlinkat(root, "run/sysctl.d", 0), 0);
	assert_int_equal(renameat(root, "run/kept", root, "run/sysctl.d"), 0);
}

static void the_service_may_be_off_or_do_more(void **state)
{
	(void)state;
	read_tree();
	assert_string_equal(note_of("/etc/systemd/system/systemd-sysctl.service"),
			    "(no such file)");
	put("etc/systemd/system/x", "");
	assert_int_equal(symlinkat("/dev/null", root, "etc/systemd/system/systemd-sysctl.service"),
			 0);
	put("usr/lib/systemd/system/systemd-sysctl.service.d/50-kernel.conf", "[Service]\n");
	read_tree();
	assert_string_equal(note_of("/etc/systemd/system/systemd-sysctl.service"),
			    "is a link to /dev/null: no file here is applied at boot");
	assert_string_equal(note_of("/usr/lib/systemd/system/systemd-sysctl.service.d"),
			    "may have systemd-sysctl do more: not read");
	assert_string_equal(note_of("/lib/systemd/system/systemd-sysctl.service.d"),
			    "(no such file)");
}

static void too_much_is_refused(void **state)
{
	size_t cap = 16 * (SYSCTL_ASSIGNS_MAX + 1), at = 0;
	char *text __free = malloc(cap);
	struct fail f = { 0 };

	(void)state;
	for (size_t i = 0; i <= SYSCTL_ASSIGNS_MAX; i++)
		at += (size_t)snprintf(text + at, cap - at, "vm.k%zx=1\n", i);
	put("etc/sysctl.d/70-many.conf", text);
	sysctl_conf_free(&conf);
	assert_int_equal(sysctl_root_read(&src, &conf, &f), -EOVERFLOW);
	assert_string_equal(f.where, "more than 500000 settings in the sysctl.d folders");
	assert_int_equal(unlinkat(root, "etc/sysctl.d/70-many.conf", 0), 0);
}

static void a_link_to_sysctl_conf_reads_it(void **state)
{
	(void)state;
	assert_int_equal(symlinkat("../sysctl.conf", root, "etc/sysctl.d/99-sysctl.conf"), 0);
	read_tree();
	assert_string_equal(value_of("vm.g"), "1");
	assert_string_equal(note_of("/etc/sysctl.conf"), "(no such file)");
}

static void what_is_no_file_is_passed_over(void **state)
{
	(void)state;
	assert_int_equal(mkdirat(root, "etc/sysctl.d/60-dir.conf", 0700), 0);
	assert_int_equal(mkfifoat(root, "etc/sysctl.d/61-fifo.conf", 0600), 0);
	assert_int_equal(symlinkat("62-loop.conf", root, "etc/sysctl.d/62-loop.conf"), 0);
	assert_int_equal(symlinkat("none", root, "etc/sysctl.d/63-dangling.conf"), 0);
	assert_int_equal(
		symlinkat("/../../../../../../etc/hostname", root, "etc/sysctl.d/64-out.conf"), 0);
	assert_int_equal(symlinkat("/61-fifo.conf", root, "etc/sysctl.d/65-fifo.conf"), 0);
	read_tree();
	assert_string_equal(note_of("/etc/sysctl.d/60-dir.conf"), "is a folder, not read");
	assert_string_equal(note_of("/etc/sysctl.d/61-fifo.conf"), "is no regular file, not read");
	assert_string_equal(note_of("/etc/sysctl.d/62-loop.conf"), strerror(ELOOP));
	assert_string_equal(note_of("/etc/sysctl.d/63-dangling.conf"),
			    "leads to no file of this root");
	assert_string_equal(note_of("/etc/sysctl.d/64-out.conf"), "leads to no file of this root");
	assert_string_equal(value_of("vm.a"), "etc");
}

static void named_files_come_last(void **state)
{
	struct fail f = { 0 };

	(void)state;
	put("etc/default/limits", "X=1\nvm.a=\"named\"\n");
	read_tree();
	assert_int_equal(sysctl_root_read_file(&src, "/etc/default/limits", &conf, &f), 0);
	assert_string_equal(value_of("vm.a"), "named");
	assert_int_equal(sysctl_root_read_file(&src, "/../../none", &conf, &f), -ENOENT);
	assert_string_equal(f.where, "/../../none: No such file or directory");
	assert_int_equal(sysctl_root_read_file(&src, "/etc", &conf, &f), -EISDIR);
}

static int count(void *ctx, const char *name, const char *value)
{
	int *seen = ctx;

	*seen += str_eq(name, "vm.a") && value && str_eq(value, "1") ? 1 : 0;
	*seen += str_eq(name, "vm.sub.b") && value && str_eq(value, "2 3") ? 10 : 0;
	return 0;
}

static void the_running_kernels_are_listed(void **state)
{
	int seen = 0;

	(void)state;
	put("proc/sys/vm/a", "1\n");
	put("proc/sys/vm/sub/b", "2 3\n");
	assert_int_equal(sysctl_each(root, count, &seen), 0);
	assert_int_equal(seen, 11);
}

int main(void)
{
	const struct CMUnitTest trees[] = {
		cmocka_unit_test_teardown(the_name_decides_the_order_and_the_folder_hides, empty),
		cmocka_unit_test_teardown(whatever_has_the_name_hides, empty),
		cmocka_unit_test_teardown(sysctl_conf_without_settings_is_no_matter, empty),
		cmocka_unit_test_teardown(the_credential_comes_last, empty),
		cmocka_unit_test_teardown(a_folder_that_cannot_be_read_is_passed_over, empty),
		cmocka_unit_test_teardown(the_service_may_be_off_or_do_more, empty),
		cmocka_unit_test_teardown(too_much_is_refused, empty),
		cmocka_unit_test_teardown(a_link_to_sysctl_conf_reads_it, empty),
		cmocka_unit_test_teardown(what_is_no_file_is_passed_over, empty),
		cmocka_unit_test_teardown(named_files_come_last, empty),
		cmocka_unit_test_teardown(the_running_kernels_are_listed, empty),
	};

	return cmocka_run_group_tests(trees, make_tree, remove_tree);
}
