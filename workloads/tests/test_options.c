// SPDX-License-Identifier: MIT
/* The command line, row by row: what is taken, and the one line for what is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "lib/kinds.h"
#include "workloads/options.h"

static const struct workload kind = { .name = "x", .help = "x" };

/* Splits `line` at blanks; '_' stands for a blank inside a word. */
static int parse(const char *line, struct fail *f)
{
	static char text[512];
	char *argv[32] = { "x" }, *save = NULL;
	int argc = 1;

	str_copy(text, sizeof(text), line);
	for (char *w = strtok_r(text, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
		for (char *p = w; *p; p++)
			if (*p == '_')
				*p = ' ';
		argv[argc++] = w;
	}
	*f = (struct fail){ 0 };
	return hog_options_parse(argc, argv, &kind, f);
}

static void all_of_them(void **state)
{
	char text[64];
	struct fail f;

	(void)state;
	assert_int_equal(parse("--size 50%_of_limit --mempolicy bind:0-1 --oom-score-adj -1000 "
			       "--cgroup /a --cgroup=/b --name hog-1 --rate 10MiB/s --hold 500ms "
			       "--ready-fd 3 --thp --threads 2 --chunk=1MiB --fill touch "
			       "--die-with-parent --json -v",
			       &f),
			 0);
	assert_int_equal(hog_options.size.base, SIZE_OF_LIMIT);
	assert_int_equal(hog_options.size.permyriad, 5000);
	assert_string_equal(mempolicy_format(&hog_options.policy, text, sizeof(text)), "bind:0-1");
	assert_int_equal(hog_options.oom_score_adj, -1000);
	assert_int_equal(hog_options.nr_cgroups, 2);
	assert_string_equal(hog_options.cgroups[1], "/b");
	assert_string_equal(hog_options.comm, "hog-1");
	assert_int_equal(hog_options.rate_bytes, MiB(10));
	assert_int_equal(hog_options.hold_ms, 500);
	assert_int_equal(hog_options.ready_fd, 3);
	assert_int_equal(hog_options.threads, 2);
	assert_int_equal(hog_options.chunk_bytes, MiB(1));
	assert_int_equal(hog_options.fill, FILL_TOUCH);
	assert_true(hog_options.thp && hog_options.die_with_parent && hog_options.json &&
		    hog_options.verbose);
}

static void how_long_it_holds(void **state)
{
	struct fail f;

	(void)state;
	assert_int_equal(parse("--size 1", &f), 0);
	assert_int_equal(hog_options.hold_ms, 0);
	assert_int_equal(parse("--size 1 --ready-fd 5", &f), 0);
	assert_true(hog_options.hold_ms == HOG_FOREVER);
	assert_int_equal(parse("--size 1 --ready-fd 5 --hold 0", &f), 0);
	assert_int_equal(hog_options.hold_ms, 0);
	assert_int_equal(parse("--hold forever --size 1", &f), 0);
	assert_true(hog_options.hold_ms == HOG_FOREVER);
}

static void one_line_says_what_is_wrong(void **state)
{
	static const struct {
		const char *line, *word; /* the word that must be in the message */
	} rows[] = {
		{ "", "--size SIZE is missing" },
		{ "--size", "--size needs SIZE" },
		{ "--size 0x10", "0x10" },
		{ "--size 80MiBs", "80MiBs" },
		{ "--size -5", "-5" },
		{ "--size 10%_of_everything", "of everything" },
		{ "--size 9999999TiB", "too large" },
		{ "100m", "'100m' is no option" },
		{ "-s 5", "'-s' is no option" },
		{ "--", "no option '--'" },
		{ "--szie 5", "no option '--szie'" },
		{ "--thp=yes --size 1", "--thp takes no value" },
		{ "--size 1 --mempolicy bind", "'bind'" },
		{ "--size 1 --mempolicy bind:9999", "'bind:9999'" },
		{ "--size 1 --oom-score-adj 1001", "-1000 to 1000" },
		{ "--size 1 --oom-score-adj 5x", "'5x'" },
		{ "--size 1 --oom-score-adj=", "''" },
		{ "--size 1 --cgroup box", "absolute" },
		{ "--size 1 --cgroup=", "absolute" },
		{ "--size 1 --name sixteen-letters-", "15 bytes" },
		{ "--size 1 --name=", "empty" },
		{ "--size 1 --rate 0", "'0'" },
		{ "--size 1 --rate 5%", "'5%'" },
		{ "--size 1 --rate 1MiB/min", "'1MiB/min'" },
		{ "--size 1 --hold soon", "'soon'" },
		{ "--size 1 --ready-fd -1", "'-1'" },
		{ "--size 1 --ready-fd 99999999999", "99999999999" },
		{ "--size 1 --threads 0", "from 1 to 64" },
		{ "--size 1 --threads 65", "from 1 to 64" },
		{ "--size 1 --chunk 1", "4096 at least" },
		{ "--size 1 --fill fast", "auto|populate|copy|touch" },
		{ "--size 1 --hold", "--hold needs" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct fail f;

		if (parse(rows[i].line, &f) != -EINVAL)
			fail_msg("'%s' was taken", rows[i].line);
		if (!strstr(f.where, rows[i].word))
			fail_msg("'%s': '%s' is not in '%s'", rows[i].line, rows[i].word, f.where);
		assert_null(strchr(f.where, '\n'));
		assert_int_equal(f.err, -EINVAL);
	}
}

static void nine_cgroups_are_too_many(void **state)
{
	struct fail f;

	(void)state;
	assert_int_equal(
		parse("--size 1 --cgroup /1 --cgroup /2 --cgroup /3 --cgroup /4 --cgroup /5 "
		      "--cgroup /6 --cgroup /7 --cgroup /8",
		      &f),
		0);
	assert_int_equal(
		parse("--size 1 --cgroup /1 --cgroup /2 --cgroup /3 --cgroup /4 --cgroup /5 "
		      "--cgroup /6 --cgroup /7 --cgroup /8 --cgroup /9",
		      &f),
		-EINVAL);
}

static void the_table_is_sorted_and_whole(void **state)
{
#define NAME(id, name) name,
	static const char *const names[] = { WORKLOAD_KINDS(NAME) NULL };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names) - 1; i++) /* as cases know them */
		assert_string_equal(workloads[i]->name, names[i]);
	for (const struct workload *const *w = workloads; *w; w++) {
		assert_true((*w)->help && *(*w)->help);
		assert_true((*w)->run || (*w)->missing);
		if (w[1])
			assert_true(strcmp((*w)->name, w[1]->name) < 0);
		for (const struct option_row *r = (*w)->options; r && r->name; r++)
			for (const struct option_row *c = common_options; c->name; c++)
				assert_string_not_equal(r->name, c->name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_of_them),
		cmocka_unit_test(how_long_it_holds),
		cmocka_unit_test(one_line_says_what_is_wrong),
		cmocka_unit_test(nine_cgroups_are_too_many),
		cmocka_unit_test(the_table_is_sorted_and_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
