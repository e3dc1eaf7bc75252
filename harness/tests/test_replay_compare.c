// SPDX-License-Identifier: MIT
/* The table of a ticket and its plays, of made-up facts, to the letter; what counts as a difference. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "harness/replay_compare.h"

#include <jansson.h>

static struct replay replays[2];
static struct replay_play plays[4];

static struct replay ticket(void)
{
	struct replay p = { .name = "replay-java",
			    .ticket = "case-4711.log",
			    .line = 12,
			    .release = "4.18.0-553.el8.x86_64",
			    .kind = OOM_KIND_MEMCG,
			    .box = "web",
			    .home = "web/app",
			    .oom_memcg = "/kubepods/web",
			    .task_memcg = "/kubepods/web/app",
			    .usage = 10000,
			    .swap_used = OOM_ABSENT,
			    .nr_roles = 2,
			    .nr_assumptions = 1 };

	p.roles[0] = (struct replay_role){
		.name = "java", .comm = "java", .pid = 301, .dies = true, .ticket_points = 6254
	};
	p.roles[1] = (struct replay_role){ .name = "nginx",
					   .comm = "nginx",
					   .pid = 300,
					   .ticket_points = 1100,
					   .ticket_adj = -100 };
	str_copy(p.assumptions[0], sizeof(p.assumptions[0]), "something");
	return p;
}

static struct replay_facts as_in_ticket(void)
{
	struct replay_facts f;

	replay_facts_of_ticket(&replays[0], &f);
	return f;
}

static struct replay_play play(const char *kernel, enum cgroup_version cgroup)
{
	struct replay_play p = { .cgroup = cgroup,
				 .verdict = VERDICT_PASS,
				 .nr = 1,
				 .nr_passed = 1,
				 .facts = as_in_ticket() };

	str_copy(p.kernel, sizeof(p.kernel), kernel);
	str_copy(p.release, sizeof(p.release), "6.1.0-56-amd64");
	return p;
}

static struct replay_compare start(void)
{
	replays[0] = ticket();
	replays[1] = ticket();
	str_copy(replays[1].name, sizeof(replays[1].name), "replay-java-remedy");
	plays[0] = play("debian:6.1", CGROUP_V2);
	return (struct replay_compare){ .replays = replays, .plays = plays, .nr_plays = 1 };
}

static char *text_of(const struct replay_compare *c, bool colour)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_int_equal(replay_compare_text(c, colour, out), 0);
	fclose(out);
	return text;
}

static void expect_text(const struct replay_compare *c, const char *want)
{
	char *text __free = text_of(c, false);

	assert_string_equal(text, want);
}

static void the_same(void **state)
{
	struct replay_compare c = start();

	(void)state;
	expect_text(&c, "case-4711.log, line 12\n\n"
			"               ticket                  debian:6.1 v2\n"
			"kernel         4.18.0-553.el8.x86_64   6.1.0-56-amd64\n"
			"ended          killed                  killed\n"
			"victim         java (301)              java\n"
			"constraint     CONSTRAINT_MEMCG        CONSTRAINT_MEMCG\n"
			"oom_memcg      web                     web\n"
			"task_memcg     web/app                 web/app\n"
			"usage of limit 100.0 %                 100.0 %\n"
			"rank 1         java 62.5 %, adj 0      java 62.5 %, adj 0\n"
			"rank 2         nginx 11.0 %, adj -100  nginx 11.0 %, adj -100\n"
			"verdict                                same\n\n"
			"rank: points in percent of what ran out\n"
			"1 thing assumed, or not as in the log: see replay-java.yaml\n");
}

/* Another victim there, whose kernel had other rules; and what the remedy makes of it. */
static void otherwise_and_remedy(void **state)
{
	static const struct replay_change change = { .text = "adj:java=-500" };
	struct replay_compare c = start();

	(void)state;
	str_copy(replays[0].assumptions[0], sizeof(replays[0].assumptions[0]), "rules of its time");
	replays[0].old_rules = 1;
	plays[0].verdict = VERDICT_FAIL;
	plays[0].nr = 3;
	plays[0].nr_passed = 1;
	str_copy(plays[0].reason, sizeof(plays[0].reason), "victims: wanted [java], saw nginx");
	str_copy(plays[0].failed, sizeof(plays[0].failed), "victims");
	str_copy(plays[0].facts.victims[0], sizeof(plays[0].facts.victims[0]), "nginx");
	plays[1] = play("debian:6.1", CGROUP_V2);
	plays[1].is_remedy = true;
	plays[1].facts =
		(struct replay_facts){ .ended = "no OOM", .usage = OOM_ABSENT, .swap = OOM_ABSENT };
	c.changes = &change;
	c.nr_changes = 1;
	c.nr_plays = 2;
	expect_text(
		&c,
		"case-4711.log, line 12\n\n"
		"               ticket                  debian:6.1 v2                 "
		"debian:6.1 v2, remedy\n"
		"kernel         4.18.0-553.el8.x86_64   6.1.0-56-amd64                "
		"6.1.0-56-amd64\n"
		"ended          killed                  killed                        no OOM *\n"
		"victim         java (301)              nginx *                       -\n"
		"constraint     CONSTRAINT_MEMCG        CONSTRAINT_MEMCG              -\n"
		"oom_memcg      web                     web                           -\n"
		"task_memcg     web/app                 web/app                       -\n"
		"usage of limit 100.0 %                 100.0 %                       -\n"
		"rank 1         java 62.5 %, adj 0      java 62.5 %, adj 0            -\n"
		"rank 2         nginx 11.0 %, adj -100  nginx 11.0 %, adj -100        -\n"
		"verdict                                otherwise in 2 of 3: victims  "
		"as predicted\n\n"
		"* not as in the ticket\n"
		"rank: points in percent of what ran out\n"
		"victim: rules of its time\n"
		"remedy: adj:java=-500\n"
		"debian:6.1 v2: victims: wanted [java], saw nginx\n"
		"1 thing assumed, or not as in the log: see replay-java.yaml\n");
}

