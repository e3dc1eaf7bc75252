/* SPDX-License-Identifier: MIT */
/* Shared by plan*.c and predict.c; nobody else's. */
#ifndef OOM_HARNESS_PLAN_IMPL_H
#define OOM_HARNESS_PLAN_IMPL_H

#include "harness/plan.h"
#include "lib/nodemask.h"

/* memory.max of one cgroup of the plan, UINT64_MAX without one. */
uint64_t plan_limit(const struct plan *p, const char *cgroup);
/* Is `path` the cgroup `top` or below it? "" is above all. */
bool plan_is_below(const char *path, const char *top);
/* The longer path of the two next above: cuts the last part off in place; false at the root. */
bool plan_parent(char *path);
/* Nodes a worker may use, by its bind policy or its cpuset; false: no such wall. *by_policy says which. */
bool plan_nodes_of(const struct plan *p, const struct case_worker *w, struct nodemask *ret,
		   bool *by_policy);
/* What its nodes have free, in kB. */
uint64_t plan_nodes_free_kb(const struct machine *m, const struct nodemask *nodes);

/* Is there a reason to skip (-EOPNOTSUPP) or refuse (-EINVAL)? */
int plan_check_needs(const struct oom_case *c, const struct machine *m, enum cgroup_version cg,
		     struct fail *f);
int plan_check_sizes(const struct plan *p, const struct machine *m, struct fail *f);
/* Fills p->prediction; a margin within noise is -EINVAL. */
int plan_predict(struct plan *p, const struct oom_case *c, const struct machine *m, struct fail *f);

/* The part of a plan from elsewhere that refers to what it must not, or is not there; NULL: none. */
const char *plan_verify(const struct plan *p);

#endif
