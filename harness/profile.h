/* SPDX-License-Identifier: MIT */
/*
 * struct profile: the sysctls that a distribution or a kind of host should have, why, and the cases that
 * show whether the promise behind a value is kept. cases/profiles/NAME.yaml; the grammar stands in
 * cases/README.md.
 */
#ifndef OOM_HARNESS_PROFILE_H
#define OOM_HARNESS_PROFILE_H

#include "harness/case.h"

struct profile_want { /* one of the values that are right */
	char *text;   /* as the file has it */
	bool is_range;
	struct range range;
};

struct profile_value {
	char name[64]; /* "vm.panic_on_oom" */
	struct profile_want *wants;
	size_t nr_wants;
	char *source;  /* who says so */
	char *promise; /* NULL: there is none that a machine can show */
	char **cases;  /* names of cases that hold if the promise is kept */
	size_t nr_cases;
	struct where where;
};

struct profile {
	char *file;
	char name[CASE_NAME_LEN];
	char *summary, *why;
	struct profile_value *values;
	size_t nr_values;
};

/* 0, -EINVAL with messages as case_load() gives them, or -errno. */
int profile_load(const char *file, struct profile **ret, char **messages);
int profile_parse(const char *file, const char *text, size_t len, struct profile **ret,
		  char **messages);
void profile_free(struct profile *p);

/* The file of a name ("debian") or a path. Returns buf. */
const char *profile_path(const char *word, char *buf, size_t len);
/* Is this value, from a file or from /proc/sys, one of those that are right? */
bool profile_allows(const struct profile_value *v, const char *value);
/* "0", "one of 0, 1", ">= 65536". Returns buf. */
const char *profile_wants(const struct profile_value *v, char *buf, size_t len);

#endif
