/* SPDX-License-Identifier: MIT */
/*
 * `oomlab explain`: a kernel log through the parser and the model, event by event, to people or as
 * JSON. Nothing is kept from one event to the next, so memory does not grow with the log.
 */
#ifndef OOM_HARNESS_EXPLAIN_H
#define OOM_HARNESS_EXPLAIN_H

#include "lib/badness.h"
#include "lib/fail.h"
#include "lib/jsonw.h"
#include "lib/oom_report.h"

#define WHATIF_MAX 16

struct whatif { /* one --what-if */
	enum { WHATIF_ADJ, WHATIF_LIMIT } kind;
	int64_t pid;	  /* WHATIF_ADJ */
	int64_t value;	  /* new oom_score_adj; bytes to add to the limit */
	const char *spec; /* as given */
};

struct explain {
	bool json, colour;
	FILE *out;
	struct jsonw w;
	const char *page;	   /* --html FILE */
	struct explain_html *html; /* NULL: no page is wanted */
	struct whatif whatifs[WHATIF_MAX];
	size_t nr_whatifs;
	uint64_t nr_events;
	int err; /* first -errno of a view */
};

/* Reads all of fd through the parser. 0, or -errno with f. */
int explain_read(int fd, struct oom_parser *p, struct fail *f);

/* One event as an object of its own keys. */
void explain_json(struct jsonw *w, const struct oom_report *r, const struct badness_verdict *v);
/* "what_if": {"specs":[...],"victim":{...}}, of those who asked for it. */
void explain_json_whatif(struct jsonw *w, struct explain *x, const struct oom_report *r);
/* All that a page shows of an event, as members of an object that is open. */
void explain_view(struct jsonw *w, const struct oom_report *r, const struct badness_verdict *v);
/* "memory cgroup /a/b": what ran out. */
void explain_domain(const struct oom_report *r, char *buf, size_t len);
bool explain_is_killed(const struct oom_report *r, int64_t pid);
/* One event as text. */
void explain_text(struct explain *x, const struct oom_report *r, const struct badness_verdict *v);

#endif
