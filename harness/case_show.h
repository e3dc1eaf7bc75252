/* SPDX-License-Identifier: MIT */
/* A case and its plans as text for people. */
#ifndef OOM_HARNESS_CASE_SHOW_H
#define OOM_HARNESS_CASE_SHOW_H

#include "harness/plan.h"

/* What the case says: head, tree with workers, steps, expectations. */
void case_show(const struct oom_case *c, FILE *f);
/* "80 MiB", "130% of node 1" */
const char *size_text(const struct size_spec *s, char *buf, size_t len);
/* Its expectations, one a line, with where they hold. */
void case_show_expects(const struct oom_case *c, FILE *f);

/* Name, file, summary, ... as members of the object that is open. */
void case_write_head(const struct oom_case *c, struct jsonw *w);

#endif
