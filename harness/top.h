/* SPDX-License-Identifier: MIT */
/*
 * `oomlab top`: the processes of this machine in the order the OOM killer would take them, were
 * memory to run out now. A snapshot of /proc below a root prefix; nothing is changed.
 */
#ifndef OOM_HARNESS_TOP_H
#define OOM_HARNESS_TOP_H

#include "lib/badness.h"
#include "lib/fail.h"
#include "lib/proc_list.h"

struct top {
	char memcg[512]; /* the cgroup whose limit it is, "" for the machine */
	bool first_namespace;
	uint64_t ram_bytes, swap_bytes; /* of the machine */
	uint64_t domain_bytes;		/* what oom_score_adj is a share of */
	uint64_t page_bytes;
	struct proc_info *procs;
	size_t nr_procs;
	struct badness_task *tasks;	/* those with memory, by pid */
	struct badness_ranking ranking; /* of the tasks */
};

/*
 * `memcg`: a cgroup as /proc/PID/cgroup names it or by its path in the file system; NULL for the
 * machine. 0, or -errno with f.
 */
int top_read(int root, const char *memcg, struct top *ret, struct fail *f);
void top_free(struct top *t);

/* Why it stands where it stands: "rss", "mostly swap; oom_score_adj adds 5000". Returns buf. */
const char *top_why(const struct badness_entry *e, char *buf, size_t len);
/* "init", "kernel thread", ...; NULL for one that is ranked. */
const char *top_never(const struct proc_info *p);

/* `rows`: at most so many of those that can be killed, 0 for all and those that cannot as well. */
void top_text(const struct top *t, size_t rows, FILE *f);
/* One document. 0 or -EIO. */
int top_json(const struct top *t, size_t rows, FILE *f);

#endif
