// SPDX-License-Identifier: MIT
/* Steps on files in a case and its plan; plans as JSON, and what plan_parse() lets through. */
#include "harness/tests/plan_try.h"
#include "lib/jsonw.h"

#define FILE_STEPS                                                                       \
	"case: t\nsummary: s\nscope: memcg\nneeds: {cgroup: v1}\n"                       \
	"scene: {cgroups: {box: {memory.max: 64MiB}}}\n"                                 \
	"workers:\n  hog: {kind: anon, size: 1MiB, cgroup: box}\nsteps:\n- start: hog\n" \
	"- read: {worker: hog, file: status, key: State, is: S}\n"                       \
	"- write: {path: /sys/x, value: 1, errno: ENOENT, uid: 9}\n"                     \
	"- wait: {cgroup: box, file: memory.current, is: '>= 1', measure: up}\n"         \
	"- eventfd: {cgroup: box, file: memory.oom_control}\n- wait: {event: box}\n"     \
	"- signal: {worker: hog, signal: STOP}\n- wait: {quiet: 5ms}\n"                  \
	"- set: {cgroup: box, memory.max: 4096, errno: EBUSY}\n"                         \
	"- move: {worker: hog, cgroup: .}\n- remove: box\n"

static void test_file_steps(void **state)
{
	struct oom_case *c = parse_ok(
		"case: t\nsummary: s\nscope: memcg\nneeds: {cgroup: v1}\n"
		"scene: {cgroups: {box: {memory.max: 64MiB}}}\n"
		"workers:\n  a: {kind: anon, size: 1MiB, cgroup: box}\n"
		"steps:\n- start: a\n- read: {is: '<= 1MiB', file: memory.current, cgroup: box}\n"
		"- write: {worker: a, file: oom_adj, value: -17, uid: 7, errno: EACCES}\n"
		"- wait: {worker: a, file: status, key: State, is: D, measure: deep, timeout: 1s}\n"
		"- wait: {quiet: 1s}\n- eventfd: {cgroup: box, file: memory.oom_control}\n"
		"- wait: {event: box}\n- signal: {worker: a, signal: CONT}\n"
		"- set: {cgroup: box, errno: EBUSY, memory.max: 4096}\n- move: {cgroup: box, "
		"worker: a}\n"
		"- remove: box\n"
		"- write: {path: /proc/sys/vm/swappiness, value: 0}\n"
		"expect: {survivors: [a], swap_usage: 0..1MiB, figures: {deep: '<= 5s', "
		"a.rss_after_free: '>= 1MiB'}}\n");
	static const enum step_op ops[] = { STEP_START,	     STEP_READ,	      STEP_WRITE,
					    STEP_WAIT_FILE,  STEP_WAIT_QUIET, STEP_EVENTFD,
					    STEP_WAIT_EVENT, STEP_SIGNAL,     STEP_SET,
					    STEP_MOVE,	     STEP_REMOVE,     STEP_WRITE };
	const struct case_step *s = c->steps;

	(void)state;
	assert_int_equal(c->nr_steps, ARRAY_SIZE(ops));
	for (size_t i = 0; i < ARRAY_SIZE(ops); i++)
		assert_int_equal(s[i].op, ops[i]);
	assert_int_equal(s[1].file.place, FILE_OF_CGROUP);
	assert_string_equal(s[1].file.name, "memory.current");
	assert_string_equal(s[1].cgroup, "box");
	assert_true(s[1].want.is_range && s[1].want.range.hi == 1048576);
	assert_int_equal(s[2].uid, 7);
	assert_string_equal(s[2].errno_name, "EACCES");
	assert_string_equal(s[2].setting.value, "-17");
	assert_string_equal(s[3].want.text, "D");
	assert_string_equal(s[3].file.key, "State");
	assert_string_equal(s[3].measure, "deep");
	assert_int_equal(s[3].timeout_ms, 1000);
	assert_int_equal(s[4].count, 1000);
	assert_string_equal(s[6].cgroup, "box");
	assert_int_equal(s[7].count, 18); /* SIGCONT */
	assert_string_equal(s[8].errno_name, "EBUSY");
	assert_string_equal(s[9].worker, "a");
	assert_string_equal(s[9].cgroup, "box");
	assert_int_equal(s[9].file.place, FILE_NONE);
	assert_true(case_spoils_guest(c));
	assert_int_equal(c->expects[1].range.hi, 1024);
	assert_int_equal(c->expects[2].range.hi, 5000000);
	assert_int_equal(c->expects[3].range.lo, 1024);
	case_free(c);
}

