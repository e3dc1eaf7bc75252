/* SPDX-License-Identifier: MIT */
/*
 * One message of an OOM report, read on its own: no state but the columns of the table it may be a
 * row of. oom_parser.c joins wrapped messages (a better `score` says that two lines are one) and
 * oom_event.c puts records together to reports.
 */
#ifndef OOM_LIB_OOM_RECORD_H
#define OOM_LIB_OOM_RECORD_H

#include "lib/oom_report.h"
#include "lib/oom_text.h"

enum oom_rec_type {
	REC_NONE,
	REC_INVOKED, /* starts a report */
	REC_CPU,     /* "CPU: 1 PID: 212 Comm: x Not tainted 5.10.0" */
	REC_CPUSET,  /* "x cpuset=/ mems_allowed=0" */
	REC_FRAME,   /* a stack frame that tells something */
	REC_SYSRQ,
	REC_TASK_IN,  /* "Task in X killed as a result of limit of Y" */
	REC_USAGE,    /* "memory: usage ..." */
	REC_STATS,    /* "Memory cgroup stats for X:" */
	REC_STAT,     /* "anon 33484800" behind it */
	REC_MEM_INFO, /* "Mem-Info:" */
	REC_COUNTERS, /* "active_anon:218 inactive_anon:202527 isolated_anon:0" */
	REC_ZONE,
	REC_BUDDY,
	REC_HUGETLB,
	REC_SCALAR,	/* "524155 pages RAM", "Total swap = 0kB" */
	REC_ALLOC_FAIL, /* "x: page allocation failure: order:8": its Mem-Info is not ours */
	REC_HEADER,
	REC_ROW,
	REC_SUMMARY, /* "oom-kill:constraint=..." */
	REC_CHOSEN,  /* "Kill process 1 (x) score 2 or sacrifice child" */
	REC_KILLED,
	REC_GROUP,
	REC_REAPED,
	REC_NO_KILLABLE,
	REC_PANIC,
};

#define OOM_COLUMNS_MAX 16

enum oom_column {
	COL_OTHER,
	COL_UID,
	COL_TGID,
	COL_TOTAL_VM,
	COL_RSS,
	COL_RSS_ANON,
	COL_RSS_FILE,
	COL_RSS_SHMEM,
	COL_NR_PTES,
	COL_NR_PMDS,
	COL_PGTABLES,
	COL_SWAPENTS,
	COL_OOM_ADJ,
	COL_OOM_SCORE_ADJ,
};

struct oom_columns { /* between the pid in brackets and the name */
	enum oom_column col[OOM_COLUMNS_MAX];
	size_t n;
	bool cut;	 /* the header's end is not there: more columns may follow */
	char behind[16]; /* what an unknown transport put behind "name", and so behind each row */
};

struct oom_record {
	enum oom_rec_type type;
	int score;   /* fields found: more is more of the message */
	bool whole;  /* nothing can follow */
	bool memcg;  /* KILLED, CHOSEN: "Memory cgroup out of memory" */
	bool global; /* KILLED, CHOSEN: "Out of memory" */
	bool fault;  /* FRAME: of a page fault that found no memory */
	bool allocating_task, wide, uid_behind;
	bool sure;	    /* KILLED: no other program writes such a line; FRAME: of an OOM */
	bool bare;	    /* KILLED: nothing stands before it (2.6.28 to 2.6.35) */
	enum oom_kind kind; /* KILLED, CHOSEN: what "No available memory" names, if it is there */
	char comm[OOM_COMM_LEN];
	char key[16]; /* USAGE: which; ZONE: name; SCALAR: which */
	int64_t pid, uid, adj, oom_adj, gfp_mask, order, value;
	struct slice gfp_flags, nodemask, release, panic;
	struct slice constraint, cpuset, mems_allowed, oom_memcg, task_memcg;
	struct oom_usage usage;
	struct oom_stats stats;
	struct oom_zone zone;
	struct oom_victim victim;
	struct oom_task task;
	struct oom_columns columns;
	int64_t hugetlb_total_kb, hugetlb_free_kb;
};

/* `columns` NULL: no table header was seen, so nothing is a row. */
void oom_record_parse(const char *text, const struct oom_columns *columns, struct oom_record *ret);

/* What the matchers in oom_match_*.c are: `at` is where their anchor is in text. */
typedef void (*oom_match_fn)(const char *text, const char *at, struct oom_record *r);
struct oom_matcher {
	const char *anchor;
	bool at_start; /* the anchor must begin the text */
	oom_match_fn match;
};
extern const struct oom_matcher oom_match_start[], oom_match_memcg[], oom_match_mem_info[],
	oom_match_kill[];

void oom_match_header(const char *text, struct oom_record *r);
void oom_match_row(const char *text, const struct oom_columns *columns, struct oom_record *r);
void oom_stats_clear(struct oom_stats *s);

#endif
