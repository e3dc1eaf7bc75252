// SPDX-License-Identifier: MIT
/* The loader: what it takes, what it refuses and with which words, and that cut evidence never passes. */
#include "harness/tests/story.h"

static void reads_a_story(void **state)
{
	struct story s;
	int64_t v = -1;

	(void)state;
	story_begin(&s);
	story_judge(&s);
	assert_int_equal(s.err, 0);
	assert_string_equal(s.e->plan->name, "memcg-child-limit");
	assert_string_equal(s.e->root, "/oomlab-t1");
	assert_string_equal(s.e->machine.release, "6.18.44");
	assert_int_equal(s.e->mark_seq, 442);
	assert_int_equal(s.e->nr_workers, 2);
	assert_int_equal(s.e->nr_kmsg, 80);
	assert_int_equal(s.e->missing_records, 0);
	assert_int_equal(s.e->nr_reports, 1);
	assert_true(s.e->reports[0]->complete);
	assert_int_equal(s.e->reports[0]->victims[0].line, 522);
	assert_int_equal(evidence_worker(s.e, "hog")->death, DEATH_OOM);
	assert_int_equal(evidence_worker(s.e, "b")->death, DEATH_NONE);
	assert_true(evidence_worker(s.e, "b")->we_killed_at_end);
	assert_null(evidence_worker(s.e, "nobody"));
	assert_ptr_equal(evidence_worker_by_pid(s.e, 21533), evidence_worker(s.e, "hog"));
	assert_int_equal(evidence_counter(s.e, NULL, "box", "memory.failcnt", "value", &v), 0);
	assert_int_equal(v, 36);
	assert_int_equal(evidence_counter(s.e, "after", "", "vmstat", "oom_kill", &v), 0);
	assert_int_equal(v, 2);
	assert_int_equal(evidence_counter(s.e, NULL, "", "vmstat", "no_such", &v), -ENOENT);
	assert_true(s.e->ended);
	assert_int_equal(s.e->elapsed_us, 492000);
	story_end(&s);
}

/* An unknown record is a newer player's; an unknown member likewise. */
static void passes_over_what_it_does_not_know(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s);
	story_insert(&s, "\"t\":\"mark\"", "{\"t\":\"weather\",\"us\":1,\"anything\":[1,2]}");
	story_change(&s, "\"seq\":442}", "\"seq\":442,\"new\":true}");
	story_insert(&s, "\"t\":\"end\"", "");
	story_gives(&s, VERDICT_PASS, "");
}

static void refuses(const char *before, const char *line, const char *words)
{
	char want[600];
	struct story s;
	size_t nr = 2; /* the plan is the first */

	story_begin(&s);
	for (const char *p = s.tale, *at = strstr(s.tale, before); p < at; p++)
		nr += *p == '\n';
	story_insert(&s, before, line);
	story_judge(&s);
	assert_int_equal(s.err, -EBADMSG);
	snprintf(want, sizeof(want), "%s:%zu: %s", s.file, nr, words);
	assert_string_equal(s.fail.where, want);
	story_end(&s);
}

static void names_the_bad_line(void **state)
{
	(void)state;
	refuses("\"t\":\"end\"", "[]", "no record: it has no \"t\"");
	refuses("\"t\":\"end\"", "{\"t\":7}", "no record: it has no \"t\"");
	refuses("\"t\":\"end\"", "{\"t\":\"mark\"}", "mark: \"seq\" is no number");
	refuses("\"t\":\"end\"", "{\"t\":\"mark\",\"seq\":-1}", "mark: \"seq\" is negative");
	refuses("\"t\":\"end\"", "{\"t\":\"plan\",\"plan\":{}}", "plan: a second plan");
	refuses("\"t\":\"end\"",
		"{\"t\":\"death\",\"name\":\"x\",\"pid\":1,\"code\":0,\"signal\":0}",
		"death: speaks of a worker that was not started");
	refuses("\"t\":\"end\"",
		"{\"t\":\"death\",\"name\":\"hog\",\"pid\":1,\"code\":0,\"signal\":0}",
		"death: speaks of a worker that was not started");
	refuses("\"t\":\"end\"",
		"{\"t\":\"death\",\"name\":\"hog\",\"pid\":21533,\"code\":-1,\"signal\":0}",
		"death: neither an exit nor a signal");
	refuses("\"t\":\"end\"", "{\"t\":\"alive\",\"name\":\"hog\",\"pid\":21533}",
		"alive: hog is alive after its death");
	refuses("\"t\":\"end\"",
		"{\"t\":\"worker\",\"name\":\"hog\",\"pid\":5,\"cgroup\":\"\",\"oom_score_adj\":0}",
		"worker: worker hog started twice, or its pid is none");
	refuses("\"t\":\"end\"", "{\"t\":\"vm\",\"outcome\":\"fine\"}",
		"vm: \"outcome\" is none we know");
	refuses("\"t\":\"end\"",
		"{\"t\":\"counters\",\"when\":\"before and "
		"after\",\"file\":\"vmstat\",\"values\":{}}",
		"counters: \"when\" is longer than 7 bytes");
	refuses("\"t\":\"end\"",
		"{\"t\":\"counters\",\"when\":\"after\",\"file\":\"vmstat\",\"values\":{\"a\":"
		"\"b\"}}",
		"counters: a counter of vmstat is no number");
}

