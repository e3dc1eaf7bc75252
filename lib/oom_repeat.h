/* SPDX-License-Identifier: MIT */
/*
 * Logs tell things twice: two loggers write to one file, a poster pastes an excerpt and the whole,
 * a cluster's event quotes a kill. A reader sees one OOM, so what is known already is dropped.
 */
#ifndef OOM_LIB_OOM_REPEAT_H
#define OOM_LIB_OOM_REPEAT_H

#include "lib/oom_event.h"

/* Is r a kill that this report has? */
bool oom_repeats_kill(const struct oom_slot *s, const struct oom_record *r);
/* Is r a line that one of the open reports has, by its stamp and its words? */
bool oom_repeats_line(const struct oom_events *e, const struct oom_record *r,
		      const struct oom_origin *from);
/* Drops what only announced the kill r, which is s's last. */
void oom_repeat_drop(struct oom_events *e, const struct oom_slot *s, const struct oom_record *r);

#endif
