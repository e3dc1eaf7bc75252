/* SPDX-License-Identifier: MIT */
/* The events of a log as one page (harness/html.h), written as they come. */
#ifndef OOM_HARNESS_EXPLAIN_HTML_H
#define OOM_HARNESS_EXPLAIN_HTML_H

#include "harness/explain.h"

/* `log`: its name for people, kept by pointer. NULL with f. */
struct explain_html *explain_html_open(const char *path, const char *log, struct fail *f);
/* The x->nr_events-th event. */
void explain_html_event(struct explain_html *h, struct explain *x, const struct oom_report *r,
			const struct badness_verdict *v);
/* Ends and frees it. 0 or the first -errno. */
int explain_html_close(struct explain_html *h, uint64_t nr_events);

#endif
