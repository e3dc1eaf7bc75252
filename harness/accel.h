/* SPDX-License-Identifier: MIT */
/* KVM or TCG: see vm_accel_probe() in vm.h. */
#ifndef OOM_HARNESS_ACCEL_H
#define OOM_HARNESS_ACCEL_H

#include "harness/vm.h"

/* "kvm" "tcg" "auto" */
const char *accel_name(enum vm_accel a);
/* 0 or -EINVAL. */
int accel_parse(const char *name, enum vm_accel *ret);
/* What the probe of this boot of the host found, if it was made: 0 or -ENOENT. Starts nothing. */
int accel_cached(enum vm_accel *ret, char *why, size_t len);
/* Makes the probe with any kernel of the cache: 0, -ENOENT without one, -errno. */
int accel_try(enum vm_accel *ret, char *why, size_t len);

#endif
