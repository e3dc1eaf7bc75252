// SPDX-License-Identifier: MIT
#include "harness/diff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define PLAYS 128

static struct play plays[PLAYS];
static size_t nr_plays;

static struct traits *play(const char *name, unsigned int side, const char *verdict)
{
	struct play *p = &plays[nr_plays++];

	*p = (struct play){ .name = name, .kernel = "", .cgroup = CGROUP_V2, .side = side };
	assert_int_equal(traits_add(&p->traits, verdict, "verdict"), 0);
	return &p->traits;
}

static void with(struct traits *t, const char *key, const char *value)
{
	assert_int_equal(traits_add(t, value, "%s", key), 0);
}

static struct diff made(void)
{
	struct diff d;

	assert_int_equal(diff_make(plays, nr_plays, &d), 0);
	for (size_t i = 0; i < nr_plays; i++)
		traits_free(&plays[i].traits);
	nr_plays = 0;
	return d;
}

static void equal_runs_do_not_differ(void **state)
{
	struct diff d;

	(void)state;
	for (unsigned int side = 0; side < 2; side++) {
		with(play("a", side, "PASS"), "victims", "hog");
		with(play("b", side, "FAIL"), "victims", "nobody");
	}
	d = made();
	assert_int_equal(d.nr_compared, 2);
	assert_int_equal(d.nr_same, 2);
	assert_int_equal(d.nr, 0);
	diff_free(&d);
}

static void another_victim_differs(void **state)
{
	struct diff d;

	(void)state;
	with(play("a", 0, "PASS"), "victims", "hog");
	with(play("a", 1, "FAIL"), "victims", "small");
	d = made();
	assert_int_equal(d.nr, 2);
	assert_int_equal(d.nr_same, 0);
	assert_string_equal(d.list[1].key, "victims");
	assert_string_equal(d.list[1].sides[0], "hog");
	assert_string_equal(d.list[1].sides[1], "small");
	assert_string_equal(d.list[1].cases[0], "a v2");
	diff_free(&d);
}

/* A trait that only one side has is a difference, whichever side it is. */
static void a_missing_trait_differs(void **state)
{
	(void)state;
	for (unsigned int side = 0; side < 2; side++) {
		struct diff d;

		play("a", !side, "PASS");
		with(play("a", side, "PASS"), "log protection", "x");
		d = made();
		assert_int_equal(d.nr, 1);
		assert_string_equal(d.list[0].sides[side], "x");
		assert_string_equal(d.list[0].sides[!side], "none");
		diff_free(&d);
	}
}

static void a_counter_of_one_side_was_not_asked_for(void **state)
{
	struct diff d;

	(void)state;
	with(play("a", 0, "PASS"), "counter box memory.events oom", "some");
	play("a", 1, "PASS");
	with(play("b", 0, "PASS"), "counter box memory.events oom", "some");
	with(play("b", 1, "PASS"), "counter box memory.events oom", "0");
	d = made();
	assert_int_equal(d.nr, 1);
	assert_string_equal(d.list[0].cases[0], "b v2");
	diff_free(&d);
}

static void the_same_in_many_cases_is_one(void **state)
{
	static const char *const names[] = { "a", "b", "c" };
	struct diff d;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		with(play(names[i], 0, "PASS"), "log killed", "old");
		with(play(names[i], 1, "PASS"), "log killed", "new");
	}
	d = made();
	assert_int_equal(d.nr, 1);
	assert_int_equal(d.list[0].nr_cases, 3);
	diff_free(&d);
}

/* What varies on one side is a difference only if the other side never shows it. */
static void noise_of_repeats_is_left_out(void **state)
{
	struct diff d;

	(void)state;
	with(play("a", 0, "PASS"), "task_memcg", "left");
	with(play("a", 0, "PASS"), "task_memcg", "right");
	with(play("a", 1, "PASS"), "task_memcg", "right");
	with(play("b", 0, "PASS"), "task_memcg", "left");
	with(play("b", 0, "PASS"), "task_memcg", "right");
	with(play("b", 1, "PASS"), "task_memcg", "up");
	d = made();
	assert_int_equal(d.nr, 1);
	assert_string_equal(d.list[0].cases[0], "b v2");
	assert_string_equal(d.list[0].sides[0], "left or right");
	assert_string_equal(d.list[0].sides[1], "up");
	diff_free(&d);
}

