// SPDX-License-Identifier: MIT
#include "lib/sysctl_conf.h"

#include <fnmatch.h>
#include <search.h>

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct sysctl_assign *)a)->path,
		      ((const struct sysctl_assign *)b)->path);
}

static const struct sysctl_assign *lookup(const struct sysctl_conf *c, const char *path)
{
	struct sysctl_assign like = { .path = (char *)path };
	struct sysctl_assign **at = tfind(&like, &c->by_path, by_path);

	return at ? *at : NULL;
}

/* Dots become slashes and slashes become dots, both ways. */
static char *swapped(const char *name)
{
	char *text = strdup(name);

	for (char *p = text; p && *p; p++)
		*p = *p == '.' ? '/' : *p == '/' ? '.' : *p;
	return text;
}

ssize_t sysctl_conf_add_file(struct sysctl_conf *c, const char *path, const char *note)
{
	struct sysctl_file *bigger = reallocarray(c->files, c->nr_files + 1, sizeof(*bigger));
	struct sysctl_file f = { 0 };

	if (!bigger)
		return -ENOMEM;
	c->files = bigger;
	f.path = strdup(path);
	f.note = note ? strdup(note) : NULL;
	if (!f.path || (note && !f.note)) {
		free(f.path);
		return -ENOMEM;
	}
	c->files[c->nr_files] = f;
	return (ssize_t)c->nr_files++;
}

static void assign_free(struct sysctl_assign *a)
{
	if (!a)
		return;
	free(a->path);
	free(a->name);
	free(a->value);
	free(a);
}

/* What the key had is in force no more. With the same value a glob keeps its place in the order. */
static int put_in_force(struct sysctl_conf *c, struct sysctl_assign *a)
{
	struct sysctl_assign **at = tsearch(a, &c->by_path, by_path);

	if (!at)
		return -ENOMEM;
	if (*at != a) {
		struct sysctl_assign *old = *at;

		old->in_force = false;
		a->overrode = old;
		if (a->value && old->value && str_eq(a->value, old->value)) {
			a->order = old->order;
			a->ignore_failure |= old->ignore_failure;
		}
		*at = a;
	}
	a->in_force = true;
	return 0;
}

static int add_assign(struct sysctl_conf *c, struct sysctl_assign *a)
{
	size_t nr = c->nr_assigns;

	if (nr == SYSCTL_ASSIGNS_MAX)
		return -EOVERFLOW;
	if ((nr & (nr - 1)) == 0) { /* room for twice as many, whenever they are a power of two */
		void *bigger = reallocarray(c->assigns, nr ? 2 * nr : 1, sizeof(*c->assigns));

		if (!bigger)
			return -ENOMEM;
		c->assigns = bigger;
	}
	a->order = (unsigned int)nr;
	a->is_glob = strpbrk(a->path, "*?[") != NULL;
	if (put_in_force(c, a) < 0)
		return -ENOMEM;
	c->assigns[c->nr_assigns++] = a;
	return 0;
}

int sysctl_conf_assign(struct sysctl_conf *c, size_t file, unsigned int line, const char *path,
		       const char *value, bool ignore_failure)
{
	struct sysctl_assign *a = calloc(1, sizeof(*a));
	int err;

	if (!a)
		return -ENOMEM;
	a->path = strdup(path);
	a->name = swapped(path);
	a->value = value ? strdup(value) : NULL;
	a->ignore_failure = ignore_failure;
	a->line = line;
	a->file = file;
	err = !a->path || !a->name || (value && !a->value) ? -ENOMEM : add_assign(c, a);
	if (err)
		assign_free(a);
	return err;
}

void sysctl_conf_free(struct sysctl_conf *c)
{
	for (size_t i = 0; i < c->nr_assigns; i++)
		if (c->assigns[i]->in_force)
			tdelete(c->assigns[i], &c->by_path, by_path);
	for (size_t i = 0; i < c->nr_assigns; i++)
		assign_free(c->assigns[i]);
	for (size_t i = 0; i < c->nr_files; i++) {
		free(c->files[i].path);
		free(c->files[i].note);
	}
	free(c->assigns);
	free(c->files);
	*c = (struct sysctl_conf){ 0 };
}

/* As glob(3) does, folder by folder: a '/' ends brackets, which to fnmatch(3) it does not. */
static bool matches(const char *glob, const char *path)
{
	char *globs __free = strdup(glob), *paths __free = strdup(path);
	char *g = globs, *p = paths;

	while (g && p) {
		const char *part = strsep(&g, "/"), *name = strsep(&p, "/");

		if (fnmatch(part, name, FNM_PERIOD) != 0)
			return false;
	}
	return globs && paths && !g && !p;
}

const struct sysctl_assign *sysctl_conf_find(const struct sysctl_conf *c, const char *name)
{
	char *path __free = swapped(name);
	const struct sysctl_assign *last = path ? lookup(c, path) : NULL;

	if (last)
		return last->value ? last : NULL;
	for (size_t i = 0; path && i < c->nr_assigns; i++) {
		const struct sysctl_assign *a = c->assigns[i];

		if (a->in_force && a->is_glob && a->value && (!last || a->order > last->order) &&
		    matches(a->path, path))
			last = a;
	}
	return last;
}

bool sysctl_is_memory(const char *name)
{
	static const char *const heads[] = {
		"vm.",
		"kernel.hung_task_",
		"kernel.keys.",
		"kernel.numa_balanc",
		"kernel.oops_",
		"kernel.panic",
		"kernel.pid_max",
		"kernel.shm",
		"kernel.softlockup_p",
		"kernel.sysrq",
		"kernel.threads-max",
		"kernel.warn_limit",
	};
	size_t n = strcspn(name, "*?["), glob = name[n] != '\0';

	for (size_t i = 0; i < ARRAY_SIZE(heads); i++)
		if (str_starts(name, heads[i]) || (glob && strncmp(name, heads[i], n) == 0))
			return true;
	return false;
}
