/* SPDX-License-Identifier: MIT */
/*
 * A streaming JSON writer into a buffer the caller owns: no tree, no allocation, so that it works
 * while memory is gone. Commas, quotes and escapes are its business; bytes that are not UTF-8
 * become U+FFFD. With a flush function the buffer is emptied whenever it is full, else too much
 * text is -ENOSPC at jsonw_finish(). A NULL key is for elements of an array and for the outermost
 * value.
 */
#ifndef OOM_LIB_JSONW_H
#define OOM_LIB_JSONW_H

#include "lib/base.h"

#define JSONW_DEPTH 16

struct jsonw {
	char *buf;
	size_t len, cap;
	int (*flush)(void *ctx, const char *text, size_t len); /* 0 or -errno */
	void *ctx;
	int err; /* first error, sticky */
	unsigned int depth;
	bool comma[JSONW_DEPTH]; /* a comma is due before the next element */
	bool array[JSONW_DEPTH];
};

void jsonw_init(struct jsonw *w, char *buf, size_t cap);
void jsonw_init_flush(struct jsonw *w, char *buf, size_t cap,
		      int (*flush)(void *ctx, const char *text, size_t len), void *ctx);
/* The same into a stream; an error shows in ferror(out) as well. */
void jsonw_init_stream(struct jsonw *w, char *buf, size_t cap, FILE *out);

void jsonw_object(struct jsonw *w, const char *key);
void jsonw_array(struct jsonw *w, const char *key);
void jsonw_close(struct jsonw *w); /* ends the innermost object or array */

void jsonw_str(struct jsonw *w, const char *key, const char *value); /* NULL gives null */
void jsonw_strn(struct jsonw *w, const char *key, const char *value, size_t len);
void jsonw_u64(struct jsonw *w, const char *key, uint64_t value);
void jsonw_i64(struct jsonw *w, const char *key, int64_t value);
void jsonw_double(struct jsonw *w, const char *key,
		  double value); /* 6 digits, never a locale's comma */
void jsonw_bool(struct jsonw *w, const char *key, bool value);
void jsonw_null(struct jsonw *w, const char *key);
/* A value that is JSON already, copied as it is. */
void jsonw_raw(struct jsonw *w, const char *key, const char *json, size_t len);

/* Closes what is open, flushes; returns the bytes in buf (0 with a flush function) or -errno. */
ssize_t jsonw_finish(struct jsonw *w);

#endif
