// SPDX-License-Identifier: MIT
#include "harness/cmd.h"
#include "harness/folder.h"
#include "harness/merge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <cmocka.h>

static char base[64];

static int make_base(void **state)
{
	(void)state;
	str_copy(base, sizeof(base), "/tmp/oomlab-merge-XXXXXX");
	return mkdtemp(base) ? 0 : -1;
}

static int remove_base(void **state)
{
	(void)state;
	return folder_remove(base);
}

static const char *path_of(const char *name)
{
	static char paths[8][256];
	static unsigned int i;

	i = (i + 1) % ARRAY_SIZE(paths);
	snprintf(paths[i], sizeof(paths[i]), "%s/%s", base, name);
	return paths[i];
}

static void write_file(const char *path, const char *text)
{
	struct fail f = { 0 };

	if (folder_write(path, text, &f))
		fail_msg("%s", f.where);
}

static char *read_file(const char *path)
{
	static char text[4096];
	FILE *in = fopen(path, "r");
	size_t n;

	if (!in)
		return NULL;
	n = fread(text, 1, sizeof(text) - 1, in);
	fclose(in);
	text[n] = '\0';
	return text;
}

/* A shard with one case, whose evidence is `dir`. */
static void make_part(const char *name, unsigned int index, const char *dir)
{
	char text[1024], file[300];
	struct fail f = { 0 };

	snprintf(file, sizeof(file), "%s/k/v2/a", path_of(name));
	assert_int_equal(folder_make(file, &f), 0);
	snprintf(file, sizeof(file), "%s/k/v2/a/evidence.jsonl", path_of(name));
	write_file(file, name);
	snprintf(file, sizeof(file), "%s/k/kernel.json", path_of(name));
	write_file(file, "{}");
	snprintf(file, sizeof(file), "%s/k/v2/boot-1", path_of(name));
	assert_int_equal(folder_make(file, &f), 0);
	snprintf(file, sizeof(file), "%s/k/v2/boot-1/console.log", path_of(name));
	write_file(file, "Linux version 6.1\n");
	snprintf(text, sizeof(text),
		 "{\"schema\":1,\"finished\":true,\"planned\":1,\"elapsed_ms\":100,"
		 "\"guests\":{\"boots\":1,\"boot_ms\":9},\"shard\":{\"index\":%u,\"of\":2},"
		 "\"cases\":[{\"case\":\"a\",\"kernel\":\"k\",\"cgroup\":\"v2\",\"verdict\":"
		 "\"PASS\","
		 "\"future\":[1],\"dir\":\"%s\"}]}",
		 index, dir);
	snprintf(file, sizeof(file), "%s/results.json", path_of(name));
	write_file(file, text);
}

static struct part part(const char *name)
{
	struct part p;
	struct fail f = { 0 };

	if (part_read(path_of(name), &p, &f))
		fail_msg("%s", f.where);
	return p;
}

static void two_shards_are_one_run(void **state)
{
	struct part parts[2];
	struct results *to;
	struct fail f = { 0 };
	const char *one, *two;
	char file[400];
	json_t *doc;
	int future;

	(void)state;
	make_part("s1", 1, "k/v2/a");
	make_part("s2", 2, "k/v2/a");
	parts[0] = part("s1");
	parts[1] = part("s2");
	assert_int_equal(parts_check(parts, 2, &f), 0);
	assert_int_equal(parts_missing(parts, 2, stderr), 0);
	assert_int_equal(results_open(path_of("all"), "merge", "", &to, &f), 0);
	for (int i = 0; i < 2; i++)
		if (part_merge(&parts[i], to, &f))
			fail_msg("%s", f.where);
	assert_int_equal(results_finish(to, true, &f), 0);
	snprintf(file, sizeof(file), "%s/results.json", results_dir(to));
	doc = json_load_file(file, JSON_REJECT_DUPLICATES, NULL);
	/* Their folders had one name: none overwrote the other. What we do not know is kept. */
	assert_int_equal(json_unpack(doc, "{s:[{s:s,s:[i]},{s:s}]}", "cases", "dir", &one, "future",
				     &future, "dir", &two),
			 0);
	assert_string_equal(one, "k/v2/a");
	assert_string_equal(two, "k/v2/a-2");
	snprintf(file, sizeof(file), "%s/%s/evidence.jsonl", results_dir(to), two);
	assert_string_equal(read_file(file), "s2");
	snprintf(file, sizeof(file), "%s/k/kernel.json", results_dir(to));
	assert_string_equal(read_file(file), "{}");
	json_decref(doc);
	results_free(to);
	part_free(&parts[0]);
	part_free(&parts[1]);
}

static void what_is_missing_is_told(void **state)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	struct part parts[2] = {
		{ .path = "x", .index = 1, .of = 3, .finished = true },
		{ .path = "y", .index = 3, .of = 3, .nr_cases = 2, .nr_planned = 9 }
	};

	(void)state;
	assert_int_equal(parts_missing(parts, 2, out), 2);
	fclose(out);
	assert_string_equal(text, "oomlab: shard 2 of 3 is missing\n"
				  "oomlab: y: not whole, 2 of 9 cases\n");
	free(text);
}

