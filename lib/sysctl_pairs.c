// SPDX-License-Identifier: MIT
/*
 * Sysctls of which the kernel forgets one when the other is written: mm/page-writeback.c
 * dirty_bytes_handler() and its like, mm/util.c overcommit_kbytes_handler().
 */
#include "lib/sysctl.h"
#include "lib/sysctl_conf.h"

static const struct one {
	const char *name;
	int64_t least, most; /* what else is refused, and leaves the other alone */
} pairs[][2] = {
	{ { "vm.dirty_ratio", 0, 100 }, { "vm.dirty_bytes", 8192, INT64_MAX } },
	{ { "vm.dirty_background_ratio", 0, 100 }, { "vm.dirty_background_bytes", 1, INT64_MAX } },
	{ { "vm.overcommit_ratio", INT32_MIN, INT32_MAX },
	  { "vm.overcommit_kbytes", 0, INT64_MAX } },
};

static const struct sysctl_assign *written(const struct sysctl_conf *c, const struct one *o)
{
	const struct sysctl_assign *a = sysctl_conf_find(c, o->name);
	int64_t n;

	return a && sysctl_number(a->value, &n) && n >= o->least && n <= o->most ? a : NULL;
}

/* By what was written last the other has become 0. */
static int forget(struct sysctl_conf *c, const struct sysctl_assign *last, const char *other)
{
	char path[64];
	int err;

	str_copy(path, sizeof(path), other);
	*strchr(path, '.') = '/';
	err = sysctl_conf_assign(c, last->file, last->line, path, "0", false);
	if (!err)
		c->assigns[c->nr_assigns - 1]->by = last;
	return err;
}

int sysctl_conf_settle(struct sysctl_conf *c)
{
	int err = 0;

	for (size_t i = 0; !err && i < ARRAY_SIZE(pairs); i++) {
		const struct sysctl_assign *a = written(c, &pairs[i][0]);
		const struct sysctl_assign *b = written(c, &pairs[i][1]);

		if (!b) /* its default is 0 anyway */
			continue;
		if (a && a->order >= b->order) /* of one glob they are written by their names */
			err = forget(c, a, pairs[i][1].name);
		else
			err = forget(c, b, pairs[i][0].name);
	}
	return err;
}
