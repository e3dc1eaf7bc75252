// SPDX-License-Identifier: MIT
/* Reports as mails, pages, programs and bug trackers quote them. */
#include "lib/tests/oom_testlib.h"

/* A raw mail: "=3D" is "=", and a line that ends with "=" goes on in the next one. */
static void quoted_printable(void **state)
{
	struct kept k = parse(
		"> [ 1172.339920] systemd invoked oom-killer: gfp_mask=3D0xcc0(GFP_KERNEL),=20\n"
		"> order=3D0, oom_score_adj=3D100\n"
		"> [ 1172.340001] oom-kill:constraint=3DCONSTRAINT_NONE,nodemask=3D(null),cp=\n"
		"uset=3D/,mems_allowed=3D0,global_oom,task_memcg=3D/a=C3=A9,task=3Dx,pid=3D7,=\n"
		"uid=3D10=\n"
		"00\n"
		"> [ 1172.340002] Out of memory: Killed process 7 (x) total-vm:8kB, anon-r=\n"
		"ss:4kB, file-rss:0kB\n");

	(void)state;
	assert_int_equal(k.n, 1);
	assert_string_equal(k.r[0]->invoker_comm, "systemd");
	assert_int_equal(k.r[0]->gfp_mask, 0xcc0);
	assert_int_equal(k.r[0]->order, 0);
	assert_int_equal(k.r[0]->invoker_oom_score_adj, 100);
	assert_string_equal(k.r[0]->cpuset, "/");
	assert_string_equal(k.r[0]->task_memcg, "/a\xc3\xa9");
	assert_int_equal(k.r[0]->summary_uid, 1000);
	assert_int_equal(k.r[0]->victims[0].anon_rss_kb, 4);
	kept_free(&k);
}

/* A cut behind "=" is none, nor "=20" that is a number. */
static void not_quoted_printable(void **state)
{
	struct kept k =
		parse("a invoked oom-killer: gfp_mask=0xd0, order=0, oom_score_adj=\n"
		      "20\n"
		      "oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),task=a,pid=7,uid=20\n");

	(void)state;
	assert_int_equal(k.n, 1);
	assert_int_equal(k.r[0]->invoker_oom_score_adj, 20);
	assert_int_equal(k.r[0]->summary_uid, 20);
	kept_free(&k);
}

/* A page that lost its newlines: the words of whose limit it was stand before the first line. */
static void on_one_line(void **state)
{
	struct kept k =
		parse("the log says: Memory cgroup out of memory: Kill process 5372 (mongod) "
		      "score 130 or sacrifice child Killed process 5372 (mongod), UID 0, "
		      "total-vm:2539052kB, anon-rss:2117096kB, file-rss:0kB and so on\n");

	(void)state;
	assert_int_equal(k.n, 1);
	assert_int_equal(k.r[0]->kind, OOM_KIND_MEMCG);
	assert_int_equal(k.r[0]->victims[0].pid, 5372);
	assert_int_equal(k.r[0]->victims[0].anon_rss_kb, 2117096);
	kept_free(&k);
}

/* ... and the lines of a syslog, whose tags show where each begins */
static void syslog_on_one_line(void **state)
{
	struct kept k = parse(
		"Apr 09 16:00:14 h.bj kernel: java invoked oom-killer: gfp_mask=0xd0, order=0, "
		"oom_score_adj=0 Apr 09 16:00:14 h.bj kernel:  [<ffffffff8c3ba524>] "
		"oom_kill_process+0x254/0x3d0 Apr 09 16:00:14 h.bj kernel: memory: usage 512kB, "
		"limit 512kB, failcnt 8430 Apr 09 16:00:15 h.bj kernel: Memory cgroup out of "
		"memory: "
		"Kill process 7 (java) score 1021 or sacrifice child\n");

	(void)state;
	assert_int_equal(k.n, 1);
	assert_string_equal(k.r[0]->invoker_comm, "java");
	assert_int_equal(k.r[0]->gfp_mask, 0xd0);
	assert_int_equal(k.r[0]->memory.limit_kb, 512);
	assert_int_equal(k.r[0]->chosen_pid, 7);
	kept_free(&k);
}

/* A page that broke long words behind slashes */
static void broken_behind_slashes(void **state)
{
	struct kept k = parse("[    1.000001] Task in /docker/0f2b3fcdd257\n"
			      "killed as a result of limit of /docker/\n"
			      "0f2b3fcdd257\n"
			      "[    1.000002] memory: usage 512kB, limit 512kB, failcnt 77\n");

	(void)state;
	assert_int_equal(k.n, 1);
	assert_string_equal(k.r[0]->task_memcg, "/docker/0f2b3fcdd257");
	assert_string_equal(k.r[0]->oom_memcg, "/docker/0f2b3fcdd257");
	kept_free(&k);
}

