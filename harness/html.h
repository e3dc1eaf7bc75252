/* SPDX-License-Identifier: MIT */
/*
 * One self-contained HTML file: the scripts and styles of harness/report/, and data blocks of JSON,
 * each deflated and in base64. So nothing of unknown origin (names, log lines) is ever markup: the
 * scripts show it as text. A Content-Security-Policy lets nothing else run, and nothing be fetched.
 */
#ifndef OOM_HARNESS_HTML_H
#define OOM_HARNESS_HTML_H

#include "lib/jsonw.h"

#include <zlib.h>

struct html_block {
	FILE *out;
	z_stream z;
	struct jsonw w; /* what is written here becomes the block */
	unsigned char waiting[3];
	size_t nr_waiting; /* bytes that base64 does not yet make a group of */
	char buf[16384];
	int err;
};

void html_begin(FILE *out, const char *kind); /* "run" "log": what the blocks tell of */
/* A block by its id (ours: letters and digits). 0 or -errno; html_block_end() in any case. */
void html_block_begin(struct html_block *b, FILE *out, const char *id);
int html_block_end(struct html_block *b);
void html_end(FILE *out);

#endif
