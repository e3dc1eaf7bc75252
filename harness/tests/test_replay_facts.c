// SPDX-License-Identifier: MIT
/* What the plays of a ticket tell: of an evidence as it was stored, and of several repeats. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "harness/explain.h"
#include "harness/replay_compare.h"

#include <fcntl.h>

static const struct replay replays[] = { { .name = "replay-java" },
					 { .name = "replay-java-remedy" } };

/* Repeats are one column: the first that did not pass is shown. */
static void repeats_are_counted(void **state)
{
	static const struct replay_change change = { .text = "limit:+1M" };
	struct replay_compare c = { .replays = replays };
	struct case_result res = { .name = "replay-java",
				   .kernel = "debian:6.1",
				   .release = "6.1.0",
				   .cgroup = CGROUP_V2,
				   .verdict = VERDICT_PASS,
				   .reason = "",
				   .dir = "" };
	struct check failed = { .name = "rank", .result = CHECK_FAIL };
	struct judgement j = { .checks = &failed, .nr_checks = 1 };

	(void)state;
	c.changes = &change;
	c.nr_changes = 1;
	replay_compare_result(&c, &res);
	res.verdict = VERDICT_FAIL;
	res.reason = "rank: wanted a, b";
	res.judgement = &j;
	replay_compare_result(&c, &res);
	res.verdict = VERDICT_SKIP;
	res.reason = "";
	res.judgement = NULL;
	replay_compare_result(&c, &res);
	res.name = "replay-java-remedy";
	res.kernel = "debian:5.10";
	replay_compare_result(&c, &res);
	res.name = "memcg-limit"; /* "-- memcg-limit": is played as well, and is no ticket's */
	replay_compare_result(&c, &res);
	replay_compare_sort(&c);
	assert_int_equal(c.err, 0);
	assert_int_equal(c.nr_plays, 2);
	assert_true(c.plays[0].is_remedy);
	assert_int_equal(c.plays[1].nr, 3);
	assert_int_equal(c.plays[1].nr_passed, 1);
	assert_int_equal(c.plays[1].verdict, VERDICT_FAIL);
	assert_string_equal(c.plays[1].failed, "rank");
	assert_int_equal(replay_compare_judged(&c, false), 2);
	assert_int_equal(replay_compare_judged(&c, true), 0);
	replay_compare_free(&c);
}

/* A stored play, through the house's own reader: what a guest's report tells, in the words of the case. */
static void facts_of_evidence(void **state)
{
	struct evidence *e = NULL;
	struct replay_facts f;
	struct fail why = { 0 };

	(void)state;
	if (evidence_load("harness/tests/data/evidence/run/host/v1/memcg-child-limit/"
			  "evidence.jsonl",
			  &e, &why) < 0)
		fail_msg("%s", why.where);
	assert_int_equal(replay_facts_of_evidence(&replays[0], e, &f), 0);
	evidence_free(e);
	assert_string_equal(f.ended, "killed");
	assert_int_equal(f.nr_victims, 1);
	assert_string_equal(f.victims[0], "hog");
	assert_string_equal(f.constraint, "CONSTRAINT_MEMCG");
	assert_string_equal(f.oom_memcg, "box");
	assert_string_equal(f.task_memcg, "box");
	assert_int_equal(f.usage, 10000);
	assert_int_equal(f.nr_top, 1);
	assert_string_equal(f.top[0].name, "hog");
	assert_int_equal(f.top[0].points, 10127);
}

static struct oom_report *report;

static void keep(void *ctx, const struct oom_report *r)
{
	(void)ctx;
	if (!report)
		report = oom_report_dup(r);
}

/* The kernel did not ask for a ranking; the dump holds one all the same. */
static void ranks_of_who_asked(void **state)
{
	int fd __close = open("lib/tests/data/captured/5.10-v2-kill-allocating-task.log",
			      O_RDONLY | O_CLOEXEC);
	struct oom_parser *p = oom_parser_new(keep, NULL);
	struct evidence e = { .reports = &report, .nr_reports = 1 };
	struct replay_facts f;
	struct fail why = { 0 };

	(void)state;
	assert_int_equal(explain_read(fd, p, &why), 0);
	oom_parser_free(p);
	assert_non_null(report);
	assert_int_equal(replay_facts_of_evidence(&replays[0], &e, &f), 0);
	oom_report_free(report);
	assert_string_equal(f.victims[0], "asking");
	assert_int_equal(f.nr_top, 2);
	assert_string_equal(f.top[0].name, "big");
	assert_string_equal(f.top[1].name, "asking");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(repeats_are_counted),
		cmocka_unit_test(facts_of_evidence),
		cmocka_unit_test(ranks_of_who_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