/* ... and an editor that broke one at the edge of its screen */
static void broken_by_an_editor(void **state)
{
	struct kept k =
		parse("166255 Apr 18 00:37:34   kernel: [14049.298773] Task in "
		      "/docker/de9d91dd8ee4 killed as a result of limit of /docker/de9       "
		      "d91dd8ee4\n"
		      "166255 Apr 18 00:37:34   kernel: [14059.298773] Task in /docker/de9d/a "
		      "killed as a result of limit of /docker/de9d a b\n");

	(void)state;
	assert_int_equal(k.n, 2);
	assert_string_equal(k.r[0]->oom_memcg, "/docker/de9d91dd8ee4");
	assert_string_equal(k.r[1]->oom_memcg, "/docker/de9d");
	kept_free(&k);
}

/* Prose goes on behind an old kernel's short line. */
static void within_prose(void **state)
{
	struct kept k =
		parse("host kernel: Out of Memory: Killed process 2592 (my (x) sql).In this "
		      "instance it has the PID (Process Identification Number) of 2592.\n");

	(void)state;
	assert_int_equal(k.n, 1);
	assert_string_equal(k.r[0]->victims[0].comm, "my (x) sql");
	kept_free(&k);
}

static void strings_of_a_program(void **state)
{
	struct kept k = parse(
		"    text = (\n"
		"        \"Sep 15 12:08:17 pi kernel: Out of memory: Killed process 571 \"\n"
		"        \"(python) total-vm:2071252kB, anon-rss:257104kB file-rss:1576kB\\n\"\n"
		"    )\n"
		"  '[    1.000001] Tasks state (memory values in pages):',\n"
		"  '[    1.000001] [  pid  ]   uid  tgid total_vm      rss pgtables_bytes"
		" swapents oom_score_adj name',\n"
		"  '[    1.000002] [     7]     0     7      100       50     4096"
		"        0             0 it\\'s',\n");

	(void)state;
	assert_int_equal(k.n, 2);
	assert_int_equal(k.r[0]->victims[0].pid, 571);
	assert_int_equal(k.r[0]->victims[0].file_rss_kb, 1576);
	assert_int_equal(k.r[1]->nr_tasks, 1);
	assert_string_equal(k.r[1]->tasks[0].comm, "it\\'s");
	kept_free(&k);
}

/* Somebody has lined up the numbers. */
static void blanks_before_the_pid(void **state)
{
	struct kept k = parse("kernel: Out of memory: Killed process  532 (kodi.bin) total-vm:8kB, "
			      "anon-rss:4kB, file-rss:0kB\n");

	(void)state;
	assert_int_equal(k.n, 1);
	assert_int_equal(k.r[0]->victims[0].pid, 532);
	kept_free(&k);
}

/* An archive that unwraps a mail's lines leaves two blanks where they were broken. */
static void doubled_blanks(void **state)
{
	struct kept k = parse(
		"Jan  24 13:49:59 h kernel:  [7.374426] [ pid ]   uid  tgid  total_vm      rss "
		"nr_ptes swapents oom_score_adj name\n"
		"Jan 24  13:49:59 h kernel: [7.374478] [ 1413]  1000   1413   648383    16946     "
		"203    10854             0  calibre-server\n"
		"Jan 24 13:49:59 h kernel: [7.375727] Killed  process 1413 (calibre-server) "
		"total-vm:8kB, anon-rss:4kB,  file-rss:0kB\n");

	(void)state;
	assert_int_equal(k.n, 1);
	assert_int_equal(k.r[0]->nr_tasks, 1);
	assert_string_equal(k.r[0]->tasks[0].comm, "calibre-server");
	assert_int_equal(k.r[0]->nr_victims, 1);
	assert_int_equal(k.r[0]->victims[0].pid, 1413);
	assert_int_equal(k.r[0]->victims[0].file_rss_kb, 0);
	kept_free(&k);
}

/* A kernel under test that only says what it would have done */
static void would_have_killed(void **state)
{
	struct kept k = parse("x invoked oom-killer: gfp_mask=0xd0, order=0, oom_score_adj=0\n"
			      "oom_kill_process: would have killed process 749 (x), but "
			      "continuing instead...\n");

	(void)state;
	assert_int_equal(k.n, 1);
	assert_int_equal(k.r[0]->nr_victims, 0);
	kept_free(&k);
}

