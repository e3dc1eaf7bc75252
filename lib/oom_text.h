/* SPDX-License-Identifier: MIT */
/* Reading numbers and fields out of NUL-terminated message text. Pure and small. */
#ifndef OOM_LIB_OOM_TEXT_H
#define OOM_LIB_OOM_TEXT_H

#include "lib/base.h"

struct slice { /* a part of the text */
	const char *p;
	size_t n;
};

/* A decimal (or 0x) number at s; the rest behind it, NULL if there is none. Saturates. */
const char *text_i64(const char *s, int64_t *ret);
/* The number behind the first `key`; false, and *ret left alone, if there is none. */
bool text_key(const char *s, const char *key, int64_t *ret);
/* The same, which must end in "kB" or "KB": a cut number has lost its unit. */
bool text_key_kb(const char *s, const char *key, int64_t *ret);
/* The same, without a unit: pages. */
bool text_key_pages(const char *s, const char *key, int64_t *ret);
/* The last occurrence of needle in s, NULL. */
const char *text_last(const char *s, const char *needle);
/* Copies a slice less blanks at its end; cut to len. */
void slice_copy(char *dst, size_t len, struct slice s);
char *slice_dup(struct slice s); /* NULL: no memory */

#endif
