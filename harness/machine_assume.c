// SPDX-License-Identifier: MIT
#include "harness/machine.h"

/* What kernel and initramfs keep of a small guest (measured: 5.10 ... 7.2 cloud kernels, 512 MiB). */
#define KERNEL_SHARE_KB (52 * 1024)

void machine_assume(struct machine *m, uint64_t memory_bytes, unsigned int nr_nodes,
		    uint64_t swap_bytes)
{
	uint64_t total_kb = memory_bytes / 1024;

	*m = (struct machine){
		.page_bytes = 4096, .nr_cpus = 1, .nr_nodes = nr_nodes, .adj_floor = -1000
	};
	str_copy(m->release, sizeof(m->release),
		 "6.1.0"); /* what `run` boots if not told otherwise */
	total_kb -= min(total_kb / 2, (uint64_t)KERNEL_SHARE_KB);
	m->memcg_v1 = m->memcg_v2 = m->cpuset_v1 = m->cpuset_v2 = true;
	m->mem_total_kb = total_kb;
	m->mem_free_kb = m->mem_available_kb = total_kb - total_kb / 20;
	m->swap_total_kb = swap_bytes / 1024;
	m->features = UINT32_MAX;
	m->disk = true;
	str_copy(m->memcg_files, sizeof(m->memcg_files), MACHINE_ALL_FILES);
	str_copy(m->programs, sizeof(m->programs), MACHINE_ALL_FILES);
	str_copy(m->cgroup2_options, sizeof(m->cgroup2_options), MACHINE_ALL_FILES);
	m->fill_kb_per_s = 200 * 1024;
	for (unsigned int i = 0; i < nr_nodes && i < MACHINE_NODES_MAX; i++)
		m->nodes[i] = (struct machine_node){ (int)i, total_kb / nr_nodes,
						     m->mem_free_kb / nr_nodes };
}
