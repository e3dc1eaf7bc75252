/* SPDX-License-Identifier: MIT */
/*
 * A ticket played again: from one OOM report to a case. What the log tells (who was there, with how much
 * and which oom_score_adj, what ran out) is scaled to a small guest; the order of badness is kept, and
 * what had to be assumed is said.
 *
 * Shares are hundredths of a percent of what ran out (totalpages of the report: limit, RAM or nodes, with
 * their swap), so that points here and there compare as they are: share + 10 * oom_score_adj.
 */
#ifndef OOM_HARNESS_REPLAY_H
#define OOM_HARNESS_REPLAY_H

#include "lib/badness.h"
#include "lib/fail.h"

#define REPLAY_ROLES	   10
#define REPLAY_ASSUMPTIONS 12
#define REPLAY_WHOLE	   10000

struct replay_role {
	char name[16]; /* of the worker: the comm, cleaned, told from others */
	char comm[OOM_COMM_LEN];
	int64_t pid;
	int64_t kb;    /* rss, swap and page tables in the ticket */
	int64_t share; /* here */
	int adj;
	bool immune, killed; /* killed: by the ticket's word */
};

enum replay_end { REPLAY_KILL, REPLAY_PANIC, REPLAY_NO_KILLABLE, REPLAY_NO_OOM };

struct replay {
	char name[64];	  /* of the case */
	char ticket[256]; /* as the user named the log */
	uint64_t line;	  /* of the report in it */
	char release[80], victim[OOM_COMM_LEN];
	int64_t victim_pid;
	enum oom_kind kind;
	enum replay_end end;
	char panic[64];
	bool allocating_task, group;
	int64_t domain_kb;
	struct replay_role roles[REPLAY_ROLES]; /* most points first, immune ones last */
	size_t nr_roles;
	size_t top;	/* index of the role the kernel should choose */
	size_t trigger; /* of the one that grows: the top, or the task of trigger_pid */
	int64_t trigger_pid, invoker_pid; /* 0: the top; not known */
	size_t nr_rank;	 /* roles that stand far enough apart for their order to be asserted */
	int64_t filler;	 /* share of what nobody owns, and of tasks that are too small */
	size_t nr_small; /* tasks in it */
	int64_t small_kb;
	char box[96], below[96]; /* cgroups: the one that ran out, and the victim's below it; "" */
	int64_t swap_percent;	 /* of RAM; 0: the guest has none */
	/* what --set changed */
	char sysctl[64], sysctl_value[32];
	int64_t limit_percent; /* of the ticket's limit; 100 if not changed */
	char assumptions[REPLAY_ASSUMPTIONS][200];
	size_t nr_assumptions;
};

/*
 * 0; -EOPNOTSUPP with the reason: this log does not tell enough, or tells of what no guest here can do;
 * -ENOMEM. `name` NULL: made from the victim.
 */
int replay_make(const struct oom_report *r, const char *ticket, const char *name,
		struct replay *ret, struct fail *f);
/* One more thing that is not in the log. */
void replay_assume(struct replay *p, const char *fmt, ...) __printf(2, 3);
/*
 * replay_scale.c: shares that fit the guest and stand apart by more than what counters are off by; who is
 * the trigger, whose order can be asserted. 0, or -EOPNOTSUPP with f.
 */
int replay_scale(struct replay *p, struct fail *f);
/* share + 10 * oom_score_adj; INT64_MIN for an immune one. */
int64_t replay_points(const struct replay_role *role);
/*
 * replay_set.c: "adj:java=-500", "limit:+512M", "sysctl:vm.panic_on_oom=1"; changes what is expected with
 * it. 0, -EINVAL (the text is wrong, or names nobody) or -EOPNOTSUPP with f.
 */
int replay_set(struct replay *p, const char *text, struct fail *f);
/* replay_write.c: the case file. */
void replay_write(const struct replay *p, FILE *out);

#endif
