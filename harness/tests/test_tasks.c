// SPDX-License-Identifier: MIT
/* Tasks by name, "tree/2": in case files, in plans. What the judge makes of them: test_judge_kin.c. */
#include "harness/tests/plan_try.h"
#include "lib/jsonw.h"

static void assert_told(const char *text, const char *wanted)
{
	struct oom_case *c;
	char *messages;

	assert_int_equal(case_parse("dir/t.yaml", text, strlen(text), &c, &messages), -EINVAL);
	assert_null(c);
	assert_string_equal(messages, wanted);
	free(messages);
}

/* Children by name: who has them, and who may be said to share an mm. */
#define KIN(args, expect)                                                          \
	"case: t\nsummary: s\nscope: memcg\n"                                      \
	"scene: {cgroups: {box: {memory.max: 64MiB}}}\n"                           \
	"workers:\n  hog: {kind: anon, size: 80MiB, cgroup: box}\n"                \
	"  tree: {kind: fork, size: 8MiB, cgroup: box, args: [--children=3]}\n"    \
	"  pair: {kind: shared-mm, size: 8MiB, cgroup: box" args "}\n"             \
	"steps:\n- start: [tree, pair]\n- trigger: hog\n- wait: {death: tree/1}\n" \
	"expect: {" expect "}\n"

static void read_from_a_case(void **state)
{
	struct oom_case *c = parse_ok(KIN(", args: [--child-stays]",
					  "victims: {any_order: [tree/3, hog]}, survivors: [tree, "
					  "tree/1], taken_along: [pair, pair/1]"));

	(void)state;
	assert_string_equal(c->expects[0].names[0], "tree/3");
	assert_string_equal(c->expects[1].names[0], "tree");
	assert_int_equal(c->expects[2].kind, EXPECT_TAKEN_ALONG);
	assert_string_equal(c->expects[2].names[1], "pair/1");
	case_free(c);
}

static void told_in_a_case(void **state)
{
	(void)state;
	assert_told(KIN("", "victims: [tree/4]"),
		    "dir/t.yaml:13:20: 'tree/4': 'tree' has 3 children\n");
	assert_told(KIN("", "victims: [pair/2]"),
		    "dir/t.yaml:13:20: 'pair/2': 'pair' has 1 child\n");
	assert_told(
		KIN("", "victims: [hog/1]"),
		"dir/t.yaml:13:20: 'hog/1': kind anon has no children; fork and shared-mm have\n");
	assert_told(KIN("", "victims: [tree/0]"),
		    "dir/t.yaml:13:20: 'tree/0': NAME, or NAME/1 for its first child, is due\n");
	assert_told(KIN("", "victims: [tre/1]"),
		    "dir/t.yaml:13:20: no worker 'tre'; did you mean 'tree'?\n");
	assert_told(KIN("", "taken_along: [tree]"), "dir/t.yaml:13:24: 'tree' shares its mm with "
						    "none: kind shared-mm is due, not fork\n");
	assert_told(
		KIN("", "taken_along: [pair/1]"),
		"dir/t.yaml:13:24: 'pair/1' dies with its parent anyway: args: [--child-stays] of "
		"'pair' are due\n");
	assert_told(
		KIN("", "taken_along: [pair], survivors: [pair]"),
		"dir/t.yaml:13:42: 'pair' is among the taken_along too; one of the two is due\n");
	assert_told(KIN("", "taken_along: [pair], victims: [pair]"),
		    "dir/t.yaml:13:23: 'pair' is among the victims too; one of the two is due\n");
}

/* Names of children survive the way to the judge; those of none do not. */
static void carried_by_a_plan(void **state)
{
	struct plan *p = make_ok("case: t\nsummary: s\nscope: memcg\n"
				 "scene: {cgroups: {box: {memory.max: 64MiB}}}\n"
				 "workers:\n  averylongworker: {kind: fork, size: 80MiB, cgroup: "
				 "box, args: [--children=64]}\n"
				 "steps:\n- trigger: averylongworker\n- wait: {kills: 1}\n"
				 "expect: {victims: [averylongworker/64]}\n",
				 CGROUP_V2);
	struct plan *q;
	struct fail f = { 0 };
	static char text[1 << 16];
	struct jsonw w;
	char *at;
	json_t *j;

	(void)state;
	str_copy(p->run_id, sizeof(p->run_id), "x-1");
	jsonw_init(&w, text, sizeof(text) - 1);
	plan_write(p, &w);
	assert_true(jsonw_finish(&w) > 0);
	at = strstr(text, "averylongworker/64");
	j = json_loads(text, 0, NULL);
	assert_int_equal(plan_parse(j, &q, &f), 0);
	assert_string_equal(q->expects[0].names[0], "averylongworker/64");
	assert_ptr_equal(plan_task(q, "averylongworker/64"), q->workers);
	assert_ptr_equal(plan_task(q, "averylongworker"), q->workers);
	assert_null(plan_task(q, "averylongworker/65"));
	assert_null(plan_task(q, "averylongworker/"));
	assert_null(plan_task(q, "averylongworker/1x"));
	assert_null(plan_task(q, "averylongworker/01"));
	assert_null(plan_task(q, "averylongworker/1000000000000"));
	assert_null(plan_task(q, "/1"));
	plan_free(q);
	json_decref(j);
	at[strlen("averylongworker/6")] = '5';
	j = json_loads(text, 0, NULL);
	assert_int_equal(plan_parse(j, &q, &f), -EBADMSG);
	json_decref(j);
	plan_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(read_from_a_case),
		cmocka_unit_test(told_in_a_case),
		cmocka_unit_test(carried_by_a_plan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
