/* SPDX-License-Identifier: MIT */
/*
 * What was collected for one case, as JSON Lines (evidence.jsonl), written by the player as things
 * happen and read here. One record a line; "t" is its type, "us" CLOCK_MONOTONIC of the machine
 * that played, in microseconds. Judging reads nothing else.
 *
 *   {"t":"plan","plan":{...}}            first; written by the host
 *   {"t":"machine",...}                  facts, as harness/machine.h writes them
 *   {"t":"root","path":"/oomlab-x"}      our cgroup root as the kernel log prints it
 *   {"t":"mark","seq":812,"log_offset_us":-8327}      our line in /dev/kmsg; "usec" of a record of
 *       the log and this are its time on the clock of "us"
 *   {"t":"timeline","interval_us":50000,"machine":["some_us",..],"machines":[""],
 *    "cgroup":["current_kb",..],"cgroups":["","box"],"worker":["rss_kb",..],"workers":["hog"],
 *    "node":["free_kb",..],"nodes":["0"]}                     before the first sample
 *       which columns samples have: those of each machine, cgroup, worker and node in turn, numbered
 *       from 0. _kb: as it is; _us: time lost to memory pressure so far (PSI total); others are
 *       counters or the kernel's oom_score. At most 32 cgroups below our root, and 32 workers
 *   {"t":"sample","us":1,"set":[0,17,5,null]}   columns that changed since the last one, and to what
 *       (all begin at 0): 0 to 17, 5 to none (it is gone, or this kernel has none). Where nothing
 *       changed there is no sample, and one is rather left out than that something waits for it
 *   {"t":"counters","when":"before|after","cgroup":"box","file":"memory.events","values":{"oom":0}}
 *       v1: memory.oom_control, memory.failcnt ({"value":n}); v2: memory.events and .local;
 *       cgroup "" is our own root; files "vmstat" and "node0" (MemFree_kb, MemTotal_kb) have none
 *   {"t":"knob","cgroup":"box","file":"memory.max","wrote":"83886080","reads":"83886080"}
 *   {"t":"worker","name":"hog","pid":71,"cgroup":"box","oom_score_adj":0}   started, adj read back
 *   {"t":"child","name":"tree","n":1,"pid":72}    a child of a worker: "tree/1" in what follows
 *   {"t":"tid","name":"hog","pid":71,"tid":73}    a thread of it that kill lines may name instead
 *   {"t":"ready","name":"hog","pid":71,"bytes":1,"rss_kb":1,"swap_kb":0,"pgtables_kb":1}
 *   {"t":"failed","name":"hog","pid":71,"what":"enomem","bytes":1,"text":".."}  before it exits
 *   {"t":"step","n":0,"op":"start","result":"ok|timeout|died|error","text":".."}
 *       died: the worker, before it was ready
 *   {"t":"read","n":0,"value":".."}      step n read that, or "errno":"ENOENT"
 *   {"t":"write","n":0}                  step n wrote, or "errno":"EBUSY"
 *   {"t":"figure","name":"freed_us","value":1}   measured: by a wait ("_us"), or told by a worker
 *       ("hog.rss_after_free_bytes")
 *   {"t":"kmsg","seq":813,"usec":1,"level":4,"facility":0,"text":".."}
 *       every record after the mark, of any facility: a gap in seq is a record we did not get
 *   {"t":"lost","records":12}            overwritten before we could read them
 *   {"t":"sent","name":"hog","pid":71,"signal":9,"why":"step|teardown|deadline"}
 *   {"t":"death","name":"hog","pid":71,"code":-1,"signal":9}     code -1 or 0..255
 *   {"t":"alive","name":"b","pid":72}    when all steps are done, before teardown
 *   {"t":"left","what":".."}             could not be undone
 *   {"t":"broken","what":".."}           the player could not go on
 *   {"t":"end","elapsed_us":1,"taint":0} last word of a player that lived
 *   {"t":"host","restored":true,"restore_us":70000,"answer_us":30000,"played_us":400000}
 *       this host's clock: from the order to a guest that runs, to the player's first line, to its last
 *   {"t":"vm","outcome":"running|powered_off|panicked|hung|reset|qemu_refused|qemu_killed",
 *    "text":".."}                        written by the host when the guest is gone
 *   {"t":"console","text":".."}          a console line since the case began, if it panicked
 */
#ifndef OOM_HARNESS_EVIDENCE_H
#define OOM_HARNESS_EVIDENCE_H

#include "harness/machine.h"
#include "harness/plan.h"
#include "lib/oom_report.h"

struct ev_kmsg {
	uint64_t seq, usec;
	unsigned int level, facility;
	char *text;
};

enum death {		 /* how a worker ended, with evidence: harness/evidence.c death_of() */
	     DEATH_NONE, /* alive at the end */
	     DEATH_EXIT,
	     DEATH_SIGNAL,	/* a signal other than SIGKILL */
	     DEATH_OOM,		/* SIGKILL, and a kernel record after our mark names this pid */
	     DEATH_OOM_GROUP,	/* the same, as a member of a group kill */
	     DEATH_OURS,	/* SIGKILL we sent */
	     DEATH_WITH_PARENT, /* SIGKILL of a child that dies with its parent, after that */
	     DEATH_TAKEN_ALONG, /* SIGKILL, and it shares the mm of an OOM-killed task */
	     DEATH_SIGKILL_UNEXPLAINED, /* SIGKILL, no record: BROKEN */
};

