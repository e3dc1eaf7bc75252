// SPDX-License-Identifier: MIT
/* The folder of a run: written step by step, readable at every step, and read back without trust. */
#include "harness/results.h"

#include <fts.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <cmocka.h>

static char base[64];

static int make_base(void **state)
{
	(void)state;
	str_copy(base, sizeof(base), "/tmp/oomlab-results-XXXXXX");
	return mkdtemp(base) ? 0 : -1;
}

static int remove_base(void **state)
{
	char *roots[] = { base, NULL };
	FTS *fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	FTSENT *e;

	(void)state;
	while ((e = fts_read(fts)))
		if (e->fts_info != FTS_D)
			remove(e->fts_path);
	fts_close(fts);
	return 0;
}

static struct case_result result(const char *name, enum verdict v)
{
	return (struct case_result){ .name = name,
				     .kernel = "debian:6.1",
				     .release = "6.1.0-39",
				     .cgroup = CGROUP_V2,
				     .verdict = v,
				     .reason = "why \"so\"\n",
				     .duration_ms = 12,
				     .dir = "",
				     .reproduce = "./run.sh run x" };
}

static json_t *document(const struct results *r)
{
	char file[RESULTS_PATH_LEN + 20];

	snprintf(file, sizeof(file), "%s/results.json", results_dir(r));
	return json_load_file(file, JSON_REJECT_DUPLICATES, NULL);
}

static struct results *open_one(void)
{
	struct results *r = NULL;
	struct fail f = { 0 };

	if (results_open(base, "oomlab run x", "7.2.22", &r, &f))
		fail_msg("%s", f.where);
	return r;
}

static void complete_after_every_case(void **state)
{
	struct results *r = open_one();
	struct fail f;

	(void)state;
	for (size_t n = 0; n < 4; n++) {
		struct case_result c = result("three-hogs", (enum verdict)n);
		json_t *doc = document(r);

		assert_non_null(doc);
		assert_int_equal(json_array_size(json_object_get(doc, "cases")), n);
		assert_true(json_is_false(json_object_get(doc, "finished")));
		json_decref(doc);
		assert_int_equal(results_add(r, &c, &f), 0);
	}
	assert_int_equal(results_finish(r, true, &f), 0);
	results_free(r);
}

static void says_all_there_is(void **state)
{
	struct check checks[] = { { .name = "victims",
				    .want = (char *)"[hog]",
				    .saw = (char *)"b",
				    .result = CHECK_FAIL } };
	struct judgement j = { .checks = checks, .nr_checks = 1 };
	struct plan_prediction p = { .known = true, .victim = "hog", .margin_pages = OOM_ABSENT };
	struct case_result c = result("three-hogs", VERDICT_FAIL);
	struct results *r = open_one();
	char dir[RESULTS_PATH_LEN];
	const char *victim, *saw, *where, *reason, *run;
	struct fail f;
	int schema, fails;
	json_t *doc;

	(void)state;
	c.judgement = &j;
	c.prediction = &p;
	c.repeat = 7;
	assert_int_equal(results_case_dir(r, &c, dir, sizeof(dir), &f), 0);
	c.dir = dir;
	assert_int_equal(results_add(r, &c, &f), 0);
	assert_int_equal(results_finish(r, true, &f), 0);
	doc = document(r);
	assert_int_equal(json_unpack(doc,
				     "{s:i, s:s, s:{s:i}, s:[{s:s, s:s, s:{s:s, s:n}, s:[{s:s}]}]}",
				     "schema", &schema, "run", &run, "counts", "fail", &fails,
				     "cases", "dir", &where, "reason", &reason, "prediction",
				     "victim", &victim, "margin_pages", "checks", "saw", &saw),
			 0);
	assert_int_equal(schema, 1);
	assert_int_equal(fails, 1);
	assert_string_equal(run, results_run_id(r));
	assert_string_equal(where, "debian-6.1/v2/three-hogs.r7");
	assert_string_equal(reason, "why \"so\"\n");
	assert_string_equal(victim, "hog");
	assert_string_equal(saw, "b");
	json_decref(doc);
	results_free(r);
}

