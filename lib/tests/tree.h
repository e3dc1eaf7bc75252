/* SPDX-License-Identifier: MIT */
/* A tree of small files in a folder of its own, as fixture of a /proc or a cgroup mount. */
#ifndef OOM_LIB_TESTS_TREE_H
#define OOM_LIB_TESTS_TREE_H

#include "lib/base.h"

#include <ftw.h>
#include <sys/stat.h>

static char tree[64]; /* its path */

static inline int tree_make(void **state)
{
	(void)state;
	str_copy(tree, sizeof(tree), "/tmp/oomlab-tree-XXXXXX");
	return mkdtemp(tree) ? 0 : -1;
}

static inline int tree_remove_one(const char *path, const struct stat *st, int flag,
				  struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static inline int tree_remove(void **state)
{
	(void)state;
	return nftw(tree, tree_remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* Writes a file, with the folders on its way. */
static inline void tree_put(const char *name, const char *text)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", tree, name);
	for (char *s = strchr(path + strlen(tree) + 1, '/'); s; s = strchr(s + 1, '/')) {
		*s = '\0';
		mkdir(path, 0777);
		*s = '/';
	}
	f = fopen(path, "we");
	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

#endif
