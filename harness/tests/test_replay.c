// SPDX-License-Identifier: MIT
/* Logs of the tree and damaged ones, made into cases; what a case says is read back by the case loader. */
#include "harness/tests/replay_try.h"

static void a_parent_limit(void **state)
{
	struct oom_case *c;

	(void)state;
	assert_int_equal(make_file(CAPTURED "6.1-v2-memcg-parent-limit.log"), 0);
	c = written();
	assert_string_equal(c->name, "replay-big");
	assert_int_equal(c->scope, SCOPE_MEMCG);
	assert_string_equal(c->cgroups[0].path, "parent");
	assert_string_equal(row(c, EXPECT_VICTIMS)->names[0], "big");
	assert_string_equal(row(c, EXPECT_SURVIVORS)->names[0], "small");
	assert_string_equal(row(c, EXPECT_CONSTRAINT)->text, "CONSTRAINT_MEMCG");
	assert_string_equal(row(c, EXPECT_OOM_MEMCG)->text, "parent");
	assert_string_equal(row(c, EXPECT_TASK_MEMCG)->text, "parent/big");
	assert_int_equal(row(c, EXPECT_RANK)->nr_names, 2);
	case_free(c);
}

static void a_node(void **state)
{
	struct oom_case *c;

	(void)state;
	assert_int_equal(make_file(CAPTURED "7.2-v2-node-local-oom.log"), 0);
	c = written();
	assert_int_equal(c->scope, SCOPE_NODE);
	assert_int_equal(c->needs.nr_nodes, 2);
	assert_string_equal(c->workers[0].mempolicy, "bind:1");
	assert_string_equal(row(c, EXPECT_CONSTRAINT)->text, "CONSTRAINT_MEMORY_POLICY");
	case_free(c);
}

static void a_panic(void **state)
{
	struct oom_case *c;

	(void)state;
	assert_int_equal(make_file(CAPTURED "6.12-v2-panic-on-oom-2.log"), 0);
	c = written();
	assert_int_equal(c->scope, SCOPE_PANIC);
	assert_string_equal(c->sysctls[0].name, "vm.panic_on_oom");
	assert_string_equal(c->sysctls[0].value, "2");
	case_free(c);
}

static void a_group(void **state)
{
	struct oom_case *c;

	(void)state;
	assert_int_equal(make_file(CAPTURED "6.18-v2-v2-oom-group.log"), 0);
	c = written();
	assert_false(c->needs.v1);
	assert_non_null(row(c, EXPECT_VICTIMS_ANY_ORDER));
	assert_true(row(c, EXPECT_VICTIMS_ANY_ORDER)->nr_names > 1);
	case_free(c);
}

/* A group that does not lie below what ran out, and has a shorter path than what is above that. */
static void a_group_from_elsewhere(void **state)
{
	char *text = read_file(CAPTURED "6.18-v2-v2-oom-group.log");
	char *forged = replace(text, "Tasks in /oomlab-5067-1/pod are", "Tasks in /x are");

	(void)state;
	assert_non_null(strstr(forged, "Tasks in /x are"));
	assert_int_equal(make(forged), 0);
	assert_string_equal(replay.killed_whole, "pod");
	free(forged);
	free(text);
}

/* Together they have twice the limit; an oom_score_adj that stayed while the sizes shrink would put c before b. */
static void order_of_those_behind(void **state)
{
	struct oom_case *c;

	(void)state;
	assert_int_equal(
		make_rows(ROW("100", "236000", "   0", "a") ROW("101", "131000", "   0", "b") ROW(
				  "102", " 78000", " 100", "c") ROW("103", " 78000", "-500", "d"),
			  100, "a"),
		0);
	c = written();
	assert_string_equal(row(c, EXPECT_RANK)->names[1], "b");
	assert_string_equal(row(c, EXPECT_RANK)->names[2], "c");
	case_free(c);
	/* Here b is only a little ahead of c: they may change places, and that is not asserted. */
	assert_int_equal(
		make_rows(ROW("100", "236000", "   0", "a") ROW("101", "131000", "   0", "b") ROW(
				  "102", " 78000", " 190", "c") ROW("103", " 78000", "-500", "d"),
			  100, "a"),
		0);
	c = written();
	for (size_t i = 1; i < replay.nr_roles; i++)
		assert_false(replay.roles[i].ranked && replay.roles[i - 1].ranked &&
			     replay.roles[i].ticket_points > replay.roles[i - 1].ticket_points);
	case_free(c);
}

