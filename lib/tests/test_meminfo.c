// SPDX-License-Identifier: MIT
/* lib/meminfo.c on fixture trees of 6.18 (two nodes) and 3.10 (no MemAvailable, no NUMA). */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "lib/fs.h"
#include "lib/meminfo.h"

#define NEW "lib/tests/data/meminfo"
#define OLD "lib/tests/data/meminfo-old"

static int open_root(const char *dir)
{
	int root = fs_root_open(dir);

	assert_true(root >= 0);
	return root;
}

static void reads_meminfo(void **state)
{
	int root __close = open_root(NEW);
	struct meminfo m;

	(void)state;
	assert_int_equal(meminfo_read(root, &m), 0);
	assert_int_equal(m.mem_total_kb, 24683952);
	assert_int_equal(m.mem_free_kb, 24010204);
	assert_true(m.has_available);
	assert_int_equal(m.mem_available_kb, 23941000);
	assert_int_equal(m.swap_total_kb, 1048572);
	assert_int_equal(m.swap_free_kb, 1048000);
}

static void old_kernel_has_no_available(void **state)
{
	int root __close = open_root(OLD);
	struct meminfo m;

	(void)state;
	assert_int_equal(meminfo_read(root, &m), 0);
	assert_int_equal(m.mem_total_kb, 1922280);
	assert_false(m.has_available);
	assert_int_equal(m.swap_total_kb, 2097148);
	assert_int_equal(m.swap_free_kb, 2097100);
}

static void swap_may_be_absent(void **state)
{
	struct meminfo m;

	(void)state;
	assert_int_equal(meminfo_parse("MemTotal: 10 kB\nMemFree: 4 kB\n", &m), 0);
	assert_int_equal(m.swap_total_kb, 0);
	assert_int_equal(m.swap_free_kb, 0);
}

static void broken_text_is_refused(void **state)
{
	struct meminfo m = { .mem_total_kb = 77 };

	(void)state;
	assert_int_equal(meminfo_parse("", &m), -ENODATA);
	assert_int_equal(meminfo_parse("MemTotal: 10 kB\n", &m), -ENODATA);
	assert_int_equal(meminfo_parse("MemFree: 10 kB\n", &m), -ENODATA);
	assert_int_equal(meminfo_parse("MemTotal: lots\nMemFree: 1 kB\n", &m), -EBADMSG);
	assert_int_equal(meminfo_parse("MemTotal:\nMemFree: 1 kB\n", &m), -EBADMSG);
	assert_int_equal(meminfo_parse("MemTotal: 99999999999999999999 kB\nMemFree: 1 kB\n", &m),
			 -EBADMSG);
	assert_int_equal(meminfo_parse("MemTotal: 1 kB\nMemFree: 1 kB\nMemAvailable: -3 kB\n", &m),
			 -EBADMSG);
	assert_int_equal(m.mem_total_kb, 77); /* a result is not touched by a failure */
}

static void reads_a_node(void **state)
{
	int root __close = open_root(NEW);
	struct node_meminfo m;

	(void)state;
	assert_int_equal(node_meminfo_read(root, 0, &m), 0);
	assert_int_equal(m.mem_total_kb, 4286676);
	assert_int_equal(m.mem_free_kb, 4118496);
	assert_int_equal(node_meminfo_read(root, 1, &m), 0);
	assert_int_equal(m.mem_total_kb, 262144);
	assert_int_equal(m.mem_free_kb, 81920);
	assert_int_equal(node_meminfo_read(root, 2, &m), -ENOENT);
}

static void a_node_is_not_another(void **state)
{
	struct node_meminfo m;

	(void)state;
	assert_int_equal(
		node_meminfo_parse("Node 11 MemTotal: 5 kB\nNode 11 MemFree: 4 kB\n", 1, &m),
		-ENODATA);
}

static void finds_nodes(void **state)
{
	int root __close = open_root(NEW), old __close = open_root(OLD);
	struct nodemask nodes;
	char text[32];

	(void)state;
	assert_int_equal(nodes_with_memory(root, &nodes), 0);
	assert_string_equal(nodemask_format(&nodes, text, sizeof(text)), "0-1");
	assert_int_equal(nodes_with_memory(old, &nodes), 0);
	assert_string_equal(nodemask_format(&nodes, text, sizeof(text)), "0");
}

static void reads_vmstat(void **state)
{
	int root __close = open_root(NEW), old __close = open_root(OLD);
	uint64_t v;

	(void)state;
	assert_int_equal(vmstat_key(root, "oom_kill", &v), 0);
	assert_int_equal(v, 3);
	assert_int_equal(vmstat_key(root, "oom_kil", &v), -ENOENT);
	assert_int_equal(vmstat_key(old, "oom_kill", &v), -ENOENT); /* 4.13 brought it */
}

static void reads_this_machine(void **state)
{
	int root __close = open_root("/");
	struct meminfo m;

	(void)state;
	assert_int_equal(meminfo_read(root, &m), 0);
	assert_true(m.mem_total_kb >= m.mem_free_kb);
	assert_true(m.mem_free_kb > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_meminfo),      cmocka_unit_test(old_kernel_has_no_available),
		cmocka_unit_test(swap_may_be_absent), cmocka_unit_test(broken_text_is_refused),
		cmocka_unit_test(reads_a_node),	      cmocka_unit_test(a_node_is_not_another),
		cmocka_unit_test(finds_nodes),	      cmocka_unit_test(reads_vmstat),
		cmocka_unit_test(reads_this_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
