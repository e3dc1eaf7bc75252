/* SPDX-License-Identifier: MIT */
/* Shared by case_steps*.c; nobody else's. */
#ifndef OOM_HARNESS_CASE_STEPS_H
#define OOM_HARNESS_CASE_STEPS_H

#include "harness/schema.h"

/* A new step at the end of the case; NULL: too many (told), or no memory. */
struct case_step *new_step(struct reader *r, const struct ynode *v, int op);

/* Row readers of `wait`. */
void wait_kills(struct reader *r, const struct schema_row *row, const struct ynode *v, void *to);
void wait_worker(struct reader *r, const struct schema_row *row, const struct ynode *v, void *to);

/* "EBUSY" of `errno:`. */
void read_errno(struct reader *r, const struct ynode *v, struct case_step *s);

/* Row readers of a step: case_steps_file.c. */
void on_wait(struct reader *r, const struct schema_row *row, const struct ynode *v, void *to);
void on_read(struct reader *r, const struct schema_row *row, const struct ynode *v, void *to);
void on_write(struct reader *r, const struct schema_row *row, const struct ynode *v, void *to);
void on_eventfd(struct reader *r, const struct schema_row *row, const struct ynode *v, void *to);
void on_signal(struct reader *r, const struct schema_row *row, const struct ynode *v, void *to);
void on_move(struct reader *r, const struct schema_row *row, const struct ynode *v, void *to);
void on_remove(struct reader *r, const struct schema_row *row, const struct ynode *v, void *to);

#endif
