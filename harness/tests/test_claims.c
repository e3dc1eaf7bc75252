// SPDX-License-Identifier: MIT
/* What a run made of the claims: states, which case decides, and the overall verdict. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "harness/claims.h"

#include <jansson.h>

static struct case_truth confirmed[] = { { .is = CLAIM_CONFIRMED } };
static struct case_truth refuted[] = { { .is = CLAIM_REFUTED } };
static struct case_truth since_5_17[] = {
	{ .when = { .op = ">=", .major = 5, .minor = 17 }, .is = CLAIM_REFUTED },
	{ .is = CLAIM_CONFIRMED },
};

#define CASE(n, dir, said, truth)                                                                  \
	{                                                                                          \
		.file = "cases/" dir "/" n ".yaml", .name = n, .theme = dir, .claim = said,        \
		.claim_source = "who", .truths = truth, .nr_truths = ARRAY_SIZE(truth), .needs = { \
			.v1 = true,                                                                \
			.v2 = true                                                                 \
		}                                                                                  \
	}

static struct stored_case result(char *name, char *claim, char *kernel, char *release,
				 enum cgroup_version cg, enum verdict v)
{
	return (struct stored_case){ .name = name,
				     .claim = claim,
				     .kernel = kernel,
				     .release = release,
				     .claim_truth = "",
				     .reason = "why so",
				     .cgroup = cg,
				     .verdict = v,
				     .has_verdict = true };
}

#define R510(name, v) result(name, "said", "debian:5.10", "5.10.0-1", CGROUP_V2, v)
#define R61(name, v)  result(name, "said", "debian:6.1", "6.1.0-39", CGROUP_V2, v)

static struct claim_table make(struct oom_case **cases, size_t nr, struct stored_case *results,
			       size_t nr_results)
{
	struct claim_table t;

	assert_int_equal(claims_make(cases, nr, results, nr_results, &t), 0);
	return t;
}

static void one_result(void **state)
{
	(void)state;
	assert_int_equal(claim_state_of(VERDICT_PASS, true, CLAIM_CONFIRMED),
			 CLAIM_STATE_CONFIRMED);
	assert_int_equal(claim_state_of(VERDICT_PASS, true, CLAIM_REFUTED), CLAIM_STATE_REFUTED);
	assert_int_equal(claim_state_of(VERDICT_PASS, false, CLAIM_CONFIRMED), CLAIM_STATE_UNKNOWN);
	assert_int_equal(claim_state_of(VERDICT_FAIL, true, CLAIM_REFUTED),
			 CLAIM_STATE_CONTRADICTED);
	assert_int_equal(claim_state_of(VERDICT_SKIP, true, CLAIM_REFUTED), CLAIM_STATE_NOT_TESTED);
	assert_int_equal(claim_state_of(VERDICT_BROKEN, true, CLAIM_REFUTED), CLAIM_STATE_UNKNOWN);
}

/* C: confirmed, R: refuted, X: contradicted, S: not tested, U: unknown, -: none */
static enum claim_overall overall(const char *v1, const char *v2, const char **changed_in)
{
	static const char *const kernels[] = { "a", "b", "c" };
	struct claim_column columns[6];
	struct claim_cell cells[6] = { 0 };
	size_t n = 0;

	for (size_t i = 0; v1[i]; i++) {
		for (int v = CGROUP_V1; v <= CGROUP_V2; v++) {
			char c = v == CGROUP_V1 ? v1[i] : v2[i];

			columns[n] = (struct claim_column){ kernels[i], "", v };
			cells[n++].state = c == 'C'   ? CLAIM_STATE_CONFIRMED
					   : c == 'R' ? CLAIM_STATE_REFUTED
					   : c == 'X' ? CLAIM_STATE_CONTRADICTED
					   : c == 'S' ? CLAIM_STATE_NOT_TESTED
					   : c == 'U' ? CLAIM_STATE_UNKNOWN
						      : CLAIM_STATE_NONE;
		}
	}
	return claim_overall_of(columns, cells, n, changed_in);
}

