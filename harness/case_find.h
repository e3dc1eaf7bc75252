/* SPDX-License-Identifier: MIT */
/* Cases by what people type: files, folders, globs, bare names; -k and --tag narrow it down. */
#ifndef OOM_HARNESS_CASE_FIND_H
#define OOM_HARNESS_CASE_FIND_H

#include "harness/case.h"

/*
 * Loads all that `names` mean; no names: all of cases_dir().
 * `filter` (part of the name) and `tag` may be NULL. Sorted by path, each file once. Errors are
 * printed to stderr, one line for each mistake, and give EXIT_USAGE; else 0.
 */
int cases_load(char **names, size_t nr, const char *filter, const char *tag, struct oom_case ***ret,
	       size_t *nr_ret);
void cases_free(struct oom_case **cases, size_t nr);

/*
 * The folder of the cases: ../cases or cases beside this program, else ./cases, else those that were
 * installed with it. Returns buf.
 */
const char *cases_dir(char *buf, size_t len);

bool case_has_tag(const struct oom_case *c, const char *tag);

#endif
