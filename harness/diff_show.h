/* SPDX-License-Identifier: MIT */
/* A difference between two runs for people and for scripts. `paths`, `kernels`: of the two sides. */
#ifndef OOM_HARNESS_DIFF_SHOW_H
#define OOM_HARNESS_DIFF_SHOW_H

#include "harness/diff.h"

void diff_text(const struct diff *d, const char *const paths[2], const char *const kernels[2],
	       FILE *out);
void diff_json(const struct diff *d, const char *const paths[2], const char *const kernels[2],
	       FILE *out);

#endif