struct ev_worker {
	char name[CASE_TASK_LEN]; /* "tree", or "tree/1" for a child */
	bool is_child;
	size_t parent; /* its index, if it is a child */
	char cgroup[CASE_PATH_LEN];
	int64_t pid;
	int oom_score_adj;
	bool started, ready, alive_at_end, died;
	uint64_t ready_bytes, rss_kb, swap_kb, pgtables_kb;
	bool failed;
	char failed_what[32];
	char failed_text[128];
	int exit_code;		/* -1 unless it exited */
	int signal;		/* 0 unless it was killed */
	bool we_killed_in_step; /* a step's own SIGKILL, before it died */
	bool we_killed_at_end;
	uint64_t death_us;
	enum death death;
};

struct ev_tid {
	int64_t tid;
	size_t worker; /* index */
};

struct ev_counter {
	char when[8];
	char cgroup[CASE_PATH_LEN];
	char file[40];
	char key[40];
	int64_t value;
};

struct ev_step {
	unsigned int n;
	uint64_t us; /* when it was done */
	char op[24], result[16];
	char *text;
};

struct ev_knob {
	char cgroup[CASE_PATH_LEN];
	char file[64], wrote[256], reads[256];
	bool has_reads; /* false: nothing can be read there */
};

struct ev_file { /* a step's word of a kernel file */
	unsigned int n;
	bool wrote, has_value;
	char errno_name[24]; /* "" if it went well */
	char value[256];
};

struct ev_figure {
	char name[80]; /* with its unit: "_us" or "_bytes" */
	uint64_t value;
};

struct ev_sample {
	uint64_t us;
	size_t first, nr; /* of `changes` */
};

struct ev_change {
	size_t column;
	int64_t value; /* OOM_ABSENT: none */
};

struct ev_timeline {
	json_t *head; /* the "timeline" record, its lists checked; NULL: there is none */
	size_t nr_columns;
	struct ev_sample *samples;
	size_t nr_samples;
	struct ev_change *changes;
	size_t nr_changes;
};

enum vm_outcome {
	VM_NONE,
	VM_RUNNING,
	VM_POWERED_OFF,
	VM_PANICKED,
	VM_HUNG,
	VM_RESET,
	VM_QEMU_REFUSED,
	VM_QEMU_KILLED
};

struct evidence {
	struct plan *plan;
	bool has_machine;
	struct machine machine;
	char root[CASE_PATH_LEN]; /* "/oomlab-x" */
	bool has_mark, ended;
	uint64_t mark_seq, mark_us, elapsed_us, taint_after;
	uint64_t first_us, last_us; /* of the player's lines; 0: none bears a number */
	uint64_t steps_us;	    /* all is read that is read before the first step */
	bool restored;		    /* as the host says; 0 below: it did not */
	uint64_t restore_us, answer_us, played_us;
	bool has_log_offset;
	int64_t log_offset_us;		   /* of the clock of "us" against the log's */
	uint64_t lost_records;		   /* told by the player */
	uint64_t next_line, missing_lines; /* the player's lines number themselves: "i", from 0 */
	uint64_t missing_records; /* gaps in seq after the mark: lost between player and here */
	struct ev_worker *workers;
	size_t nr_workers;
	struct ev_tid *tids;
	size_t nr_tids;
	struct ev_counter *counters;
	size_t nr_counters;
	struct ev_step *steps;
	size_t nr_steps;
	struct ev_knob *knobs;
	size_t nr_knobs;
	struct ev_file *files;
	size_t nr_files;
	struct ev_figure *figures;
	size_t nr_figures;
	struct ev_timeline timeline;
	struct ev_kmsg *kmsg;
	size_t nr_kmsg;
	char **broken; /* texts */
	size_t nr_broken;
	char **left;
	size_t nr_left;
	enum vm_outcome vm;
	char *vm_text;
	char *console;
	size_t console_len;
	struct oom_report *
		*reports; /* parsed from kmsg after the mark (or the console, if it panicked) */
	size_t nr_reports;
	bool reports_from_console;
};

/*
 * Reads and parses; deaths are decided, reports parsed. 0, -EBADMSG with file and line in f, or
 * -errno. Record types it does not know are passed over: they are a newer player's.
 */
int evidence_load(const char *file, struct evidence **ret, struct fail *f);
void evidence_free(struct evidence *e);

const struct ev_worker *evidence_worker(const struct evidence *e, const char *name);
/* Also by a tid that was told. */
const struct ev_worker *evidence_worker_by_pid(const struct evidence *e, int64_t pid);
/* 0 and *ret, or -ENOENT. `when` NULL: after minus before. */
int evidence_counter(const struct evidence *e, const char *when, const char *cgroup,
		     const char *file, const char *key, int64_t *ret);
/* A record the kernel wrote after our mark: what counts as its word. */
bool evidence_kmsg_counts(const struct evidence *e, const struct ev_kmsg *k);
const char *death_name(enum death d);
const char *vm_outcome_name(enum vm_outcome o);

#endif
