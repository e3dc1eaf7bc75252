// SPDX-License-Identifier: MIT
/* Case files: what is read, what is told, and that cases/README.md says what the tables say. */
#include "harness/schema.h"
#include "harness/tests/plan_try.h"

#include <glob.h>

/* Around a part that a test is about: cgroups box and other, workers hog, small. */
#define HEAD                                                                       \
	"case: t\nsummary: s\nscope: memcg\n"                                      \
	"scene: {cgroups: {box: {memory.max: 64MiB}, other: {}}}\n"                \
	"workers:\n  hog: {kind: anon, size: 80MiB, cgroup: box}\n"                \
	"  small: {kind: anon, size: 8MiB, cgroup: other, oom_score_adj: -1000}\n" \
	"steps:\n- start: small\n- trigger: hog\n- wait: {kills: 1}\n"

static void assert_told(const char *text, const char *wanted)
{
	struct oom_case *c;
	char *messages;

	assert_int_equal(case_parse("dir/t.yaml", text, strlen(text), &c, &messages), -EINVAL);
	assert_null(c);
	assert_string_equal(messages, wanted);
	free(messages);
}

static void test_defaults(void **state)
{
	struct oom_case *c = parse_ok(HEAD "expect: {victims: [hog]}\n");

	(void)state;
	assert_string_equal(c->name, "t");
	assert_int_equal(c->timeout_ms, 20000);
	assert_int_equal(c->needs.memory_bytes, MiB(512));
	assert_int_equal(c->needs.nr_nodes, 1);
	assert_int_equal(c->needs.log_buf_bytes, MiB(4));
	assert_true(c->needs.v1 && c->needs.v2);
	assert_null(c->why);
	assert_null(c->claim);
	assert_int_equal(c->workers[0].oom_score_adj, 0);
	assert_string_equal(c->workers[0].mempolicy, "");
	case_free(c);
}

static void test_needs(void **state)
{
	struct oom_case *c = parse_ok(HEAD "needs: {swap: 96MiB, swap_kind: zram,\n"
					   "  features: [hugetlb, mglru],\n"
					   "  cgroup_files: [memory.peak, memory.oom.group]}\n"
					   "expect: {victims: [hog]}\n");

	(void)state;
	assert_int_equal(c->needs.swap_bytes, MiB(96));
	assert_false(c->needs.hybrid);
	assert_int_equal(c->needs.swap_kind, SWAP_ZRAM);
	assert_int_equal(c->needs.features, 1 << 0 | 1 << 2);
	assert_string_equal(c->needs.cgroup_files, "memory.peak memory.oom.group");
	case_free(c);
	c = parse_ok(HEAD "needs: {cgroup: v1, hybrid: true}\nexpect: {victims: [hog]}\n");
	assert_true(c->needs.hybrid);
	assert_int_equal(c->needs.disk_bytes, 0);
	case_free(c);
	c = parse_ok(HEAD "needs: {disk: 64MiB, swap: 32MiB, swap_kind: zram, "
			  "programs: [memhog, stress-ng]}\n"
			  "expect: {victims: [hog]}\n");
	assert_int_equal(c->needs.disk_bytes, MiB(64));
	assert_string_equal(c->needs.programs, "memhog stress-ng");
	case_free(c);
}