static void refuses_what_is_no_json(void **state)
{
	static const char *const lines[] = { "{\"t\":\"end\"",
					     "nonsense",
					     "{\"t\":\"end\",\"t\":\"end\"}",
					     "\"t\":\"end\"}",
					     "{\"t\":\"mark\",\"seq\":99999999999999999999}",
					     "{\"t\":\"broken\",\"what\":\"\xff\xfe\"}" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct story s;

		story_begin(&s);
		story_insert(&s, "\"t\":\"end\"", lines[i]);
		story_judge(&s);
		assert_int_equal(s.err, -EBADMSG);
		assert_non_null(strstr(s.fail.where, ": no JSON: "));
		story_end(&s);
	}
}

static void no_such_file(void **state)
{
	struct evidence *e = NULL;
	struct fail f;

	(void)state;
	assert_int_equal(evidence_load("/nonexistent/evidence.jsonl", &e, &f), -ENOENT);
	assert_string_equal(f.where, "open /nonexistent/evidence.jsonl: No such file or directory");
	assert_null(e);
}

/* A player, guest or disk that stops at any record: never a PASS before its last word. */
static void cut_at_every_line(void **state)
{
	struct story s;
	char *whole;
	size_t cuts = 0;

	(void)state;
	story_begin(&s);
	whole = s.tale;
	for (char *at = whole;; at = strchr(at, '\n') + 1) {
		s.tale = strndup(whole, (size_t)(at - whole));
		story_judge(&s);
		assert_int_equal(s.err, 0);
		free(s.tale);
		if (!*at)
			break;
		assert_int_equal(s.j.verdict, VERDICT_BROKEN);
		cuts++;
	}
	assert_int_equal(s.j.verdict, VERDICT_PASS);
	assert_true(cuts > 100);
	s.tale = whole;
	story_end(&s);
}

static void cut_inside_lines(void **state)
{
	struct story s;
	char *whole;
	size_t len;

	(void)state;
	story_begin(&s);
	whole = s.tale;
	len = strlen(whole);
	for (size_t at = 1; at < len - 1; at += 61) {
		bool at_end = whole[at - 1] == '\n' || whole[at] == '\n';

		s.tale = strndup(whole, at);
		story_judge(&s);
		free(s.tale);
		assert_int_equal(s.err, at_end ? 0 : -EBADMSG);
		assert_true(s.err || s.j.verdict == VERDICT_BROKEN);
	}
	s.tale = whole;
	story_end(&s);
}

/* Any one record lost on the way: never a crash; a PASS only if nothing rests on it. */
static void each_line_lost(void **state)
{
	struct story s;
	char *whole;

	(void)state;
	story_begin(&s);
	whole = s.tale;
	for (char *at = whole, *end; *at; at = end + 1) {
		end = strchr(at, '\n');
		assert_true(asprintf(&s.tale, "%.*s%s", (int)(at - whole), whole, end + 1) > 0);
		story_judge(&s);
		free(s.tale);
		if (!s.err && s.j.verdict == VERDICT_PASS)
			assert_true(strstr(at, "{\"t\":\"ready\"") == at ||
				    strstr(at, "{\"t\":\"counters\"") == at ||
				    strstr(at, "{\"t\":\"death\",\"us\":3483290900") == at);
	}
	s.tale = whole;
	story_end(&s);
}

/* The same tale, its lines numbered as the player does; the one at `lost` is left out (-1: none). */
static char *numbered(const char *tale, int lost)
{
	char *text = NULL;
	size_t room = 0;
	FILE *out = open_memstream(&text, &room);
	int i = 0;

	for (const char *p = tale; *p; i++) {
		const char *end = strchr(p, '\n');

		if (i != lost)
			fprintf(out, "{\"i\":%d,%.*s\n", i, (int)(end - p) - 1, p + 1);
		p = end + 1;
	}
	fclose(out);
	return lost < i ? text : (free(text), NULL);
}

/* With their numbers, no record at all is lost unnoticed, whether a check rests on it or not. */
static void each_numbered_line_lost(void **state)
{
	struct story s;
	char *whole;

	(void)state;
	story_begin(&s);
	whole = s.tale;
	s.tale = numbered(whole, -1);
	story_judge(&s);
	assert_int_equal(s.j.verdict, VERDICT_PASS);
	for (int lost = 0; free(s.tale), (s.tale = numbered(whole, lost)); lost++) {
		story_judge(&s);
		assert_true(s.err || s.j.verdict != VERDICT_PASS);
	}
	s.tale = whole;
	story_end(&s);
}

static void without_a_plan(void **state)
{
	char file[] = "/tmp/oomlab-noplan-XXXXXX";
	int fd = mkstemp(file);
	struct judgement j;
	struct evidence *e;
	struct fail f;

	(void)state;
	close(fd);
	assert_int_equal(evidence_load(file, &e, &f), 0);
	assert_int_equal(judge(e, &j), 0);
	assert_int_equal(j.verdict, VERDICT_BROKEN);
	assert_string_equal(j.reason, "plan: wanted a plan in the evidence, saw none");
	judgement_free(&j);
	evidence_free(e);
	unlink(file);
}

static void nothing_checked_is_broken(void **state)
{
	struct check one = { .result = CHECK_OK };

	(void)state;
	assert_int_equal(judge_verdict(NULL, 0), VERDICT_BROKEN);
	assert_int_equal(judge_verdict(&one, 1), VERDICT_PASS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_a_story),
		cmocka_unit_test(passes_over_what_it_does_not_know),
		cmocka_unit_test(names_the_bad_line),
		cmocka_unit_test(refuses_what_is_no_json),
		cmocka_unit_test(no_such_file),
		cmocka_unit_test(cut_at_every_line),
		cmocka_unit_test(cut_inside_lines),
		cmocka_unit_test(each_line_lost),
		cmocka_unit_test(each_numbered_line_lost),
		cmocka_unit_test(without_a_plan),
		cmocka_unit_test(nothing_checked_is_broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
