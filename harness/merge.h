/* SPDX-License-Identifier: MIT */
/* The shards of a run, as one run. */
#ifndef OOM_HARNESS_MERGE_H
#define OOM_HARNESS_MERGE_H

#include "harness/results.h"
#include <jansson.h>

struct part { /* one shard's results */
	const char *path;
	json_t *doc;
	unsigned int index, of; /* 1/1: a run that was not split */
	size_t nr_cases, nr_planned;
	bool finished;
	dev_t file_dev; /* of its results.json: one run named twice is a mistake */
	ino_t file_ino;
};

/* Reads results.json of a folder. 0, -EBADMSG or -errno with f. */
int part_read(const char *path, struct part *ret, struct fail *f);
void part_free(struct part *p);
/*
 * Do these belong together? 0; -EINVAL with f: a shard is there twice, or they were split in different
 * ways, which is a mistake in the command.
 */
int parts_check(const struct part *parts, size_t nr, struct fail *f);
/* What is missing, a line each: shards that are not there, parts that did not come to their end. */
size_t parts_missing(const struct part *parts, size_t nr, FILE *out);
/* Copies cases and evidence. Nothing outside the part's folder is read. 0 or -errno with f. */
int part_merge(const struct part *p, struct results *to, struct fail *f);

#endif
