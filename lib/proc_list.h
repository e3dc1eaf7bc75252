/* SPDX-License-Identifier: MIT */
/*
 * The processes of /proc as the OOM killer looks at them, below an fs_root_open() fd: a process
 * that is gone or going is left out.
 */
#ifndef OOM_LIB_PROC_LIST_H
#define OOM_LIB_PROC_LIST_H

#include "lib/proc.h"

/* Whom oom_unkillable_task() and find_lock_task_mm() leave out, whatever their oom_score_adj. */
enum proc_kind { PROC_USER, PROC_INIT, PROC_KERNEL_THREAD, PROC_ZOMBIE };

struct proc_info {
	pid_t pid;
	char comm[16]; /* raw bytes: anything but NUL may be in it; of workqueues the head */
	struct proc_memory memory; /* 0 unless PROC_USER or PROC_INIT */
	int oom_score_adj;
	bool root; /* its effective uid is 0 */
	enum proc_kind kind;
};

/* 0, -ENOENT or -ESRCH if it is gone, -EBADMSG, -errno. */
int proc_info_read(int root, pid_t pid, struct proc_info *ret);
/* All there are, by pid; or those of pids[]. To be freed. 0 or -errno. */
int proc_list_all(int root, struct proc_info **ret, size_t *nr);
int proc_list_of(int root, const pid_t *pids, size_t nr_pids, struct proc_info **ret, size_t *nr);
/* Is our PID namespace the first one? In another, pid 1 is no init to the OOM killer. */
bool proc_is_first_namespace(int root);

#endif
