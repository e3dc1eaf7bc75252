/* SPDX-License-Identifier: MIT */
/*
 * A distribution's root as an archive the kernel unpacks as its first root, to be booted with its own init.
 * Our agent is one more service there, started when the boot is done. The root itself is only read.
 */
#ifndef OOM_HARNESS_ROOT_PACK_H
#define OOM_HARNESS_ROOT_PACK_H

#include "lib/base.h"
#include "lib/fail.h"

/*
 * For the kernel's command line: without the first word the agent does nothing. A console that asks for a
 * login would wait for a device that no udev announces, 90 s.
 */
#define ROOT_PACK_CMDLINE                                                          \
	"oomlab.agent=1 systemd.wants=oomlab-agent.service systemd.firstboot=off " \
	"systemd.show_status=0 systemd.mask=serial-getty@ttyS0.service"

/*
 * Writes `cpio`; `dir` is a folder for what goes into it. *bytes: of the files packed. 0; -EINVAL: its
 * init is none we can add a service to; -EFBIG; -errno, with f.
 */
int root_pack(const char *root, const char *dir, const char *cpio, uint64_t *bytes, struct fail *f);

#endif
