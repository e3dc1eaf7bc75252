/* SPDX-License-Identifier: MIT */
/*
 * What a ticket needs of a run, as one .tar.zst: results, the cases' files with evidence, kernel and console
 * log, the log explained, and the kernels' configs.
 */
#ifndef OOM_HARNESS_BUNDLE_H
#define OOM_HARNESS_BUNDLE_H

#include "harness/results.h"

struct bundle;

/* A new archive; `top` is its only folder. 0 or -errno with f; an archive that fails is removed. */
int bundle_open(const char *file, const char *top, struct bundle **ret, struct fail *f);
int bundle_text(struct bundle *b, const char *name, const char *text, size_t len, struct fail *f);
/* All regular files of a folder below `base` (folder_open_below()). -ENOENT: there is none. */
int bundle_folder(struct bundle *b, const char *base, const char *dir, struct fail *f);
/* Writes what is left. 0 or -errno with f. Frees. */
int bundle_close(struct bundle *b, struct fail *f);
/* Throws it away. */
void bundle_abort(struct bundle *b);

/* bundle_text.c: a kernel log through the parser and the model, as `oomlab explain --json`. malloc'd. */
int bundle_explain(const char *log, char **ret, size_t *len, struct fail *f);
/* The cgroups of a play with what was written there, and their counters before and after. malloc'd. */
int bundle_tree(const struct evidence *e, char **ret, size_t *len);

#endif
