/* SPDX-License-Identifier: MIT */
/*
 * Programs of this host for a guest (kind exec), with the libraries they load: an archive that the
 * kernel unpacks behind the initramfs. A guest finds them in /programs, and says which it has.
 */
#ifndef OOM_HARNESS_PROGRAMS_H
#define OOM_HARNESS_PROGRAMS_H

#include "lib/base.h"
#include "lib/fail.h"

#define PROGRAMS_DIR "programs" /* of the guest, without the leading '/' */

/* `names`: blank-separated, looked up in $PATH; one that is not found is left out. 0 or -errno. */
int programs_pack(const char *file, const char *names, struct fail *f);
/* The names of what lies in PROGRAMS_DIR, blank-separated; "" where there is none. */
void programs_read(int root, char *buf, size_t len);
/* May it be a program's name: of a-z, A-Z, 0-9, '.', '_', '+', '-', and no path? */
bool program_name_ok(const char *name);

#endif