static void test_scene_and_workers(void **state)
{
	struct oom_case *c = parse_ok(
		"case: t\nsummary: s\nscope: node\nneeds: {nodes: 2, cgroup: v2}\n"
		"scene:\n  sysctl: {vm.panic_on_oom: 0}\n"
		"  sysfs: {/sys/kernel/mm/ksm/run: 1}\n"
		"  mount: [memory_recursiveprot, memory_localevents]\n  cgroups:\n"
		"    a: {memory.max: max}\n    a/b: {memory.max: 50% of MemTotal, cpuset.mems: "
		"0-1}\n"
		"workers:\n  w: {kind: file, size: 90% of node 1 free, cgroup: a/b,\n"
		"      mempolicy: 'bind:1', rate: 10MiB/s, args: [--dirty, --chunk=1MiB]}\n"
		"steps: [start: w]\nexpect: {no_oom: true}\n");

	(void)state;
	assert_string_equal(c->sysctls[0].name, "vm.panic_on_oom");
	assert_string_equal(c->sysctls[0].value, "0");
	assert_int_equal(c->nr_sysfs, 1);
	assert_string_equal(c->sysfs[0].name, "/sys/kernel/mm/ksm/run");
	assert_string_equal(c->sysfs[0].value, "1");
	assert_string_equal(c->mount, "memory_recursiveprot,memory_localevents");
	assert_int_equal(c->nr_cgroups, 2);
	assert_string_equal(c->cgroups[0].settings[0].value, "max");
	assert_false(c->cgroups[0].settings[0].is_size);
	assert_true(c->cgroups[1].settings[0].is_size);
	assert_int_equal(c->cgroups[1].settings[0].size.permyriad, 5000);
	assert_string_equal(c->cgroups[1].settings[1].value, "0-1");
	assert_int_equal(c->workers[0].size.base, SIZE_OF_NODE_FREE);
	assert_int_equal(c->workers[0].size.node, 1);
	assert_string_equal(c->workers[0].cgroup, "a/b");
	assert_string_equal(c->workers[0].rate, "10485760");
	assert_int_equal(c->workers[0].nr_extra_args, 2);
	assert_string_equal(c->workers[0].extra_args[1], "--chunk=1MiB");
	assert_int_equal(c->workers[0].where.line, 13);
	assert_int_equal(c->workers[0].where.column, 3);
	case_free(c);
}

static void test_steps(void **state)
{
	struct oom_case *c =
		parse_ok("case: t\nsummary: s\nscope: memcg\n"
			 "scene: {cgroups: {box: {memory.max: 64MiB}}}\n"
			 "workers:\n  a: {kind: anon, size: 1MiB, cgroup: box}\n"
			 "  b: {kind: anon, size: 1MiB, cgroup: box}\n"
			 "steps:\n- start: [a, b]\n- wait: {ready: a, timeout: 500ms}\n- kill: a\n"
			 "- wait: {death: a}\n- set: {memory.max: 4MiB, cgroup: box}\n- sysrq: m\n"
			 "- kmsg: {lines: 9}\nexpect: {survivors: [b]}\n");
	static const enum step_op ops[] = {
		STEP_START,	 STEP_START, STEP_WAIT_READY, STEP_KILL,
		STEP_WAIT_DEATH, STEP_SET,   STEP_SYSRQ,      STEP_KMSG
	};

	(void)state;
	assert_int_equal(c->nr_steps, ARRAY_SIZE(ops));
	for (size_t i = 0; i < ARRAY_SIZE(ops); i++)
		assert_int_equal(c->steps[i].op, ops[i]);
	assert_string_equal(c->steps[1].worker, "b");
	assert_int_equal(c->steps[2].timeout_ms, 500);
	assert_string_equal(c->steps[5].cgroup, "box");
	assert_string_equal(c->steps[5].setting.name, "memory.max");
	assert_string_equal(c->steps[5].setting.value, "4194304");
	assert_int_equal(c->steps[6].letter, 'm');
	assert_int_equal(c->steps[7].count, 9);
	case_free(c);
}

