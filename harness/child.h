/* SPDX-License-Identifier: MIT */
/* Other programs, run by argument vector (never through a shell) and waited for with a deadline. */
#ifndef OOM_HARNESS_CHILD_H
#define OOM_HARNESS_CHILD_H

#include "lib/base.h"
#include "lib/fail.h"

struct child_run {
	const char *const *argv; /* argv[0] is looked up in PATH */
	const char *cwd;	 /* NULL: ours */
	const char *log; /* its stderr (and stdout without `out`) are appended here; NULL: lost */
	char **out;	 /* NULL, or gets its stdout, malloc'd and NUL-terminated */
	int deadline_ms;
};

/* Runs to the end. 0 and *status as waitpid(2) gives it, -ETIMEDOUT (it was killed), or -errno. */
int child_run(const struct child_run *r, int *status, struct fail *f);
/* Reaps `pid` if it ends within deadline_ms. 0, -ETIMEDOUT, -errno. */
int child_wait(pid_t pid, int deadline_ms, int *status);
/* Milliseconds of CLOCK_MONOTONIC. */
int64_t now_ms(void);
/* Finds a program in $PATH: 0 or -ENOENT. */
int child_which(const char *name, char *buf, size_t len);

#endif
