/* SPDX-License-Identifier: MIT */
/* Folders and small files of our own, with the error in words. */
#ifndef OOM_HARNESS_FOLDER_H
#define OOM_HARNESS_FOLDER_H

#include "lib/base.h"
#include "lib/fail.h"

/* mkdir -p. */
int folder_make(const char *path, struct fail *f);
/* A folder below `base` to read: no "..", no link on the way. An fd, or -errno. */
int folder_open_below(const char *base, const char *dir);
/* Copies a regular file (no link, no device) to a new one. 0, also where there is nothing to copy; -errno. */
int folder_copy_file(const char *from, const char *to);
/* rm -rf of a folder of ours; never follows a link. 0 or the first -errno. */
int folder_remove(const char *path);
/* Writes a whole file beside and renames it: readers see the old or the new text. */
int folder_write(const char *path, const char *text, struct fail *f);

#endif