static void test_expectations(void **state)
{
	struct oom_case *c =
		parse_ok(HEAD "expect:\n  victims: {any_order: [hog]}\n"
			      "  usage: 63MiB..64MiB\n  limit: '>= 64MiB'\n"
			      "  oom_memcg: .\n  vmstat: {oom_kill: '<= 2'}\n"
			      "  when:\n  - if: {cgroup: v1, kernel: '< 6.1'}\n"
			      "    counters: {box: {memory.failcnt: '>= 1'}}\n"
			      "    vmstat: {oom_kill: ~}\n"
			      "  - if: {cgroup: v2}\n"
			      "    counters: {box: {memory.swap.events: {fail: 3}}}\n");

	(void)state;
	assert_int_equal(c->nr_expects, 8);
	assert_int_equal(c->expects[0].kind, EXPECT_VICTIMS_ANY_ORDER);
	assert_int_equal(c->expects[1].kind, EXPECT_OOM_MEMCG);
	assert_string_equal(c->expects[1].text, "");
	assert_int_equal(c->expects[2].range.lo, 64 * 1024);
	assert_true(c->expects[2].range.hi == INT64_MAX);
	assert_int_equal(c->expects[3].range.lo, 63 * 1024);
	assert_int_equal(c->expects[3].range.hi, 64 * 1024);
	assert_true(c->expects[4].range.lo == INT64_MIN);
	assert_int_equal(c->expects[4].range.hi, 2);
	assert_string_equal(c->expects[5].subject, "box");
	assert_string_equal(c->expects[5].file, "memory.failcnt");
	assert_string_equal(c->expects[5].key, "value");
	assert_int_equal(c->expects[5].when.cgroup, CGROUP_V1);
	assert_string_equal(c->expects[5].when.op, "<");
	assert_true(c->expects[6].dropped);
	assert_string_equal(c->expects[6].key, "oom_kill");
	assert_string_equal(c->expects[7].file, "memory.swap.events");
	assert_string_equal(c->expects[7].key, "fail");
	case_free(c);
}

static void test_all_mistakes_in_one_pass(void **state)
{
	(void)state;
	assert_told("case: u\nsummary: s\nscope: memgc\ntags: [A]\n"
		    "scene: {cgroups: {box: {memory.max: 64Q}}}\n"
		    "workers: {hog: {kind: anon, size: 1MiB, cgroup: box}}\n"
		    "steps: [start: hog]\nexpect: {victims: [pig], usage: 7x}\nnote: x\n",
		    "dir/t.yaml:1:7: case 'u': the file's own name is due, 't'\n"
		    "dir/t.yaml:3:8: scope 'memgc': one of memcg, global, node, panic is due; did "
		    "you mean 'memcg'?\n"
		    "dir/t.yaml:4:8: tag 'A': a-z, 0-9 and '-' are due\n"
		    "dir/t.yaml:5:37: memory.max '64Q': a size is due, as 80MiB, '50% of "
		    "MemTotal', '120% of limit' or '90% of node 1 free'\n"
		    "dir/t.yaml:8:20: no worker 'pig'; did you mean 'hog'?\n"
		    "dir/t.yaml:8:33: usage '7x': a size in whole KiB is due, 80MiB, '>= 79MiB', "
		    "'<= 1GiB' or 79MiB..80MiB\n"
		    "dir/t.yaml:9:1: unknown key 'note' in a case; it may have: case, summary, "
		    "why, tags, scope, needs, claim, timeout, scene, workers, steps, expect\n");
}

/* Numbers as they stand: YAML 1.1 would read 010 as 8, and 1:30 as 90. */
static void test_no_yaml_1_1_surprises(void **state)
{
	(void)state;
	assert_told(HEAD "expect: {vmstat: {oom_kill: 1:30}}\n",
		    "dir/t.yaml:12:29: oom_kill '1:30': a number is due, 1, '>= 1', '<= 3' or "
		    "1..3\n");
	assert_told(HEAD "expect: {no_oom: yes}\n",
		    "dir/t.yaml:12:18: no_oom 'yes': 'true' is due, or leave it out\n");
	struct oom_case *c = parse_ok(HEAD "expect: {vmstat: {oom_kill: 010}}\n");

	assert_int_equal(c->expects[0].range.lo, 10);
	case_free(c);
}

