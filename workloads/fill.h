/* SPDX-License-Identifier: MIT */
/*
 * The fill engine: makes every page of a mapping resident, at the machine's page-fault limit or at
 * a given rate. Between its start and its end it allocates nothing itself. A charge that fails is
 * an errno here, never a fault that is retried for ever: see fill.c.
 */
#ifndef OOM_WORKLOADS_FILL_H
#define OOM_WORKLOADS_FILL_H

#include "workloads/workload.h"

struct region {
	char *addr;
	uint64_t bytes;
	bool shared;	/* MAP_SHARED: giving pages back is MADV_REMOVE */
	bool read_only; /* resident by reading (file mappings) */
};

/*
 * Gives r its addr, by what else it says: anonymous (fd -1) or of a file; aligned for huge pages, and
 * told not to use them unless --thp. READY_YES, READY_ENOMEM, READY_THP, READY_FILE.
 */
enum ready_what region_map(struct hog *h, int fd, struct region *r);
/* The huge-page advice alone, for memory mapped by other means. READY_YES or READY_THP. */
enum ready_what region_advise(struct hog *h, const struct region *r);
/*
 * Locked as they come: the fill engine brings the pages, at its speed and rate. READY_YES or
 * READY_ENOMEM.
 */
enum ready_what region_lock(struct hog *h, const struct region *r);

/*
 * Fills; h->got_bytes, h->start_ns and h->end_ns are set. 0 or -errno (after giving some back). Of a
 * kind that fills part by part, h->had_bytes are there before: --rate and got_bytes are of them all.
 */
int region_fill(struct hog *h, const struct region *r);
/* fill and words: READY_YES or READY_ENOMEM or (only if fd >= 0) READY_FILE. */
enum ready_what region_fill_or_fail(struct hog *h, const struct region *r, int fd);
/* Mapped and filled. */
enum ready_what region_take(struct hog *h, int fd, struct region *r);
/* Anonymous private memory of h->bytes, mapped and filled. */
enum ready_what region_anon(struct hog *h);

/* shm.c: a memfd of so many bytes. READY_YES, READY_ENOMEM, READY_THP, READY_FILE. */
enum ready_what memfd_fill(struct hog *h, uint64_t bytes);
/* pagetables.c: so many bytes of page tables. READY_YES or READY_ENOMEM. */
enum ready_what pagetables_fill(struct hog *h, uint64_t bytes);

/* At the end of a run that holds nothing: large private memory goes back by several threads. */
void region_drop(struct hog *h);

/* Bytes of the range that are in memory now, by mincore(2). */
uint64_t resident_bytes(const char *addr, uint64_t bytes);

#endif