/* As two lanes bring them: repeats of two cases mixed, and one that was played once. */
static void counts_repeats(void **state)
{
	static const enum verdict of_b[] = { VERDICT_PASS, VERDICT_FAIL, VERDICT_BROKEN };
	struct results *r = open_one();
	struct case_result once = result("once", VERDICT_FAIL);
	const char *ids[2];
	int pass, fail, broken, skips, rate, low, high;
	struct fail f;
	json_t *doc;

	(void)state;
	for (unsigned int i = 0; i < 3; i++) {
		struct case_result b = result("b", of_b[i]), a = result("a", VERDICT_SKIP);

		b.repeat = 3 - i;
		a.repeat = i + 1;
		assert_int_equal(results_add(r, &b, &f) | results_add(r, &a, &f), 0);
	}
	assert_int_equal(results_add(r, &once, &f), 0);
	doc = document(r);
	assert_int_equal(json_array_size(json_object_get(doc, "repeats")), 2);
	assert_int_equal(
		json_unpack(doc, "{s:[{s:s, s:i, s:n}, {s:s, s:i, s:i, s:i, s:i, s:i, s:i}]}",
			    "repeats", "id", &ids[0], "skip", &skips, "fail_ppm", "id", &ids[1],
			    "pass", &pass, "fail", &fail, "broken", &broken, "fail_ppm", &rate,
			    "fail_low_ppm", &low, "fail_high_ppm", &high),
		0);
	assert_string_equal(ids[0], "debian-6.1.v2.a");
	assert_string_equal(ids[1], "debian-6.1.v2.b");
	assert_int_equal(skips, 3);
	assert_true(pass == 1 && fail == 1 && broken == 1 && rate == 500000);
	assert_true(low / 1000 == 94 && high / 1000 == 905); /* Wilson, 1 of 2 */
	json_decref(doc);
	results_free(r);
}

static void runs_of_one_second_do_not_meet(void **state)
{
	struct results *r[3];

	(void)state;
	for (int i = 0; i < 3; i++)
		r[i] = open_one();
	assert_string_not_equal(results_dir(r[0]), results_dir(r[1]));
	assert_string_not_equal(results_dir(r[1]), results_dir(r[2]));
	for (int i = 0; i < 3; i++)
		results_free(r[i]);
}

static void latest_points_to_the_newest(void **state)
{
	char link[128], target[64] = "";
	struct results *r = open_one();

	(void)state;
	snprintf(link, sizeof(link), "%s/latest", base);
	assert_true(readlink(link, target, sizeof(target) - 1) > 0);
	assert_string_equal(target, results_run_id(r));
	results_free(r);
}

/* A kernel may be named by a path, and a case's name comes from a file. */
static void names_stay_inside(void **state)
{
	static const char *const nasty[] = {
		"../../../etc/x", "..", ".", "", "/abs", "a\nb", "a b"
	};
	struct results *r = open_one();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(nasty); i++) {
		struct case_result c = result(nasty[i], VERDICT_PASS);
		char dir[RESULTS_PATH_LEN];
		struct stat st;
		struct fail f;

		c.kernel = nasty[i];
		assert_int_equal(results_case_dir(r, &c, dir, sizeof(dir), &f), 0);
		assert_true(str_starts(dir, results_dir(r)));
		assert_null(strstr(dir, "/.."));
		assert_null(strpbrk(dir + strlen(results_dir(r)), " \n"));
		assert_int_equal(stat(dir, &st), 0);
	}
	results_free(r);
}

/* A kernel named twice, or two that look alike once they are a folder's name. */
static void plays_never_share_a_folder(void **state)
{
	struct case_result c = result("three-hogs", VERDICT_PASS);
	char one[RESULTS_PATH_LEN], two[RESULTS_PATH_LEN], three[RESULTS_PATH_LEN];
	struct results *r = open_one();
	struct fail f;

	(void)state;
	assert_int_equal(results_case_dir(r, &c, one, sizeof(one), &f), 0);
	assert_int_equal(results_case_dir(r, &c, two, sizeof(two), &f), 0);
	c.kernel = "debian/6.1";
	assert_int_equal(results_case_dir(r, &c, three, sizeof(three), &f), 0);
	assert_string_not_equal(one, two);
	assert_string_not_equal(one, three);
	assert_string_not_equal(two, three);
	results_free(r);
}

static void cannot_be_opened(void **state)
{
	struct results *r = NULL;
	struct fail f;

	(void)state;
	assert_int_equal(results_open("/proc/nothing/here", "", "", &r, &f), -ENOENT);
	assert_string_equal(f.where, "make the folder /proc/nothing: No such file or directory");
	assert_null(r);
}

/* --- reading back */

static void write_file(const char *path, const char *text)
{
	FILE *out = fopen(path, "w");

	assert_non_null(out);
	fputs(text, out);
	fclose(out);
}