/* The first row that holds counts; what depends on an unknown kernel is not known. */
static void test_truth(void **state)
{
	struct oom_case *c = parse_ok(HEAD "expect: {victims: [hog]}\nclaim:\n  text: t\n"
					   "  source: s\n  truth:\n"
					   "  - {if: {kernel: '>= 5.9', cgroup: v2}, is: refuted}\n"
					   "  - {is: confirmed}\n");
	enum claim_truth is;

	(void)state;
	assert_int_equal(c->nr_truths, 2);
	assert_true(case_truth_on(c, CGROUP_V2, "5.10.0-1", &is) && is == CLAIM_REFUTED);
	assert_true(case_truth_on(c, CGROUP_V2, "5.8.18", &is) && is == CLAIM_CONFIRMED);
	assert_true(case_truth_on(c, CGROUP_V1, "5.10.0-1", &is) && is == CLAIM_CONFIRMED);
	assert_true(case_truth_on(c, CGROUP_V1, "", &is) && is == CLAIM_CONFIRMED);
	assert_false(case_truth_on(c, CGROUP_V2, "", &is));
	case_free(c);

	c = parse_ok(HEAD "expect: {victims: [hog]}\n");
	assert_false(case_truth_on(c, CGROUP_V2, "5.10.0-1", &is));
	case_free(c);
}

static void test_truth_mistakes(void **state)
{
	(void)state;
#define CLAIM HEAD "expect: {victims: [hog]}\nclaim: {text: t, source: s"
	assert_told(CLAIM "}\n", "dir/t.yaml:13:8: claim lacks 'truth' (confirmed, refuted or "
				 "[truth, ...])\n");
	assert_told(CLAIM ", truth: true}\n",
		    "dir/t.yaml:13:36: truth 'true': one of confirmed, refuted is due\n");
	assert_told(CLAIM ", truth: []}\n",
		    "dir/t.yaml:13:36: truth: confirmed, refuted, or a list of rows is due\n");
	assert_told(CLAIM ", truth: [{is: refuted}, {is: confirmed}]}\n",
		    "dir/t.yaml:13:37: truth: an 'if' is due in every row but the last\n");
	assert_told(CLAIM ", truth: [{if: {cgroup: v1}, is: refuted}]}\n",
		    "dir/t.yaml:13:37: truth: the last row says what holds elsewhere, without an "
		    "'if'\n");
#undef CLAIM
}

static void test_when_holds(void **state)
{
	const struct case_when always = { 0 }, v1 = { .cgroup = CGROUP_V1 };
	const struct case_when ge = { .op = ">=", .major = 5, .minor = 10 };
	const struct case_when lt = { .op = "<", .major = 6, .minor = 1 };
	const struct case_when eq = { .cgroup = CGROUP_V2, .op = "=", .major = 6, .minor = 12 };

	(void)state;
	assert_true(case_when_holds(&always, CGROUP_V1, "what"));
	assert_true(case_when_holds(&v1, CGROUP_V1, ""));
	assert_false(case_when_holds(&v1, CGROUP_V2, ""));
	assert_true(case_when_holds(&ge, CGROUP_V1, "5.10.223-34-cloud-amd64"));
	assert_false(case_when_holds(&ge, CGROUP_V1, "5.9.0"));
	assert_true(case_when_holds(&ge, CGROUP_V1, "6.1"));
	assert_false(case_when_holds(&ge, CGROUP_V1, "six"));
	assert_true(case_when_holds(&lt, CGROUP_V1, "5.15.1"));
	assert_false(case_when_holds(&lt, CGROUP_V1, "6.1.0"));
	assert_true(case_when_holds(&eq, CGROUP_V2, "6.12.107"));
	assert_false(case_when_holds(&eq, CGROUP_V1, "6.12.107"));
	assert_false(case_when_holds(&eq, CGROUP_V2, "6.1.2"));
}