static char *to_json(const struct plan *p)
{
	char *buf = calloc(1, 1 << 16);
	struct jsonw w;

	jsonw_init(&w, buf, (1 << 16) - 1);
	plan_write(p, &w);
	assert_true(jsonw_finish(&w) > 0);
	return buf;
}

static void round_trip(const char *text)
{
	struct plan *p = make_ok(text, CGROUP_V1), *q;
	char *a, *b;
	struct fail f = { 0 };
	json_t *j;

	str_copy(p->kernel, sizeof(p->kernel), "debian:6.12");
	str_copy(p->run_id, sizeof(p->run_id), "x-1");
	p->sample_ms = 50;
	a = to_json(p);
	j = json_loads(a, 0, NULL);
	assert_non_null(j);
	assert_int_equal(plan_parse(j, &q, &f), 0);
	b = to_json(q);
	assert_string_equal(a, b);
	assert_int_equal(q->nr_kills, p->nr_kills);
	assert_int_equal(q->sample_ms, 50);
	assert_int_equal(q->workers[0].uid, p->workers[0].uid);
	assert_int_equal(q->workers[0].nice, p->workers[0].nice);
	assert_int_equal(q->steps[1].timeout_ms, p->steps[1].timeout_ms);
	json_decref(j);
	plan_free(p);
	plan_free(q);
	free(a);
	free(b);
}

static void test_round_trip(void **state)
{
	(void)state;
	round_trip(ONE_HOG "expect: {victims: [hog], usage: 1MiB..64MiB, constraint: "
			   "CONSTRAINT_MEMCG, oom_memcg: box, vmstat: {oom_kill: '>= 1'}}\n");
	round_trip(FILE_STEPS "expect: {survivors: [hog], figures: {up: '<= 1s'}}\n");
}

/* A text in place of another in a good plan makes it one that is refused. */
static void refused(const char *plan, const char *good, const char *bad_text)
{
	const char *at = strstr(plan, good);
	char bad[1 << 14];
	struct fail f = { 0 };
	struct plan *q;
	json_t *j;

	assert_non_null(at);
	snprintf(bad, sizeof(bad), "%.*s%s%s", (int)(at - plan), plan, bad_text, at + strlen(good));
	j = json_loads(bad, 0, NULL);
	assert_non_null(j);
	if (plan_parse(j, &q, &f) == 0) {
		plan_free(q);
		fail_msg("let through: %s", bad_text);
	}
	assert_true(*f.where != '\0');
	json_decref(j);
}

static void test_untrusted_files(void **state)
{
	struct plan *p = make_ok(FILE_STEPS "expect: {survivors: [hog]}\n", CGROUP_V1);
	char *good = to_json(p);

	(void)state;
	refused(good, "\"name\":\"status\"", "\"name\":\"../1/mem\"");
	refused(good, "\"name\":\"/sys/x\"", "\"name\":\"/proc/sysrq-trigger\"");
	refused(good, "\"name\":\"/sys/x\"", "\"name\":\"/sys/../etc/passwd\"");
	refused(good, "\"name\":\"memory.current\"", "\"name\":\"memory./../../x\"");
	refused(good, "\"place\":\"path\"", "\"place\":\"worker\"");
	refused(good, "\"place\":\"path\"", "\"place\":\"moon\"");
	refused(good, "\"uid\":9", "\"uid\":-1");
	refused(good, "\"count\":19", "\"count\":9"); /* SIGKILL has a step of its own */
	refused(good, "\"op\":\"remove\",\"cgroup\":\"box\"", "\"op\":\"remove\"");
	refused(good, "\"op\":\"move\",\"worker\":\"hog\"", "\"op\":\"move\"");
	refused(good, "\"op\":\"move\",", "\"op\":\"move\",\"cgroup\":\"elsewhere\",");
	refused(good, "\"worker\":\"hog\",\"file\"", "\"worker\":\"pig\",\"file\"");
	free(good);
	plan_free(p);
}

