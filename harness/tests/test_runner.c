// SPDX-License-Identifier: MIT
/* What becomes of a play's evidence: a verdict that is told and kept. */
#include "harness/case_find.h"
#include "harness/cmd.h"
#include "harness/folder.h"
#include "harness/runner.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define EVIDENCE "harness/tests/data/evidence/run/host/v1/memcg-child-limit/evidence.jsonl"

/* The disk is full when the kernel log is written beside the evidence. */
static void a_verdict_is_told_though_its_log_is_not_kept(void **state)
{
	struct run_options opt = { .on_host = true, .repeat = 1, .reproduce = "oomlab run" };
	struct run_target t = { .kernel = "host", .accel = "host", .cgroup = CGROUP_V1 };
	struct run_played played = { .is_played = true };
	char base[] = "/tmp/oomlab-runner-XXXXXX", path[RESULTS_PATH_LEN + 32];
	char *names[] = { (char[]){ "cases/memcg/memcg-child-limit.yaml" } };
	struct run r = { .opt = &opt };
	struct fail f = { 0 };
	struct stored_case *stored;
	size_t nr;

	(void)state;
	assert_non_null(mkdtemp(base));
	assert_int_equal(cases_load(names, 1, NULL, NULL, &r.cases, &r.nr_cases), 0);
	r.report = report_open(&(struct report_outputs){ 0 }, NULL, stderr, false, &f);
	assert_non_null(r.report);
	assert_int_equal(results_open(base, "test", "", &r.results, &f), 0);
	str_copy(played.dir, sizeof(played.dir), results_dir(r.results));
	snprintf(path, sizeof(path), "%s/evidence.jsonl", played.dir);
	assert_int_equal(folder_copy_file(EVIDENCE, path), 0);
	snprintf(path, sizeof(path), "%s/kmsg.log", played.dir);
	assert_int_equal(symlink("/dev/full", path), 0);

	assert_true(run_judge(&r, &t, r.cases[0], &played, &f) < 0);
	assert_int_equal(results_read(results_dir(r.results), &stored, &nr, &f), 0);
	assert_int_equal(nr, 1);
	assert_int_equal(stored[0].verdict, VERDICT_PASS);
	assert_int_equal(report_finish(r.report, NULL), EXIT_PASSED);

	stored_free(stored, nr);
	report_free(r.report);
	results_free(r.results);
	case_free(r.cases[0]);
	free(r.cases);
	assert_int_equal(folder_remove(base), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_verdict_is_told_though_its_log_is_not_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
