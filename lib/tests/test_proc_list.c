// SPDX-License-Identifier: MIT
/* Processes and cgroups as domains of an OOM, on fixture trees. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "lib/fs.h"
#include "lib/tests/tree.h"
#include "lib/memcg_domain.h"
#include "lib/proc_list.h"

#include <fcntl.h>

#define MM(kb) "VmRSS:\t" kb " kB\nVmPTE:\t40 kB\nVmSwap:\t8 kB\n"

static void put_proc(const char *pid, const char *comm, const char *adj, const char *status)
{
	char name[64];

	snprintf(name, sizeof(name), "proc/%s/comm", pid);
	tree_put(name, comm);
	snprintf(name, sizeof(name), "proc/%s/oom_score_adj", pid);
	tree_put(name, adj);
	snprintf(name, sizeof(name), "proc/%s/status", pid);
	tree_put(name, status);
}

static int open_base(void)
{
	int root = fs_root_open(tree);

	assert_true(root >= 0);
	return root;
}

static void kinds_are_told_apart(void **state)
{
	int root __close = open_base();
	struct proc_info *p;
	size_t nr;

	(void)state;
	put_proc("10", "big\n", "-17\n",
		 "Name:\tbig\nState:\tR (running)\nUid:\t5\t6\t5\t5\n" MM("900"));
	put_proc("1", "init\n", "0\n",
		 "Name:\tinit\nState:\tS (sleeping)\nUid:\t0\t0\t0\t0\n" MM("400"));
	put_proc("2", "kthreadd\n", "0\n",
		 "Name:\tkthreadd\nState:\tS (sleeping)\nUid:\t0\t0\t0\t0\n");
	put_proc("9", "dead\n", "0\n", "Name:\tdead\nState:\tZ (zombie)\nUid:\t0\t0\t0\t0\n");
	tree_put("proc/uptime", "1\n");
	tree_put("proc/11/comm", "going\n"); /* the rest is gone already */
	assert_int_equal(proc_list_all(root, &p, &nr), 0);
	assert_int_equal(nr, 4);
	assert_int_equal(p[0].pid, 1);
	assert_int_equal(p[0].kind, PROC_INIT);
	assert_int_equal(p[1].kind, PROC_KERNEL_THREAD);
	assert_int_equal(p[2].kind, PROC_ZOMBIE);
	assert_int_equal(p[3].pid, 10);
	assert_int_equal(p[3].kind, PROC_USER);
	assert_int_equal(p[3].oom_score_adj, -17);
	assert_int_equal(p[3].memory.rss_kb, 900);
	assert_int_equal(p[3].memory.pgtables_kb, 40);
	assert_int_equal(p[3].memory.swap_kb, 8);
	assert_true(p[0].root && !p[3].root);
	free(p);
}

/* A name is its process's to choose: the kernel escapes it in status, and we take it from comm. */
static void a_hostile_name(void **state)
{
	int root __close = open_base();
	struct proc_info p;

	(void)state;
	put_proc("7", "x\nVmRSS:\t9\n", "0\n",
		 "Name:\tx\\nVmRSS:\\t9\nUid:\t1\t1\t1\t1\n" MM("100"));
	assert_int_equal(proc_info_read(root, 7, &p), 0);
	assert_string_equal(p.comm, "x\nVmRSS:\t9");
	assert_int_equal(p.memory.rss_kb, 100);
	put_proc("7", "kworker/R-ext4-rsv-conversion\n", "0\n", "Name:\tk\n");
	assert_int_equal(proc_info_read(root, 7, &p), 0);
	assert_string_equal(p.comm, "kworker/R-ext4-");
	put_proc("7", "x\n", "much\n", "Name:\tx\n");
	assert_int_equal(proc_info_read(root, 7, &p), -EBADMSG);
	assert_int_equal(proc_info_read(root, 8, &p), -ENOENT);
}

static void another_namespace_has_no_init(void **state)
{
	int root __close = open_base();
	struct proc_info p;
	char path[128];

	(void)state;
	put_proc("1", "sh\n", "0\n", "Name:\tsh\nUid:\t0\t0\t0\t0\n" MM("400"));
	tree_put("proc/self/ns/x", "");
	snprintf(path, sizeof(path), "%s/proc/self/ns/pid", tree);
	assert_int_equal(symlink("pid:[4026531836]", path), 0);
	assert_true(proc_is_first_namespace(root));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("pid:[4026532999]", path), 0);
	assert_false(proc_is_first_namespace(root));
	assert_int_equal(proc_info_read(root, 1, &p), 0);
	assert_int_equal(p.kind, PROC_USER);
}

static int open_cgroup(const char *name)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", tree, name);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(fd >= 0);
	return fd;
}

static void a_cgroup_s_limit_and_its_swap(void **state)
{
	uint64_t bytes;

	(void)state;
	tree_put("v2/memory.max", "4096000\n");
	tree_put("v1/memory.limit_in_bytes", "4096000\n");
	tree_put("none/memory.max", "max\n");
	int v2 __close = open_cgroup("v2"), v1 __close = open_cgroup("v1"),
	       none __close = open_cgroup("none");

	assert_int_equal(memcg_domain_bytes(none, 0, &bytes), -ENODATA);
	assert_int_equal(memcg_domain_bytes(v2, 8192, &bytes), 0);
	assert_int_equal(bytes, 4096000);
	tree_put("v2/memory.swap.max", "max\n");
	assert_int_equal(memcg_domain_bytes(v2, 8192, &bytes), 0);
	assert_int_equal(bytes, 4096000 + 8192);
	tree_put("v2/memory.swap.max", "4096\n");
	assert_int_equal(memcg_domain_bytes(v2, 8192, &bytes), 0);
	assert_int_equal(bytes, 4096000 + 4096);
	tree_put("v1/memory.memsw.limit_in_bytes", "4100096\n");
	assert_int_equal(memcg_domain_bytes(v1, 8192, &bytes), 0);
	assert_int_equal(bytes, 4096000 + 4096);
}

static void a_cgroup_s_whole_subtree(void **state)
{
	pid_t *pids;
	size_t nr;

	(void)state;
	tree_put("cg/cgroup.procs", "5\n6\n");
	tree_put("cg/a/cgroup.procs", "");
	tree_put("cg/a/b/cgroup.procs", "4000000\n");
	int dir __close = open_cgroup("cg");

	assert_int_equal(memcg_domain_pids(dir, &pids, &nr), 0);
	assert_int_equal(nr, 3);
	assert_int_equal(pids[0], 5);
	assert_int_equal(pids[2], 4000000);
	free(pids);
}

int main(void)
{
#define WITH_BASE(f) cmocka_unit_test_setup_teardown(f, tree_make, tree_remove)
	const struct CMUnitTest tests[] = {
		WITH_BASE(kinds_are_told_apart),	  WITH_BASE(a_hostile_name),
		WITH_BASE(another_namespace_has_no_init), WITH_BASE(a_cgroup_s_limit_and_its_swap),
		WITH_BASE(a_cgroup_s_whole_subtree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
