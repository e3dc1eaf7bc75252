/* SPDX-License-Identifier: MIT */
/*
 * Puts records together to reports. Several may be open at once: the callers that newer kernels
 * print ([T123]) tell two CPUs' apart, and a reaper's line may come when the next report has begun.
 */
#ifndef OOM_LIB_OOM_EVENT_H
#define OOM_LIB_OOM_EVENT_H

#include "lib/oom_record.h"

#define OOM_OPEN_MAX 4

struct oom_slot {
	struct oom_report *report;
	uint64_t caller;
	bool tentative; /* only Mem-Info so far: may be no OOM at all */
	bool foreign;	/* what follows is the Mem-Info of a failed allocation */
	bool in_stats;	/* behind "Memory cgroup stats for X:" */
	bool in_group;	/* kills that follow are of the group */
	bool has_columns;
	bool quiet; /* nothing of it came for long */
	bool body;  /* more than its head came */
	bool twin;  /* began amid the head of the one before: two CPUs, and no callers to tell */
	uint64_t began; /* feed count of its first record */
	uint64_t last;	/* feed count of its last record */
	enum oom_rec_type last_type;
	int64_t first_us;
	int64_t last_us; /* kernel stamp of its last record, INT64_MIN if there was none */
	size_t tasks_cap, zones_cap, victims_cap;
	struct oom_columns columns;
};

struct oom_events {
	oom_done_fn done;
	void *ctx;
	struct oom_slot slots[OOM_OPEN_MAX]; /* in the order they began */
	size_t n;
	uint64_t fed; /* lines */
	/* A report that begins up to this line and time has "Manual OOM execution" before it. */
	uint64_t sysrq_until;
	int64_t sysrq_until_us; /* INT64_MAX: that line had no stamp */
	/* Up to here Mem-Info is an OOM's: its stack came without its head. */
	uint64_t stack_until;
};

/* The columns of the table whose rows this caller prints now, NULL. */
const struct oom_columns *oom_events_columns(const struct oom_events *e, uint64_t caller);
/* Where a record came from. */
struct oom_origin {
	uint64_t line, caller;
	int64_t stamp_us; /* INT64_MIN: none */
	bool kernel;	  /* its prefix says that the kernel wrote it */
};
/* One record. 0 or -ENOMEM. */
int oom_events_apply(struct oom_events *e, const struct oom_record *r,
		     const struct oom_origin *from);
/* Drops guesses that came to nothing; true if a report expects more lines of any kind. */
bool oom_events_expect(struct oom_events *e);
void oom_events_flush(struct oom_events *e); /* hands over all there is */
void oom_events_clear(struct oom_events *e);

void oom_events_remove(struct oom_events *e, size_t slot);

struct oom_report *oom_report_new(void);
/* Is there nothing but a kill? */
bool oom_report_headless(const struct oom_report *r);
/* What follows from all of a report's lines: kind, outcome, page size, completeness. */
void oom_report_conclude(struct oom_report *r);

#endif