static void over_all_kernels(void **state)
{
	const char *in;

	(void)state;
	assert_int_equal(overall("CCC", "CCC", &in), CLAIM_ALL_CONFIRMED);
	assert_int_equal(overall("RSS", "RRR", &in), CLAIM_ALL_REFUTED);
	assert_null(in);
	assert_int_equal(overall("---", "CCR", &in), CLAIM_CHANGED);
	assert_string_equal(in, "c");
	assert_int_equal(overall("RCC", "RSC", &in), CLAIM_CHANGED);
	assert_string_equal(in, "b");
	assert_int_equal(overall("CC-", "RRR", &in), CLAIM_BY_CGROUP);
	assert_null(in);
	assert_int_equal(overall("CXC", "CCC", &in), CLAIM_OPEN);
	assert_int_equal(overall("CUC", "RRR", &in), CLAIM_OPEN);
	assert_int_equal(overall("SSS", "---", &in), CLAIM_OPEN);
	assert_int_equal(overall("", "", &in), CLAIM_OPEN);
}

static void a_claim_is_as_good_as_its_worst_case(void **state)
{
	struct oom_case a = CASE("a", "memcg", "said", confirmed);
	struct oom_case b = CASE("b", "numa", "said", refuted);
	struct oom_case *cases[] = { &a, &b };
	struct stored_case both[] = { R61("a", VERDICT_PASS), R61("b", VERDICT_PASS) };
	struct stored_case broken[] = { R61("a", VERDICT_PASS), R61("b", VERDICT_BROKEN) };
	struct stored_case one[] = { R61("a", VERDICT_PASS) };
	struct claim_table t = make(cases, 2, both, 2);

	(void)state;
	assert_int_equal(t.nr_claims, 1);
	assert_string_equal(t.claims[0].theme, "memcg");
	assert_int_equal(t.claims[0].nr_cases, 2);
	assert_int_equal(t.claims[0].cells[0].state, CLAIM_STATE_REFUTED);
	assert_ptr_equal(t.claims[0].cells[0].by, &b);
	assert_int_equal(t.claims[0].overall, CLAIM_ALL_REFUTED);
	claims_free(&t);

	t = make(cases, 2, broken, 2);
	assert_int_equal(t.claims[0].cells[0].state, CLAIM_STATE_UNKNOWN);
	assert_string_equal(t.claims[0].cells[0].reason, "why so");
	claims_free(&t);

	t = make(cases, 2, one, 1);
	assert_int_equal(t.claims[0].cells[0].state, CLAIM_STATE_UNKNOWN);
	assert_string_equal(t.claims[0].cells[0].reason, "not played");
	claims_free(&t);

	/* Not for v2: it has no say there. */
	b.needs.v2 = false;
	t = make(cases, 2, one, 1);
	assert_int_equal(t.claims[0].overall, CLAIM_ALL_CONFIRMED);
	claims_free(&t);
}

/* Newer first in the run; one repeat failed; truth by the kernel, or as the run kept it. */
static void kernels_in_their_order(void **state)
{
	struct oom_case a = CASE("a", "memcg", "said", since_5_17);
	struct oom_case *cases[] = { &a };
	struct stored_case results[] = { R61("a", VERDICT_PASS), R510("a", VERDICT_PASS),
					 R61("a", VERDICT_PASS) };
	struct claim_table t = make(cases, 1, results, 3);

	(void)state;
	assert_int_equal(t.nr_columns, 2);
	assert_string_equal(t.columns[0].kernel, "debian:5.10");
	assert_int_equal(t.claims[0].overall, CLAIM_CHANGED);
	assert_string_equal(t.claims[0].changed_in, "debian:6.1");
	claims_free(&t);

	results[0].claim_truth = results[1].claim_truth = results[2].claim_truth = "confirmed";
	t = make(cases, 1, results, 3);
	assert_int_equal(t.claims[0].overall, CLAIM_ALL_CONFIRMED);
	claims_free(&t);

	results[2].verdict = VERDICT_FAIL;
	t = make(cases, 1, results, 3);
	assert_int_equal(t.claims[0].cells[1].state, CLAIM_STATE_CONTRADICTED);
	assert_int_equal(t.claims[0].overall, CLAIM_OPEN);
	claims_free(&t);

	results[0].claim = results[1].claim = results[2].claim = "said otherwise then";
	t = make(cases, 1, results, 3);
	assert_string_equal(t.claims[0].cells[0].reason, "not played");
	claims_free(&t);
}

