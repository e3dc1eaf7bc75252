/* SPDX-License-Identifier: MIT */
/* What a check has read: shared by its two halves, by value and by behaviour. */
#ifndef OOM_HARNESS_SYSCTL_CHECK_H
#define OOM_HARNESS_SYSCTL_CHECK_H

#include "harness/sysctl_cmd.h"
#include "harness/sysctl_judge.h"

struct sysctl_check {
	struct profile *profile;
	struct sysctl_conf conf;
	struct sysctl_table *tables;
	size_t nr_tables;
	struct sysctl_finding *findings; /* as many as the profile has values */
};

#endif
