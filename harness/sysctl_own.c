// SPDX-License-Identifier: MIT
/* --boot: what the root's own init has made of its files, or done beside them. */
#include "harness/run_args.h"
#include "harness/sysctl_cmd.h"
#include "harness/sysctl_table.h"
#include "lib/sysctl.h"

static void say(const char *line)
{
	fprintf(stderr, "oomlab: %s\n", line);
}

static int get_tables(const char *spec, const char *root, struct sysctl_table *defaults,
		      struct sysctl_table *own)
{
	struct fail f = { 0 };
	struct kernel k;
	int err = kernel_get(spec, say, &k, &f);

	if (err)
		return usage_error("--kernel: %s", f.where);
	err = sysctl_table_load(spec, defaults, &f);
	if (err == -ENOENT)
		err = sysctl_table_boot(&k, NULL, false, defaults, &f);
	if (!err)
		err = sysctl_table_boot(&k, root, false, own, &f);
	if (err == -EINVAL || err == -EFBIG)
		return usage_error("--boot: %s", f.where);
	if (err)
		fprintf(stderr, "oomlab: --boot: %s\n", f.where);
	return err == -EINTR ? EXIT_INTERRUPTED : err ? EXIT_BROKEN : 0;
}

/* The files said so already, or it is what the kernel has by itself. */
static bool is_known(const struct sysctl_conf *c, const struct sysctl_table *defaults,
		     const struct sysctl_default *row)
{
	const struct sysctl_assign *set = sysctl_conf_find(c, row->name);
	const struct sysctl_default *d = sysctl_table_find(defaults, row->name);

	if (set)
		return sysctl_same(set->value, row->value);
	return d && (d->by_size || !d->value || sysctl_same(d->value, row->value));
}

static int merge(struct sysctl_conf *c, const struct sysctl_table *defaults,
		 const struct sysctl_table *own)
{
	ssize_t file = sysctl_conf_add_file(c, "(its own boot)", NULL);
	int err = file < 0 ? (int)file : 0;

	for (size_t i = 0; !err && i < own->nr; i++) {
		const struct sysctl_default *row = &own->rows[i];
		char path[128];

		if (!row->value || is_known(c, defaults, row))
			continue;
		str_copy(path, sizeof(path), row->name);
		for (char *p = path; *p; p++)
			if (*p == '.')
				*p = '/';
		err = sysctl_conf_assign(c, (size_t)file, 0, path, row->value, false);
	}
	return err ? usage_error("%s", strerror(-err)) : 0;
}

int sysctl_own_boot(const struct sysctl_args *a, struct sysctl_conf *c)
{
	struct sysctl_table defaults = { 0 }, own = { 0 };
	char *list __free = strdup(a->kernels ? a->kernels : RUN_DEFAULT_KERNEL);
	int err;

	if (!list)
		return usage_error("%s", strerror(ENOMEM));
	list[strcspn(list, ",")] = '\0';
	err = get_tables(list, a->root, &defaults, &own);
	if (!err)
		err = merge(c, &defaults, &own);
	sysctl_table_free(&defaults);
	sysctl_table_free(&own);
	return err;
}