static size_t count(const char *text, const char *what)
{
	size_t n = 0;

	while ((text = strstr(text, what))) {
		text += strlen(what);
		n++;
	}
	return n;
}

/* Nothing a log or a kernel's name holds reaches the terminal, or begins a line of its own. */
static void hostile_text_is_escaped(void **state)
{
	struct replay_compare c = start();
	char *text __free = NULL;

	(void)state;
	str_copy(replays[0].ticket, sizeof(replays[0].ticket), "a\nb");
	str_copy(replays[0].roles[0].comm, sizeof(replays[0].roles[0].comm), "\033[2J\n%s\xff");
	str_copy(plays[0].facts.victims[0], sizeof(plays[0].facts.victims[0]), "\033]0;x\a\n");
	str_copy(plays[0].kernel, sizeof(plays[0].kernel), "path:/\r");
	str_copy(plays[0].reason, sizeof(plays[0].reason), "a\033[m\nb");
	plays[0].verdict = VERDICT_FAIL;
	text = text_of(&c, false);
	assert_null(strchr(text, '\033'));
	assert_null(strchr(text, '\r'));
	assert_int_equal(count(text, "\n"), 18);
	assert_non_null(strstr(text, "a\\x0ab, line 12\n"));
	assert_non_null(strstr(text, "victim         \\x1b[2J\\x0a%s\\xff (301), java  \\x1b]0;x"));
	assert_non_null(strstr(text, "path:/\\x0d v2: a\\x1b[m\\x0ab\n"));
}

/* Before and after stay together, the ticket stands before each block, and no line is wider than a hundred. */
static void many_kernels_make_blocks(void **state)
{
	struct replay_compare c = start();
	char *text __free = NULL;

	(void)state;
	plays[1] = play("debian:6.1", CGROUP_V2);
	plays[1].is_remedy = true;
	plays[2] = play("debian:6.12", CGROUP_V2);
	plays[3] = play("debian:6.12", CGROUP_V2);
	plays[3].is_remedy = true;
	c.nr_plays = 4;
	text = text_of(&c, false);
	assert_int_equal(count(text, " ticket "), 2);
	assert_int_equal(count(text, "java (301)"), 2);
	assert_non_null(strstr(text, " debian:6.1 v2           debian:6.1 v2, remedy\n"));
	assert_non_null(strstr(text, " debian:6.12 v2          debian:6.12 v2, remedy\n"));
	for (const char *s = text; *s; s += strcspn(s, "\n"), s += *s == '\n')
		assert_true(strcspn(s, "\n") <= 100);
}

