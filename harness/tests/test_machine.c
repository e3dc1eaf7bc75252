// SPDX-License-Identifier: MIT
/* Facts of a machine: what is found by its files, and that nothing is lost on the way to the host. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "harness/folder.h"
#include "harness/machine.h"
#include "harness/machine_features.h"
#include "lib/fs.h"

static char top[] = "/tmp/oomlab-machine-XXXXXX";
static int root = -1;

static int set_up(void **state)
{
	static const char *const folders[] = { "sys/kernel/mm/ksm", "proc/pressure/memory",
					       "cg/.hidden", "cg/box" };
	char path[256];
	struct fail f;

	(void)state;
	if (!mkdtemp(top))
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		snprintf(path, sizeof(path), "%s/%s", top, folders[i]);
		if (folder_make(path, &f))
			return -1;
	}
	root = fs_root_open(top);
	return root < 0;
}

static int tear_down(void **state)
{
	(void)state;
	close(root);
	return folder_remove(top);
}

static void make(const char *name)
{
	char path[256];
	struct fail f;

	snprintf(path, sizeof(path), "%s/%s", top, name);
	assert_int_equal(folder_write(path, "0\n", &f), 0);
}

static bool has(uint32_t mask, const char *name)
{
	for (size_t i = 0; machine_feature_names[i]; i++)
		if (str_eq(machine_feature_names[i], name))
			return mask >> i & 1;
	fail_msg("no feature %s", name);
	return false;
}

static void features(void **state)
{
	uint32_t mask = machine_features_read(root);

	(void)state;
	assert_true(has(mask, "ksm"));
	assert_true(has(mask, "psi"));
	assert_false(has(mask, "thp"));
	assert_false(has(mask, "zswap"));
}

static void files_of_a_cgroup(void **state)
{
	struct cgroup_mounts none = { 0 }, m = { .v2 = "cg", .v2_memory = true };
	char buf[64];

	(void)state;
	assert_int_equal(machine_memcg_files(root, &none, buf, sizeof(buf)), 0);
	assert_string_equal(buf, "");
	make("cg/.hidden/memory.low");
	make("cg/memory.stat"); /* the root's own are not a cgroup's */
	assert_int_equal(machine_memcg_files(root, &m, buf, sizeof(buf)), 0);
	assert_string_equal(buf, "");
	make("cg/box/memory.reclaim");
	make("cg/box/cgroup.procs");
	assert_int_equal(machine_memcg_files(root, &m, buf, sizeof(buf)), 0);
	assert_string_equal(buf, "memory.reclaim");
	assert_int_equal(machine_memcg_files(root, &m, buf, 14), -ENOBUFS);
}

static void round_trip(void **state)
{
	struct machine m, seen;
	char text[8192];
	struct jsonw w;
	struct fail f;
	json_error_t e;
	json_t *o;
	ssize_t n;

	(void)state;
	machine_assume(&m, MiB(512), 2, MiB(64));
	m.features = 0x15;
	str_copy(m.memcg_files, sizeof(m.memcg_files), "memory.max memory.peak");
	str_copy(m.cgroup2_options, sizeof(m.cgroup2_options), "nsdelegate memory_localevents");
	jsonw_init(&w, text, sizeof(text));
	jsonw_object(&w, NULL);
	machine_write(&m, &w);
	n = jsonw_finish(&w);
	assert_true(n > 0);
	o = json_loadb(text, n, 0, &e);
	assert_non_null(o);
	assert_int_equal(machine_parse(o, &seen, &f), 0);
	assert_int_equal(seen.features, 0x15);
	assert_true(seen.disk);
	assert_string_equal(seen.programs, m.programs);
	assert_string_equal(seen.memcg_files, m.memcg_files);
	assert_string_equal(seen.cgroup2_options, m.cgroup2_options);
	assert_int_equal(seen.nr_nodes, 2);
	assert_int_equal(seen.swap_total_kb, MiB(64) / 1024);
	/* What an older player did not tell is not there. */
	json_object_del(o, "features");
	json_object_del(o, "disk");
	json_object_del(o, "memcg_files");
	json_object_del(o, "cgroup2_options");
	assert_int_equal(machine_parse(o, &seen, &f), 0);
	assert_int_equal(seen.features, 0);
	assert_false(seen.disk);
	assert_string_equal(seen.memcg_files, "");
	json_decref(o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(features),
		cmocka_unit_test(files_of_a_cgroup),
		cmocka_unit_test(round_trip),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
