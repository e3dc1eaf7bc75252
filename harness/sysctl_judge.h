/* SPDX-License-Identifier: MIT */
/* A profile held against what a root or a kernel has: by value. Pure. */
#ifndef OOM_HARNESS_SYSCTL_JUDGE_H
#define OOM_HARNESS_SYSCTL_JUDGE_H

#include "harness/profile.h"
#include "harness/sysctl_table.h"

enum sysctl_state {
	SYSCTL_OK,	/* a file sets what is right, or the kernel has it */
	SYSCTL_DEFAULT, /* nothing sets it, and the kernel's default is right */
	SYSCTL_DIFFERS, /* what is set, or the default, is not right */
	SYSCTL_MISSING, /* nothing sets it, and the default is not known */
	SYSCTL_UNKNOWN, /* this kernel has no such sysctl */
};

struct sysctl_finding {
	const struct profile_value *want;
	enum sysctl_state state;
	const struct sysctl_assign *set;   /* NULL: nothing sets it */
	const struct sysctl_default *dflt; /* NULL: not known */
	char why[96];			   /* of MISSING and UNKNOWN */
};

const char *sysctl_state_name(enum sysctl_state s);
/* "1", the value that was judged; NULL: there is none. */
const char *sysctl_saw(const struct sysctl_finding *f);

/*
 * `tables`: of the one kernel in question, or several, whose defaults count where all agree. `live`: *c
 * is all that a running kernel has. Fills p->nr_values findings.
 */
void sysctl_judge(const struct profile *p, const struct sysctl_conf *c,
		  const struct sysctl_table *tables, size_t nr_tables, bool live,
		  struct sysctl_finding *ret);

#endif
