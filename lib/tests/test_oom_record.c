// SPDX-License-Identifier: MIT
/* Single messages, and names that try to look like what stands around them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lib/oom_record.h"

static struct oom_record rec(const char *text)
{
	struct oom_record r;

	oom_record_parse(text, NULL, &r);
	return r;
}

#define REST " total-vm:105048kB, anon-rss:81884kB, file-rss:1544kB, shmem-rss:12kB"

static void kill_lines(void **state)
{
	static const struct {
		const char *text, *comm;
		int64_t pid, uid, total_vm, anon, shmem, pgtables, adj;
		bool memcg, global;
	} rows[] = {
		{ "Killed process 7 (x)" REST, "x", 7, OOM_ABSENT, 105048, 81884, 12, OOM_ABSENT,
		  OOM_ABSENT, false, false },
		{ "Out of memory: Killed process 7 (x)" REST
		  ", UID:5 pgtables:208kB oom_score_adj:-9",
		  "x", 7, 5, 105048, 81884, 12, 208, -9, false, true },
		{ "Memory cgroup out of memory: Killed process 7 (x)" REST ", UID:5", "x", 7, 5,
		  105048, 81884, 12, OOM_ABSENT, OOM_ABSENT, true, false },
		{ "Killed process 7, UID 498, (mysqld) total-vm:5kB, anon-rss:4kB, file-rss:3kB",
		  "mysqld", 7, 498, 5, 4, OOM_ABSENT, OOM_ABSENT, OOM_ABSENT, false, false },
		{ "Killed process 7 (x), UID 3, total-vm:5kB, anon-rss:4kB, file-rss:3kB, "
		  "shmem-rss:2kB",
		  "x", 7, 3, 5, 4, 2, OOM_ABSENT, OOM_ABSENT, false, false },
		{ "Killed process 7 (x) vsz:5kB, anon-rss:4kB, file-rss:3kB", "x", 7, OOM_ABSENT, 5,
		  4, OOM_ABSENT, OOM_ABSENT, OOM_ABSENT, false, false },
		{ "Out of Memory: Killed process 7 (x).", "x", 7, OOM_ABSENT, OOM_ABSENT,
		  OOM_ABSENT, OOM_ABSENT, OOM_ABSENT, OOM_ABSENT, false, true },
		/* names */
		{ "Killed process 7 (hogB (x) y)" REST, "hogB (x) y", 7, OOM_ABSENT, 105048, 81884,
		  12, OOM_ABSENT, OOM_ABSENT, false, false },
		{ "Killed process 7 (x) total-vm:1kB)" REST, "x) total-vm:1kB", 7, OOM_ABSENT,
		  105048, 81884, 12, OOM_ABSENT, OOM_ABSENT, false, false },
		{ "Killed process 7 ((sd-pam))" REST, "(sd-pam)", 7, OOM_ABSENT, 105048, 81884, 12,
		  OOM_ABSENT, OOM_ABSENT, false, false },
		{ "Killed process 7 (runc:[2:INIT])" REST, "runc:[2:INIT]", 7, OOM_ABSENT, 105048,
		  81884, 12, OOM_ABSENT, OOM_ABSENT, false, false },
		{ "Killed process 7 (UID:9 total-vm:)" REST ", UID:5", "UID:9 total-vm:", 7, 5,
		  105048, 81884, 12, OOM_ABSENT, OOM_ABSENT, false, false },
		/* cut */
		{ "Killed process 7 (x) total-vm:9448kB, a", "x", 7, OOM_ABSENT, 9448, OOM_ABSENT,
		  OOM_ABSENT, OOM_ABSENT, OOM_ABSENT, false, false },
		{ "Killed process 7 (x) total-vm:94", "x", 7, OOM_ABSENT, OOM_ABSENT, OOM_ABSENT,
		  OOM_ABSENT, OOM_ABSENT, OOM_ABSENT, false, false },
		{ "Out of memory: Killed process 71", "", OOM_ABSENT, OOM_ABSENT, OOM_ABSENT,
		  OOM_ABSENT, OOM_ABSENT, OOM_ABSENT, OOM_ABSENT, false, true },
		{ "Killed process 7 (unfin", "", 7, OOM_ABSENT, OOM_ABSENT, OOM_ABSENT, OOM_ABSENT,
		  OOM_ABSENT, OOM_ABSENT, false, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct oom_record r = rec(rows[i].text);

		print_message("%s\n", rows[i].text);
		assert_int_equal(r.type, REC_KILLED);
		assert_string_equal(r.victim.comm, rows[i].comm);
		assert_int_equal(r.victim.pid, rows[i].pid);
		assert_int_equal(r.victim.uid, rows[i].uid);
		assert_int_equal(r.victim.total_vm_kb, rows[i].total_vm);
		assert_int_equal(r.victim.anon_rss_kb, rows[i].anon);
		assert_int_equal(r.victim.shmem_rss_kb, rows[i].shmem);
		assert_int_equal(r.victim.pgtables_kb, rows[i].pgtables);
		assert_int_equal(r.victim.oom_score_adj, rows[i].adj);
		assert_int_equal(r.memcg, rows[i].memcg);
		assert_int_equal(r.global, rows[i].global);
	}
}

