// SPDX-License-Identifier: MIT
/* The list of questions. See doctor.h. */
#include "harness/doctor.h"

#include <stdarg.h>

static const struct {
	const char *name;
	void (*examine)(struct doctor_finding *d);
} questions[] = {
	{ "qemu", doctor_qemu },	   { "kvm", doctor_kvm },
	{ "kernels", doctor_kernels },	   { "apt sources", doctor_apt },
	{ "memory", doctor_memory },	   { "cgroup", doctor_cgroup },
	{ "namespaces", doctor_names },	   { "kernel log", doctor_kmsg },
	{ "numa", doctor_numa },	   { "swap", doctor_swap },
	{ "oom daemons", doctor_killers },
};
_Static_assert(ARRAY_SIZE(questions) <= DOCTOR_MAX, "room for every answer");

size_t doctor_examine(struct doctor_finding ret[DOCTOR_MAX])
{
	for (size_t i = 0; i < ARRAY_SIZE(questions); i++) {
		ret[i] = (struct doctor_finding){ .name = questions[i].name };
		questions[i].examine(&ret[i]);
	}
	return ARRAY_SIZE(questions);
}

void doctor_add(char *buf, size_t len, const char *fmt, ...)
{
	size_t n = strlen(buf);
	va_list ap;

	if (n && n + 2 < len)
		n += snprintf(buf + n, len - n, ", ");
	va_start(ap, fmt);
	vsnprintf(buf + n, len - n, fmt, ap);
	va_end(ap);
}
