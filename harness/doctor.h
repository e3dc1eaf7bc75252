/* SPDX-License-Identifier: MIT */
/* What `oomlab doctor` finds: one row a question, each a function of its own. */
#ifndef OOM_HARNESS_DOCTOR_H
#define OOM_HARNESS_DOCTOR_H

#include "lib/base.h"

/* NO: no case can be run in a guest. NOTE: something is missing or slower. */
enum doctor_state { DOCTOR_OK, DOCTOR_NOTE, DOCTOR_NO };

struct doctor_finding {
	const char *name;
	enum doctor_state state;
	char found[600];
	char consequence[300];
};

#define DOCTOR_MAX 24

/* Fills `ret` and returns how many. */
size_t doctor_examine(struct doctor_finding ret[DOCTOR_MAX]);

/* --- doctor_guests.c, doctor_host.c: the questions. `d` comes with its name, OK and empty. */
void doctor_qemu(struct doctor_finding *d);
void doctor_kvm(struct doctor_finding *d);
void doctor_apt(struct doctor_finding *d);
void doctor_kernels(struct doctor_finding *d);
void doctor_cgroup(struct doctor_finding *d);
void doctor_names(struct doctor_finding *d);
void doctor_kmsg(struct doctor_finding *d);
void doctor_numa(struct doctor_finding *d);
void doctor_swap(struct doctor_finding *d);
void doctor_memory(struct doctor_finding *d);
void doctor_killers(struct doctor_finding *d);

/* "text" behind what is found already, with ", " between. */
void doctor_add(char *buf, size_t len, const char *fmt, ...) __printf(3, 4);

#endif
