/* SPDX-License-Identifier: MIT */
/*
 * Reading and writing the small files of /proc, /sys and cgroupfs, relative to a directory fd. Unit
 * tests open a fixture tree as root instead of "/", and need neither privilege nor that kernel.
 * Names are relative ("proc/sys/vm/swappiness"); an absolute name or one with ".." is -EINVAL.
 */
#ifndef OOM_LIB_FS_H
#define OOM_LIB_FS_H

#include "lib/base.h"

/* Opens the directory `prefix` ("" or NULL means "/"); returns an O_PATH fd or -errno. */
int fs_root_open(const char *prefix);

/* Reads a whole file, NUL-terminates it; returns bytes, -ENOBUFS if it does not fit, or -errno. */
ssize_t fs_read(int dirfd, const char *name, char *buf, size_t len);
/* The same less one trailing newline. */
ssize_t fs_read_line(int dirfd, const char *name, char *buf, size_t len);

/* One write(2) of the text to an existing file; 0 or -errno. */
int fs_write(int dirfd, const char *name, const char *text);
int fs_writef(int dirfd, const char *name, const char *fmt, ...) __printf(3, 4);

/* A file that holds one number; "max" gives UINT64_MAX. 0, -EBADMSG if it is no number, -errno. */
int fs_read_u64(int dirfd, const char *name, uint64_t *ret);

/*
 * "KEY VALUE" or "KEY: VALUE kB" files (memory.events, vmstat, meminfo): the value of the line
 * whose first word is exactly `key`. 0, -ENOENT if no such line, -EBADMSG, -errno. Pure part:
 * text_key_u64().
 */
int fs_key_u64(int dirfd, const char *name, const char *key, uint64_t *ret);
int text_key_u64(const char *text, const char *key, uint64_t *ret);
/*
 * The rest of that line as text, less blanks at its front: "S (sleeping)" of "State:\tS (sleeping)".
 * 0, -ENOENT, or -ENOBUFS.
 */
int text_key_line(const char *text, const char *key, char *buf, size_t len);

bool fs_exists(int dirfd, const char *name);

/*
 * Below the directory `root` as a process that had it for its root would: absolute names and links
 * begin there, and neither "..", nor a link, nor /proc's magic ones lead out. An fd or -errno. Used
 * on trees of others: what is opened is told O_PATH or O_DIRECTORY, or is a regular file (-EISDIR,
 * -EBADF for a FIFO, socket or device, which opening could disturb).
 */
int fs_open_in_root(int root, const char *name, int flags);
/* The same where the kernel has no openat2(2) (before 5.6) or a sandbox refuses it. */
int fs_walk_in_root(int root, const char *name);
/* Reads a whole file there, malloc'd, with a NUL behind it. -EFBIG above `most` bytes. */
int fs_read_in_root(int root, const char *name, size_t most, char **ret, size_t *len);

#endif
