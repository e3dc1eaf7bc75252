// SPDX-License-Identifier: MIT
/*
 * The kernel log knows one name for a process and a cgroup, the first namespaces'. In a container we see
 * others, and could not tell our victims from a stranger's.
 */
#include "harness/host_names.h"
#include "lib/cgroup_mounts.h"
#include "lib/proc_list.h"

const char *host_names_differ(int root)
{
	struct cgroup_mounts m;

	if (!proc_is_first_namespace(root))
		return "we are in a PID namespace, and the kernel log tells the pids of the host";
	if (cgroup_mounts_read(root, &m) == 0 && !cgroup_mounts_at_root(root, &m))
		return "the cgroups mounted here are a container's, and the kernel log tells their "
		       "paths on the host";
	return NULL;
}
