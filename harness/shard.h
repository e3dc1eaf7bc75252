/* SPDX-License-Identifier: MIT */
/*
 * Parts of a run, for machines that know nothing of each other: each comes to the same split of the same
 * cases, with the same options and timings, and keeps its own part of it.
 */
#ifndef OOM_HARNESS_SHARD_H
#define OOM_HARNESS_SHARD_H

#include "harness/runner.h"

#define SHARDS_MAX 1000000

/*
 * Sets ret[i] to the shard, from 0, of run->cases[i], by case_ms: the longest case first, each to the shard that is
 * done first with it. A guest's boot counts once a shard. 0 or -ENOMEM.
 */
int shards_split(const struct run *r, unsigned int *ret);
/* Keeps the cases of its own shard. 0 or -ENOMEM. */
int shard_keep(struct run *r);
/*
 * "2/3", or "auto" and "auto/3": of what a CI's fan-out has in its environment (GitLab, Slurm,
 * Kubernetes). 0, or -EINVAL with f.
 */
int shard_parse(const char *text, unsigned int *index, unsigned int *of, struct fail *f);

#endif
