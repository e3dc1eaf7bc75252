/* SPDX-License-Identifier: MIT */
/*
 * What guests are doing, on a terminal: a line a lane, and one for all, redrawn in place below what is
 * printed meanwhile.
 *
 *   debian:6.1 v2  three-hogs                      1.2 s    72 MiB  last PASS
 *   debian:7.2 v2  boots                           2.0 s
 *   12 of 51, 1 failed; 0:35, about 1:20 left
 *
 * The cursor stays in the line below and nothing of the terminal's state is changed: whoever is killed
 * leaves it usable.
 */
#ifndef OOM_HARNESS_VIEW_H
#define OOM_HARNESS_VIEW_H

#include "harness/judge.h"

#define VIEW_LANES_MAX 256

struct view; /* NULL: there is nobody to see it; all of these then do nothing */

/* NULL if `out` is no terminal, or one that is dumb. */
struct view *view_open(FILE *out);
void view_close(struct view *v); /* wipes */

/* How many results there will be (0: nobody knows), and how long all plays should take. */
void view_plan(struct view *v, size_t nr_planned, uint64_t expected_ms);
/* A result that took, or would have taken, so much of what was expected. */
void view_told(struct view *v, enum verdict verdict, uint64_t expected_ms);

/* What a lane, from 0, does: boots a guest, plays a case and writes that evidence, is not there. */
void view_boots(struct view *v, unsigned int lane, const char *kernel, enum cgroup_version cgroup);
void view_plays(struct view *v, unsigned int lane, const char *name);
void view_writes(struct view *v, unsigned int lane, const char *evidence);
void view_came_to(struct view *v, unsigned int lane, enum verdict verdict);
void view_ends(struct view *v, unsigned int lane);

void view_draw(struct view *v);
/* Before anything else is printed on that terminal. */
void view_wipe(struct view *v);
/* How long to wait before it is drawn again; -1: no view, no need. */
int view_tick_ms(const struct view *v);

#endif
