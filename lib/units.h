/* SPDX-License-Identifier: MIT */
/* Sizes and durations as people write them. Pure: text in, numbers out. */
#ifndef OOM_LIB_UNITS_H
#define OOM_LIB_UNITS_H

#include "lib/base.h"

enum size_base {
	SIZE_BYTES, /* "80MiB" "81920KiB" "4096" (K, M, G, KB and kB mean the same as KiB, ...) */
	SIZE_OF_MEMTOTAL,  /* "50%" or "50% of MemTotal" */
	SIZE_OF_AVAILABLE, /* "50% of MemAvailable" */
	SIZE_OF_NODE,	   /* "50% of node" (the bound node) or "50% of node 1": its MemTotal */
	SIZE_OF_NODE_FREE, /* "50% of node 1 free" */
	SIZE_OF_LIMIT,	   /* "50% of limit": the nearest memory limit above the worker */
	SIZE_OF_SWAP,	   /* "50% of swap": SwapTotal */
};

struct size_spec {
	enum size_base base;
	uint64_t bytes;	    /* SIZE_BYTES */
	uint32_t permyriad; /* else: hundredths of a percent, 0 < permyriad <= 100000 (1000 %) */
	int node;	    /* SIZE_OF_NODE*: its id, or -1 where the text names none */
};

/* 0, -EINVAL (no size, or no unit we know), -ERANGE (does not fit in 63 bits). */
int size_parse(const char *text, struct size_spec *ret);
/* "80MiB" only: a percentage is -EINVAL. */
int bytes_parse(const char *text, uint64_t *ret);
/* bytes of a percentage of `whole`, rounded down to a page of page_bytes. */
uint64_t size_resolve(const struct size_spec *spec, uint64_t whole, uint64_t page_bytes);
/* "500ms" "10s" "2min" "1h"; a bare number is seconds. 0, -EINVAL, -ERANGE. */
int duration_parse_ms(const char *text, uint64_t *ret_ms);
/* "80 MiB", "1.5 GiB", "12 KiB", "17 bytes"; returns buf. */
const char *bytes_format(uint64_t bytes, char *buf, size_t len);

#endif
