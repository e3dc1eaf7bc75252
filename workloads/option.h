/* SPDX-License-Identifier: MIT */
/*
 * A command line as rows: "--name VALUE", "--name=VALUE" or a bare flag. One row is the parser, the
 * check and the help line. Values are kept by pointer into argv; nothing is allocated.
 */
#ifndef OOM_WORKLOADS_OPTION_H
#define OOM_WORKLOADS_OPTION_H

#include "lib/base.h"
#include "lib/fail.h"

struct option_row {
	const char *name; /* without "--" */
	const char *arg;  /* "BYTES"; NULL: a flag */
	const char *help;
	/* Puts the text (NULL for a flag) into row->to. 0, or -EINVAL with the reason in f. */
	int (*set)(const struct option_row *row, const char *text, struct fail *f);
	void *to;
	const char *const *choices; /* option_choice(): ends with NULL; *to gets the index */
	uint64_t lo, hi;	    /* option_u64(): inclusive */
};

int option_flag(const struct option_row *row, const char *text, struct fail *f);   /* bool */
int option_choice(const struct option_row *row, const char *text, struct fail *f); /* int */
int option_u64(const struct option_row *row, const char *text, struct fail *f);	   /* uint64_t */
/* "10MiB", for --rate "10MiB/s" too: uint64_t, from row->lo to row->hi. */
int option_bytes(const struct option_row *row, const char *text, struct fail *f);
int option_adj(const struct option_row *row, const char *text, struct fail *f); /* int64_t */
int option_string(const struct option_row *row, const char *text,
		  struct fail *f); /* const char * */

/* Reads argv[1...] by the tables (each ends with a row without a name). 0 or -EINVAL with f. */
int options_parse(int argc, char **argv, const struct option_row *const *tables, struct fail *f);
void options_help(FILE *out, const struct option_row *table);

#endif
