// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "lib/cgroup_mounts.h"
#include "lib/fs.h"
#include "lib/tests/tree.h"

static void mode_of(const char *mountinfo, enum cgroup_mode want)
{
	struct cgroup_mounts m;

	assert_int_equal(cgroup_mounts_parse(mountinfo, &m), 0);
	assert_string_equal(cgroup_mode_name(cgroup_mode(&m)), cgroup_mode_name(want));
}

static void test_modes(void **state)
{
	(void)state;
	mode_of("", CGROUP_MODE_NONE);
	mode_of("36 24 0:31 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n",
		CGROUP_MODE_V1);
	mode_of("36 24 0:31 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
		"40 24 0:39 / /sys/fs/cgroup/unified rw shared:9 - cgroup2 cgroup2 rw\n",
		CGROUP_MODE_HYBRID);
	/* a v2 mount alone does not have memory until cgroup.controllers says so */
	mode_of("40 24 0:39 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate\n",
		CGROUP_MODE_NONE);
}

static void test_words_are_whole(void **state)
{
	struct cgroup_mounts m;

	(void)state;
	assert_true(word_in_list("cpuset cpu memory\n", "memory"));
	assert_false(word_in_list("memory_x xmemory", "memory"));
	assert_int_equal(cgroup_mounts_parse("1 2 0:1 / /a rw - cgroup c rw,memoryx,cpuset\n", &m),
			 0);
	assert_string_equal(m.v1_memory, "");
	assert_string_equal(m.v1_cpuset, "a");
}

static void test_escaped_mount_point(void **state)
{
	struct cgroup_mounts m;

	(void)state;
	assert_int_equal(cgroup_mounts_parse("1 2 0:1 / /my\\040cg rw - cgroup2 x rw\n", &m), 0);
	assert_string_equal(m.v2, "my cg");
}

static void test_long_mount_point(void **state)
{
	char text[800];
	struct cgroup_mounts m;

	(void)state;
	snprintf(text, sizeof(text), "1 2 0:1 / /%0300d rw - cgroup2 x rw\n", 7);
	assert_int_equal(cgroup_mounts_parse(text, &m), -ENAMETOOLONG);
}

static void test_every_prefix_parses(void **state)
{
	static const char line[] =
		"36 24 0:31 / /sys/fs/cgroup/m rw shared:9 - cgroup cgroup rw,memory\n";
	struct cgroup_mounts m;
	char part[sizeof(line)];

	(void)state;
	for (size_t n = 0; n < sizeof(line); n++) {
		memcpy(part, line, n);
		part[n] = '\0';
		assert_int_equal(cgroup_mounts_parse(part, &m), 0);
	}
}

static void read_fixture(const char *dir, enum cgroup_mode want)
{
	int root = fs_root_open(dir);
	struct cgroup_mounts m;

	assert_true(root >= 0);
	assert_int_equal(cgroup_mounts_read(root, &m), 0);
	assert_int_equal(cgroup_mode(&m), want);
	close(root);
}

static void test_fixture_trees(void **state)
{
	(void)state;
	read_fixture("lib/tests/data/v1", CGROUP_MODE_V1);
	read_fixture("lib/tests/data/v2", CGROUP_MODE_V2);
}

static bool at_root(const struct cgroup_mounts *m)
{
	int root = fs_root_open(tree);
	bool is = cgroup_mounts_at_root(root, m);

	close(root);
	return is;
}

/* "/" is what every cgroup namespace calls its root; these files only the real one has, or lacks. */
static void test_root_of_hierarchy(void **state)
{
	struct cgroup_mounts none = { 0 }, v1 = { .v1_memory = "m" },
			     v2 = { .v2 = "u", .v2_memory = true },
			     hybrid = { .v1_memory = "m", .v2 = "u" };

	(void)state;
	assert_true(at_root(&none));
	assert_false(at_root(&v1));
	tree_put("m/release_agent", "\n");
	assert_true(at_root(&v1));
	assert_true(at_root(&v2));
	tree_put("u/cgroup.events", "populated 1\n");
	assert_false(at_root(&v2));
	assert_true(at_root(&hybrid)); /* the one with the memory controller counts */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_modes),
		cmocka_unit_test(test_words_are_whole),
		cmocka_unit_test(test_escaped_mount_point),
		cmocka_unit_test(test_long_mount_point),
		cmocka_unit_test(test_every_prefix_parses),
		cmocka_unit_test(test_fixture_trees),
		cmocka_unit_test_setup_teardown(test_root_of_hierarchy, tree_make, tree_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