static void reads_back_what_was_written(void **state)
{
	struct case_result c = result("three-hogs", VERDICT_PASS);
	struct case_result skipped = result("global-oom", VERDICT_SKIP);
	struct results *r = open_one();
	char dir[RESULTS_PATH_LEN], file[RESULTS_PATH_LEN + 20];
	struct stored_case *cases = NULL;
	struct fail f = { 0 };
	size_t nr = 0;

	(void)state;
	c.repeat = 2;
	c.timing = (struct timing){ true, true, 1, 2, 3, 4, 5, 6, 7, 8 };
	assert_int_equal(results_case_dir(r, &c, dir, sizeof(dir), &f), 0);
	c.dir = dir;
	snprintf(file, sizeof(file), "%s/evidence.jsonl", dir);
	write_file(file, "");
	assert_int_equal(results_add(r, &c, &f), 0);
	assert_int_equal(results_add(r, &skipped, &f), 0);
	assert_int_equal(results_read(results_dir(r), &cases, &nr, &f), 0);
	assert_int_equal(nr, 2);
	assert_string_equal(cases[0].evidence, file);
	assert_string_equal(cases[0].name, "three-hogs");
	assert_int_equal(cases[0].repeat, 2);
	assert_int_equal(cases[0].verdict, VERDICT_PASS);
	assert_true(cases[0].timing.known && cases[0].timing.restored);
	assert_int_equal(cases[0].timing.restore_us, c.timing.restore_us);
	assert_int_equal(cases[0].timing.teardown_us, c.timing.teardown_us);
	assert_int_equal(cases[0].timing.host_us, c.timing.host_us);
	assert_null(cases[1].evidence);
	assert_false(cases[1].timing.known);
	assert_int_equal(cases[1].verdict, VERDICT_SKIP);
	assert_string_equal(cases[1].reason, "why \"so\"\n");
	stored_free(cases, nr);
	/* Without results.json the folder itself tells. */
	snprintf(file, sizeof(file), "%s/results.json", results_dir(r));
	unlink(file);
	assert_int_equal(results_read(results_dir(r), &cases, &nr, &f), 0);
	assert_int_equal(nr, 1);
	assert_int_equal(cases[0].repeat, 2);
	assert_false(cases[0].has_verdict);
	stored_free(cases, nr);
	results_free(r);
}

static void reads_no_file_outside(void **state)
{
	static const char *const dirs[] = { "../outside", "/tmp", "a/../../outside" };
	char inside[100], file[200], outside[100], text[400];

	(void)state;
	snprintf(inside, sizeof(inside), "%s/inside", base);
	snprintf(outside, sizeof(outside), "%s/outside", base);
	mkdir(inside, 0700);
	mkdir(outside, 0700);
	snprintf(file, sizeof(file), "%s/evidence.jsonl", outside);
	write_file(file, "secret");
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		struct stored_case *cases = NULL;
		struct fail f = { 0 };
		size_t nr = 0;

		snprintf(text, sizeof(text),
			 "{\"schema\":1,\"cases\":[{\"case\":\"x\",\"verdict\":\"PASS\",\"cgroup\":"
			 "\"v2\",\"dir\":\"%s\"}]}",
			 dirs[i]);
		snprintf(file, sizeof(file), "%s/results.json", inside);
		write_file(file, text);
		assert_int_equal(results_read(inside, &cases, &nr, &f), 0);
		assert_int_equal(nr, 1);
		assert_null(cases[0].evidence);
		stored_free(cases, nr);
	}
}

static void refuses_other_documents(void **state)
{
	static const char *const texts[] = {
		"",
		"[]",
		"{}",
		"{\"schema\":2,\"cases\":[]}",
		"{\"schema\":1,\"cases\":{}}",
		"{\"schema\":1,\"cases\":[]}",
		"{\"schema\":1,\"cases\":[{}]}",
		"{\"schema\":1,\"cases\":[{\"verdict\":\"FINE\",\"cgroup\":\"v2\"}]}",
		"{\"schema\":1,\"cases\":[{\"verdict\":\"PASS\"}]}",
		"{\"schema\":1,\"cases\":[{\"verdict\":\"PASS\",\"cgroup\":\"v2\",\"repeat\":-1}]}",
	};
	char file[200];

	(void)state;
	snprintf(file, sizeof(file), "%s/results.json", base);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct stored_case *cases = NULL;
		struct fail f = { 0 };
		size_t nr = 0;

		write_file(file, texts[i]);
		assert_true(results_read(base, &cases, &nr, &f) < 0);
		assert_string_not_equal(f.where, "");
		assert_null(cases);
	}
	unlink(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(complete_after_every_case),
		cmocka_unit_test(says_all_there_is),
		cmocka_unit_test(counts_repeats),
		cmocka_unit_test(runs_of_one_second_do_not_meet),
		cmocka_unit_test(latest_points_to_the_newest),
		cmocka_unit_test(names_stay_inside),
		cmocka_unit_test(plays_never_share_a_folder),
		cmocka_unit_test(cannot_be_opened),
		cmocka_unit_test(reads_back_what_was_written),
		cmocka_unit_test(reads_no_file_outside),
		cmocka_unit_test(refuses_other_documents),
	};

	return cmocka_run_group_tests(tests, make_base, remove_base);
}
