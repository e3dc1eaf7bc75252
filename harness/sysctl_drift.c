// SPDX-License-Identifier: MIT
/* oomlab sysctl drift: the defaults that are not the same in all kernels of the tables. */
#include "harness/sysctl_cmd.h"
#include "harness/sysctl_table.h"

#define VALUE_LEN 24 /* of a column; longer ones are cut */

/* The names of all tables, each once. */
static const char **all_names(const struct sysctl_table *t, size_t nr, size_t *nr_names)
{
	size_t n = 0, kept = 0;
	const char **names;

	for (size_t i = 0; i < nr; i++)
		n += t[i].nr;
	names = calloc(n + 1, sizeof(*names));
	n = 0;
	for (size_t i = 0; names && i < nr; i++)
		for (size_t j = 0; j < t[i].nr; j++)
			names[n++] = t[i].rows[j].name;
	if (n)
		qsort(names, n, sizeof(*names), str_order);
	for (size_t i = 0; i < n; i++)
		if (!i || !str_eq(names[i], names[kept - 1]))
			names[kept++] = names[i];
	*nr_names = kept;
	return names;
}

static bool same(const struct sysctl_default *a, const struct sysctl_default *b)
{
	if (!a || !b || !a->value || !b->value)
		return !a == !b && (!a || !a->value == !b->value);
	return str_eq(a->value, b->value) && a->by_size == b->by_size;
}

static bool drifts(const struct sysctl_table *t, size_t nr, const char *name)
{
	for (size_t i = 1; i < nr; i++)
		if (!same(sysctl_table_find(&t[0], name), sysctl_table_find(&t[i], name)))
			return true;
	return false;
}

static const char *cell(const struct sysctl_default *d, char *buf, size_t len)
{
	snprintf(buf, len, "%s%s", d && d->by_size ? "~ " : "",
		 !d	    ? "-"
		 : d->value ? *d->value ? d->value : "(empty)"
			    : "(unreadable)");
	for (char *p = buf; *p; p++)
		if (*p == '\t')
			*p = ' ';
	return buf;
}

static void drift_text(const struct sysctl_table *t, size_t nr, const char **names, size_t nr_names)
{
	size_t shown = 0;
	int wide = 0;

	for (size_t i = 0; i < nr_names; i++)
		if (drifts(t, nr, names[i]))
			wide = max(wide, (int)strlen(names[i]));
	printf("%-*s", wide, "");
	for (size_t i = 0; i < nr; i++)
		printf("  %-*s", VALUE_LEN, t[i].kernel);
	putchar('\n');
	for (size_t i = 0; i < nr_names; i++) {
		if (!drifts(t, nr, names[i]))
			continue;
		printf("%-*s", wide, names[i]);
		for (size_t j = 0; j < nr; j++) {
			char buf[VALUE_LEN + 1];

			printf("  %-*s", VALUE_LEN,
			       cell(sysctl_table_find(&t[j], names[i]), buf, sizeof(buf)));
		}
		putchar('\n');
		shown++;
	}
	printf("# %zu of %zu differ; - is not there, ~ depends on the machine\n", shown, nr_names);
}

static void drift_json(const struct sysctl_table *t, size_t nr, const char **names, size_t nr_names)
{
	char buf[4096];
	struct jsonw w;

	jsonw_init_flush(&w, buf, sizeof(buf), sysctl_to_stdout, NULL);
	jsonw_object(&w, NULL);
	jsonw_u64(&w, "schema", 1);
	jsonw_array(&w, "sysctls");
	for (size_t i = 0; i < nr_names; i++) {
		if (!drifts(t, nr, names[i]))
			continue;
		jsonw_object(&w, NULL);
		jsonw_str(&w, "name", names[i]);
		jsonw_object(&w, "values");
		for (size_t j = 0; j < nr; j++) {
			const struct sysctl_default *d = sysctl_table_find(&t[j], names[i]);

			if (d)
				jsonw_str(&w, t[j].kernel, d->value);
		}
		jsonw_close(&w);
		jsonw_close(&w);
	}
	jsonw_finish(&w);
	putchar('\n');
}

/* Only the kernels that were named, in their order. */
static int choose(const struct sysctl_args *a, struct sysctl_table **ret, size_t *nr)
{
	struct fail f = { 0 };

	if (!a->nr_words)
		return sysctl_tables_load(ret, nr, &f) < 0 ? usage_error("%s", f.where) : 0;
	*nr = 0;
	*ret = calloc(a->nr_words, sizeof(**ret));
	for (; *ret && *nr < a->nr_words; (*nr)++)
		if (sysctl_table_load(a->words[*nr], &(*ret)[*nr], &f) < 0)
			return usage_error("no table of '%s': %s", a->words[*nr], f.where);
	return *ret ? 0 : usage_error("%s", strerror(ENOMEM));
}

int sysctl_drift(const struct sysctl_args *a)
{
	const char **names __free = NULL;
	struct sysctl_table *tables = NULL;
	size_t nr = 0, nr_names;
	int err = choose(a, &tables, &nr);

	names = err ? NULL : all_names(tables, nr, &nr_names);
	if (names && a->json)
		drift_json(tables, nr, names, nr_names);
	else if (names)
		drift_text(tables, nr, names, nr_names);
	sysctl_tables_free(tables, nr);
	return err ? err : names ? EXIT_PASSED : usage_error("%s", strerror(ENOMEM));
}
