/* SPDX-License-Identifier: MIT */
/* From what was named on the command line to loaded cases. */
#ifndef OOM_HARNESS_CASE_FIND_H
#define OOM_HARNESS_CASE_FIND_H

#include "harness/case.h"

/*
 * Each name is a file, a folder (every *.yaml below it, sorted), a glob, or the bare name of a case in
 * the standard folder: `cases` beside the program's build folder, else here. None: all of that
 * folder. `filter`: a part of the name; `tag`: one of its tags; NULL: any. Every mistake of every file
 * is printed, one line each, and gives EXIT_USAGE, as does a name or filter that nothing matches; else 0.
 */
int cases_load(char **names, size_t nr, const char *filter, const char *tag, struct oom_case ***ret,
	       size_t *nr_ret);
void cases_free(struct oom_case **cases, size_t nr);

#endif
