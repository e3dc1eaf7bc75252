/* SPDX-License-Identifier: MIT */
/* A cgroup as the domain of an OOM: how much it may hold, and who lives in it. By directory fd. */
#ifndef OOM_LIB_MEMCG_DOMAIN_H
#define OOM_LIB_MEMCG_DOMAIN_H

#include "lib/base.h"

/*
 * mem_cgroup_get_max(): the limit, and the swap it may use of the machine's. 0, -ENODATA (it has no
 * limit), -errno.
 */
int memcg_domain_bytes(int dir, uint64_t swap_total_bytes, uint64_t *ret);
/* The processes of the cgroup and of all below it. To be freed. 0 or -errno. */
int memcg_domain_pids(int dir, pid_t **ret, size_t *nr);

#endif
