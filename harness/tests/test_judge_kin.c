// SPDX-License-Identifier: MIT
/* Children, threads and sharers of an mm: whose death a kill line, a parent or an mm explains. */
#include "harness/tests/story.h"

#define CHILD "{\"t\":\"child\",\"name\":\"hog\",\"n\":1,\"pid\":21540}"
#define DEATH \
	"{\"t\":\"death\",\"us\":%s,\"name\":\"hog/1\",\"pid\":21540,\"code\":-1,\"signal\":9}"
#define BEFORE "3483280000"
#define SAME   "3483290000" /* as the hog */
#define AFTER  "3483290005"
#define NOBODYS                                                                                \
	"deaths: wanted only OOM kills and what the case plans, saw hog/1 got a SIGKILL that " \
	"neither we nor the kernel log own up to"

/* The true story, but the hog is of this kind and has a child, whose end comes where `before` stands. */
static void with_child(struct story *s, char **argv, size_t nr_argv, const char *before,
		       const char *end)
{
	story_begin(s);
	s->workers[1].argv = argv;
	s->workers[1].nr_argv = nr_argv;
	story_insert(s, "\"n\":1,\"op\":\"trigger\"", CHILD);
	if (end)
		story_insert(s, before, end);
}

static char *fork_argv[] = { (char *)"oomhog", (char *)"fork", (char *)"--children=1", NULL };
static char *shared_argv[] = { (char *)"oomhog", (char *)"shared-mm", NULL };
static char *stays_argv[] = { (char *)"oomhog", (char *)"shared-mm", (char *)"--child-stays",
			      NULL };
static char *fork_stays_argv[] = { (char *)"oomhog", (char *)"fork", (char *)"--child-stays",
				   NULL };

static const char *death_at(const char *us)
{
	static char line[200];

	snprintf(line, sizeof(line), DEATH, us);
	return line;
}

/* The kernel named the child and the hog lives. */
static void child_is_killed(struct story *s)
{
	with_child(s, fork_argv, 3, "", NULL);
	for (int i = 0; i < 2; i++)
		story_change(s, i ? "process 21533 " : "pid=21533",
			     i ? "process 21540 " : "pid=21540");
	story_change(s, "[  21533]     0 21533", "[  21540]     0 21540");
	story_change(s, "\"name\":\"hog\",\"pid\":21533,\"code\"",
		     "\"name\":\"hog/1\",\"pid\":21540,\"code\"");
	story_insert(s, "\"t\":\"alive\"", "{\"t\":\"alive\",\"name\":\"hog\",\"pid\":21533}");
	s->plan.prediction.known = false;
	story_forget_rows(s);
}

static void a_child_is_a_victim(void **state)
{
	struct case_expect *x;
	struct story s;

	(void)state;
	child_is_killed(&s);
	story_names(&s, EXPECT_VICTIMS, "hog/1");
	x = story_names(&s, EXPECT_SURVIVORS, "hog");
	str_copy(x->names[x->nr_names++], CASE_TASK_LEN, "b");
	story_judge(&s);
	assert_string_equal(s.j.reason, "");
	assert_int_equal(evidence_worker(s.e, "hog/1")->death, DEATH_OOM);
	assert_string_equal(evidence_worker(s.e, "hog/1")->cgroup, "box");
	story_end(&s);
	child_is_killed(&s);
	story_names(&s, EXPECT_VICTIMS, "hog");
	story_gives(&s, VERDICT_FAIL, "victims: wanted [hog], saw hog/1");
	child_is_killed(&s);
	story_names(&s, EXPECT_SURVIVORS, "hog/1");
	story_gives(&s, VERDICT_FAIL, "survivors: wanted [hog/1], saw hog/1 OOM-killed");
}

/* The log tells of the child's kill, the wait status does not. */
static void a_childs_kill_is_told_three_times(void **state)
{
	struct story s;

	(void)state;
	child_is_killed(&s);
	story_names(&s, EXPECT_VICTIMS, "hog/1");
	story_change(&s, "\"name\":\"hog/1\",\"pid\":21540,\"code\":-1,\"signal\":9",
		     "\"name\":\"hog/1\",\"pid\":21540,\"code\":0,\"signal\":0");
	story_judge(&s);
	assert_int_equal(s.err, 0);
	assert_int_equal(s.j.verdict, VERDICT_FAIL);
	story_end(&s);
}

static void a_child_must_be_accounted_for(void **state)
{
	struct story s;

	(void)state;
	with_child(&s, fork_argv, 3, "", NULL);
	story_gives(&s, VERDICT_BROKEN,
		    "player: wanted its last word, every worker accounted for, "
		    "saw hog/1 neither alive nor dead");
}

static void a_child_dies_with_its_parent(void **state)
{
	struct story s;

	(void)state;
	for (int i = 0; i < 2; i++) {
		with_child(&s, fork_argv, 3, "\"n\":2,\"op\":\"wait kills\"",
			   death_at(i ? AFTER : SAME));
		story_judge(&s);
		assert_string_equal(s.j.reason, "");
		assert_int_equal(evidence_worker(s.e, "hog/1")->death, DEATH_WITH_PARENT);
		story_end(&s);
	}
	/* It died first, or it is one that stays, or its parent lives. */
	with_child(&s, fork_argv, 3, "\"t\":\"death\"", death_at(BEFORE));
	story_gives(&s, VERDICT_BROKEN, NOBODYS);
	with_child(&s, fork_stays_argv, 3, "\"n\":2,\"op\":\"wait kills\"", death_at(AFTER));
	story_gives(&s, VERDICT_BROKEN, NOBODYS);
}

