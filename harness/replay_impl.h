/* SPDX-License-Identifier: MIT */
/* What the files of a replay share; see replay.h. */
#ifndef OOM_HARNESS_REPLAY_IMPL_H
#define OOM_HARNESS_REPLAY_IMPL_H

#include "harness/replay.h"
#include "lib/badness_internal.h"

/* What the kernel says in its last line. */
#define REPLAY_DEADLOCK	    "System is deadlocked on memory"
#define REPLAY_PANIC_ON_OOM "panic_on_oom is enabled"

#define REPLAY_LIMIT_MIB 128 /* a memcg's limit here */
#define REPLAY_GUEST_MIB 768 /* a machine, swap and all */
#define REPLAY_NODE_MIB	 384

/* The ticket's tasks, as --set has changed them. */
struct replay_tasks {
	const struct oom_report *report;
	struct badness_task *tasks; /* a row each */
	bool *changed;
	size_t nr;
	int64_t page_kb, whole; /* pages of what ran out */
	struct badness_ranking ranking;
};

/* One more thing that is not in the log. */
void replay_assume(struct replay *p, const char *fmt, ...) __printf(2, 3);
int replay_refuse(struct fail *f, const char *why); /* -EOPNOTSUPP */
/* replay_refuse.c: why no case can be made of it; NULL: one may be. */
const char *replay_no_way(const struct oom_report *r);
bool replay_on_node(const struct replay *p);
bool replay_is_panic(const struct replay *p);
/* NULL if it is not set. */
const char *replay_sysctl(const struct replay *p, const char *name);
void replay_set_sysctl(struct replay *p, const char *name, const char *value);

/* replay_tasks.c: 0; -EOPNOTSUPP with f: rows that cannot be, or are not known; -ENOMEM. */
int replay_tasks_read(struct replay *p, const struct oom_report *r, struct replay_tasks *ret,
		      struct fail *f);
/* By the rules of the kernels that are here. 0 or -ENOMEM. */
int replay_tasks_rank(struct replay_tasks *t);
void replay_tasks_free(struct replay_tasks *t);
/* rss, swap and page tables. */
int64_t replay_task_pages(const struct badness_task *t);
const struct badness_entry *replay_entry(const struct replay_tasks *t, int64_t pid);

/* replay_set.c: 0, -EINVAL or -EOPNOTSUPP with f. */
int replay_apply(struct replay *p, const struct replay_order *o, struct replay_tasks *t,
		 struct fail *f);
/* replay_predict.c: what the model expects with these changes; who asks for memory, and who dies. */
int replay_predict(struct replay *p, const struct replay_tasks *t, struct fail *f);
/* The task that asked for memory: its pid, 0 if the dump has it not. */
int64_t replay_invoker(const struct replay_tasks *t);

/* replay_place.c: cgroups, nodes, swap. */
void replay_place(struct replay *p, const struct oom_report *r);
/* Is the victim's cgroup at or below the one that ran out, as far as the log tells? */
bool replay_is_in_memcg(const struct oom_report *r);
/* replay_cast.c: who gets a part. */
void replay_cast(struct replay *p, const struct replay_tasks *t);
/* Its kill line; NULL: there is none. */
const struct oom_victim *replay_victim(const struct oom_report *r, int64_t pid);
void replay_clean(const char *text, char *buf, size_t len, const char *empty);
/*
 * replay_scale.c: shares that fit the guest and stand apart by more than what counters are off by; whose
 * order can be asserted. 0, or -EOPNOTSUPP with f.
 */
int replay_scale(struct replay *p, struct fail *f);
/* May one mapping be larger than memory and swap? Of what the guest has beside MemTotal the host knows too little. */
bool replay_overcommits(const struct replay *p);
/* What all tasks have together when it runs out, about. */
int64_t replay_obtainable(const struct replay *p);
/* Below a thousand pages it has no weight: the kernel rounds down. */
bool replay_adj_counts(const struct replay *p);
/* share + 10 * oom_score_adj; INT64_MIN for an immune one. */
int64_t replay_points(const struct replay_role *role);
/* Text of a log within a comment or a quoted value: nothing in it ends either. */
void replay_put_text(FILE *out, const char *text);
/* "limit", "MemTotal", "node 1": what shares here are shares of. */
void replay_whole_of(const struct replay *p, char *buf, size_t len);
/* "12.34% of limit": a share of memory and swap, told in percent of memory alone. */
void replay_put_share(const struct replay *p, int64_t share, FILE *out);
/* replay_workers.c, replay_expect.c */
void replay_write_workers(const struct replay *p, FILE *out);
void replay_write_steps(const struct replay *p, FILE *out);
void replay_write_expect(const struct replay *p, FILE *out);
bool replay_grows(const struct replay *p, size_t role);

#endif
