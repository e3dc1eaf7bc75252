/* SPDX-License-Identifier: MIT */
/* QEMU's machine protocol over a socket we inherited to it: one JSON object a line, events between.
 */
#ifndef OOM_HARNESS_QMP_H
#define OOM_HARNESS_QMP_H

#include "lib/base.h"

struct qmp {
	int fd;
	unsigned int last_id;
	bool gone;	     /* QEMU closed its end */
	char shutdown[40];   /* reason of the SHUTDOWN event: "guest-reset"; "" before one */
	bool guest_panicked; /* GUEST_PANICKED, of a guest with pvpanic */
	char migration[24];  /* last status of the MIGRATION event: "completed" */
	char error[240];     /* why QEMU said no, the last time it did */
	size_t have;
	char buf[65536];
};

/* Greeting and capabilities. 0, -ETIMEDOUT, -EPIPE, -EPROTO, -errno. Owns no fd. */
int qmp_open(struct qmp *q, int fd, int deadline_ms);
/*
 * Runs a command without arguments ("quit", "inject-nmi"), or a line of the human monitor if `hmp`
 * ("info registers"), whose text goes to *text (malloc'd; may be NULL). 0, -EIO when QEMU says no.
 */
int qmp_command(struct qmp *q, const char *command, bool hmp, int deadline_ms, char **text);
/* Runs a command with arguments, a JSON object as text. */
int qmp_execute(struct qmp *q, const char *command, const char *arguments, int deadline_ms,
		char **text);
/* Waits until a migration, out or in, has ended well: 0, -EIO, -ETIMEDOUT, -errno. Needs "events". */
int qmp_wait_migration(struct qmp *q, int deadline_ms);
/* Takes in the events that are there, without waiting. */
void qmp_drain(struct qmp *q);
/* Pure: one line. Fills what an event says; returns 1 for a reply to `id`, -EIO for its error, else
 * 0. */
int qmp_take(struct qmp *q, const char *line, size_t len, unsigned int id, char **text);

#endif