/* What marks of a page, a console or a program stand before the asker's name */
static void marks_before_the_asker(void **state)
{
	static const char *const logs[] = {
		"<span class=\"quotelev1\">&gt;     audispd invoked oom-killer: gfp_mask=0x201d2, "
		"order=0,\n",
		"> [<c01484c4>] <4>audispd invoked oom-killer: gfp_mask=0x201d2, order=0, \n",
		"| 1 | `audispd invoked oom-killer: gfp_mask=0x140cca(...)` | `dmesg -T` |\n",
		"{ time: ago(2400), text: 'audispd invoked oom-killer: gfp_mask=0x201da, "
		"order=0, oom_score_adj=0' },\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(logs); i++) {
		struct kept k = parse(logs[i]);

		assert_int_equal(k.n, 1);
		assert_string_equal(k.r[0]->invoker_comm, "audispd");
		kept_free(&k);
	}
}

/* A mail that has lost blanks */
static void no_blank_behind_the_pid(void **state)
{
	struct kept k = parse("12:00:52 Out of memory: Killed process 57(hog01) total-vm:8kB, "
			      "anon-rss:4kB, file-rss:0kB, shmem-rss:0kB,UID:9 pgtables:12kB "
			      "oom_score_adj:0\n");

	(void)state;
	assert_int_equal(k.n, 1);
	assert_int_equal(k.r[0]->victims[0].pid, 57);
	assert_string_equal(k.r[0]->victims[0].comm, "hog01");
	assert_int_equal(k.r[0]->victims[0].anon_rss_kb, 4);
	assert_int_equal(k.r[0]->victims[0].uid, 9);
	kept_free(&k);
}

/* Somebody has shortened a list of keys, or cut it behind the comma. */
static void shortened_summary(void **state)
{
	struct kept k = parse("oom-kill:constraint=CONSTRAINT_MEMORY_POLICY,nodemask=3,...,task=a\n"
			      "Out of memory: Killed process 7 (a) total-vm:8kB\n"
			      "oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,"
			      "mems_allowed=0,2,glob\n"
			      "Out of memory: Killed process 8 (b) total-vm:8kB\n"
			      "oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,"
			      "mems_allowed=0,\n");

	(void)state;
	assert_int_equal(k.n, 3);
	assert_string_equal(k.r[0]->nodemask, "3");
	assert_string_equal(k.r[1]->mems_allowed, "0,2");
	assert_null(k.r[2]->mems_allowed);
	kept_free(&k);
}

/* A mail names what it is about; a reply to it is no kill. */
static void subjects(void **state)
{
	struct kept k = parse("From: a\n"
			      "Subject: Re: Out of Memory: Killed process 16498 (java).\n"
			      "\n"
			      "> Out of Memory: Killed process 16499 (java).\n");

	(void)state;
	assert_int_equal(k.n, 1);
	assert_int_equal(k.r[0]->victims[0].pid, 16499);
	kept_free(&k);
}

static void string_continued(void **state)
{
	struct kept k = parse("    \"[3034339.262439] Out of memory: Kill process 2758734 (hh) \\\n"
			      "    score 253 or sacrifice child\";\n");

	(void)state;
	assert_int_equal(k.n, 1);
	assert_int_equal(k.r[0]->chosen_pid, 2758734);
	assert_int_equal(k.r[0]->chosen_score, 253);
	kept_free(&k);
}

/* A task may call itself as a console's stamp looks. */
static void stamp_in_comm(void **state)
{
	struct kept k = parse(
		"[    1.000001] a[   12.345678] invoked oom-killer: gfp_mask=0xd0, order=0\n"
		"[    1.000002] Out of memory: Killed process 7 (a[   12.345678]) total-vm:400kB, "
		"anon-rss:4kB, file-rss:0kB[    1.000003] next\n");

	(void)state;
	assert_int_equal(k.n, 1);
	assert_string_equal(k.r[0]->invoker_comm, "a[   12.345678]");
	assert_string_equal(k.r[0]->victims[0].comm, "a[   12.345678]");
	assert_int_equal(k.r[0]->victims[0].anon_rss_kb, 4);
	kept_free(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quoted_printable),
		cmocka_unit_test(not_quoted_printable),
		cmocka_unit_test(on_one_line),
		cmocka_unit_test(syslog_on_one_line),
		cmocka_unit_test(broken_behind_slashes),
		cmocka_unit_test(broken_by_an_editor),
		cmocka_unit_test(within_prose),
		cmocka_unit_test(strings_of_a_program),
		cmocka_unit_test(blanks_before_the_pid),
		cmocka_unit_test(no_blank_behind_the_pid),
		cmocka_unit_test(doubled_blanks),
		cmocka_unit_test(would_have_killed),
		cmocka_unit_test(marks_before_the_asker),
		cmocka_unit_test(shortened_summary),
		cmocka_unit_test(subjects),
		cmocka_unit_test(string_continued),
		cmocka_unit_test(stamp_in_comm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