static void an_mm_takes_along_who_shares_it(void **state)
{
	struct story s;

	(void)state;
	for (int i = 0; i < 2; i++) {
		with_child(&s, stays_argv, 3, "\"t\":\"death\"", death_at(i ? BEFORE : AFTER));
		story_names(&s, EXPECT_TAKEN_ALONG, "hog/1");
		story_judge(&s);
		assert_string_equal(s.j.reason, "");
		assert_int_equal(evidence_worker(s.e, "hog/1")->death, DEATH_TAKEN_ALONG);
		story_end(&s);
	}
	/* Nobody expected it. */
	with_child(&s, stays_argv, 3, "\"t\":\"death\"", death_at(BEFORE));
	story_gives(&s, VERDICT_BROKEN, NOBODYS);
	/* It has an mm of its own. */
	with_child(&s, fork_stays_argv, 3, "\"t\":\"death\"", death_at(BEFORE));
	story_names(&s, EXPECT_TAKEN_ALONG, "hog/1");
	story_gives(&s, VERDICT_BROKEN, NOBODYS);
	/* It would have died with its parent: no proof. */
	with_child(&s, shared_argv, 2, "\"t\":\"death\"", death_at(BEFORE));
	story_names(&s, EXPECT_TAKEN_ALONG, "hog/1");
	story_gives(&s, VERDICT_FAIL,
		    "taken along: wanted [hog/1], saw hog/1 killed with its parent");
	/* It lives. */
	with_child(&s, stays_argv, 3, "\"t\":\"alive\"",
		   "{\"t\":\"alive\",\"name\":\"hog/1\",\"pid\":21540}");
	story_names(&s, EXPECT_TAKEN_ALONG, "hog/1");
	story_gives(&s, VERDICT_FAIL, "taken along: wanted [hog/1], saw hog/1 alive");
}

/* No kill line at all: then nobody shares a victim's mm. */
static void no_victim_takes_nobody_along(void **state)
{
	struct story s;

	(void)state;
	with_child(&s, stays_argv, 3, "\"t\":\"death\"", death_at(BEFORE));
	story_names(&s, EXPECT_TAKEN_ALONG, "hog/1");
	story_change(&s, "Killed process 21533", "Killed process 999");
	story_judge(&s);
	assert_int_equal(s.j.verdict, VERDICT_BROKEN);
	assert_int_equal(evidence_worker(s.e, "hog/1")->death, DEATH_SIGKILL_UNEXPLAINED);
	assert_int_equal(evidence_worker(s.e, "hog")->death, DEATH_SIGKILL_UNEXPLAINED);
	story_end(&s);
}

static void a_tid_is_its_workers(void **state)
{
	struct story s;

	(void)state;
	for (int told = 1; told >= 0; told--) {
		story_begin(&s);
		if (told)
			story_insert(
				&s, "\"n\":1,\"op\":\"trigger\"",
				"{\"t\":\"tid\",\"name\":\"hog\",\"pid\":21533,\"tid\":21550}");
		story_change(&s, "process 21533 ", "process 21550 ");
		story_change(&s, "[  21533]     0 21533", "[  21550]     0 21533");
		story_judge(&s);
		assert_int_equal(s.j.verdict, told ? VERDICT_PASS : VERDICT_BROKEN);
		assert_int_equal(evidence_worker(s.e, "hog")->death,
				 told ? DEATH_OOM : DEATH_SIGKILL_UNEXPLAINED);
		story_end(&s);
	}
}

static void bad_kin_is_refused(void **state)
{
	static const char *const lines[] = {
		"{\"t\":\"child\",\"name\":\"x\",\"n\":1,\"pid\":7}",
		"{\"t\":\"child\",\"name\":\"hog\",\"n\":0,\"pid\":7}",
		"{\"t\":\"child\",\"name\":\"hog\",\"n\":1000,\"pid\":7}",
		"{\"t\":\"child\",\"name\":\"hog\",\"n\":1,\"pid\":7}", /* a second first */
		"{\"t\":\"child\",\"name\":\"hog\",\"n\":2,\"pid\":21540}",
		"{\"t\":\"child\",\"name\":\"hog\",\"n\":2,\"pid\":0}",
		"{\"t\":\"child\",\"name\":\"hog/1\",\"n\":1,\"pid\":7}",
		"{\"t\":\"tid\",\"name\":\"hog\",\"pid\":21533,\"tid\":21532}",
		"{\"t\":\"tid\",\"name\":\"hog\",\"pid\":21533,\"tid\":0}",
		"{\"t\":\"tid\",\"name\":\"hog\",\"pid\":1,\"tid\":5}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct story s;

		with_child(&s, fork_argv, 3, "\"t\":\"alive\"", lines[i]);
		story_judge(&s);
		assert_int_equal(s.err, -EBADMSG);
		story_end(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_child_is_a_victim),
		cmocka_unit_test(a_childs_kill_is_told_three_times),
		cmocka_unit_test(a_child_must_be_accounted_for),
		cmocka_unit_test(a_child_dies_with_its_parent),
		cmocka_unit_test(an_mm_takes_along_who_shares_it),
		cmocka_unit_test(no_victim_takes_nobody_along),
		cmocka_unit_test(a_tid_is_its_workers),
		cmocka_unit_test(bad_kin_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