static char *text_of(const struct claim_table *t, const char *results, bool json)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	if (json)
		assert_int_equal(claims_json(t, results, f), 0);
	else
		claims_text(t, results, 50, f);
	assert_int_equal(fclose(f), 0);
	return text;
}

static void as_text(void **state)
{
	struct oom_case a = CASE("a", "memcg", "said", since_5_17);
	struct oom_case b =
		CASE("b", "numa", "a longer claim that is wrapped once or so", confirmed);
	struct oom_case *cases[] = { &a, &b };
	struct stored_case results[] = {
		R510("a", VERDICT_PASS), R61("a", VERDICT_PASS),
		result("a", "said", "debian:6.1", "", CGROUP_V1, VERDICT_SKIP),
		result("b", b.claim, "debian:6.1", "", CGROUP_V1, VERDICT_SKIP)
	};
	struct claim_table t;
	char *text;

	(void)state;
	results[3].reason = "no\x1b[2J v1";
	t = make(cases, 2, results, 4);
	text = text_of(&t, "r", false);
	assert_string_equal(text, "memcg\n\n"
				  "  changed in debian:6.1\n"
				  "                  said\n"
				  "    source        who\n"
				  "    confirmed     debian:5.10 v2\n"
				  "    not tested    debian:6.1 v1: why so\n"
				  "    refuted       debian:6.1 v2\n"
				  "    case          a\n"
				  "\nnuma\n\n"
				  "  open            a longer claim that is wrapped\n"
				  "                  once or so\n"
				  "    source        who\n"
				  "    unknown       debian:5.10 v2, debian:6.1 v2:\n"
				  "                  not played\n"
				  "    not tested    debian:6.1 v1: no\\x1b[2J v1\n"
				  "    case          b\n"
				  "\n2 claims: 0 confirmed, 0 refuted, 1 changed, 1 open\n"
				  "evidence: r/<kernel>/<cgroup>/<case>/\n");
	free(text);
	claims_free(&t);
}

static void before_anything_was_played(void **state)
{
	struct oom_case a = CASE("a", "memcg", "said", since_5_17);
	struct oom_case *cases[] = { &a };
	struct claim_table t = make(cases, 1, NULL, 0);
	char *text = text_of(&t, NULL, false);

	(void)state;
	assert_string_equal(text, "memcg\n\n"
				  "  not played      said\n"
				  "    source        who\n"
				  "    case          a: refuted on kernel >= 5.17;\n"
				  "                  else confirmed\n"
				  "\n1 claims: not played ('oomlab run' plays them)\n");
	free(text);
	claims_free(&t);
}

static void as_json(void **state)
{
	struct oom_case a = CASE("a", "memcg", "said", since_5_17);
	struct oom_case *cases[] = { &a };
	struct stored_case results[] = { R510("a", VERDICT_PASS), R61("a", VERDICT_BROKEN) };
	struct claim_table t;
	char *text;
	json_t *doc, *claim, *cell;

	(void)state;
	results[0].evidence = "r/debian-5.10/v2/a/evidence.jsonl";
	t = make(cases, 1, results, 2);
	text = text_of(&t, "r", true);
	doc = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(doc);
	assert_int_equal(json_integer_value(json_object_get(doc, "schema")), 1);
	assert_int_equal(json_array_size(json_object_get(doc, "columns")), 2);
	claim = json_array_get(json_object_get(doc, "claims"), 0);
	assert_string_equal(json_string_value(json_object_get(claim, "overall")), "open");
	cell = json_array_get(json_object_get(claim, "verdicts"), 0);
	assert_string_equal(json_string_value(json_object_get(cell, "verdict")), "confirmed");
	assert_string_equal(json_string_value(json_object_get(cell, "evidence")),
			    "r/debian-5.10/v2/a/evidence.jsonl");
	cell = json_array_get(json_object_get(claim, "verdicts"), 1);
	assert_string_equal(json_string_value(json_object_get(cell, "reason")), "why so");
	assert_true(json_is_null(json_object_get(cell, "evidence")));
	json_decref(doc);
	free(text);
	claims_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_result),
		cmocka_unit_test(over_all_kernels),
		cmocka_unit_test(a_claim_is_as_good_as_its_worst_case),
		cmocka_unit_test(kernels_in_their_order),
		cmocka_unit_test(as_text),
		cmocka_unit_test(before_anything_was_played),
		cmocka_unit_test(as_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
