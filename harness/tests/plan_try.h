/* SPDX-License-Identifier: MIT */
/* For tests: cases and plans from text, that must be good. */
#ifndef OOM_HARNESS_TESTS_PLAN_TRY_H
#define OOM_HARNESS_TESTS_PLAN_TRY_H

#include "harness/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define ONE_HOG                                                                       \
	"case: t\nsummary: s\nscope: memcg\n"                                         \
	"scene: {cgroups: {box: {memory.max: 64MiB}}}\n"                              \
	"workers:\n  hog: {kind: anon, size: 80MiB, cgroup: box, oom_score_adj: 7,\n" \
	"    uid: 65534, nice: -5, mempolicy: local, rate: 1MiB/s, args: [--thp]}\n"  \
	"steps:\n- trigger: hog\n- wait: {kills: 1, timeout: 3s}\n"

static inline struct oom_case *parse_ok(const char *text)
{
	struct oom_case *c;
	char *messages;
	int err = case_parse("dir/t.yaml", text, strlen(text), &c, &messages);

	if (err)
		print_message("%s", messages);
	assert_int_equal(err, 0);
	free(messages);
	return c;
}

static inline struct machine a_machine(void)
{
	struct machine m;

	machine_assume(&m, MiB(512), 1, 0);
	str_copy(m.release, sizeof(m.release), "6.12.117");
	return m;
}

static inline int make(const char *text, const struct machine *m, enum cgroup_version cg,
		       struct plan **p, struct fail *f)
{
	struct oom_case *c = parse_ok(text);
	int err;

	*p = NULL;
	err = plan_make(c, m, cg, p, f);
	case_free(c);
	return err;
}

static inline struct plan *make_ok(const char *text, enum cgroup_version cg)
{
	struct machine m = a_machine();
	struct plan *p;
	struct fail f = { 0 };
	int err = make(text, &m, cg, &p, &f);

	if (err)
		print_message("%s\n", f.where);
	assert_int_equal(err, 0);
	return p;
}

#endif
