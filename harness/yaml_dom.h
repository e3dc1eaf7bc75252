/* SPDX-License-Identifier: MIT */
/*
 * A YAML file as a small tree in which every node knows its place. All scalars are text: what they
 * mean is the reader's business, so that none of YAML 1.1's surprises (010, yes, 1:30) exist here.
 * Anchors, aliases, tags, several documents, keys that are no scalars, duplicate keys, more than 16
 * levels and more than 1 MiB are mistakes.
 */
#ifndef OOM_HARNESS_YAML_DOM_H
#define OOM_HARNESS_YAML_DOM_H

#include "harness/yaml_diag.h"

#define YAML_DEPTH_MAX 16
#define YAML_FILE_MAX  MiB(1)

enum ynode_kind { YNODE_SCALAR, YNODE_LIST, YNODE_MAP };

struct ynode {
	enum ynode_kind kind;
	int line, column;
	char *text;	     /* scalar */
	bool quoted;	     /* scalar in quotes or a block: "~" is then no null */
	bool bad;	     /* a mistake was told already; say nothing more of it */
	struct ynode *child; /* list, map: the first; then by next */
	struct ynode *next;
	struct ynode *key; /* child of a map */
};

/*
 * The bytes of a regular file (a FIFO or a device would block, or never end), malloc'd, one more than
 * YAML_FILE_MAX at most, for yaml_dom_read() to refuse. Bytes or -errno.
 */
ssize_t yaml_file_read(const char *file, char **ret);

/* Reads the text. NULL with at least one message in d (or d->err) if there is no tree. */
struct ynode *yaml_dom_read(const char *text, size_t len, struct diag *d);
void ynode_free(struct ynode *n);

const struct ynode *ynode_get(const struct ynode *map, const char *key); /* NULL: not there */
bool ynode_is_null(const struct ynode *n); /* `key:`, `key: ~`, `key: null` */
/* "a list", "a map", "text": for messages. */
const char *ynode_kind_name(const struct ynode *n);

#endif