static void order_and_adj_are_kept(void **state)
{
	struct oom_case *c;

	(void)state;
	/* 1 GiB: 262144 pages; 30 % at adj 0, 10 % at +500, 50 % at -500. */
	assert_int_equal(make_rows(ROW("100", " 78643", "   0", "a")
					   ROW("101", " 26214", " 500", "b")
						   ROW("102", "131072", "-500", "c"),
				   101, "b"),
			 0);
	c = written();
	assert_string_equal(row(c, EXPECT_VICTIMS)->names[0], "b");
	assert_string_equal(row(c, EXPECT_RANK)->names[1], "a");
	assert_string_equal(row(c, EXPECT_RANK)->names[2], "c");
	assert_int_equal(c->workers[0].oom_score_adj, 500);
	case_free(c);
}

/* The sizes are the ticket's, whoever it says was killed: a kernel will not agree with a forged one. */
static void a_forged_victim_is_asserted_not_arranged(void **state)
{
	(void)state;
	assert_int_equal(make_rows(ROW("100", "130000", "0", "big")
					   ROW("101", " 60000", "0", "small"),
				   101, "small"),
			 0);
	assert_string_equal(replay.roles[replay.top].name, "big");
	assert_false(replay.roles[replay.top].dies);
	assert_true(replay.roles[0].share > replay.roles[1].share + 1000);
}

/* 3.2: no columns for page tables and swap. */
static void an_old_table_is_enough(void **state)
{
	(void)state;
	assert_int_equal(
		make("a invoked oom-killer: gfp_mask=0x280da, order=0, oom_adj=0, oom_score_adj=0\n"
		     "Pid: 7, comm: a Not tainted 3.2.0 #1\n"
		     "Mem-Info:\n"
		     "262144 pages RAM\n"
		     "[ pid ]   uid  tgid total_vm      rss cpu oom_adj oom_score_adj name\n"
		     "[    7]     0     7   300000   200000   2       0             0 a\n"
		     "[    8]     0     8    30000    20000   2       0             0 b\n"
		     "Out of memory: Kill process 7 (a) score 700 or sacrifice child\n"
		     "Killed process 7 (a) total-vm:1200000kB, anon-rss:800000kB, file-rss:0kB\n"),
		0);
	assert_int_equal(replay.roles[0].kb, 800000);
	case_free(written());
}

/* Whoever is asserted, the sizes are the ticket's: a tiny victim is not made the first by being rounded up. */
static void a_tiny_victim_is_not_made_the_first(void **state)
{
	(void)state;
	assert_int_equal(make_rows(ROW("100", "  1300", "0", "big")
					   ROW("101", "     9", "0", "tiny"),
				   101, "tiny"),
			 0);
	assert_string_equal(replay.roles[replay.top].name, "big");
	assert_true(replay_points(&replay.roles[0]) > replay_points(&replay.roles[1]));
}

static void shared_memory_is_shrunk_to_fit(void **state)
{
	int64_t sum = 0;

	(void)state;
	assert_int_equal(make_rows(ROW("100", "250000", "0", "a") ROW("101", "240000", "0", "b")
					   ROW("102", "230000", "0", "c"),
				   100, "a"),
			 0);
	for (size_t i = 0; i < replay.nr_roles; i++)
		sum += replay.roles[i].share;
	assert_true(sum < REPLAY_WHOLE);
	assert_true(replay.nr_assumptions > 0);
}

/* The same tree: the levels between, the victim's cgroup, and one for those whose cgroup is not told. */
static void the_tree_is_kept(void **state)
{
	char *text = read_file(CAPTURED "6.1-v2-memcg-parent-limit.log");
	struct oom_case *c;
	char *deep;

	(void)state;
	assert_int_equal(make(text), 0);
	deep = replace(text, "/parent/big",
		       "/parent/slice.d/docker-0123456789abcdef0123456789abcdef"
		       "/big_1");
	free(text);
	assert_int_equal(make(deep), 0);
	c = written();
	assert_string_equal(row(c, EXPECT_OOM_MEMCG)->text, "parent");
	assert_string_equal(row(c, EXPECT_TASK_MEMCG)->text,
			    "parent/slice.d/docker-0123456789abcdef0123456789abcdef/big_1");
	assert_string_equal(c->workers[1].cgroup, "parent/others");
	case_free(c);
	free(deep);
}

