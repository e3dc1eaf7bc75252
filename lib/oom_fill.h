/* SPDX-License-Identifier: MIT */
/* Puts one record's fields into the report it belongs to (oom_event.c says which). */
#ifndef OOM_LIB_OOM_FILL_H
#define OOM_LIB_OOM_FILL_H

#include "lib/oom_event.h"

int oom_fill(struct oom_slot *s, const struct oom_record *r, uint64_t line); /* 0 or -ENOMEM */

#endif
