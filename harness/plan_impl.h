/* SPDX-License-Identifier: MIT */
/* What the planner's files share: see plan.h for what a plan is. */
#ifndef OOM_HARNESS_PLAN_IMPL_H
#define OOM_HARNESS_PLAN_IMPL_H

#include "harness/plan.h"

/* Limits of the player (harness/stage.h), held by whoever makes or reads a plan. */
#define PLAN_WORKERS_MAX 128
#define PLAN_CGROUPS_MAX 64
#define PLAN_SYSCTLS_MAX 32
#define PLAN_STEPS_MAX	 1000
#define PLAN_EXPECTS_MAX 2000
#define PLAN_ARGS_MAX	 64

/* plan_needs.c: 0, or -EOPNOTSUPP with the reason: the machine lacks what the case needs. */
int plan_needs(const struct oom_case *c, const struct machine *m, enum cgroup_version cg,
	       struct fail *f);

/* plan_resolve.c: percentages to bytes, cases' workers to argument vectors. */
int plan_resolve(const struct oom_case *c, const struct machine *m, struct plan *p, struct fail *f);

/* plan_expects.c: the rows that hold here. */
int plan_expects(const struct oom_case *c, const struct machine *m, struct plan *p, struct fail *f);

/* predict.c: fills p->prediction and locked_out. 0, -EINVAL: refused, with the reason. */
int plan_predict(const struct machine *m, struct plan *p, struct fail *f);

/* Value of a cgroup's file in the plan, NULL if it is not set. */
const char *plan_knob(const struct plan *p, const char *cgroup, const char *file);
/* Cuts "a/b" to "a" and "a" to ""; false if it was "" already. */
bool plan_parent(char *path);

const char *step_op_name(enum step_op op);
const char *expect_kind_name(enum expect_kind kind);

#endif
