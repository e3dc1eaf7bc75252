// SPDX-License-Identifier: MIT
/* What --size means on this machine: the whole that a percentage is of. */
#include "lib/fs.h"
#include "lib/meminfo.h"
#include "workloads/workload.h"

/* "of node" without a number: the one node of --mempolicy, or the only one with memory. */
static int which_node(const struct hog *h, int root)
{
	struct nodemask nodes;

	if (h->opt.size.node >= 0)
		return h->opt.size.node;
	if (h->opt.has_policy && nodemask_weight(&h->opt.policy.nodes) == 1)
		return nodemask_first(&h->opt.policy.nodes);
	if (nodes_with_memory(root, &nodes) == 0 && nodemask_weight(&nodes) == 1)
		return nodemask_first(&nodes);
	return -1;
}

static int whole_of_node(struct hog *h, int root, uint64_t *ret)
{
	struct node_meminfo m;
	int node = which_node(h, root), err;

	if (node < 0)
		return fail_set(&h->fail, -EINVAL,
				"--size of node: which? write 'of node N', or bind to one");
	err = node_meminfo_read(root, (unsigned int)node, &m);
	if (err)
		return fail_errno(&h->fail, err, "--size of node %d: no such node", node);
	*ret = KiB(h->opt.size.base == SIZE_OF_NODE ? m.mem_total_kb : m.mem_free_kb);
	return 0;
}

static int whole_of_limit(struct hog *h, uint64_t *ret)
{
	struct fail first = { 0 };

	for (size_t i = 0; i < h->opt.nr_cgroups; i++)
		if (cgroup_limit(h->opt.cgroups[i], ret, i ? &first : &h->fail) == 0)
			return 0;
	return h->opt.nr_cgroups ? h->fail.err : cgroup_limit(NULL, ret, &h->fail);
}

static int whole_of_memory(struct hog *h, int root, uint64_t *ret)
{
	struct meminfo m;
	int err = meminfo_read(root, &m);

	if (err)
		return fail_errno(&h->fail, err, "read /proc/meminfo");
	if (h->opt.size.base == SIZE_OF_AVAILABLE && !m.has_available)
		return fail_set(&h->fail, -ENODATA, "this kernel does not tell MemAvailable");
	*ret = KiB(h->opt.size.base == SIZE_OF_SWAP	   ? m.swap_total_kb
		   : h->opt.size.base == SIZE_OF_AVAILABLE ? m.mem_available_kb
							   : m.mem_total_kb);
	return 0;
}

enum ready_what hog_size(struct hog *h)
{
	int root __close = fs_root_open("");
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), whole = 0;
	int err = 0;

	switch (h->opt.size.base) {
	case SIZE_BYTES:
		break;
	case SIZE_OF_NODE:
	case SIZE_OF_NODE_FREE:
		err = whole_of_node(h, root, &whole);
		break;
	case SIZE_OF_LIMIT:
		err = whole_of_limit(h, &whole);
		break;
	default:
		err = whole_of_memory(h, root, &whole);
	}
	if (err)
		return READY_USAGE;
	h->bytes = (size_resolve(&h->opt.size, whole, page) + page - 1) / page * page;
	if (!h->bytes) {
		fail_set(&h->fail, -EINVAL, "--size is not even one page here");
		return READY_USAGE;
	}
	return READY_YES;
}