static void shards_that_do_not_match(void **state)
{
	struct part twice[2] = { { .path = "x", .index = 1, .of = 3, .file_ino = 1 },
				 { .path = "y", .index = 1, .of = 3, .file_ino = 2 } };
	struct part other[2] = { { .path = "x", .index = 1, .of = 3 },
				 { .path = "y", .index = 2, .of = 2 } };
	struct fail f = { 0 };

	(void)state;
	assert_int_equal(parts_check(twice, 2, &f), -EINVAL);
	assert_string_equal(f.where, "x and y are both shard 1 of 3");
	assert_int_equal(parts_check(other, 2, &f), -EINVAL);
	twice[0].of = twice[1].of = twice[1].file_ino = 1;
	assert_int_equal(parts_check(twice, 2, &f), -EINVAL);
	assert_string_equal(f.where, "x and y are one run");
}

/* What a run leaves by itself: the page, and what its guests said while they booted. */
static void a_merged_run_has_the_files_of_a_run(void **state)
{
	static const char *const files[] = { "results.json",
					     "report.html",
					     "k/kernel.json",
					     "k/v2/a/evidence.jsonl",
					     "k/v2/a-2/evidence.jsonl",
					     "k/v2/boot-1/console.log",
					     "k/v2/boot-1-2/console.log" };
	char to[128], s1[128], s2[128], file[300];
	char *argv[] = { (char[]){ "merge" }, (char[]){ "--results" }, to, s1, s2, NULL };
	struct run_facts facts;

	(void)state;
	str_copy(to, sizeof(to), path_of("all"));
	str_copy(s1, sizeof(s1), path_of("s1"));
	str_copy(s2, sizeof(s2), path_of("s2"));
	make_part("s1", 1, "k/v2/a");
	make_part("s2", 2, "k/v2/a");
	assert_int_equal(cmd_merge(5, argv), EXIT_PASSED);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		snprintf(file, sizeof(file), "%s/latest/%s", to, files[i]);
		if (access(file, F_OK))
			fail_msg("no %s", file);
	}
	snprintf(file, sizeof(file), "%s/latest", to);
	results_read_facts(file, &facts);
	assert_true(facts.finished);
	assert_int_equal(facts.nr_planned, 2);
	assert_int_equal(facts.guests.nr_boots, 2);
	assert_int_equal(facts.elapsed_ms, 200);
}

static void a_run_without_a_shard_is_not_finished(void **state)
{
	char to[128], s1[128];
	char *argv[] = { (char[]){ "merge" }, (char[]){ "--results" }, to, s1, NULL };
	struct run_facts facts;

	(void)state;
	str_copy(to, sizeof(to), path_of("all"));
	str_copy(s1, sizeof(s1), path_of("s1"));
	make_part("s1", 1, "k/v2/a");
	assert_int_equal(cmd_merge(4, argv), EXIT_BROKEN);
	results_read_facts(path_of("all/latest"), &facts);
	assert_false(facts.finished);
}

/* A shard's results.json may name any folder, and hold any link. */
static void nothing_outside_is_copied(void **state)
{
	static const char *const dirs[] = { "../secret", "/etc", "link", "k/v2/../../../secret" };
	struct results *to;
	struct fail f = { 0 };
	char file[300];

	(void)state;
	assert_int_equal(mkdir(path_of("secret"), 0755), 0);
	snprintf(file, sizeof(file), "%s/file", path_of("secret"));
	write_file(file, "secret");
	assert_int_equal(results_open(path_of("all"), "merge", "", &to, &f), 0);
	make_part("s1", 1, "k/v2/a");
	snprintf(file, sizeof(file), "%s/link", path_of("s1"));
	assert_int_equal(symlink("../secret", file), 0);
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		struct part p;

		make_part("s1", 1, dirs[i]);
		p = part("s1");
		assert_true(part_merge(&p, to, &f) < 0);
		part_free(&p);
	}
	snprintf(file, sizeof(file), "%s/k/v2/a/linked", path_of("s1"));
	assert_int_equal(symlink("../../../../secret/file", file), 0);
	make_part("s1", 1, "k/v2/a");
	{
		struct part p = part("s1");

		assert_true(part_merge(&p, to, &f) < 0);
		part_free(&p);
	}
	results_free(to);
}

static void what_are_no_results(void **state)
{
	static const char *const texts[] = {
		"",
		"[]",
		"{\"schema\":1}",
		"{\"schema\":2,\"cases\":[]}",
		"{\"schema\":1,\"cases\":[],\"shard\":{\"index\":4,\"of\":3}}",
		"{\"schema\":1,\"cases\":[],\"planned\":-1}"
	};
	struct fail f = { 0 };

	(void)state;
	assert_int_equal(mkdir(path_of("x"), 0755), 0);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct part p;

		write_file(path_of("x/results.json"), texts[i]);
		assert_int_equal(part_read(path_of("x"), &p, &f), -EBADMSG);
		part_free(&p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(two_shards_are_one_run, make_base, remove_base),
		cmocka_unit_test_setup_teardown(a_merged_run_has_the_files_of_a_run, make_base,
						remove_base),
		cmocka_unit_test_setup_teardown(a_run_without_a_shard_is_not_finished, make_base,
						remove_base),
		cmocka_unit_test(what_is_missing_is_told),
		cmocka_unit_test(shards_that_do_not_match),
		cmocka_unit_test_setup_teardown(nothing_outside_is_copied, make_base, remove_base),
		cmocka_unit_test_setup_teardown(what_are_no_results, make_base, remove_base),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
