// SPDX-License-Identifier: MIT
/* Plans: what becomes of a case on one machine. */
#include "harness/tests/plan_try.h"

#define TWO(big, small)                                                   \
	"case: t\nsummary: s\nscope: memcg\n"                             \
	"scene: {cgroups: {box: {memory.max: 64MiB}}}\n"                  \
	"workers:\n  small: {kind: anon, size: " small ", cgroup: box}\n" \
	"  big: {kind: anon, size: " big ", cgroup: box}\n"               \
	"steps:\n- start: small\n- trigger: big\n- wait: {kills: 1}\n"    \
	"expect: {victims: [big]}\n"

static bool has_arg(const struct plan_worker *w, const char *arg, const char *value)
{
	for (size_t i = 0; w->argv[i]; i++)
		if (str_eq(w->argv[i], arg))
			return !value || (w->argv[i + 1] && str_eq(w->argv[i + 1], value));
	return false;
}

static void test_argv(void **state)
{
	struct plan *p = make_ok(ONE_HOG "expect: {victims: [hog]}\n", CGROUP_V2);
	const struct plan_worker *w = plan_worker(p, "hog");

	(void)state;
	assert_non_null(w);
	assert_null(plan_worker(p, "nobody"));
	assert_string_equal(w->argv[0], "oomhog");
	assert_string_equal(w->argv[1], "anon");
	assert_true(has_arg(w, "--name", "hog"));
	assert_true(has_arg(w, "--size", "83886080"));
	assert_true(has_arg(w, "--mempolicy", "local"));
	assert_true(has_arg(w, "--rate", "1048576"));
	assert_true(has_arg(w, "--ready-fd", "3"));
	assert_true(has_arg(w, "--hold", "forever"));
	assert_true(has_arg(w, "--die-with-parent", NULL));
	assert_true(has_arg(w, "--thp", NULL));
	assert_int_equal(w->oom_score_adj, 7);
	assert_int_equal(w->uid, 65534);
	assert_int_equal(w->nice, -5);
	assert_int_equal(w->bytes, MiB(80));
	assert_string_equal(p->cgroups[0].settings[0].value, "67108864");
	assert_int_equal(p->nr_kills, 1);
	plan_free(p);
}

static void test_percentages(void **state)
{
	struct machine m = a_machine();
	struct plan *p;
	struct fail f;

	(void)state;
	assert_int_equal(make("case: t\nsummary: s\nscope: memcg\n"
			      "scene: {cgroups: {a: {memory.max: 20% of MemTotal}, a/b: {}}}\n"
			      "workers:\n  x: {kind: anon, size: 50% of limit, cgroup: a/b}\n"
			      "steps: [start: x]\nexpect: {no_oom: true}\n",
			      &m, CGROUP_V2, &p, &f),
			 0);
	assert_int_equal(strtoull(p->cgroups[0].settings[0].value, NULL, 10),
			 m.mem_total_kb * 1024 / 5 / 4096 * 4096);
	assert_int_equal(p->workers[0].bytes,
			 m.mem_total_kb * 1024 / 5 / 4096 * 4096 / 2 / 4096 * 4096);
	plan_free(p);
}

/* A slower machine gets more time, a step with a deadline of its own keeps it at least. */
static void test_deadlines(void **state)
{
	struct machine fast = a_machine(), slow = a_machine();
	struct plan *p, *q;
	struct fail f;

	(void)state;
	fast.fill_kb_per_s = 8 << 20;
	slow.fill_kb_per_s = 10 << 10;
	assert_int_equal(make(TWO("60MiB", "8MiB"), &fast, CGROUP_V2, &p, &f), 0);
	assert_int_equal(make(TWO("60MiB", "8MiB"), &slow, CGROUP_V2, &q, &f), 0);
	assert_true(p->timeout_ms >= 20000 && p->timeout_ms < 21000);
	assert_true(q->timeout_ms >= 20000 + 6800 * 3);
	plan_free(p);
	plan_free(q);
	assert_int_equal(make(ONE_HOG "expect: {victims: [hog]}\n", &fast, CGROUP_V2, &p, &f), 0);
	assert_int_equal(make(ONE_HOG "expect: {victims: [hog]}\n", &slow, CGROUP_V2, &q, &f), 0);
	assert_true(p->steps[1].timeout_ms >= 3000 && p->steps[1].timeout_ms < 3100);
	assert_true(q->steps[1].timeout_ms >= 3000 + 8000 * 3);
	plan_free(p);
	plan_free(q);
}

static const struct case_expect *row(const struct plan *p, enum expect_kind kind, const char *file,
				     const char *key)
{
	for (size_t i = 0; i < p->nr_expects; i++)
		if (p->expects[i].kind == kind && str_eq(p->expects[i].file, file) &&
		    str_eq(p->expects[i].key, key))
			return &p->expects[i];
	return NULL;
}