/* Each file below cases/ is read without a word; so is each lying one. */
static void test_our_own_cases(void **state)
{
	static const char *const patterns[] = { "cases/*/*.yaml", "harness/tests/lies/*.yaml" };
	glob_t g;

	(void)state;
	for (size_t p = 0; p < ARRAY_SIZE(patterns); p++) {
		assert_int_equal(glob(patterns[p], 0, NULL, &g), 0);
		for (size_t i = 0; i < g.gl_pathc; i++) {
			struct oom_case *c;
			char *messages;
			int err;

			if (strstr(g.gl_pathv[i], "/profiles/"))
				continue;
			err = case_load(g.gl_pathv[i], &c, &messages);
			if (err)
				print_message("%s", messages ? messages : strerror(-err));
			assert_int_equal(err, 0);
			assert_true(c->nr_expects > 0);
			free(messages);
			case_free(c);
		}
		globfree(&g);
	}
}

static char *slurp(const char *file)
{
	FILE *f = fopen(file, "re");
	char *text = calloc(1, 1 << 20);

	assert_non_null(f);
	assert_non_null(text);
	assert_true(fread(text, 1, (1 << 20) - 1, f) > 0);
	fclose(f);
	return text;
}

/* A value from the command line takes the place of the case's, or joins them. */
static void test_set_sysctl(void **state)
{
	char *messages;
	struct oom_case *c;

	(void)state;
	assert_int_equal(case_load("cases/sysctl/overcommit-2.yaml", &c, &messages), 0);
	assert_int_equal(c->nr_sysctls, 2);
	assert_int_equal(case_set_sysctl(c, "vm.overcommit_ratio", "80"), 0);
	assert_int_equal(case_set_sysctl(c, "vm.panic_on_oom", "1"), 0);
	assert_int_equal(c->nr_sysctls, 3);
	assert_string_equal(c->sysctls[1].name, "vm.overcommit_ratio");
	assert_string_equal(c->sysctls[1].value, "80");
	assert_string_equal(c->sysctls[2].value, "1");
	free(messages);
	case_free(c);
	assert_true(case_sysctl_ok("kernel.panic"));
	assert_false(case_sysctl_ok("net.a"));
	assert_false(case_sysctl_ok("vm./a"));
}

/* The README's tables are the tables of the code: `oomlab show --grammar` prints them. */
static void test_readme_tables(void **state)
{
	char *readme = slurp("cases/README.md"), *tables = NULL;
	size_t len;
	FILE *f = open_memstream(&tables, &len);

	(void)state;
	assert_non_null(f);
	schema_write_markdown(f);
	assert_int_equal(fclose(f), 0);
	assert_true(len > 1000);
	assert_non_null(strstr(readme, tables));
	free(readme);
	free(tables);
}

/* The example in the README is a case that is read. */
static void test_readme_example(void **state)
{
	char *readme = slurp("cases/README.md");
	char *start = strstr(readme, "```yaml\n"), *end, *messages;
	struct oom_case *c;
	int err;

	(void)state;
	assert_non_null(start);
	start += strlen("```yaml\n");
	end = strstr(start, "```");
	assert_non_null(end);
	err = case_parse("my-first-case.yaml", start, (size_t)(end - start), &c, &messages);
	if (err)
		print_message("%s", messages);
	assert_int_equal(err, 0);
	free(messages);
	case_free(c);
	free(readme);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_needs),
		cmocka_unit_test(test_scene_and_workers),
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_expectations),
		cmocka_unit_test(test_all_mistakes_in_one_pass),
		cmocka_unit_test(test_no_yaml_1_1_surprises),
		cmocka_unit_test(test_truth),
		cmocka_unit_test(test_truth_mistakes),
		cmocka_unit_test(test_when_holds),
		cmocka_unit_test(test_our_own_cases),
		cmocka_unit_test(test_set_sysctl),
		cmocka_unit_test(test_readme_tables),
		cmocka_unit_test(test_readme_example),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
