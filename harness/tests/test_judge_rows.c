// SPDX-License-Identifier: MIT
/* Rows the true story does not hold: group kills, v2's counters, nodes, zones, ENOMEM. */
#include "harness/tests/story.h"

/* The two records a group kill adds: 6.12, memory.oom.group=1, the first victim told twice. */
static void group_kill(struct story *s)
{
	static const char *const lines[] = {
		"Tasks in /oomlab-t1/box are going to be killed due to memory.oom.group set",
		"Memory cgroup out of memory: Killed process 21532 (b) total-vm:10536kB, "
		"anon-rss:8192kB, file-rss:608kB, shmem-rss:0kB, UID:0 pgtables:52kB "
		"oom_score_adj:0",
		"Memory cgroup out of memory: Killed process 21533 (hog) total-vm:104744kB, "
		"anon-rss:73600kB, file-rss:608kB, shmem-rss:0kB, UID:0 pgtables:180kB "
		"oom_score_adj:0",
	};
	char line[500];

	story_begin(s);
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		snprintf(line, sizeof(line),
			 "{\"t\":\"kmsg\",\"seq\":%zu,\"usec\":3483271690,\"level\":3,\"facility\":"
			 "0,"
			 "\"text\":\"%s\"}",
			 523 + i, lines[i]);
		story_insert(s, "\"t\":\"death\"", line);
	}
	story_change(s, "{\"t\":\"alive\",\"us\":3483290100,\"name\":\"b\",\"pid\":21532}",
		     "{\"t\":\"death\",\"name\":\"b\",\"pid\":21532,\"code\":-1,\"signal\":9}");
	story_without(s, "\"name\":\"b\",\"pid\":21532,\"signal\":9");
	story_without(s, "\"us\":3483290900");
	story_change(s, "\"oom_kill\":1}}\n{\"t\":\"counters\",\"us\":3483290200",
		     "\"oom_kill\":3}}\n{\"t\":\"counters\",\"us\":3483290200");
	story_change(s, "\"values\":{\"oom_kill\":2}", "\"values\":{\"oom_kill\":4}");
	story_forget_rows(s);
}

static void group_dies_and_is_counted_once_more(void **state)
{
	struct case_expect *x;
	struct story s;

	(void)state;
	group_kill(&s);
	x = story_names(&s, EXPECT_VICTIMS_ANY_ORDER, "b");
	str_copy(x->names[x->nr_names++], 16, "hog");
	story_judge(&s);
	assert_string_equal(s.j.reason, "");
	assert_int_equal(s.j.verdict, VERDICT_PASS);
	assert_int_equal(evidence_worker(s.e, "b")->death, DEATH_OOM_GROUP);
	assert_int_equal(evidence_worker(s.e, "hog")->death, DEATH_OOM_GROUP);
	story_end(&s);
}

static void any_order_wants_all_and_no_more(void **state)
{
	struct story s;

	(void)state;
	group_kill(&s);
	story_names(&s, EXPECT_VICTIMS_ANY_ORDER, "b");
	story_gives(&s, VERDICT_FAIL, "victims: wanted [b], saw hog, b");
}

static void order_matters_where_it_is_given(void **state)
{
	struct case_expect *x;
	struct story s;

	(void)state;
	group_kill(&s);
	x = story_names(&s, EXPECT_VICTIMS, "b");
	str_copy(x->names[x->nr_names++], 16, "hog");
	story_gives(&s, VERDICT_FAIL, "victims: wanted [b, hog], saw hog, b");
}

static void survivor_died_with_its_group(void **state)
{
	struct story s;

	(void)state;
	group_kill(&s);
	story_names(&s, EXPECT_SURVIVORS, "b");
	story_gives(&s, VERDICT_FAIL, "survivors: wanted [b], saw b OOM-killed with its group");
}

/* --- v2: one hierarchical number at our root */

static void on_v2(struct story *s)
{
	story_begin(s);
	s->plan.cgroup = CGROUP_V2;
	story_forget_rows(s);
	story_names(s, EXPECT_VICTIMS, "hog");
}

