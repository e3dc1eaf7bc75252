// SPDX-License-Identifier: MIT
/* What the cases of a promise make of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "harness/sysctl_prove.h"

static struct sysctl_proof conclude(struct proof_case a, struct proof_case b)
{
	static struct proof_case cases[2];
	struct sysctl_proof p = { .cases = cases, .nr_cases = 2 };

	cases[0] = a;
	cases[1] = b;
	sysctl_proof_conclude(&p);
	return p;
}

static void a_promise_is_as_good_as_its_worst_case(void **state)
{
	const struct proof_case pass = { .name = "one", .played = true, .verdict = VERDICT_PASS };
	const struct proof_case fail = { .name = "two", .played = true, .verdict = VERDICT_FAIL };
	const struct proof_case skip = {
		.name = "three", .played = true, .verdict = VERDICT_SKIP, .reason = "no swap"
	};
	const struct proof_case broken = { .name = "four",
					   .played = true,
					   .verdict = VERDICT_BROKEN };
	const struct proof_case unplayed = { .name = "five" };
	struct sysctl_proof p;

	(void)state;
	assert_int_equal(conclude(pass, pass).verdict, PROOF_PROVED);
	assert_int_equal(conclude(pass, fail).verdict, PROOF_BROKEN);
	assert_int_equal(conclude(broken, fail).verdict, PROOF_BROKEN);
	p = conclude(skip, pass);
	assert_int_equal(p.verdict, PROOF_OPEN);
	assert_string_equal(p.reason, "three: no swap");
	assert_false(p.unclear);
	assert_true(conclude(pass, broken).unclear);
	p = conclude(broken, skip);
	assert_true(p.unclear);
	assert_string_equal(p.reason, "four: ");
	assert_true(conclude(skip, broken).unclear);
	assert_false(conclude(broken, fail).unclear);
	p = conclude(unplayed, pass);
	assert_int_equal(p.verdict, PROOF_OPEN);
	assert_string_equal(p.reason, "five: was not played");
}

static void sizes_are_of_their_own_machine(void **state)
{
	(void)state;
	assert_true(sysctl_is_sized("vm.min_free_kbytes"));
	assert_true(sysctl_is_sized("vm.dirty_bytes"));
	assert_true(sysctl_is_sized("vm.nr_hugepages"));
	assert_true(sysctl_is_sized("kernel.threads-max"));
	assert_false(sysctl_is_sized("vm.overcommit_ratio"));
	assert_false(sysctl_is_sized("vm.panic_on_oom"));
}

static void what_a_kernel_refuses_is_not_played(void **state)
{
	const struct sysctl_default number = { .value = (char *)"60" };
	const struct sysctl_default words = { .value = (char *)"256\t32" };

	(void)state;
	assert_null(sysctl_why_not(&number, "vm.a", "010"));
	assert_null(sysctl_why_not(&number, "vm.a", "5 # five"));
	assert_null(sysctl_why_not(&number, "vm.a", "5\t6"));
	assert_null(sysctl_why_not(&words, "vm.a", "x"));
	assert_null(sysctl_why_not(NULL, "vm.a", "x"));
	assert_string_equal(sysctl_why_not(&number, "vm.a", "5; reboot"),
			    "is no number: a kernel refuses it");
	assert_string_equal(sysctl_why_not(&number, "vm.a", "%n"),
			    "is no number: a kernel refuses it");
	assert_string_equal(sysctl_why_not(&number, "vm.a", "\x1b[1m"), "is no line of text");
	assert_string_equal(sysctl_why_not(&number, "vm.min_free_kbytes", "1"),
			    "is a size for another machine than the guest");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_promise_is_as_good_as_its_worst_case),
		cmocka_unit_test(sizes_are_of_their_own_machine),
		cmocka_unit_test(what_a_kernel_refuses_is_not_played),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
