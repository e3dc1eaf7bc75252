/* SPDX-License-Identifier: MIT */
/*
 * A ticket played again: from one OOM report to a case. What the log tells (who was there, with how much
 * and which oom_score_adj, what ran out, in which cgroups and on which nodes) is scaled to a small guest;
 * the order of badness is kept, and what had to be assumed is said.
 *
 * Shares are hundredths of a percent of what ran out (totalpages of the report: limit, RAM or nodes, with
 * their swap), so that points here and there compare as they are: share + 10 * oom_score_adj.
 */
#ifndef OOM_HARNESS_REPLAY_H
#define OOM_HARNESS_REPLAY_H

#include "lib/badness.h"
#include "lib/fail.h"

#define REPLAY_ROLES	   8
#define REPLAY_ASSUMPTIONS 48 /* two a --set, and those of the ticket */
#define REPLAY_SYSCTLS	   16
#define REPLAY_WHOLE	   10000
#define REPLAY_PATH_LEN	   192

struct replay_role {
	char name[16]; /* of the worker: the comm, cleaned, told from others */
	char comm[OOM_COMM_LEN];
	int64_t pid;
	uint64_t line;				/* of its row in the task dump */
	int64_t kb;				/* rss, swap and page tables in the ticket */
	int64_t shmem_kb, file_kb, pgtables_kb; /* of those; 0 if the log does not tell */
	int64_t share;				/* here */
	int adj;
	int64_t ticket_points; /* before it was scaled, its adj in it where that has weight */
	int ticket_adj;
	bool immune;
	bool dies;    /* as the ticket or, with a change, the model has it */
	bool inside;  /* lives in the cgroup of the ticket's victim */
	bool changed; /* by --set */
	bool ranked;  /* stands far enough from the others for its place to be asserted */
};

enum replay_end { REPLAY_KILL, REPLAY_PANIC, REPLAY_NO_KILLABLE, REPLAY_NO_OOM };

struct replay_sysctl {
	char name[64], value[32];
};

struct replay {
	char name[64];	  /* of the case */
	char ticket[256]; /* as the user named the log */
	uint64_t line, memcg_line,
		limit_line; /* of the report, of its cgroups and limit; 0: none */
	char release[80], victim[OOM_COMM_LEN];
	int64_t victim_pid; /* of who is expected to die: by the ticket or, with a change, the model */
	int64_t home_pid; /* of the ticket's victim, whose cgroup the log tells */
	enum oom_kind kind;
	enum replay_end end;
	char panic[64];
	bool is_remedy; /* with --set */
	bool allocating_task, group;
	bool alone;		     /* nothing is known of the tasks: one hog */
	int64_t domain_kb, limit_kb; /* limit: of the memcg in the ticket; <= 0: not known */
	int64_t usage, swap_used;    /* in the ticket: replay_usage(), replay_swap_used() */
	char oom_memcg[REPLAY_PATH_LEN], task_memcg[REPLAY_PATH_LEN]; /* there; "": not told */
	struct replay_role roles[REPLAY_ROLES]; /* most points first, immune ones last */
	size_t nr_roles;
	size_t top;	    /* index of the role the kernel should choose */
	size_t trigger;	    /* of the one that grows: the top, or the task of grower_pid */
	int64_t grower_pid; /* 0: the top */
	int64_t held;	    /* share of what nobody owns */
	int64_t small;	    /* and of tasks that have no part */
	size_t nr_small;
	int64_t small_kb;
	/* cgroups: the one that ran out, the victim's, the others', the one that is killed whole; "" */
	char box[REPLAY_PATH_LEN], home[REPLAY_PATH_LEN], others[REPLAY_PATH_LEN];
	char killed_whole[REPLAY_PATH_LEN];
	unsigned int nr_nodes, nr_in_mask; /* 1, 0: NUMA plays no part */
	char nodes[32];			   /* of the policy or cpuset */
	int64_t swap_percent;		   /* of RAM, limit or nodes; 0: there is none here */
	int64_t limit_percent;		   /* of the ticket's limit; 100 if not raised */
	struct replay_sysctl sysctls[REPLAY_SYSCTLS];
	size_t nr_sysctls;
	char assumptions[REPLAY_ASSUMPTIONS][200];
	size_t nr_assumptions;
	size_t old_rules; /* the assumption, from 1, that its kernel chose by other rules; 0: it did not */
};

/* One --set. */
struct replay_change {
	enum { CHANGE_ADJ, CHANGE_LIMIT, CHANGE_SYSCTL } kind;
	const char *text; /* as it was given */
	char name[64];	  /* of the task (comm, pid, or worker of the ticket's case) or sysctl */
	char value[32];
	char sign; /* limit: '+', '-' or 0 */
	uint64_t bytes;
};

struct replay_order {
	const char *ticket, *name; /* name NULL: made from the victim */
	const struct replay_change *changes;
	size_t nr_changes;
	const struct replay *before; /* the same report without changes; NULL if there are none */
};

/*
 * 0; -EOPNOTSUPP with the reason: this log does not tell enough, or tells of what no guest here can do;
 * -EINVAL: a change names nobody, or makes no sense here; -ENOMEM.
 */
int replay_make(const struct oom_report *r, const struct replay_order *o, struct replay *ret,
		struct fail *f);
/* "adj:java=-500", "limit:+512M", "sysctl:vm.panic_on_oom=1". 0, or -EINVAL with f. */
int replay_change_parse(const char *text, struct replay_change *ret, struct fail *f);
/* replay_write.c: the case file. */
void replay_write(const struct replay *p, FILE *out);
/* replay_expect.c: "CONSTRAINT_MEMCG"; "" of a kind that is not known. */
const char *replay_constraint(enum oom_kind kind);
/* replay_place.c: of a memcg's limit, and of the swap there was; OOM_ABSENT if the log does not tell. */
int64_t replay_usage(const struct oom_report *r);
int64_t replay_swap_used(const struct oom_report *r);

#endif
