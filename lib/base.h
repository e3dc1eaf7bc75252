/* SPDX-License-Identifier: MIT */
/*
 * What every file may use: sizes, cleanup by scope, and (last) the functions we ban.
 */
#ifndef OOM_LIB_BASE_H
#define OOM_LIB_BASE_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define KiB(n)	      ((uint64_t)(n) << 10)
#define MiB(n)	      ((uint64_t)(n) << 20)
#define GiB(n)	      ((uint64_t)(n) << 30)

#define __printf(fmt, args) __attribute__((format(printf, fmt, args)))
#define __must_check	    __attribute__((warn_unused_result))

static inline void cleanup_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void cleanup_free(void *p)
{
	free(*(void **)p);
}

static inline void cleanup_fclose(FILE **f)
{
	if (*f)
		fclose(*f);
}

/* int fd __close = open(...);  char *p __free = malloc(...);  FILE *f __fclose = fopen(...); */
#define __close	 __attribute__((cleanup(cleanup_close)))
#define __free	 __attribute__((cleanup(cleanup_free)))
#define __fclose __attribute__((cleanup(cleanup_fclose)))

/* Hand the fd over: the scope no longer closes it. */
static inline int take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

#define take_ptr(p)                      \
	({                               \
		__typeof__(p) __p = (p); \
		(p) = NULL;              \
		__p;                     \
	})

#define min(a, b)                        \
	({                               \
		__typeof__(a) __a = (a); \
		__typeof__(b) __b = (b); \
		__a < __b ? __a : __b;   \
	})
#define max(a, b)                        \
	({                               \
		__typeof__(a) __a = (a); \
		__typeof__(b) __b = (b); \
		__a > __b ? __a : __b;   \
	})

/* Copies with truncation, always NUL-terminated; returns false if it had to cut. */
static inline bool str_copy(char *dst, size_t len, const char *src)
{
	size_t n = strlen(src);
	size_t part = min(n, len - 1);

	memcpy(dst, src, part);
	dst[part] = '\0';
	return n < len;
}

static inline bool str_eq(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

/* For qsort(3), of an array of strings. */
static inline int str_order(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static inline bool str_starts(const char *s, const char *prefix)
{
	return (*s == *prefix || !*prefix) && strncmp(s, prefix, strlen(prefix)) == 0;
}

#include "lib/banned.h"

#endif
