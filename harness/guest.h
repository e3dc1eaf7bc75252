/* SPDX-License-Identifier: MIT */
/* The guest's side of harness/vm.h: PID 1 of an initramfs. guest_main() stands in cmd.h. */
#ifndef OOM_HARNESS_GUEST_H
#define OOM_HARNESS_GUEST_H

#include "lib/base.h"

/* --- guest_setup.c: what a kernel without user space lacks. Problems go to stderr, the console. */
/* proc, sysfs, devtmpfs, tmpfs, and the cgroups that "oomlab.cgroup=" on the command line names. */
void guest_mount(void);
/* Is `option` ("oomlab.swap=1") a word of /proc/cmdline? */
bool guest_cmdline_has(const char *option);
/* The number behind `option` ("oomlab.zram=") there; 0 if it is not there. */
uint64_t guest_cmdline_u64(const char *option);
/*
 * A cgroup that stays: what files one has can be seen in it alone, the hierarchy's root lacks some.
 */
void guest_make_cgroup(void);
/* Never killed, never paged. */
void guest_protect(void);
/* The line to the host, raw; an fd or -errno. */
int guest_open_serial(const char *device);

/* --- guest_swap.c */
/*
 * Loads what it takes of /modules and makes swap of the disk, or the zram, that the command line
 * announces; a disk that is not for swap is waited for. 0, also if none is announced; -ENODEV: no driver
 * for it; -errno.
 */
int guest_swap_on(void);

#endif
