/* SPDX-License-Identifier: MIT */
/* The options of every kind: their table, filled into one struct hog_options. */
#ifndef OOM_WORKLOADS_OPTIONS_H
#define OOM_WORKLOADS_OPTIONS_H

#include "workloads/workload.h"

/* The table writes here; there is one command line in a process. */
extern struct hog_options hog_options;
extern const struct option_row common_options[];

/* Defaults, argv[1...] by the common table and the kind's. 0, or -EINVAL with the line in f. */
int hog_options_parse(int argc, char **argv, const struct workload *kind, struct fail *f);

#endif