static void test_when(void **state)
{
	static const char text[] =
		ONE_HOG "expect:\n  victims: [hog]\n  vmstat: {oom_kill: 1}\n"
			"  counters: {box: {memory.events: {oom: '>= 1', oom_kill: 1}}}\n"
			"  when:\n  - if: {cgroup: v1}\n"
			"    counters: {box: {memory.events: ~, memory.failcnt: '>= 1'}}\n"
			"  - if: {kernel: '>= 6.12'}\n    vmstat: {oom_kill: 2}\n"
			"  - if: {kernel: '< 6.12'}\n    vmstat: {oom_kill: 3}\n";
	struct plan *p = make_ok(text, CGROUP_V2);

	(void)state;
	assert_int_equal(p->nr_expects, 4);
	assert_int_equal(row(p, EXPECT_VMSTAT, "", "oom_kill")->range.lo, 2);
	assert_int_equal(row(p, EXPECT_COUNTER, "memory.events", "oom_kill")->range.lo, 1);
	assert_null(row(p, EXPECT_COUNTER, "memory.failcnt", "value"));
	plan_free(p);
	p = make_ok(text, CGROUP_V1);
	assert_int_equal(p->nr_expects, 3);
	assert_null(row(p, EXPECT_COUNTER, "memory.events", "oom"));
	assert_null(row(p, EXPECT_COUNTER, "memory.events", "oom_kill"));
	assert_non_null(row(p, EXPECT_COUNTER, "memory.failcnt", "value"));
	plan_free(p);
}

static void test_skips(void **state)
{
	static const struct {
		const char *needs;
		bool memcg_v2, cpuset_v2;
		int err;
	} rows[] = {
		{ "{cgroup: v2}", true, true, 0 },
		{ "{cgroup: v1}", true, true, -EOPNOTSUPP },
		{ "{cgroup: v2}", false, true, -EOPNOTSUPP },
		{ "{nodes: 2}", true, true, -EOPNOTSUPP },
		{ "{swap: 64MiB}", true, true, -EOPNOTSUPP },
		{ "{disk: 64MiB}", true, true, -EOPNOTSUPP },
		{ "{programs: [sh]}", true, true, 0 },
		{ "{programs: [sh, memhog]}", true, true, -EOPNOTSUPP },
		{ "{kernel: '>= 6.12'}", true, true, 0 },
		{ "{kernel: '>= 6.13'}", true, true, -EOPNOTSUPP },
		{ "{kernel: '< 6.13'}", true, true, 0 },
		{ "{kernel: '< 6.12'}", true, true, -EOPNOTSUPP },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct machine m = a_machine();
		struct fail f = { 0 };
		struct plan *p;
		char text[1024];

		m.memcg_v2 = rows[i].memcg_v2;
		m.disk = false;
		str_copy(m.programs, sizeof(m.programs), "cat sh");
		snprintf(text, sizeof(text), ONE_HOG "needs: %s\nexpect: {victims: [hog]}\n",
			 rows[i].needs);
		assert_int_equal(make(text, &m, CGROUP_V2, &p, &f), rows[i].err);
		assert_true(rows[i].err ? *f.where != '\0' : p != NULL);
		plan_free(p);
	}
}