static void is_slice(struct slice s, const char *want)
{
	assert_int_equal(s.n, strlen(want));
	assert_memory_equal(s.p ? s.p : "", want, s.n);
}

static void summary_lines(void **state)
{
	struct oom_record r;

	(void)state;
	r = rec("oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=p,mems_allowed=0,2-3,"
		"oom_memcg=/p,task_memcg=/p/a,b c,task=big,pid=79,uid=5");
	assert_int_equal(r.type, REC_SUMMARY);
	is_slice(r.constraint, "CONSTRAINT_MEMCG");
	is_slice(r.nodemask, "(null)");
	is_slice(r.cpuset, "p");
	is_slice(r.mems_allowed, "0,2-3");
	is_slice(r.oom_memcg, "/p");
	is_slice(r.task_memcg, "/p/a,b c");
	assert_string_equal(r.comm, "big");
	assert_int_equal(r.pid, 79);
	assert_int_equal(r.uid, 5);

	r = rec("oom-kill:constraint=CONSTRAINT_NONE,nodemask=0-1,cpuset=/"
		",mems_allowed=0-1,global_oom,"
		"task_memcg=/,task=a,pid=1,task=b,pid=7,uid=0");
	assert_string_equal(r.comm, "a,pid=1,task=b");
	assert_int_equal(r.pid, 7);
	assert_null(r.oom_memcg.p);
	is_slice(r.task_memcg, "/");

	r = rec("oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),task=emerge,pid=19585,uid=0");
	is_slice(r.nodemask, "(null)");
	assert_null(r.cpuset.p);
	assert_string_equal(r.comm, "emerge");

	/* cut: a value is only good if something stands behind it */
	r = rec("oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=c,mems_allowed=0,"
		"oom_memcg=/0,task_memcg=in");
	is_slice(r.oom_memcg, "/0");
	assert_null(r.task_memcg.p);
	assert_int_equal(r.pid, OOM_ABSENT);
	r = rec("oom-kill:constraint=CONSTRAINT_CPUSET,nodemask=(null),cpuset=test,mems_allowed=0");
	is_slice(r.mems_allowed, "0");
	r = rec("oom-kill:constraint=CONSTRAINT_CPUSET,nodemask=(null),cpuset=test,mems_allowed="
		"0-");
	assert_int_equal(r.mems_allowed.n, 0);
	r = rec("oom-kill:constraint=OTHER_CONSTRAINT");
	assert_int_equal(r.type, REC_NONE);
}

static void invoked_lines(void **state)
{
	static const struct {
		const char *text, *comm;
		int64_t gfp, order, adj, oom_adj;
	} rows[] = {
		{ "a b invoked oom-killer: gfp_mask=0xd0, order=0, oom_adj=-17, "
		  "oom_score_adj=-1000",
		  "a b", 0xd0, 0, -1000, -17 },
		{ "x invoked oom-killer: gfp_mask=0x201d2, order=2, oomkilladj=3", "x", 0x201d2, 2,
		  OOM_ABSENT, 3 },
		{ "x invoked oom: gfp_mask=0x100dca(GFP_A|__GFP_B), order=0", "x", 0x100dca, 0,
		  OOM_ABSENT, OOM_ABSENT },
		{ "oom-killer: gfp_mask=0xd0, order=0", "", 0xd0, 0, OOM_ABSENT, OOM_ABSENT },
		{ "kworker/0:1 invoked oom-killer: gfp_mask=0x0(), order=-1, oom_score_adj=0",
		  "kworker/0:1", 0, -1, 0, OOM_ABSENT },
		{ "some prefix: 123: Web Content invoked oom-killer: gfp_mask=0x1, order=0, "
		  "oom_score_adj=1",
		  "Web Content", 1, 0, 1, OOM_ABSENT },
		{ "x invoked oom-killer: gfp_mask=0xcc0(GFP_KERN", "x", 0xcc0, OOM_ABSENT,
		  OOM_ABSENT, OOM_ABSENT },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct oom_record r = rec(rows[i].text);

		assert_int_equal(r.type, REC_INVOKED);
		assert_string_equal(r.comm, rows[i].comm);
		assert_int_equal(r.gfp_mask, rows[i].gfp);
		assert_int_equal(r.order, rows[i].order);
		assert_int_equal(r.adj, rows[i].adj);
		assert_int_equal(r.oom_adj, rows[i].oom_adj);
	}
	is_slice(rec("x invoked oom-killer: gfp_mask=0x1(A), nodemask=0,2,  order=0, "
		     "oom_score_adj=0")
			 .nodemask,
		 "0,2");
}

