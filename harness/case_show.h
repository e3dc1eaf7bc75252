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

/* "v1, kernel >= 5.9"; "" for always. Returns buf. */
const char *case_when_text(const struct case_when *w, char *buf, size_t len);
/* "confirmed"; "refuted on v1, kernel < 5.9; else confirmed". Returns buf. */
const char *case_truth_text(const struct oom_case *c, char *buf, size_t len);

/* Name, file, summary, ... as members of the object that is open. */
void case_write_head(const struct oom_case *c, struct jsonw *w);
/* "truth": the rows of its claim's truth, empty without a claim. */
void case_write_truth(const struct oom_case *c, struct jsonw *w);

#endif
