/* SPDX-License-Identifier: MIT */
/*
 * A ticket beside what happened when it was played: on each kernel and cgroup version, as it was and with the
 * remedy of --set. Names are those of the case, so that both sides compare; numbers are shares of what ran
 * out, as in replay.h.
 */
#ifndef OOM_HARNESS_REPLAY_COMPARE_H
#define OOM_HARNESS_REPLAY_COMPARE_H

#include "harness/replay.h"
#include "harness/report.h"
#include "harness/run_args.h"

#define REPLAY_TOP 5 /* shown */

struct replay_rank {
	char name[OOM_COMM_LEN];
	int64_t points; /* oom_score_adj in it */
	int adj;
};

/* "" or OOM_ABSENT: not told. Zeroed it tells nothing but of a usage and a swap of 0. */
struct replay_facts {
	const char *ended; /* "killed" "panic" "nobody to kill" "no OOM"; NULL: it is not known */
	char victims[REPLAY_ROLES][OOM_COMM_LEN];
	size_t nr_victims; /* may be more than those */
	char constraint[32], oom_memcg[REPLAY_PATH_LEN], task_memcg[REPLAY_PATH_LEN];
	int64_t usage, swap;
	struct replay_rank top[REPLAY_ROLES]; /* most points first */
	size_t nr_top;
};

enum replay_row {
	REPLAY_ROW_ENDED,
	REPLAY_ROW_VICTIM,
	REPLAY_ROW_CONSTRAINT,
	REPLAY_ROW_OOM_MEMCG,
	REPLAY_ROW_TASK_MEMCG,
	REPLAY_ROW_USAGE,
	REPLAY_ROW_SWAP,
	REPLAY_ROW_TOP, /* REPLAY_TOP of them */
	REPLAY_ROWS = REPLAY_ROW_TOP + REPLAY_TOP
};

/* Of all repeats on one kernel and cgroup version. */
struct replay_play {
	char kernel[128], release[80];
	enum cgroup_version cgroup;
	bool is_remedy;
	enum verdict verdict;
	char reason[600];
	char failed[160]; /* its checks: "victims, rank" */
	unsigned int nr, nr_passed, nr_judged;
	struct replay_facts facts; /* of the first that did not pass, else of the first */
};

struct replay_compare {
	const struct replay *replays;	     /* the ticket; with a remedy a second one */
	const struct replay_change *changes; /* the remedy */
	size_t nr_changes;
	struct replay_play *plays;
	size_t nr_plays;
	int err; /* -ENOMEM: one is missing */
};

/*
 * replay_compare_run.c: `oomlab run` of `a`, then the comparison on standard output (on standard error where
 * a document of --format has that; with `json` the run's own lines go there). The exit status.
 */
int replay_compare_run(struct replay_compare *c, struct run_args *a, bool json);
/* For run_args.on_result; ctx is a struct replay_compare. Reads the evidence that was kept. */
void replay_compare_result(void *ctx, const struct case_result *res);
/* By kernel, before and after side by side. */
void replay_compare_sort(struct replay_compare *c);
/* How many plays of the ticket (or of the remedy) were judged: what was skipped reproduces nothing. */
size_t replay_compare_judged(const struct replay_compare *c, bool remedy);
void replay_compare_free(struct replay_compare *c);

void replay_facts_of_ticket(const struct replay *p, struct replay_facts *ret);
/* `p`: the ticket, whose roles give victims their order. 0 or -ENOMEM. */
int replay_facts_of_evidence(const struct replay *p, const struct evidence *e,
			     struct replay_facts *ret);
/*
 * A bit a row (enum replay_row). What the log does not tell differs from nothing; where nothing was played or
 * no OOM came, only how it ended does. Shares may be off by what a guest's own pages and rounding make:
 * 1 percent of a limit, 5 of swap and of points. Tasks that are no further apart may change places.
 */
unsigned int replay_differs(const struct replay_facts *ticket, const struct replay_facts *here);

/* replay_compare_text.c: the table. 0 or -ENOMEM. */
int replay_compare_text(const struct replay_compare *c, bool colour, FILE *out);
/* replay_compare_json.c: the same as one document. 0 or -errno. */
int replay_compare_json(const struct replay_compare *c, FILE *out);

#endif
