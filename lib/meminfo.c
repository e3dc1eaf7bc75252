// SPDX-License-Identifier: MIT
#include "lib/meminfo.h"

#include "lib/fs.h"

/* -ENOENT is for optional keys; a required one that is missing is -ENODATA. */
static int required(int err)
{
	return err == -ENOENT ? -ENODATA : err;
}

/*
 * MemTotal:       24683952 kB                                                            (6.18)
 */
int meminfo_parse(const char *text, struct meminfo *ret)
{
	struct meminfo m = { 0 };
	int err = text_key_u64(text, "MemTotal", &m.mem_total_kb);

	if (!err)
		err = text_key_u64(text, "MemFree", &m.mem_free_kb);
	if (err)
		return required(err);
	err = text_key_u64(text, "MemAvailable", &m.mem_available_kb);
	m.has_available = !err;
	if (!err || err == -ENOENT)
		err = text_key_u64(text, "SwapTotal", &m.swap_total_kb);
	if (!err || err == -ENOENT)
		err = text_key_u64(text, "SwapFree", &m.swap_free_kb);
	if (err && err != -ENOENT)
		return err;
	*ret = m;
	return 0;
}

/*
 * Node 0 MemTotal:        4286676 kB                                                     (6.18)
 */
int node_meminfo_parse(const char *text, unsigned int node, struct node_meminfo *ret)
{
	struct node_meminfo m;
	char key[40];
	int err;

	snprintf(key, sizeof(key), "Node %u MemTotal", node);
	err = text_key_u64(text, key, &m.mem_total_kb);
	if (err)
		return required(err);
	snprintf(key, sizeof(key), "Node %u MemFree", node);
	err = text_key_u64(text, key, &m.mem_free_kb);
	if (err)
		return required(err);
	*ret = m;
	return 0;
}

/* 1.5 KiB on 6.18; the room is for what later kernels add. */
int meminfo_read(int root, struct meminfo *ret)
{
	char text[8192];
	ssize_t n = fs_read(root, "proc/meminfo", text, sizeof(text));

	return n < 0 ? (int)n : meminfo_parse(text, ret);
}

int node_meminfo_read(int root, unsigned int node, struct node_meminfo *ret)
{
	char name[64], text[8192];
	ssize_t n;

	snprintf(name, sizeof(name), "sys/devices/system/node/node%u/meminfo", node);
	n = fs_read(root, name, text, sizeof(text));
	return n < 0 ? (int)n : node_meminfo_parse(text, node, ret);
}

int nodes_with_memory(int root, struct nodemask *ret)
{
	struct nodemask mask = { 0 };
	char text[4096];
	ssize_t n = fs_read_line(root, "sys/devices/system/node/has_memory", text, sizeof(text));
	int err;

	if (n == -ENOENT) {
		nodemask_set(&mask, 0);
		*ret = mask;
		return 0;
	}
	if (n < 0)
		return (int)n;
	err = nodemask_parse(text, &mask);
	if (!err)
		*ret = mask;
	return err;
}

int vmstat_key(int root, const char *key, uint64_t *ret)
{
	return fs_key_u64(root, "proc/vmstat", key, ret);
}