static void v2_counts_at_our_root(void **state)
{
	static const char before[] =
		"{\"t\":\"counters\",\"when\":\"before\",\"cgroup\":\"\",\"file\":\"memory."
		"events\","
		"\"values\":{\"low\":0,\"high\":0,\"max\":0,\"oom\":0,\"oom_kill\":0}}";
	static const char after[] =
		"{\"t\":\"counters\",\"when\":\"after\",\"cgroup\":\"\",\"file\":\"memory.events\","
		"\"values\":{\"low\":0,\"high\":0,\"max\":35,\"oom\":1,\"oom_kill\":1}}";
	struct story s;

	(void)state;
	on_v2(&s);
	story_insert(&s, "\"t\":\"end\"", before);
	story_insert(&s, "\"t\":\"end\"", after);
	story_counter(&s, "", "memory.events", "oom", 1);
	story_gives(&s, VERDICT_PASS, "");
}

static void v2_without_events_is_not_known(void **state)
{
	struct story s;

	(void)state;
	on_v2(&s);
	story_gives(
		&s, VERDICT_BROKEN,
		"triple entry: wanted log, wait status and counters to agree, saw log kills [hog] "
		"in 1 line, wait status SIGKILL [hog], memcg not in the evidence, vmstat oom_kill "
		"+1");
}

/* oom_kill came with 4.13: an older kernel has no third entry, and needs none. */
static void before_4_13_two_entries_are_all(void **state)
{
	struct story s;

	(void)state;
	on_v2(&s);
	story_change(&s, "\"release\":\"6.18.44\"", "\"release\":\"4.9.154\"");
	story_gives(&s, VERDICT_PASS, "");
}

static void counter_that_is_not_told(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	story_counter(&s, "box", "memory.events", "oom_kill", 1);
	story_gives(&s, VERDICT_BROKEN,
		    "counter box memory.events oom_kill: wanted 1, saw not in the evidence");
}

/* A state is taken as it is, a counter as it grew. */
static void states_and_counters(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	story_counter(&s, "box", "memory.oom_control", "under_oom", 0);
	story_counter(&s, "box", "memory.failcnt", "", 36);
	story_counter(&s, "box", "memory.failcnt", "value", 36);
	story_gives(&s, VERDICT_PASS, "");
}

static void node_free(void **state)
{
	struct case_expect *x;
	struct story s;

	(void)state;
	story_begin(&s);
	x = story_range(&s, EXPECT_NODE_FREE, 2500001, INT64_MAX);
	str_copy(x->key, sizeof(x->key), "0");
	story_gives(&s, VERDICT_FAIL, "node 0 free: wanted at least 2500001 kB, saw 2499964 kB");
}

static void node_that_is_not_there(void **state)
{
	struct case_expect *x;
	struct story s;

	(void)state;
	story_begin(&s);
	x = story_range(&s, EXPECT_NODE_FREE, INT64_MIN, 5);
	str_copy(x->key, sizeof(x->key), "1");
	story_gives(&s, VERDICT_BROKEN,
		    "node 1 free: wanted at most 5 kB, saw not in the evidence");
}

/* --- what the report says */

