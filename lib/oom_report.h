/* SPDX-License-Identifier: MIT */
/*
 * One OOM as the kernel log tells it (mm/oom_kill.c dump_header() and oom_kill_process(), 2.6.32 to
 * 7.2). Pure: lines in, reports out. "Not in the log" is distinct from 0: numbers are OOM_ABSENT,
 * strings are "" with the has_ flag or NULL pointer where an empty value can be printed.
 */
#ifndef OOM_LIB_OOM_REPORT_H
#define OOM_LIB_OOM_REPORT_H

#include "lib/base.h"

#define OOM_ABSENT   INT64_MIN
#define OOM_COMM_LEN 32 /* TASK_COMM_LEN is 16; damaged logs hold longer ones */

enum oom_kind {
	OOM_KIND_UNKNOWN,
	OOM_KIND_GLOBAL,
	OOM_KIND_MEMCG,
	OOM_KIND_CPUSET,
	OOM_KIND_MEMPOLICY,
	OOM_KIND_SYSRQ
};
enum oom_outcome {
	OOM_OUTCOME_UNKNOWN,
	OOM_OUTCOME_KILLED,
	OOM_OUTCOME_NO_KILLABLE,
	OOM_OUTCOME_PANIC
};

/* A "Killed process" line. Sizes in kB. */
struct oom_victim {
	int64_t pid, uid;
	char comm[OOM_COMM_LEN];
	int64_t total_vm_kb, anon_rss_kb, file_rss_kb, shmem_rss_kb, pgtables_kb, oom_score_adj;
	bool group_kill; /* killed after "Tasks in ... are going to be killed" */
	bool reaped;	 /* an oom_reaper line names this pid */
	uint64_t line;	 /* 1-based line (or the feeder's own number) of the kill line */
};

/* A row of the task dump; which columns there were, the header says. Pages but for _bytes. */
struct oom_task {
	int64_t pid, uid, tgid;
	int64_t total_vm_pages, rss_pages, rss_anon_pages, rss_file_pages, rss_shmem_pages;
	int64_t pgtables_bytes; /* or OOM_ABSENT: then nr_ptes/nr_pmds pages below */
	int64_t nr_ptes, nr_pmds;
	int64_t swapents_pages;
	int64_t oom_score_adj; /* in 2.6-style tables: oom_adj, see oom_report.legacy_oom_adj */
	char comm[OOM_COMM_LEN];
	uint64_t line; /* of this row */
};

struct oom_usage { /* "memory: usage 81920kB, limit 81920kB, failcnt 30" */
	int64_t usage_kb, limit_kb, failcnt;
	uint64_t line;
};

struct oom_zone {
	int node; /* -1: a kernel without NUMA names none */
	char name[16];
	int64_t free_kb, min_kb, low_kb, high_kb, present_kb, managed_kb;
};

/*
 * What memory is used for, in kB: the Mem-Info of a global OOM, or the memcg's stats. Not all are
 * disjoint (anon holds no shmem, file does).
 */
struct oom_stats {
	int64_t anon_kb, file_kb, shmem_kb, unevictable_kb, slab_reclaimable_kb;
	int64_t slab_unreclaimable_kb, slab_kb, kernel_kb, kernel_stack_kb, pagetables_kb;
	int64_t percpu_kb, sock_kb, vmalloc_kb, free_kb, free_cma_kb, dirty_kb, writeback_kb;
	int64_t swap_kb;
};

