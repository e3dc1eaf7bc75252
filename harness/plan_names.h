/* SPDX-License-Identifier: MIT */
/* Enums of a plan by the names they have in its JSON, so that old evidence can be judged again. */
#ifndef OOM_HARNESS_PLAN_NAMES_H
#define OOM_HARNESS_PLAN_NAMES_H

#include "harness/case.h"

const char *step_op_name(enum step_op op);
const char *expect_kind_name(enum expect_kind kind);
const char *file_place_name(enum file_place place); /* "cgroup" "worker" "path", "" for none */
/* 0 or -EINVAL. */
int file_place_parse(const char *name, enum file_place *ret);
int step_op_parse(const char *name, enum step_op *ret);
int expect_kind_parse(const char *name, enum expect_kind *ret);
int scope_parse(const char *name, enum oom_scope *ret);

#endif
