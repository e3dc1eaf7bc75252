/* SPDX-License-Identifier: MIT */
/*
 * The player's insides: everything one play needs, in one block that exists before the mark,
 * because between mark and collect nothing may be allocated.
 */
#ifndef OOM_HARNESS_STAGE_H
#define OOM_HARNESS_STAGE_H

#include "harness/player.h"
#include "lib/kmsg.h"
#include "lib/memcg.h"
#include "lib/proc.h"

#include <limits.h>

#define STAGE_WORKERS_MAX 128
#define STAGE_CGROUPS_MAX 64
#define STAGE_SYSCTLS_MAX 160 /* of a case, and of --sysctl */
#define STAGE_SYSFS_MAX	  16
#define STAGE_TIDS_MAX	  64 /* of one worker */
#define STAGE_FILES	  3  /* counter files a cgroup has: see counters.c */

struct stage_worker {
	const struct plan_worker *plan;
	struct proc proc;
	int words;	/* read end of its fd 3; -1 when closed */
	char said[256]; /* a word that is not whole yet */
	size_t nr_said;
	bool started, ready, dead;
	bool in_log;		    /* a kill line of the kernel names its pid */
	bool signalled;		    /* we sent it a SIGKILL */
	bool roused;		    /* we sent it another signal: it may not be done yet */
	pid_t tids[STAGE_TIDS_MAX]; /* threads that a kill line may name instead of its pid */
	size_t nr_tids;
};

#define STAGE_EVENTS_MAX 8

struct stage_event { /* an eventfd, and whose */
	const char *cgroup;
	int fd;
};

struct watch_look {	      /* what the loop looks at beside log, words and deaths */
	bool patient;	      /* wait on though no worker is busy */
	int fd;		      /* -1: none */
	short events;	      /* of fd, as poll(2) has them */
	unsigned int tick_ms; /* look again after so long; 0: only when something happens */
};

struct stage_child { /* of a worker, which told of it */
	struct stage_worker *parent;
	unsigned int number;
	char name[CASE_TASK_LEN];
	struct proc proc; /* pidfd -1: it is gone */
	bool dead;	  /* and how it ended is told */
	bool in_log;
};

#define TIMELINE_CGROUPS_MAX 32 /* more are not sampled */
#define TIMELINE_WORKERS_MAX 32
#define TIMELINE_FILES_MAX   5 /* of one subject */
#define TIMELINE_COLUMNS_MAX 700

enum timeline_kind {
	TIMELINE_MACHINE,
	TIMELINE_CGROUP,
	TIMELINE_WORKER,
	TIMELINE_NODE,
	TIMELINE_KINDS
};

struct timeline_subject { /* what is sampled */
	enum timeline_kind kind;
	const char *name;
	int id; /* a worker's pid, a node's number */
	int fds[TIMELINE_FILES_MAX];
	size_t column; /* its first */
};

struct timeline {
	uint64_t interval_us; /* 0: off */
	uint64_t due_us, rest_until_us;
	struct timeline_subject
		subjects[2 + TIMELINE_CGROUPS_MAX + TIMELINE_WORKERS_MAX + MACHINE_NODES_MAX];
	size_t nr_subjects, nr_columns;
	int64_t now[TIMELINE_COLUMNS_MAX], told[TIMELINE_COLUMNS_MAX]; /* OOM_ABSENT: none */
};

struct stage {
	struct player *player;
	const struct plan *plan;
	uint64_t start_us;
	/* scene */
	struct cgroup_mounts mounts;
	struct memcg_root cg;
	bool cg_told, cg_made, wants_cpuset;
	int counter_fds[STAGE_CGROUPS_MAX + 1][STAGE_FILES];
	char old_sysctls[STAGE_SYSCTLS_MAX][256];
	size_t nr_sysctls_set;
	char old_sysfs[STAGE_SYSFS_MAX][256];
	size_t nr_sysfs_set;
	struct cgroup_mounts mounts_before; /* if mount_set */
	bool mount_set;
	/* log */
	struct kmsg kmsg;
	struct kmsg_record record;
	uint64_t nr_lost_told;
	bool log_open;
	int64_t log_offset_us; /* of CLOCK_MONOTONIC against the log's clock */
	uint64_t last_kill_us; /* CLOCK_MONOTONIC of the latest kill line; 0: none */
	unsigned int nr_kill_lines;
	/* crew */
	struct stage_worker workers[STAGE_WORKERS_MAX];
	size_t nr_workers;
	struct stage_child children[CASE_CHILDREN_MAX];
	size_t nr_children;
	bool kernel_owes_us; /* something asynchronous was asked of the kernel (sysrq) */
	bool went_wrong;     /* a step failed or timed out: the rest is not played */
	/* steps */
	struct watch_look look;
	struct timeline timeline;
	struct stage_event events[STAGE_EVENTS_MAX];
	size_t nr_events;
	char why[256];	  /* why a step failed, where its errno does not say */
	char text[16384]; /* a kernel file */
	/* output */
	struct jsonw w;
	char line[60000];
	uint64_t nr_lines; /* each bears its number, so that one lost on the way is missed */
	int sink_err;
};

/* --- emit.c: one evidence line. emit_begin(), jsonw calls on &s->w, emit_end(). */
void emit_begin(struct stage *s, const char *type);
void emit_end(struct stage *s);
void emit_text(struct stage *s, const char *type, const char *key, const char *fmt, ...)
	__printf(4, 5);

