// SPDX-License-Identifier: MIT
#include "harness/sysctl_table.h"
#include "harness/case_find.h"
#include "lib/fs.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>

#define TABLE_MAX_BYTES MiB(1)

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct sysctl_default *)a)->name,
		      ((const struct sysctl_default *)b)->name);
}

int sysctl_table_parse(const char *kernel, const char *text, size_t len, struct sysctl_table *ret)
{
	struct sysctl_conf c = { 0 };
	ssize_t file = sysctl_conf_add_file(&c, kernel, NULL);
	int err = file < 0 ? (int)file : sysctl_conf_read(&c, (size_t)file, text, len, false);

	*ret = (struct sysctl_table){ 0 };
	str_copy(ret->kernel, sizeof(ret->kernel), kernel);
	ret->rows = calloc(c.nr_assigns + 1, sizeof(*ret->rows));
	if (!ret->rows)
		err = -ENOMEM;
	for (size_t i = 0; !err && i < c.nr_assigns; i++) {
		const struct sysctl_assign *a = c.assigns[i];
		struct sysctl_default *d = &ret->rows[ret->nr];
		const char *value = a->value;

		if (!a->in_force)
			continue;
		d->by_size = value && *value == '~';
		value = d->by_size ? value + 1 + (value[1] == ' ') : value;
		d->name = strdup(a->name);
		d->value = value ? strdup(value) : NULL;
		ret->nr++;
		if (!d->name || (value && !d->value))
			err = -ENOMEM;
	}
	sysctl_conf_free(&c);
	if (err)
		sysctl_table_free(ret);
	else if (ret->nr)
		qsort(ret->rows, ret->nr, sizeof(*ret->rows), by_name);
	return err;
}

void sysctl_table_write(const struct sysctl_table *t, FILE *f)
{
	for (size_t i = 0; i < t->nr; i++) {
		const struct sysctl_default *d = &t->rows[i];

		if (d->value)
			fprintf(f, "%s = %s%s\n", d->name, d->by_size ? "~ " : "", d->value);
		else
			fprintf(f, "-%s\n", d->name);
	}
}

void sysctl_table_free(struct sysctl_table *t)
{
	for (size_t i = 0; i < t->nr; i++) {
		free(t->rows[i].name);
		free(t->rows[i].value);
	}
	free(t->rows);
	*t = (struct sysctl_table){ 0 };
}

const struct sysctl_default *sysctl_table_find(const struct sysctl_table *t, const char *name)
{
	const struct sysctl_default like = { .name = (char *)name };

	return t->nr ? bsearch(&like, t->rows, t->nr, sizeof(*t->rows), by_name) : NULL;
}

void sysctl_table_compare(struct sysctl_table *t, const struct sysctl_table *larger)
{
	for (size_t i = 0; i < t->nr; i++) {
		struct sysctl_default *d = &t->rows[i];
		const struct sysctl_default *other = sysctl_table_find(larger, d->name);

		d->by_size =
			d->value && (!other || !other->value || !str_eq(d->value, other->value));
	}
}

const char *sysctl_table_name(const char *spec, char *buf, size_t len)
{
	const char *base = strrchr(spec, '/');

	str_copy(buf, len, base ? base + 1 : spec);
	for (char *p = buf; *p; p++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-",
			    *p))
			*p = '-';
	return buf;
}

static int load(int dir, const char *kernel, struct sysctl_table *ret, struct fail *f)
{
	char file[80], *text __free = NULL;
	size_t len;
	int err;

	snprintf(file, sizeof(file), "%s.txt", kernel);
	err = fs_read_in_root(dir, file, TABLE_MAX_BYTES, &text, &len);
	if (!err)
		err = sysctl_table_parse(kernel, text, len, ret);
	return err ? fail_errno(f, err, "profiles/defaults/%s", file) : 0;
}

static int open_dir(struct fail *f)
{
	char cases[PATH_MAX], path[PATH_MAX + 32];
	int fd;

	snprintf(path, sizeof(path), "%s/profiles/defaults", cases_dir(cases, sizeof(cases)));
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? fail_errno(f, -errno, "%s", path) : fd;
}

int sysctl_table_load(const char *spec, struct sysctl_table *ret, struct fail *f)
{
	int dir __close = open_dir(f);
	char name[64];

	*ret = (struct sysctl_table){ 0 };
	return dir < 0 ? dir : load(dir, sysctl_table_name(spec, name, sizeof(name)), ret, f);
}

static int is_table(const struct dirent *e)
{
	size_t n = strlen(e->d_name);

	return *e->d_name != '.' && n > 4 && n < 64 && str_eq(e->d_name + n - 4, ".txt");
}

int sysctl_tables_load(struct sysctl_table **ret, size_t *nr, struct fail *f)
{
	int dir __close = open_dir(f), found, err = 0;
	struct dirent **list = NULL;

	*ret = NULL;
	*nr = 0;
	if (dir < 0)
		return dir;
	found = scandirat(dir, ".", &list, is_table, versionsort);
	if (found >= 0)
		*ret = calloc((size_t)found + 1, sizeof(**ret));
	if (!*ret)
		err = fail_errno(f, -errno, "profiles/defaults");
	for (int i = 0; i < found; i++) {
		list[i]->d_name[strlen(list[i]->d_name) - 4] = '\0';
		if (!err)
			err = load(dir, list[i]->d_name, &(*ret)[*nr], f);
		*nr += !err;
		free(list[i]);
	}
	free(list);
	return err;
}

void sysctl_tables_free(struct sysctl_table *tables, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		sysctl_table_free(&tables[i]);
	free(tables);
}