struct oom_report {
	uint64_t line; /* of the report's first line */
	/* invoked-by line; comm "" if it is not in the log */
	char invoker_comm[OOM_COMM_LEN];
	int64_t invoker_pid, invoker_oom_score_adj;
	int64_t invoker_oom_adj; /* < 2.6.39 */
	int64_t gfp_mask, order;
	char gfp_flags[256];
	char release[80]; /* kernel release of the "CPU: ... Comm: ..." line */
	/* what ran out */
	char constraint[32]; /* "CONSTRAINT_MEMCG" as printed, "" if not */
	enum oom_kind kind;
	char *nodemask, *cpuset, *mems_allowed; /* as printed ("(null)" too); NULL if not */
	/* <= 4.20: "X cpuset=/ mems_allowed=0", a line of its own; not what the summary line says
	 */
	char *invoker_cpuset, *invoker_mems_allowed;
	char *oom_memcg, *task_memcg;
	int64_t summary_pid, summary_uid; /* "oom-kill:...,task=,pid=,uid=" */
	char summary_comm[OOM_COMM_LEN];
	uint64_t summary_line; /* of it, or of "Task in X killed" (<= 4.20); 0: neither */
	bool summary_whole;    /* that line ends with its uid */
	struct oom_usage memory, swap, memsw, kmem;
	struct oom_stats stats;
	bool seen_mem_info, seen_stack_memcg, seen_stack_alloc, seen_stack_fault, seen_sysrq,
		seen_memcg_kill, seen_global_kill;
	int64_t page_kb; /* told by the log's own numbers, else OOM_ABSENT */
	/* Mem-Info */
	int64_t pages_ram, pages_reserved, pages_highmem, swap_total_kb, swap_free_kb;
	int64_t hugetlb_total_kb, hugetlb_free_kb; /* over all nodes and sizes */
	struct oom_zone *zones;
	size_t nr_zones;
	/* task dump */
	struct oom_task *tasks;
	size_t nr_tasks;
	bool has_task_table; /* the header line was there: 0 rows is then a fact */
	bool legacy_oom_adj; /* the adj column is oom_adj (-17..15) */
	bool has_nr_ptes, has_pgtables_bytes, has_rss_split; /* columns of the header line */
	/* the end of it */
	int64_t chosen_pid,
		chosen_score; /* <= 5.0 "Kill process N (x) score S or sacrifice child" */
	char chosen_comm[OOM_COMM_LEN];
	bool allocating_task;		    /* "(oom_kill_allocating_task)" */
	bool wide_kill_line, uid_kill_line; /* it has pgtables and oom_score_adj; a UID behind */
	struct oom_victim *victims;
	size_t nr_victims;
	int64_t victim_row; /* pid of the first victim's row, if the dump has it */
	char *group_memcg;  /* "Tasks in X are going to be killed due to memory.oom.group set" */
	enum oom_outcome outcome;
	char *panic;   /* the panic's words, NULL if none */
	bool headless; /* a kill without a report: rate-limited, cut, or filtered away */
	bool complete; /* task table and kill line (or panic, or no-killable line) are there */
};

/*
 * Feed lines in the order of the log; a report is handed to `done` when it ends (the next one of
 * its CPU begins, or oom_parser_finish()). The callee may keep nothing but copies. Memory use is
 * bounded by the reports that are open at once, not by the log.
 */
struct oom_parser;
typedef void (*oom_done_fn)(void *ctx, const struct oom_report *report);

struct oom_parser *oom_parser_new(oom_done_fn done, void *ctx); /* NULL: no memory */
/* One line without its newline, with whatever transport prefix it has. 0 or -ENOMEM. */
int oom_parser_line(struct oom_parser *p, const char *line, size_t len, uint64_t line_number);
int oom_parser_finish(struct oom_parser *p);
void oom_parser_free(struct oom_parser *p);

/* A deep copy that outlives the callback, and its end. */
struct oom_report *oom_report_dup(const struct oom_report *r);
void oom_report_free(struct oom_report *r);

/*
 * Must every line be fed now? If not, a feeder may skip to the line before the one that holds the
 * next candidate: oom_scan() gives its offset in buf, or len. Much of a big log is no OOM.
 */
bool oom_parser_wants_all(const struct oom_parser *p);
size_t oom_scan(const char *buf, size_t len);
size_t oom_count_lines(const char *buf, size_t len); /* newlines */

/* The row of the dump with this pid, NULL. */
const struct oom_task *oom_report_task(const struct oom_report *r, int64_t pid);

/* "global", "killed", ...; NULL for OOM_OUTCOME_UNKNOWN. */
const char *oom_kind_name(enum oom_kind k);
const char *oom_outcome_name(enum oom_outcome o);

#endif
