/* SPDX-License-Identifier: MIT */
/*
 * Processes: spawned straight into a cgroup, watched by pidfd, waited for with a deadline.
 */
#ifndef OOM_LIB_PROC_H
#define OOM_LIB_PROC_H

#include "lib/base.h"

struct proc {
	pid_t pid;
	int pidfd;
};

enum spawn_stage {
	SPAWN_OK,
	SPAWN_FORK,
	SPAWN_CGROUP,
	SPAWN_ADJ,
	SPAWN_NICE,
	SPAWN_USER,
	SPAWN_FD,
	SPAWN_EXEC
};

struct spawn {
	const char *file; /* program */
	char *const *argv;
	int cgroup_dir;	  /* v2 directory for CLONE_INTO_CGROUP (5.7), -1: none */
	const int *procs; /* cgroup.procs fds to join before exec, where clone3 did not do it */
	int nr_procs;
	int oom_score_adj; /* set in the child before exec, and read back */
	int nice;	   /* -20..19, set before exec; 0: as ours */
	unsigned int uid;  /* and gid, no other groups, set before exec; 0: as ours */
	int fd3;	   /* becomes the child's fd 3; -1: none */
	int output;	   /* becomes the child's stdout and stderr; -1: as ours */
};

/*
 * Spawns; the child dies with its parent, leads its own process group, has no signal blocked. 0, or
 * -errno with the stage at which it failed.
 */
int proc_spawn(const struct spawn *s, struct proc *ret, enum spawn_stage *stage);
const char *spawn_stage_name(enum spawn_stage stage);

/* pidfd_open(2) 5.3, pidfd_send_signal(2) 5.1. An fd, or 0, or -errno. */
int proc_pidfd_open(pid_t pid);
int proc_pidfd_signal(int pidfd, int signal);
/* Until the process (a child or not) is gone; 0, or -ETIMEDOUT at the deadline. */
int proc_pidfd_wait_gone(int pidfd, uint64_t deadline_us);

/*
 * Reaps a child of ours that is gone: *code 0..255 and *signal 0, or *code -1 and *signal its
 * signal. -EAGAIN: it still runs.
 */
int proc_reap(pid_t pid, int *code, int *signal);

/* CLOCK_MONOTONIC. */
uint64_t proc_now_us(void);

/* /proc/PID/oom_score_adj, -1000..1000; pid 0 is the caller. 0 or -errno. */
int proc_oom_score_adj_set(pid_t pid, int adj);
int proc_oom_score_adj_get(pid_t pid, int *ret);

/* VmRSS, VmSwap, VmPTE of /proc/PID/status, in kB. Pure part below. 0 or -errno. */
struct proc_memory {
	uint64_t rss_kb, swap_kb, pgtables_kb;
};
int proc_memory_read(pid_t pid, struct proc_memory *ret);
int proc_memory_parse(const char *status, struct proc_memory *ret);

#endif
