// SPDX-License-Identifier: MIT
/* What the kernel says of our own memory, for kinds whose bytes only it can count. */
#include "lib/fs.h"
#include "workloads/workload.h"

static uint64_t own_bytes(const char *file, const char *key)
{
	int root __close = fs_root_open("");
	char text[8192];
	uint64_t kb;

	if (fs_read(root, file, text, sizeof(text)) < 0 || text_key_u64(text, key, &kb) < 0)
		return 0;
	return KiB(kb);
}

uint64_t own_status_bytes(const char *key)
{
	return own_bytes("proc/self/status", key);
}

/* smaps counts pages; the counters behind VmRSS may lag by some dozens a CPU. */
uint64_t own_smaps_bytes(const char *key)
{
	return own_bytes("proc/self/smaps_rollup", key);
}