static void play_repeats(const char *name, unsigned int side, unsigned int failed, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		play(name, side, i < failed ? "FAIL" : "PASS");
}

/* 1 of 20 is 0.9 to 23.6 %, 15 of 20 is 53.1 to 88.8 %, 4 of 20 is 8.1 to 41.6 %. */
static void a_rate_of_failures_differs(void **state)
{
	struct diff d;

	(void)state;
	play_repeats("more", 0, 1, 20);
	play_repeats("more", 1, 15, 20);
	play_repeats("less", 0, 15, 20);
	play_repeats("less", 1, 0, 20);
	play_repeats("noise", 0, 1, 20);
	play_repeats("noise", 1, 4, 20);
	d = made();
	assert_int_equal(d.nr, 2);
	assert_int_equal(d.nr_same, 1);
	assert_string_equal(d.list[0].key, "fails less often");
	assert_string_equal(d.list[0].sides[0], "15 of 20");
	assert_string_equal(d.list[0].sides[1], "0 of 20");
	assert_string_equal(d.list[0].cases[0], "less v2");
	assert_string_equal(d.list[1].key, "fails more often");
	assert_string_equal(d.list[1].sides[0], "1 of 20");
	assert_string_equal(d.list[1].sides[1], "15 of 20");
	diff_free(&d);
}

/* Where no repeat of one side has the other's verdict, that is told, and not a rate too. */
static void all_against_none_is_a_verdict(void **state)
{
	struct diff d;

	(void)state;
	play_repeats("a", 0, 0, 20);
	play_repeats("a", 1, 20, 20);
	d = made();
	assert_int_equal(d.nr, 1);
	assert_string_equal(d.list[0].key, "verdict");
	diff_free(&d);
}

/* Which repeat had which value is chance. */
static void the_order_of_repeats_is_no_difference(void **state)
{
	struct diff d;

	(void)state;
	with(play("a", 0, "PASS"), "task_memcg", "right");
	with(play("a", 0, "PASS"), "task_memcg", "left");
	with(play("a", 0, "PASS"), "task_memcg", "right");
	with(play("a", 1, "PASS"), "task_memcg", "up");
	with(play("b", 0, "PASS"), "task_memcg", "left");
	with(play("b", 0, "PASS"), "task_memcg", "right");
	with(play("b", 1, "PASS"), "task_memcg", "up");
	d = made();
	assert_int_equal(d.nr, 1);
	assert_int_equal(d.list[0].nr_cases, 2);
	assert_string_equal(d.list[0].sides[0], "left or right");
	diff_free(&d);
}

static void a_skip_is_compared_by_its_reason_only(void **state)
{
	struct diff d;

	(void)state;
	with(play("a", 0, "PASS"), "victims", "hog");
	play("a", 1, "SKIP: no zram");
	play("b", 0, "SKIP: no zram");
	play("b", 1, "SKIP: no zram");
	d = made();
	assert_int_equal(d.nr, 1);
	assert_string_equal(d.list[0].key, "verdict");
	assert_int_equal(d.nr_same, 1);
	diff_free(&d);
}

static void broken_is_neither_same_nor_different(void **state)
{
	struct diff d;

	(void)state;
	with(play("a", 0, "PASS"), "victims", "hog");
	play("a", 1, "BROKEN");
	d = made();
	assert_int_equal(d.nr, 0);
	assert_int_equal(d.nr_unknown, 1);
	assert_int_equal(d.nr_same, 0);
	diff_free(&d);
}

static void cases_of_one_side_are_named(void **state)
{
	struct diff d;

	(void)state;
	play("a", 0, "PASS");
	play("b", 1, "PASS");
	d = made();
	assert_int_equal(d.nr_compared, 0);
	assert_string_equal(d.only[0][0], "a v2");
	assert_string_equal(d.only[1][0], "b v2");
	diff_free(&d);
}

static void add_time(unsigned int side, uint64_t us)
{
	play("a", side, "PASS")->kill_us = us;
}

