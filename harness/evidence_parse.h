/* SPDX-License-Identifier: MIT */
/* The evidence loader's inside: one record in, one piece of struct evidence out. */
#ifndef OOM_HARNESS_EVIDENCE_PARSE_H
#define OOM_HARNESS_EVIDENCE_PARSE_H

#include "harness/evidence.h"

/* One parsed line. 0, -EBADMSG with what is wrong (no line number) in f, -ENOMEM. */
int evidence_record(struct evidence *e, const json_t *object, struct fail *f);
/* After the last record: kernel log and console into reports, then each worker's death. */
int evidence_conclude(struct evidence *e);

/*
 * Room for one more element at the end of a growing array; counts it and zeroes it. NULL: no
 * memory.
 */
void *evidence_grow(void *array, size_t *nr, size_t size);

/* --- evidence_field.c: -EBADMSG and words in f if the member is not as it should be. */
const char *ev_text_of(const json_t *o, const char *key); /* NULL: not there, or null */
char *ev_text_dup(const json_t *o, const char *key);	  /* "" if not there; NULs become '?' */
int ev_need_text(const json_t *o, const char *key, char *buf, size_t len, struct fail *f);
int ev_need_int(const json_t *o, const char *key, int64_t *ret, struct fail *f);
int ev_need_u64(const json_t *o, const char *key, uint64_t *ret, struct fail *f);
uint64_t ev_maybe_u64(const json_t *o, const char *key); /* 0 if not there: could not be measured */

/* --- evidence_worker.c */
int ev_get_worker(struct evidence *e, const json_t *o, struct fail *f);
int ev_get_ready(struct evidence *e, const json_t *o, struct fail *f);
int ev_get_failed(struct evidence *e, const json_t *o, struct fail *f);
int ev_get_sent(struct evidence *e, const json_t *o, struct fail *f);
int ev_get_child(struct evidence *e, const json_t *o, struct fail *f);
int ev_get_tid(struct evidence *e, const json_t *o, struct fail *f);
int ev_get_death(struct evidence *e, const json_t *o, struct fail *f);
int ev_get_alive(struct evidence *e, const json_t *o, struct fail *f);

/* --- evidence_file.c */
int ev_get_read(struct evidence *e, const json_t *o, struct fail *f);
int ev_get_write(struct evidence *e, const json_t *o, struct fail *f);
int ev_get_figure(struct evidence *e, const json_t *o, struct fail *f);

/* --- evidence_timeline.c */
int ev_get_timeline(struct evidence *e, const json_t *o, struct fail *f);
int ev_get_sample(struct evidence *e, const json_t *o, struct fail *f);

#endif