static void rows_follow_their_header(void **state)
{
	struct oom_record h =
		rec("[ pid ]   uid  tgid total_vm      rss cpu oom_adj oom_score_adj name");
	struct oom_record r;

	(void)state;
	assert_int_equal(h.type, REC_HEADER);
	assert_int_equal(h.columns.n, 7);
	oom_record_parse("[  939]     1   939     5295       38   4     -17         -1000 (a) b]",
			 &h.columns, &r);
	assert_int_equal(r.type, REC_ROW);
	assert_int_equal(r.task.pid, 939);
	assert_int_equal(r.task.uid, 1);
	assert_int_equal(r.task.rss_pages, 38);
	assert_int_equal(r.task.oom_score_adj, -1000);
	assert_int_equal(r.task.swapents_pages, OOM_ABSENT);
	assert_string_equal(r.task.comm, "(a) b]");
	/* a column nobody knows is stepped over */
	h = rec("[  pid  ]   uid  tgid total_vm rss (01)nrss pgtables_bytes swapents oom_score_adj "
		"name");
	oom_record_parse(
		"[ 12399]     0 12399  1311306  1311056   262170 10534912        7      -5 a.out",
		&h.columns, &r);
	assert_int_equal(r.task.rss_pages, 1311056);
	assert_int_equal(r.task.pgtables_bytes, 10534912);
	assert_int_equal(r.task.swapents_pages, 7);
	assert_int_equal(r.task.oom_score_adj, -5);
	/* without a header there are no rows; too few columns make none with a name */
	assert_int_equal(rec("[  939]     1   939     5295       38   4 0 sh").type, REC_NONE);
	oom_record_parse("[ 12399]     0 12399  1311306  13", &h.columns, &r);
	assert_false(r.whole);
	assert_string_equal(r.task.comm, "");
	/* what an unknown transport puts behind the header's name stands behind the rows' too */
	h = rec("x;[ pid ]   uid  tgid total_vm      rss oom_score_adj name\"}");
	oom_record_parse("x;[ 1] 0 1 1 5 0 a b\"}", &h.columns, &r);
	assert_int_equal(r.task.rss_pages, 5);
	assert_string_equal(r.task.comm, "a b");
	assert_string_equal(rec("x;memory: usage 1kB, limit 2kB, failcnt 0").key, "memory");
	h = rec("[  pid  ]   uid  tgid total_vm rss (01)nrss pgtables_bytes swapents oom_score_adj "
		"name");
	/* any name in a row: it is a row still */
	oom_record_parse("[ 1] 0 1 1 1 1 1 1 0 Killed process ", &h.columns, &r);
	assert_int_equal(r.type, REC_ROW);
}

static void others(void **state)
{
	struct oom_record r;

	(void)state;
	r = rec("memory+swap: usage 1kB, limit 18014398509481983kB, failcnt 0");
	assert_string_equal(r.key, "memory+swap");
	assert_int_equal(r.usage.limit_kb, INT64_C(18014398509481983));
	r = rec("Task in /1/2 killed as a result of limit of /1");
	is_slice(r.task_memcg, "/1/2");
	is_slice(r.oom_memcg, "/1");
	r = rec("Memory cgroup stats:cache:8KB rss:511724KB mapped_file:4KB swap:51468KB");
	assert_int_equal(r.stats.anon_kb, 511724);
	assert_int_equal(r.stats.file_kb, 8);
	/* 7.2: the head alone names the memcg at its limit; an older one has its values behind it */
	is_slice(rec("Memory cgroup stats for /a/cri:b:").oom_memcg, "/a/cri:b");
	assert_int_equal(rec("Memory cgroup stats for /a: cache:8KB rss:5KB").oom_memcg.n, 2);
	r = rec("shmem 4096");
	assert_int_equal(r.stats.shmem_kb, 4);
	assert_int_equal(rec("file not found").type, REC_NONE);
	r = rec("Node 3 Movable free:130021408kB min:9140kB low:139160kB high:269180kB present:5kB "
		"managed:4kB");
	assert_int_equal(r.zone.node, 3);
	assert_string_equal(r.zone.name, "Movable");
	assert_int_equal(r.zone.managed_kb, 4);
	assert_int_equal(rec("Node 0 DMA: 0*64kB 3*128kB = 384kB").value, 64);
	assert_int_equal(rec("Kill process 5 (a) without a score").type, REC_NONE);
	assert_int_equal(rec("Out of memory: Kill process 5 (a) score 9 or a child").value, 9);
	assert_int_equal(rec("Kill process 5 (a) sharing same memory").type, REC_NONE);
	assert_int_equal(rec("foo.service: Failed with result 'oom-kill'.").type, REC_NONE);
	assert_int_equal(rec("99999999999999999999999 pages RAM").value, INT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kill_lines),	 cmocka_unit_test(summary_lines),
		cmocka_unit_test(invoked_lines), cmocka_unit_test(rows_follow_their_header),
		cmocka_unit_test(others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