static void times_differ_when_they_do_not_meet(void **state)
{
	struct diff d;

	(void)state;
	for (uint64_t i = 0; i < 3; i++) {
		add_time(0, 100000 + i);
		add_time(1, 300000 + i);
	}
	d = made();
	assert_int_equal(d.nr, 0);
	assert_int_equal(d.nr_times, 1);
	assert_int_equal(d.times[0].median_us[1], 300001);
	diff_free(&d);
	for (uint64_t i = 0; i < 3; i++) {
		add_time(0, 100000 + 150000 * i);
		add_time(1, 300000 + i);
	}
	d = made();
	assert_int_equal(d.nr_times, 0);
	diff_free(&d);
}

static void wordings(void **state)
{
	static const struct {
		const char *line, *kind, *wording;
	} rows[] = {
		{ "a b (c) invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, "
		  "oom_score_adj=-5",
		  "invoked", "NAME invoked oom-killer: gfp_mask=, order=N, oom_score_adj=N" },
		{ "hog invoked oom-killer: gfp_mask=0x0(), nodemask=(null),  order=0, "
		  "oom_score_adj=0",
		  "invoked",
		  "NAME invoked oom-killer: gfp_mask=, nodemask=, order=N, oom_score_adj=N" },
		{ "memory: usage 81920kB, limit 81920kB, failcnt 30", "memory",
		  "memory: usage NkB, limit NkB, failcnt N" },
		{ "Memory cgroup stats for /a: b:", "stats", "Memory cgroup stats for PATH:" },
		{ "Memory cgroup stats for /box:\nanon 1\nfile 2", "stats",
		  "Memory cgroup stats for PATH:" },
		{ "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=0,2,cpuset=b,x,mems_allowed=0,"
		  "oom_memcg=/a,task_memcg=/a/b,task=h,pid=,pid=79,uid=0",
		  "summary",
		  "oom-kill:constraint=,nodemask=,cpuset=,mems_allowed=,oom_memcg=,task_memcg=,"
		  "task=,pid=,uid=" },
		{ "Memory cgroup out of memory: Killed process 79 (h (1) x) total-vm:1kB, UID:0",
		  "killed",
		  "Memory cgroup out of memory: Killed process N (NAME) total-vm:NkB, UID:N" },
		{ "Tasks in /a/b are going to be killed due to memory.oom.group set", "group",
		  "Tasks in PATH are going to be killed due to memory.oom.group set" },
		{ " ? do_exit+0x12/0x34", NULL, NULL },
		{ "anon 33484800", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char buf[512];
		const char *kind = wording_of(rows[i].line, buf, sizeof(buf));

		if (!rows[i].kind) {
			assert_null(kind);
			continue;
		}
		assert_string_equal(kind, rows[i].kind);
		assert_string_equal(buf, rows[i].wording);
	}
}

/* A log may hold lines of any length: what does not fit is cut. */
static void a_long_wording_is_cut(void **state)
{
	char line[2000] = "Tasks in ", buf[16];

	(void)state;
	memset(line + 9, 'x', sizeof(line) - 10);
	assert_string_equal(wording_of(line, buf, sizeof(buf)), "group");
	assert_string_equal(buf, "Tasks in xxxxxx");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_runs_do_not_differ),
		cmocka_unit_test(another_victim_differs),
		cmocka_unit_test(a_missing_trait_differs),
		cmocka_unit_test(a_counter_of_one_side_was_not_asked_for),
		cmocka_unit_test(the_same_in_many_cases_is_one),
		cmocka_unit_test(noise_of_repeats_is_left_out),
		cmocka_unit_test(a_rate_of_failures_differs),
		cmocka_unit_test(all_against_none_is_a_verdict),
		cmocka_unit_test(the_order_of_repeats_is_no_difference),
		cmocka_unit_test(a_skip_is_compared_by_its_reason_only),
		cmocka_unit_test(broken_is_neither_same_nor_different),
		cmocka_unit_test(cases_of_one_side_are_named),
		cmocka_unit_test(times_differ_when_they_do_not_meet),
		cmocka_unit_test(wordings),
		cmocka_unit_test(a_long_wording_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