#define ONE_HOG_VM                                                  \
	"case: t\nsummary: s\nscope: memcg\nneeds: {cgroup: v2}\n"  \
	"scene: {cgroups: {box: {memory.max: 64MiB}},\n"            \
	"  sysfs: {/sys/kernel/mm/lru_gen/enabled: 0},\n"           \
	"  mount: [memory_localevents, memory_recursiveprot]}\n"    \
	"workers:\n  hog: {kind: anon, size: 80MiB, cgroup: box}\n" \
	"steps:\n- trigger: hog\n- wait: {kills: 1}\nexpect: {victims: [hog]}\n"

/* sysfs and mount options get there as they are, and are not believed there. */
static void test_vm_scene(void **state)
{
	struct machine m = a_machine();
	struct plan *p = make_ok(ONE_HOG_VM, CGROUP_V2), *q;
	char *text = to_json(p), *bad;
	struct fail f = { 0 };
	json_t *j = json_loads(text, 0, NULL);

	(void)state;
	assert_int_equal(plan_parse(j, &q, &f), 0);
	assert_int_equal(q->nr_sysfs, 1);
	assert_string_equal(q->sysfs[0].name, "/sys/kernel/mm/lru_gen/enabled");
	assert_string_equal(q->sysfs[0].value, "0");
	assert_string_equal(q->mount, "memory_localevents,memory_recursiveprot");
	plan_free(q);
	json_decref(j);
	bad = strstr(text, "/sys/kernel/mm/");
	memcpy(bad, "/sys/../../tmp/", strlen("/sys/../../tmp/"));
	j = json_loads(text, 0, NULL);
	assert_int_equal(plan_parse(j, &q, &f), -EBADMSG);
	json_decref(j);
	memcpy(bad, "/sys/kernel/mm/", strlen("/sys/kernel/mm/"));
	bad = strstr(text, "memory_localevents,");
	memcpy(bad, "memory_localevents=", strlen("memory_localevents="));
	j = json_loads(text, 0, NULL);
	assert_int_equal(plan_parse(j, &q, &f), -EBADMSG);
	json_decref(j);
	free(text);
	plan_free(p);
	str_copy(m.cgroup2_options, sizeof(m.cgroup2_options), "nsdelegate memory_localevents");
	assert_int_equal(make(ONE_HOG_VM, &m, CGROUP_V2, &p, &f), -EOPNOTSUPP);
	assert_string_equal(f.where,
			    "this kernel's cgroup2 has no mount option memory_recursiveprot");
}

static void test_untrusted(void **state)
{
	static const struct {
		const char *good, *bad;
	} rows[] = {
		{ "\"path\":\"box\"", "\"path\":\"../x\"" },
		{ "\"path\":\"box\"", "\"path\":\"/box\"" },
		{ "\"path\":\"box\"", "\"path\":7" },
		{ "\"op\":\"trigger\"", "\"op\":\"explode\"" },
		{ "\"kind\":\"victims\"", "\"kind\":\"fun\"" },
		{ "\"scope\":\"memcg\"", "\"scope\":\"all\"" },
		{ "\"cgroup\":\"v1\"", "\"cgroup\":\"v3\"" },
		{ "\"oom_score_adj\":7", "\"oom_score_adj\":7000" },
		{ "\"uid\":65534", "\"uid\":65535" },
		{ "\"nice\":-5", "\"nice\":20" },
		{ "\"argv\":[\"oomhog\"", "\"argv\":[12" },
		{ "\"name\":\"memory.max\"", "\"name\":\"../../etc/passwd\"" },
		{ "\"worker\":\"hog\"", "\"worker\":\"hoghoghoghoghoghog\"" },
		{ "\"timeout_ms\":", "\"timeout_ms\":-" },
	};
	struct plan *p = make_ok(ONE_HOG "expect: {victims: [hog]}\n", CGROUP_V1);
	char *good = to_json(p);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		refused(good, rows[i].good, rows[i].bad);
	free(good);
	plan_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_file_steps),	cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_vm_scene),	cmocka_unit_test(test_untrusted),
		cmocka_unit_test(test_untrusted_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
