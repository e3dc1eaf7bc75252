/* SPDX-License-Identifier: MIT */
/*
 * Kernel files that steps look at: which names may be opened, and whether what a file says is what was
 * wanted. Pure; the reader of cases, the player and the judge all ask here.
 */
#ifndef OOM_HARNESS_FILE_VALUE_H
#define OOM_HARNESS_FILE_VALUE_H

#include "harness/case.h"

/* Letters, digits, and what stands in `extra`: nothing that leads elsewhere but what that lets in. */
bool name_is_plain(const char *text, const char *extra);

/* What is wrong with the name (it could lead elsewhere), in words that end a message; NULL: nothing. */
const char *file_problem(const struct case_file *f);

/* "box/memory.current", "hog oom_score", "/proc/sys/vm/swappiness", and the key. Returns buf. */
const char *file_text(const struct case_step *s, char *buf, size_t len);
/* "0..3", "at least 80", "'D'". Returns buf. */
const char *want_text(const struct case_want *w, char *buf, size_t len);
/*
 * Is `value` it? A range wants one number, "123" or "123 kB" (which is in bytes then); a text the same
 * text, or the same first word ("D" of "D (disk sleep)").
 */
bool want_met(const struct case_want *w, const char *value);

/* "EBUSY": one of the kernel's. */
bool errno_name_ok(const char *name);

/* Signals a step may send, "CONT" "STOP" "TERM" "USR1"; 0 or NULL: none of them. */
int step_signal_parse(const char *name);
const char *step_signal_name(int number);

#endif
