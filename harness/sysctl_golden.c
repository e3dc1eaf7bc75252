// SPDX-License-Identifier: MIT
/* oomlab sysctl golden: boots kernels and keeps their defaults; drift: how kernels differ in them. */
#include "harness/case_find.h"
#include "harness/folder.h"
#include "harness/sysctl_cmd.h"
#include "harness/sysctl_table.h"

#include <limits.h>

static void say(const char *line)
{
	fprintf(stderr, "oomlab: %s\n", line);
}

static int write_table(const struct sysctl_table *t, const struct kernel *k, const char *dir,
		       struct fail *f)
{
	char path[PATH_MAX + 100], *text __free = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return fail_errno(f, -errno, "table of %s", t->kernel);
	fprintf(out,
		"# Defaults of %s, release %s, read in a guest of 512 MiB with one CPU.\n"
		"# \"~\": it has another value in one of 1 GiB with two CPUs and two NUMA nodes.\n"
		"# \"-NAME\": it is there, but cannot be read. Made by 'oomlab sysctl golden'.\n",
		t->kernel, k->release);
	sysctl_table_write(t, out);
	if (fclose(out) != 0)
		return fail_errno(f, -errno, "table of %s", t->kernel);
	snprintf(path, sizeof(path), "%s/%s.txt", dir, t->kernel);
	if (folder_write(path, text, f) < 0)
		return f->err;
	printf("%s: %zu sysctls\n", path, t->nr);
	return 0;
}

static int golden_of(const char *spec, const char *dir, struct fail *f)
{
	struct sysctl_table small = { 0 }, larger = { 0 };
	struct kernel k;
	int err = kernel_get(spec, say, &k, f);

	if (!err)
		err = sysctl_table_boot(&k, NULL, false, &small, f);
	if (!err)
		err = sysctl_table_boot(&k, NULL, true, &larger, f);
	if (!err) {
		sysctl_table_compare(&small, &larger);
		err = write_table(&small, &k, dir, f);
	}
	sysctl_table_free(&small);
	sysctl_table_free(&larger);
	return err;
}

int sysctl_golden(const struct sysctl_args *a)
{
	char cases[PATH_MAX], dir[PATH_MAX + 32], *list __free = NULL, *rest, *spec;
	struct fail f = { 0 };
	int err = 0;

	if (!a->kernels || a->nr_words)
		return usage_error("sysctl golden: --kernel K[,K...] was expected, and no more");
	snprintf(dir, sizeof(dir), "%s/profiles/defaults", cases_dir(cases, sizeof(cases)));
	if (a->out)
		str_copy(dir, sizeof(dir), a->out);
	rest = list = strdup(a->kernels);
	if (!list || folder_make(dir, &f) < 0)
		return usage_error("%s", list ? f.where : strerror(ENOMEM));
	while (!err && (spec = strsep(&rest, ",")))
		err = golden_of(spec, dir, &f);
	if (err == -EINVAL || err == -ENOENT)
		return usage_error("--kernel: %s", f.where);
	if (err)
		fprintf(stderr, "oomlab: %s\n", f.where);
	return err == -EINTR ? EXIT_INTERRUPTED : err ? EXIT_BROKEN : EXIT_PASSED;
}
