/* SPDX-License-Identifier: MIT */
/*
 * Facts about the machine a case is played on, measured there (by the guest, or by this host) and
 * sent as one JSON object: the planner resolves percentages and predicts with them.
 */
#ifndef OOM_HARNESS_MACHINE_H
#define OOM_HARNESS_MACHINE_H

#include "lib/base.h"
#include "lib/fail.h"
#include "lib/jsonw.h"
#include <jansson.h>

#define MACHINE_NODES_MAX 16
#define MACHINE_ALL_FILES "*" /* an assumed machine: nothing is known to be missing */

struct machine_node {
	int id;
	uint64_t total_kb, free_kb;
};

struct machine {
	char release[80], arch[16];
	bool memcg_v1, memcg_v2; /* the memory controller is there, on that version */
	bool cpuset_v1, cpuset_v2;
	uint64_t page_bytes;
	unsigned int nr_cpus;
	uint64_t mem_total_kb, mem_available_kb, mem_free_kb, swap_total_kb;
	struct machine_node nodes[MACHINE_NODES_MAX];
	unsigned int nr_nodes;	/* nodes that have memory */
	uint64_t fill_kb_per_s; /* page faults, measured by touching some MiB */
	uint64_t taint;
	bool disk;     /* the guest's disk, for swap or plain, is there */
	int adj_floor; /* the lowest oom_score_adj we may give: -1000 with CAP_SYS_RESOURCE */
	uint64_t log_buf_bytes;	   /* 0: not known */
	uint32_t features;	   /* bits of machine_feature_names[] */
	char memcg_files[2048];	   /* memory.* files of a cgroup; "": none was there to look at */
	char programs[256];	   /* those the guest was given: harness/programs.h */
	char cgroup2_options[256]; /* mount options of cgroup2 that this kernel knows */
};

/* Measures. `root`: an fs_root_open() fd. 0 or -errno. */
int machine_read(int root, struct machine *ret);
void machine_write(const struct machine *m, struct jsonw *w); /* as an object of its own keys */
int machine_parse(const json_t *object, struct machine *ret, struct fail *f);
/* What a VM of this shape will look like, for `oomlab show` without one. */
void machine_assume(struct machine *m, uint64_t memory_bytes, unsigned int nr_nodes,
		    uint64_t swap_bytes);

#endif
