/* SPDX-License-Identifier: MIT */
/*
 * Tasks by name: a worker's own, or "tree/2" for the second child of a worker that has children. Kind
 * and arguments are those of a case or of a plan's command line.
 */
#ifndef OOM_HARNESS_CASE_TASKS_H
#define OOM_HARNESS_CASE_TASKS_H

#include "lib/base.h"

#define CASE_TASK_LEN	  24  /* "averylongworker/64" */
#define CASE_CHILDREN_MAX 128 /* of all workers of a case: what the player has room for */

/* "tree/2" into "tree" and 2, "tree" into "tree" and 0. False if it has neither form. */
bool task_split(const char *task, char *name, size_t len, unsigned int *child);
/* How many children the kind has that can be named: fork's --children, one of shared-mm, else none. */
unsigned int task_children(const char *kind, char *const *args, size_t nr_args);
/* Is its child one that does not die with its parent? */
bool task_child_stays(char *const *args, size_t nr_args);

#endif
