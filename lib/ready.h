/* SPDX-License-Identifier: MIT */
/*
 * What a workload says on the fd of --ready-fd, and how it exits: the contract of oomhog and whoever
 * starts it. One of the first two, once:
 *
 *   figure rss_after_free_bytes 41943040                    what it measured, before the last word
 *   ready 83886080                                          all of it is resident
 *   failed enomem 81788928 ENOMEM Cannot allocate memory    why it is about to exit, how far it got
 *
 * A kind of more than one task tells before that which they are, and later how a child ended that it
 * has reaped:
 *
 *   child 1 4712                                            its first child's pid
 *   tid 4713                                                a thread that lives on without its leader
 *   gone 1 -1 9                                             exit status or -1, signal or 0
 */
#ifndef OOM_LIB_READY_H
#define OOM_LIB_READY_H

#include "lib/base.h"

#define READY_LINE_MAX	   512
#define READY_CHILDREN_MAX 64

enum ready_what {
	READY_YES,
	READY_ENOMEM, /* the memory could not be had */
	READY_POLICY, /* --mempolicy did not take */
	READY_ADJ,    /* --oom-score-adj did not take */
	READY_CGROUP, /* --cgroup could not be joined */
	READY_FILE,   /* a file (or file system) it needs */
	READY_THP,    /* --thp, and the kernel has none */
	READY_USAGE,  /* bad command line */
	/* of tasks */
	READY_CHILD,
	READY_TID,
	READY_GONE,
};

enum ready_exit {
	READY_EXIT_DONE = 0,
	READY_EXIT_USAGE = 2,
	READY_EXIT_ENOMEM = 3,
	READY_EXIT_REFUSED = 4, /* policy, adj, cgroup, file, thp */
};

struct ready_word {
	enum ready_what what;
	uint64_t bytes;		   /* resident */
	unsigned int child;	   /* of READY_CHILD and READY_GONE, from 1 */
	pid_t pid;		   /* of READY_CHILD and READY_TID */
	int code, signal;	   /* of READY_GONE: 0..255 and 0, or -1 and 1..127 */
	char errno_name[24];	   /* "ENOMEM"; "" for READY_YES, "-" where there is no errno */
	char text[READY_LINE_MAX]; /* "" for READY_YES */
};

const char *ready_what_name(enum ready_what what); /* "ready" "enomem" "policy" ... */
enum ready_exit ready_exit_of(enum ready_what what);

/* The line with its newline into buf; returns its length. Allocates nothing. */
size_t ready_format(char *buf, size_t len, enum ready_what what, uint64_t bytes, int err,
		    const char *text);
/* A figure's line: the name is a-z, 0-9 and '_', 39 bytes at most. */
#define READY_FIGURE_LEN 40
size_t ready_format_figure(char *buf, size_t len, const char *name, uint64_t value);
int ready_parse_figure(const char *line, char name[READY_FIGURE_LEN], uint64_t *value);
/* The same for a word of tasks. */
size_t ready_format_task(char *buf, size_t len, const struct ready_word *w);
/* One line, with or without newline. 0 or -EBADMSG. */
int ready_parse(const char *line, struct ready_word *ret);

#endif
