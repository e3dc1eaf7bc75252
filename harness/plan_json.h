/* SPDX-License-Identifier: MIT */
/* Getters for plan_parse*.c: each checks type, length and bounds, and says what was wrong. */
#ifndef OOM_HARNESS_PLAN_JSON_H
#define OOM_HARNESS_PLAN_JSON_H

#include "harness/plan_impl.h"

struct source {
	struct plan *p;
	struct fail *f;
};

#define bad(s, ...) fail_set((s)->f, -EBADMSG, "plan: " __VA_ARGS__)

int get_text(struct source *s, const json_t *o, const char *key, char *buf, size_t len, bool must);
int get_int(struct source *s, const json_t *o, const char *key, int64_t lo, int64_t hi,
	    int64_t *ret, bool must);
int get_u64(struct source *s, const json_t *o, const char *key, uint64_t *ret, bool must);
int get_bool(struct source *s, const json_t *o, const char *key, bool *ret);
/* The array, and a zeroed allocation with room for its elements and one more, in *ret. */
int get_list(struct source *s, const json_t *o, const char *key, size_t most, size_t elem_bytes,
	     const json_t **list, void *ret);
/* The index at which name(i) is the text; name() gives NULL behind the last. */
int get_enum(struct source *s, const json_t *o, const char *key,
	     const char *(*name)(unsigned int i), unsigned int first, unsigned int *ret);

/* "" (our root) or a cgroup of the plan. */
int check_cgroup(struct source *s, const char *path);
int check_worker(struct source *s, const char *name);

int parse_expects(struct source *s, const json_t *o);
int parse_prediction(struct source *s, const json_t *o);

#endif
