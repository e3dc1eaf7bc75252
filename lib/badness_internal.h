/* SPDX-License-Identifier: MIT */
/* What a report tells the model; for badness_*.c and for those who ask "what if". */
#ifndef OOM_LIB_BADNESS_INTERNAL_H
#define OOM_LIB_BADNESS_INTERNAL_H

#include "lib/badness.h"
#include "lib/oom_text.h"

struct badness_rules badness_rules_of(const struct oom_report *r);
/* 5.4 to 5.8: stable and vendor kernels took the signed badness of 5.9, some have the clamp still. */
bool badness_clamp_is_open(const struct oom_report *r);
/* Pages of the constraint's domain, OOM_ABSENT if the log does not tell. */
int64_t badness_totalpages(const struct oom_report *r);
int64_t badness_page_kb(const struct oom_report *r);
/* PAGE_COUNTER_MAX in its various sizes */
bool badness_unlimited(int64_t limit_kb);
/* The report's rows as the model takes them, in the order of the dump; NULL: no memory. */
struct badness_task *badness_tasks_of(const struct oom_report *r);
/* Does oom_score_adj play no part, so that totalpages need not be known? */
bool badness_adj_is_moot(const struct badness_task *tasks, size_t n, bool clamped);

#endif
