// SPDX-License-Identifier: MIT
/* Tasks by name: a worker's own, or "tree/2" for the second child of a worker that has children. */
#include "harness/case_tasks.h"

#include <ctype.h>

#define CHILDREN_DEFAULT 2 /* of workloads/fork.c */

bool task_split(const char *task, char *name, size_t len, unsigned int *child)
{
	const char *slash = strchr(task, '/');
	size_t n = slash ? (size_t)(slash - task) : strlen(task);
	char *end;

	*child = 0;
	if (n == 0 || n >= len)
		return false;
	memcpy(name, task, n);
	name[n] = '\0';
	if (!slash)
		return true;
	if (!isdigit((unsigned char)slash[1]) || slash[1] == '0' || strlen(slash + 1) > 3)
		return false;
	*child = (unsigned int)strtoul(slash + 1, &end, 10);
	return !*end;
}

unsigned int task_children(const char *kind, char *const *args, size_t nr_args)
{
	unsigned int n = CHILDREN_DEFAULT;

	if (str_eq(kind, "shared-mm"))
		return 1;
	if (!str_eq(kind, "fork"))
		return 0;
	for (size_t i = 0; i < nr_args; i++)
		if (str_starts(args[i], "--children="))
			n = (unsigned int)strtoul(args[i] + strlen("--children="), NULL, 10);
	return n;
}

bool task_child_stays(char *const *args, size_t nr_args)
{
	for (size_t i = 0; i < nr_args; i++)
		if (str_eq(args[i], "--child-stays"))
			return true;
	return false;
}