static void what_is_not_known(void **state)
{
	struct replay_compare c = start();

	(void)state;
	replays[0] = (struct replay){ .name = "replay-panic",
				      .ticket = "-",
				      .line = 1,
				      .release = "an unknown kernel",
				      .alone = true,
				      .nr_roles = 1,
				      .kind = OOM_KIND_GLOBAL,
				      .end = REPLAY_PANIC,
				      .usage = OOM_ABSENT,
				      .swap_used = OOM_ABSENT };
	plays[0] = (struct replay_play){ .cgroup = CGROUP_V1,
					 .verdict = VERDICT_SKIP,
					 .nr = 1,
					 .facts = { .usage = OOM_ABSENT, .swap = OOM_ABSENT } };
	str_copy(plays[0].kernel, sizeof(plays[0].kernel), "debian:7.2");
	str_copy(plays[0].reason, sizeof(plays[0].reason), "no v1 in this kernel");
	expect_text(&c, "-, line 1\n\n"
			"               ticket             debian:7.2 v1\n"
			"kernel         an unknown kernel  -\n"
			"ended          panic              -\n"
			"constraint     CONSTRAINT_NONE    -\n"
			"verdict                           not played\n\n"
			"debian:7.2 v1: no v1 in this kernel\n");
}

static void colours_mark_what_differs(void **state)
{
	struct replay_compare c = start();
	char *text __free = NULL;

	(void)state;
	plays[0].facts.ended = "panic";
	text = text_of(&c, true);
	assert_non_null(strstr(text, "\033[33mpanic *\033[0m\n"));
	assert_non_null(strstr(text, "\033[32msame\033[0m\n"));
}

static void what_counts_as_a_difference(void **state)
{
	struct replay_facts a, b;

	(void)state;
	start();
	a = b = as_in_ticket();
	assert_int_equal(replay_differs(&a, &b), 0);
	b.usage = 9900;
	b.top[0].points -= 500;
	assert_int_equal(replay_differs(&a, &b), 0);
	b.usage = 9899;
	b.top[0].points--;
	assert_int_equal(replay_differs(&a, &b), 1u << REPLAY_ROW_USAGE | 1u << REPLAY_ROW_TOP);
	b = a;
	b.top[1].adj = 0;
	assert_int_equal(replay_differs(&a, &b), 2u << REPLAY_ROW_TOP);
	b = a;
	b.top[0] = a.top[1]; /* far apart */
	b.top[1] = a.top[0];
	assert_int_equal(replay_differs(&a, &b), 3u << REPLAY_ROW_TOP);
	a.top[1].points = b.top[0].points = a.top[0].points - 400;
	assert_int_equal(replay_differs(&a, &b), 0);
	b = a;
	b.nr_top = 1; /* the second is immune now */
	assert_int_equal(replay_differs(&a, &b), 2u << REPLAY_ROW_TOP);
	b = a;
	b.nr_victims = 2;
	str_copy(b.victims[1], sizeof(b.victims[1]), "nginx");
	assert_int_equal(replay_differs(&a, &b), 1u << REPLAY_ROW_VICTIM);
	/* What is not told there differs from nothing. */
	b = a;
	*a.task_memcg = '\0';
	a.usage = OOM_ABSENT;
	assert_int_equal(replay_differs(&a, &b), 0);
	b.ended = NULL;
	assert_int_equal(replay_differs(&a, &b), 0);
}

static void the_document(void **state)
{
	struct replay_compare c = start();
	char *text __free = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	const json_t *one, *there;
	json_t *o;

	(void)state;
	plays[0].facts.usage = OOM_ABSENT;
	plays[0].facts.ended = "panic";
	assert_int_equal(replay_compare_json(&c, out), 0);
	fclose(out);
	o = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(o);
	there = json_object_get(o, "ticket");
	one = json_array_get(json_object_get(o, "plays"), 0);
	assert_int_equal(json_integer_value(json_object_get(o, "schema")), 1);
	assert_true(json_is_null(json_object_get(o, "remedy")));
	assert_string_equal(json_string_value(json_object_get(there, "log_task_memcg")),
			    "/kubepods/web/app");
	assert_int_equal(json_array_size(json_object_get(there, "roles")), 2);
	assert_true(json_is_null(json_object_get(there, "other_rules")));
	assert_true(json_is_null(json_object_get(one, "usage_percent")));
	assert_int_equal(json_array_size(json_object_get(one, "differs")), 1);
	assert_string_equal(json_string_value(json_array_get(json_object_get(one, "differs"), 0)),
			    "ended");
	json_decref(o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same),
		cmocka_unit_test(otherwise_and_remedy),
		cmocka_unit_test(hostile_text_is_escaped),
		cmocka_unit_test(many_kernels_make_blocks),
		cmocka_unit_test(what_is_not_known),
		cmocka_unit_test(colours_mark_what_differs),
		cmocka_unit_test(what_counts_as_a_difference),
		cmocka_unit_test(the_document),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