static void report_rows_can_fail(void **state)
{
	static const struct {
		enum expect_kind kind;
		const char *text, *reason;
	} rows[] = {
		{ EXPECT_CONSTRAINT, "CONSTRAINT_NONE",
		  "constraint: wanted CONSTRAINT_NONE, saw CONSTRAINT_MEMCG" },
		{ EXPECT_TASK_MEMCG, "box/child",
		  "task_memcg: wanted /oomlab-t1/box/child, saw /oomlab-t1/box" },
		{ EXPECT_NODEMASK, "1", "nodemask: wanted 1, saw (null)" },
		{ EXPECT_MEMS_ALLOWED, "0-1", "mems_allowed: wanted 0-1, saw 0" },
		{ EXPECT_ZONE_BELOW, "low",
		  "zone below: wanted a zone with free below low, saw no zone" },
		{ EXPECT_TASK_DUMP, "false", "task dump: wanted false, saw true" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct story s;

		story_begin(&s);
		story_text(&s, rows[i].kind, rows[i].text);
		story_gives(&s, VERDICT_FAIL, rows[i].reason);
	}
}

/* vm.oom_dump_tasks=0 leaves out the header line as well as the rows. */
static void task_dump_is_its_header(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	story_text(&s, EXPECT_TASK_DUMP, "true");
	story_gives(&s, VERDICT_PASS, "");
	story_begin(&s);
	story_text(&s, EXPECT_TASK_DUMP, "true");
	story_change(&s, "[  pid  ]   uid  tgid total_vm", "[ no table ]");
	story_gives(&s, VERDICT_FAIL, "task dump: wanted true, saw false");
}

static void sizes_can_fail(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	story_range(&s, EXPECT_USAGE, 1, 2);
	story_gives(&s, VERDICT_FAIL, "usage: wanted 1..2 kB, saw 81920 kB");
	story_begin(&s);
	story_range(&s, EXPECT_LIMIT, 4, 4);
	story_gives(&s, VERDICT_FAIL, "limit: wanted 4 kB, saw 81920 kB");
}

static void nodes_are_sets(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	story_text(&s, EXPECT_NODEMASK, "(null)");
	story_change(&s, "mems_allowed=0,oom_memcg", "mems_allowed=0-1,oom_memcg");
	str_copy(story_find(&s, EXPECT_MEMS_ALLOWED)->text, CASE_PATH_LEN, "0,1");
	story_gives(&s, VERDICT_PASS, "");
}

/* --- ENOMEM */

static void b_was_told_enomem(struct story *s)
{
	story_begin(s);
	story_forget_rows(s);
	story_names(s, EXPECT_VICTIMS, "hog");
	story_change(
		s, "{\"t\":\"alive\",\"us\":3483290100,\"name\":\"b\",\"pid\":21532}",
		"{\"t\":\"failed\",\"name\":\"b\",\"pid\":21532,\"what\":\"enomem\",\"bytes\":0,"
		"\"text\":\"ENOMEM mmap\"}\n"
		"{\"t\":\"death\",\"name\":\"b\",\"pid\":21532,\"code\":3,\"signal\":0}");
	story_without(s, "\"name\":\"b\",\"pid\":21532,\"signal\":9");
	story_without(s, "\"us\":3483290900");
}

static void enomem_as_expected(void **state)
{
	struct story s;

	(void)state;
	b_was_told_enomem(&s);
	story_names(&s, EXPECT_ENOMEM, "b");
	story_gives(&s, VERDICT_PASS, "");
}

static void killed_where_enomem_was_due(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	story_forget_rows(&s);
	story_names(&s, EXPECT_ENOMEM, "hog");
	story_gives(&s, VERDICT_FAIL, "enomem: wanted [hog], saw hog OOM-killed");
}

/* Of one kill there is one report. */
static void a_second_report_is_not_the_first(void **state)
{
	struct case_expect *x;
	struct story s;

	(void)state;
	story_begin(&s);
	x = story_text(&s, EXPECT_OOM_MEMCG, "box");
	str_copy(x->key, sizeof(x->key), "report 2");
	story_gives(
		&s, VERDICT_FAIL,
		"oom_memcg of report 2: wanted /oomlab-t1/box, saw no OOM report of so many kills");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_second_report_is_not_the_first),
		cmocka_unit_test(group_dies_and_is_counted_once_more),
		cmocka_unit_test(any_order_wants_all_and_no_more),
		cmocka_unit_test(order_matters_where_it_is_given),
		cmocka_unit_test(survivor_died_with_its_group),
		cmocka_unit_test(v2_counts_at_our_root),
		cmocka_unit_test(v2_without_events_is_not_known),
		cmocka_unit_test(before_4_13_two_entries_are_all),
		cmocka_unit_test(counter_that_is_not_told),
		cmocka_unit_test(states_and_counters),
		cmocka_unit_test(node_free),
		cmocka_unit_test(node_that_is_not_there),
		cmocka_unit_test(report_rows_can_fail),
		cmocka_unit_test(task_dump_is_its_header),
		cmocka_unit_test(sizes_can_fail),
		cmocka_unit_test(nodes_are_sets),
		cmocka_unit_test(enomem_as_expected),
		cmocka_unit_test(killed_where_enomem_was_due),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
