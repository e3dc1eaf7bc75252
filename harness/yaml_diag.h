/* SPDX-License-Identifier: MIT */
/*
 * Messages about a file, collected while it is read and handed out sorted by place: one line each,
 * "file:line:column: what, and what was expected". Nothing here prints.
 */
#ifndef OOM_HARNESS_YAML_DIAG_H
#define OOM_HARNESS_YAML_DIAG_H

#include "lib/base.h"

#define DIAG_MAX 100 /* further ones are dropped: nobody reads them */

struct diag_message {
	int line, column;
	char *text;
};

struct diag {
	const char *file;
	struct diag_message messages[DIAG_MAX];
	size_t nr;
	int err; /* -ENOMEM when one could not be kept */
};

/* Line breaks and control characters in what is quoted become '?': a message stays one line. */
void diag_add(struct diag *d, int line, int column, const char *fmt, ...) __printf(4, 5);
/* All of them, sorted, one a line, malloc'd; NULL without memory. Empties d. */
char *diag_take(struct diag *d);

/*
 * The entry of `names` (NULL-terminated) nearest to `word`, NULL if none is near enough to be what
 * was meant.
 */
const char *diag_nearest(const char *word, const char *const *names);

#endif
