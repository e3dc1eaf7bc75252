/* SPDX-License-Identifier: MIT */
/*
 * The kernel log by /dev/kmsg: records by sequence number, from a mark of our own, with a count of
 * those that were overwritten before we read them. Never clears the log, reads no one's past.
 */
#ifndef OOM_LIB_KMSG_H
#define OOM_LIB_KMSG_H

#include "lib/base.h"

#define KMSG_TEXT_MAX 8192

struct kmsg_record {
	unsigned int level,
		facility; /* a userland write never has facility 0 (printk.c devkmsg_write) */
	uint64_t seq, usec;
	size_t text_len;
	char text[KMSG_TEXT_MAX]; /* \xNN undone; may hold newlines */
};

struct kmsg {
	int fd;
	uint64_t next_seq; /* expected; 0 before the first record */
	uint64_t nr_lost;  /* records overwritten before we read them */
};

/*
 * Pure: one raw record, "4,813,91234567,-;text\n KEY=value\n". 0 or -EBADMSG.
 */
int kmsg_parse(const char *raw, size_t len, struct kmsg_record *ret);

/* Opens `dev/kmsg` below root, positioned behind the newest record. 0 or -errno. */
int kmsg_open(int root, struct kmsg *ret);
void kmsg_close(struct kmsg *k);
/* The next record: 1, 0 if there is none now, -errno. Overwritten ones are counted and passed over.
 */
int kmsg_next(struct kmsg *k, struct kmsg_record *ret);
/*
 * Writes `text` into the log and reads up to it, handing what came before to `each` (may be NULL).
 * *seq is its sequence number. -ETIME: it never appeared (the kernel drops writes above its rate
 * limit).
 */
int kmsg_mark(struct kmsg *k, const char *text, struct kmsg_record *scratch,
	      void (*each)(void *ctx, const struct kmsg_record *r), void *ctx, uint64_t *seq);
/* "Killed process 1821 (main)": the pid a kill line names, or 0. Only facility 0 counts. */
int64_t kmsg_killed_pid(const struct kmsg_record *r);

#endif
