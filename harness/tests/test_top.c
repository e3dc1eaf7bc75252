// SPDX-License-Identifier: MIT
/* oomlab top on a tree that looks like a machine: the order, the reasons, hostile names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "harness/top.h"
#include "lib/fs.h"
#include "lib/tests/tree.h"

#include <jansson.h>

static void put_proc(int pid, const char *comm, int adj, unsigned int rss_kb, unsigned int swap_kb)
{
	char name[64], text[256];

	snprintf(name, sizeof(name), "proc/%d/comm", pid);
	tree_put(name, comm);
	snprintf(name, sizeof(name), "proc/%d/oom_score_adj", pid);
	snprintf(text, sizeof(text), "%d\n", adj);
	tree_put(name, text);
	snprintf(name, sizeof(name), "proc/%d/status", pid);
	snprintf(text, sizeof(text),
		 "Name:\tx\nState:\tS (sleeping)\nUid:\t1\t1\t1\t1\nVmRSS:\t%u kB\n"
		 "VmPTE:\t4 kB\nVmSwap:\t%u kB\n",
		 rss_kb, swap_kb);
	tree_put(name, rss_kb ? text : "Name:\tk\nState:\tI (idle)\nUid:\t0\t0\t0\t0\n");
}

static int make_machine(void **state)
{
	if (tree_make(state) < 0)
		return -1;
	tree_put("proc/meminfo", "MemTotal: 4000000 kB\nMemFree: 1 kB\nSwapTotal: 400000 kB\n"
				 "SwapFree: 0 kB\n");
	tree_put("proc/sys/kernel/osrelease", "6.1.0-39-amd64\n");
	tree_put("proc/self/mountinfo", "30 20 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
	tree_put("sys/fs/cgroup/cgroup.controllers", "cpu memory\n");
	tree_put("sys/fs/cgroup/box/memory.max", "4096000\n");
	tree_put("sys/fs/cgroup/box/cgroup.procs", "20\n");
	tree_put("sys/fs/cgroup/box/deep/cgroup.procs", "21\n");
	tree_put("sys/fs/cgroup/free/memory.max", "max\n");
	put_proc(1, "init\n", 0, 9000, 0);
	put_proc(2, "kthreadd\n", 0, 0, 0);
	put_proc(20, "small\n", 500, 4000, 0);
	put_proc(21, "big\n", 0, 800000, 0);
	put_proc(22, "asleep\n", -100, 400, 480000);
	put_proc(23, "sshd\n", -1000, 900000, 0);
	put_proc(24, "e\x1b[2Jvil\n", 0, 400, 0);
	return 0;
}

static struct top read_top(const char *memcg)
{
	int root __close = fs_root_open(tree);
	struct fail f = { 0 };
	struct top t;
	int err = top_read(root, memcg, &t, &f);

	if (err)
		print_message("%s\n", f.where);
	assert_int_equal(err, 0);
	return t;
}

/* 1100 points a step: 500 of them are 550000; 100 take 110000 of 120101. */
static void the_machine(void **state)
{
	static const int64_t order[] = { 20, 21, 22, 24 };
	static const int64_t points[] = { 1000 + 1 + 550000, 200001, 100 + 120000 + 1 - 110000,
					  101 };
	struct top t = read_top(NULL);

	(void)state;
	assert_int_equal(t.ranking.totalpages, 1100000);
	assert_int_equal(t.ranking.nr_eligible, ARRAY_SIZE(order));
	for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
		assert_int_equal(t.ranking.entries[i].task->pid, order[i]);
		assert_int_equal(t.ranking.entries[i].points, points[i]);
	}
	top_free(&t);
}

static void a_cgroup(void **state)
{
	struct top t = read_top("/box");

	(void)state;
	assert_int_equal(t.ranking.totalpages, 1000);
	assert_int_equal(t.ranking.nr_eligible, 2);
	assert_int_equal(t.ranking.entries[0].task->pid, 21);
	assert_int_equal(t.ranking.entries[1].points, 1001 + 500);
	top_free(&t);
	t = read_top("/sys/fs/cgroup/box/");
	assert_int_equal(t.nr_procs, 2);
	top_free(&t);
}

static void no_such_domain(void **state)
{
	static const char *const paths[] = { "/none", "/free", "/box/../free", "/box/deep" };
	int root __close = fs_root_open(tree);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		struct fail f = { 0 };
		struct top t;

		assert_true(top_read(root, paths[i], &t, &f) < 0);
		assert_non_null(strstr(f.where, paths[i]));
	}
}

static char *print(const struct top *t, size_t rows, bool json)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	if (json)
		assert_int_equal(top_json(t, rows, f), 0);
	else
		top_text(t, rows, f);
	assert_int_equal(fclose(f), 0);
	return text;
}

static void as_text(void **state)
{
	struct top t = read_top(NULL);
	char *text = print(&t, 0, false), *line;

	(void)state;
	assert_null(strchr(text, '\x1b'));
	assert_non_null(strstr(text, "e\\x1b[2Jvil"));
	line = strstr(text, "small");
	assert_non_null(line);
	assert_memory_equal(strchr(line, '\n') - 30, "rss; oom_score_adj adds 550000\n", 31);
	assert_non_null(strstr(text, "mostly swap; oom_score_adj takes 110000\n"));
	assert_non_null(strstr(text, "never  immune: oom_score_adj -1000\n"));
	assert_non_null(strstr(text, "never  init\n"));
	assert_non_null(strstr(text, "never  kernel thread\n"));
	free(text);

	text = print(&t, 1, false);
	assert_non_null(strstr(text, "... 3 more\nnever: 1 at oom_score_adj -1000, 1 init, "
				     "1 kernel threads, 0 zombies\n"));
	assert_null(strstr(text, "big"));
	free(text);
	top_free(&t);
}

static void as_json(void **state)
{
	struct top t = read_top(NULL);
	char *text = print(&t, 2, true);
	json_t *doc = json_loads(text, JSON_REJECT_DUPLICATES, NULL), *task;

	(void)state;
	assert_non_null(doc);
	assert_int_equal(json_array_size(json_object_get(doc, "tasks")), 2);
	task = json_array_get(json_object_get(doc, "tasks"), 0);
	assert_int_equal(json_integer_value(json_object_get(task, "pid")), 20);
	assert_int_equal(json_integer_value(json_object_get(task, "points")), 551001);
	assert_int_equal(json_array_size(json_object_get(doc, "never")), 3);
	json_decref(doc);
	free(text);
	top_free(&t);
}

int main(void)
{
#define ON_IT(f) cmocka_unit_test_setup_teardown(f, make_machine, tree_remove)
	const struct CMUnitTest tests[] = {
		ON_IT(the_machine), ON_IT(a_cgroup), ON_IT(no_such_domain),
		ON_IT(as_text),	    ON_IT(as_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
