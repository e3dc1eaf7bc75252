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
/* Never killed, never paged. */
void guest_protect(void);
/* The line to the host, raw; an fd or -errno. */
int guest_open_serial(const char *device);

/* --- guest_swap.c */
/* Loads /modules, waits for the disk the host announced, makes it swap. 0, -ENODEV, -errno. */
int guest_swap_on(void);

#endif