/* --- scene.c */
int scene_build(struct stage *s); /* sysctls, cgroups, knobs; says "broken" itself */
int scene_set_knob(struct stage *s, const char *path, const struct case_setting *set);
void scene_restore(struct stage *s); /* says "left" for what it could not undo */
/* Says "broken", what it is that failed and why; returns err. */
int scene_broken(struct stage *s, int err, const char *what, const char *name);

/* --- scene_vm.c: what only a VM's scene has; called by the two above */
int scene_vm_build(struct stage *s);
void scene_vm_restore(struct stage *s);

/* --- counters.c */
int counters_open(struct stage *s); /* -errno said as "broken" */
void counters_emit(struct stage *s, const char *when);
void counters_emit_cgroup(struct stage *s, const char *when, const char *cgroup);
void counters_forget(struct stage *s, const char *cgroup); /* it is gone: not read any more */
void counters_close(struct stage *s);

/* --- timeline.c */
void timeline_open(struct stage *s); /* what is there before the workers; says which columns */
void timeline_worker(struct stage *s, const char *name, pid_t pid);
void timeline_moment(struct stage *s);	     /* a sample now, unless the last one cost too much */
void timeline_last(struct stage *s);	     /* one in any case: what memory came back */
int timeline_wait_ms(const struct stage *s); /* until the next is due; INT_MAX: never */
void timeline_close(struct stage *s);

/* What teardown may wait for, at least so long: a slow or busy machine's plan has long deadlines. */
static inline uint64_t stage_teardown_ms(const struct stage *s, uint64_t least_ms)
{
	return max(least_ms, s->plan->timeout_ms / 4);
}

/* --- crew.c */
int crew_start(struct stage *s, const char *name); /* spawn; -errno said as "broken" */
struct stage_worker *crew_find(struct stage *s, const char *name);
void crew_hear(struct stage *s, struct stage_worker *w); /* its fd 3 has something to say */
void crew_reap(struct stage *s, struct stage_worker *w); /* its pidfd says it is gone */
void crew_signal(struct stage *s, struct stage_worker *w, int signal, const char *why);
bool crew_busy(const struct stage *s);		/* someone still fills, or is dying */
unsigned int crew_kills(const struct stage *s); /* workers named by a kill line and gone */
void crew_alive_emit(struct stage *s);
void crew_end(struct stage *s); /* SIGKILLs and reaps who is left */

/* --- crew_children.c */
pid_t crew_pid(struct stage *s, const char *name); /* NAME or NAME/N; -1: not known (yet) */
void crew_child_new(struct stage *s, struct stage_worker *parent, unsigned int n, pid_t pid);
void crew_child_gone(struct stage *s, struct stage_worker *parent, unsigned int n, int code,
		     int signal);
void crew_tid_new(struct stage *s, struct stage_worker *w, pid_t tid);
bool crew_is_dead(struct stage *s, const char *task); /* "hog", "hog/1" */
/* Waits, until the plan's timeout, for those whose parent is dead and whom that kills. */
void crew_children_settle(struct stage *s);
void crew_children_named(struct stage *s, pid_t pid); /* a kill line names it: a child, a tid */
void crew_children_reap(struct stage *s);	      /* those that are gone, their parents first */
bool crew_children_busy(const struct stage *s);
unsigned int crew_children_kills(const struct stage *s);
void crew_children_alive_emit(struct stage *s);
void crew_children_kill(struct stage *s);
void crew_children_end(struct stage *s, uint64_t deadline_us);

/* --- watch.c */
/* Reads what the kernel log has by now. 0 or -errno. */
int watch_log(struct stage *s);
/*
 * Handles kernel log, words and deaths until done() holds. 0; -ETIMEDOUT at the deadline; -ENODATA:
 * it cannot come true any more (nobody is busy); -ECANCELED: we were asked to stop; -errno.
 */
int watch_until(struct stage *s, bool (*done)(struct stage *s, const void *arg), const void *arg,
		uint64_t timeout_ms);
/* Writes a line into the kernel log and reads up to it. */
int watch_mark(struct stage *s, const char *what, uint64_t *seq);
/* Asks the player to stop; safe in a signal handler. */
void watch_stop(void);

/* --- steps.c */
void steps_play(struct stage *s);
void steps_close(struct stage *s); /* what they left open */
uint64_t steps_timeout(const struct stage *s, const struct case_step *step); /* in ms */

/* --- steps_file.c: one step each; 0 or -errno, where -ECHILD is a death in between. */
int step_read_file(struct stage *s, const struct case_step *step);
int step_write_file(struct stage *s, const struct case_step *step);
int step_set_knob(struct stage *s, const struct case_step *step);
int step_wait_file(struct stage *s, const struct case_step *step);
int step_wait_quiet(struct stage *s, const struct case_step *step);
int step_wait_event(struct stage *s, const struct case_step *step);
int step_eventfd(struct stage *s, const struct case_step *step);
int step_signal(struct stage *s, const struct case_step *step);
int step_move(struct stage *s, const struct case_step *step);
int step_remove(struct stage *s, const struct case_step *step);
/* Any wait, and its figure if it shall give one. */
int step_measured(struct stage *s, const struct case_step *step,
		  int (*wait)(struct stage *s, const struct case_step *step));

#endif