/* Beside each worker stands the line of its row. */
static void lines_are_cited(void **state)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out;

	(void)state;
	assert_int_equal(
		make_rows(ROW("100", "100000", "0", "a") ROW("101", " 50000", "0", "b"), 100, "a"),
		0);
	out = open_memstream(&text, &len);
	replay_write(&replay, out);
	fclose(out);
	assert_non_null(strstr(text, "# line 5: a (100), 390.6 MiB"));
	assert_non_null(strstr(text, "# line 6: b (101), 195.3 MiB"));
	assert_non_null(strstr(text, "# line 7 names them; line 2: limit 1 GiB"));
	free(text);
}

/* Swap that was full is there here too, a part of what ran out. */
static void full_swap_is_played(void **state)
{
	struct oom_case *c;

	(void)state;
	assert_int_equal(
		make("a invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n"
		     "Mem-Info:\n"
		     "Free swap  = 0kB\n"
		     "Total swap = 524288kB\n"
		     "262144 pages RAM\n"
		     "0 pages reserved\n"
		     "[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents "
		     "oom_score_adj "
		     "name\n" ROW("100", "200000", "0",
				  "a") "Out of memory: Killed process 100 (a) total-vm:1kB, "
				       "anon-rss:1kB, file-rss:0kB, "
				       "shmem-rss:0kB, UID:0 pgtables:1kB oom_score_adj:0\n"),
		0);
	assert_int_equal(replay.swap_percent, 50);
	c = written();
	assert_int_equal(c->needs.memory_bytes, MiB(532));
	assert_int_equal(c->needs.swap_bytes, MiB(235));
	/* All of it, and not 99 % of what the host takes for all. */
	assert_string_equal(c->sysctls[0].name, "vm.overcommit_memory");
	assert_int_equal(c->workers[0].size.permyriad, 16500);
	case_free(c);
}

/* 6.10 and later tell of each task what its memory is; before, the kill line tells it of the victim. */
static void composition_is_kept(void **state)
{
	struct oom_case *c;

	(void)state;
	assert_int_equal(
		make("a invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n"
		     "memory: usage 1048576kB, limit 1048576kB, failcnt 3\n"
		     "Tasks state (memory values in pages):\n"
		     "[  pid  ]   uid  tgid total_vm      rss rss_anon rss_file rss_shmem "
		     "pgtables_bytes swapents oom_score_adj name\n"
		     "[    100]     0   100   300000   150000    90000        0     60000   "
		     "20480000 "
		     "       0             0 a\n"
		     "[    101]     0   101   300000    50000    20000    30000         0     4096 "
		     "       0             0 b\n"
		     "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,"
		     "oom_memcg=/x,task_memcg=/x,task=a,pid=100,uid=0\n"
		     "Memory cgroup out of memory: Killed process 100 (a) total-vm:1kB, "
		     "anon-rss:1kB, "
		     "file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:1kB oom_score_adj:0\n"),
		0);
	assert_int_equal(replay.roles[0].shmem_kb, 240000);
	assert_int_equal(replay.roles[0].pgtables_kb, 20000);
	assert_int_equal(replay.roles[1].file_kb, 120000);
	assert_int_equal(replay.roles[1].pgtables_kb, 0); /* too little to matter */
	c = written();
	assert_string_equal(c->workers[0].kind, "mix");
	/* 240000 of 620000 kB, which are 59.12 % here, of 120 % that are asked for */
	assert_string_equal(c->workers[0].extra_args[0], "--shmem=19.07%");
	assert_string_equal(c->workers[1].extra_args[0], "--file=59.99%");
	case_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_parent_limit),
		cmocka_unit_test(a_node),
		cmocka_unit_test(a_panic),
		cmocka_unit_test(a_group),
		cmocka_unit_test(a_group_from_elsewhere),
		cmocka_unit_test(order_of_those_behind),
		cmocka_unit_test(order_and_adj_are_kept),
		cmocka_unit_test(a_forged_victim_is_asserted_not_arranged),
		cmocka_unit_test(an_old_table_is_enough),
		cmocka_unit_test(a_tiny_victim_is_not_made_the_first),
		cmocka_unit_test(shared_memory_is_shrunk_to_fit),
		cmocka_unit_test(the_tree_is_kept),
		cmocka_unit_test(lines_are_cited),
		cmocka_unit_test(full_swap_is_played),
		cmocka_unit_test(composition_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