/* What a kernel lacks is known by name, also where only a scene or a step writes it. */
static void test_missing_parts(void **state)
{
	static const struct {
		const char *more, *why;
		enum cgroup_version cg;
	} rows[] = {
		{ "needs: {features: [ksm, thp]}\n", "this kernel has no ksm", CGROUP_V2 },
		{ "needs: {features: thp}\n", NULL, CGROUP_V2 },
		{ "needs: {cgroup_files: [memory.max]}\n", NULL, CGROUP_V1 },
		{ "needs: {cgroup: v2, cgroup_files: [memory.reclaim]}\n",
		  "this kernel has no memory.reclaim on cgroup v2", CGROUP_V2 },
		{ "needs: {cgroup_files: [memory.reclaim]}\n",
		  "this kernel has no memory.reclaim on cgroup v1", CGROUP_V1 },
		{ "- set: {cgroup: box, memory.swap.max: 1MiB}\n",
		  "this kernel has no memory.swap.max on cgroup v2", CGROUP_V2 },
		{ "- set: {cgroup: box, memory.swap.max: 1MiB}\n",
		  "this kernel has no memory.memsw.limit_in_bytes on cgroup v1", CGROUP_V1 },
		{ "- write: {cgroup: box, file: memory.peak, value: 0}\n",
		  "this kernel has no memory.peak on cgroup v2", CGROUP_V2 },
		{ "- read: {cgroup: box, file: memory.peak, is: '>= 1'}\n",
		  "this kernel has no memory.max_usage_in_bytes on cgroup v1", CGROUP_V1 },
		{ "- wait: {cgroup: box, file: memory.peak, is: '>= 1'}\n",
		  "this kernel has no memory.peak on cgroup v2", CGROUP_V2 },
		{ "- read: {cgroup: box, file: memory.peak, errno: EOPNOTSUPP}\n", NULL,
		  CGROUP_V2 },
		{ "needs: {swap: 64MiB, swap_kind: zram}\n", "this kernel has no zram", CGROUP_V2 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct machine m = a_machine();
		struct fail f = { 0 };
		struct plan *p;
		char text[1024];

		m.features = UINT32_MAX & ~UINT32_C(2); /* ksm is the second */
		str_copy(m.memcg_files, sizeof(m.memcg_files), "memory.max memory.limit_in_bytes");
		snprintf(text, sizeof(text), ONE_HOG "%sexpect: {victims: [hog]}\n", rows[i].more);
		assert_int_equal(make(text, &m, rows[i].cg, &p, &f), rows[i].why ? -EOPNOTSUPP : 0);
		assert_string_equal(f.where, rows[i].why ?: "");
		plan_free(p);
	}
}

static void test_refusals(void **state)
{
	struct machine m = a_machine();
	struct fail f = { 0 };
	struct plan *p;

	(void)state;
	/* 31 MiB resident, 33 MiB in the growing one: half a MiB is noise, two are less than 1 %. */
	assert_int_equal(make(TWO("60MiB", "31.9MiB"), &m, CGROUP_V2, &p, &f), -EINVAL);
	assert_non_null(strstr(f.where, "pages ahead of"));
	assert_int_equal(make(TWO("60MiB", "16MiB"), &m, CGROUP_V2, &p, &f), 0);
	plan_free(p);
	/* The limit is far above what this machine has left. */
	m.mem_available_kb = 60 * 1024;
	assert_int_equal(make(TWO("60MiB", "16MiB"), &m, CGROUP_V2, &p, &f), -EINVAL);
	assert_non_null(strstr(f.where, "available"));
}

/* 450 MiB in a box of 64 MiB are harmless where 300 MiB are available, unless the box is opened on the way. */
#define OPENED(how)                                                                         \
	"case: t\nsummary: s\nscope: memcg\nscene: {cgroups: {box: {memory.max: 64MiB}}}\n" \
	"workers:\n  hog: {kind: anon, size: 450MiB, cgroup: box}\n"                        \
	"steps:\n- " how "}\n- trigger: hog\n- wait: {kills: 1}\n"                          \
	"expect: {victims: [hog]}\n"

static void test_limit_raised_by_a_step(void **state)
{
	struct machine m = a_machine();
	struct plan *p;
	struct fail f;

	(void)state;
	m.mem_available_kb = 300 * 1024;
	assert_int_equal(
		make(OPENED("set: {cgroup: box, memory.max: 32MiB"), &m, CGROUP_V1, &p, &f), 0);
	plan_free(p);
	assert_int_equal(make(OPENED("set: {cgroup: box, memory.max: max"), &m, CGROUP_V1, &p, &f),
			 -EINVAL);
	assert_non_null(strstr(f.where, "the machine itself could run out of memory"));
	assert_int_equal(
		make(OPENED("set: {cgroup: box, memory.max: 250MiB"), &m, CGROUP_V1, &p, &f),
		-EINVAL);
	assert_int_equal(make(OPENED("write: {cgroup: box, file: memory.max, value: 250M"), &m,
			      CGROUP_V1, &p, &f),
			 -EINVAL);
}

static void test_prediction(void **state)
{
	struct plan *p = make_ok(TWO("60MiB", "16MiB"), CGROUP_V2);

	(void)state;
	assert_true(p->prediction.known);
	assert_string_equal(p->prediction.victim, "big");
	assert_string_equal(p->prediction.runner_up, "small");
	assert_int_equal(p->prediction.totalpages, 64 * 256);
	/* 48 MiB against 16. */
	assert_in_range(p->prediction.margin_pages, 31 * 256, 33 * 256);
	plan_free(p);
	p = make_ok(TWO("40MiB", "16MiB"), CGROUP_V2);
	assert_false(p->prediction.known); /* all fits */
	plan_free(p);
}

/* A task that interleaves over node 0 is a candidate of node 1's OOM since 5.14. */
static void test_interleaving_elsewhere(void **state)
{
	static const char *const releases[] = { "5.10.0-46", "5.14.0" }, *const victims[] = {
		"hog", "far"
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(releases); i++) {
		struct machine m;
		struct plan *p;
		struct fail f;

		machine_assume(&m, MiB(512), 2, 0);
		str_copy(m.release, sizeof(m.release), releases[i]);
		assert_int_equal(
			make("case: t\nsummary: s\nscope: node\nneeds: {nodes: 2}\nworkers:\n"
			     "  far: {kind: anon, size: 30% of node 0, oom_score_adj: 900,\n"
			     "    mempolicy: 'interleave:0'}\n"
			     "  hog: {kind: anon, size: 130% of node 1, mempolicy: 'bind:1'}\n"
			     "steps: [start: far, trigger: hog, wait: {death: hog}]\n"
			     "expect: {victims: [hog]}\n",
			     &m, CGROUP_V2, &p, &f),
			0);
		assert_string_equal(p->prediction.victim, victims[i]);
		plan_free(p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_argv),	   cmocka_unit_test(test_percentages),
		cmocka_unit_test(test_deadlines),  cmocka_unit_test(test_when),
		cmocka_unit_test(test_skips),	   cmocka_unit_test(test_missing_parts),
		cmocka_unit_test(test_refusals),   cmocka_unit_test(test_limit_raised_by_a_step),
		cmocka_unit_test(test_prediction), cmocka_unit_test(test_interleaving_elsewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
