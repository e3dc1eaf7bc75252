// SPDX-License-Identifier: MIT
/* oomlab sysctl show: what is set, by which line of which file, over what. */
#include "harness/sysctl_cmd.h"

#define VALUE_COLUMN   40
#define OVERRODE_SHOWN 4 /* of the lines before; --json tells all */

static int by_name(const void *a, const void *b)
{
	const struct sysctl_assign *x = *(struct sysctl_assign *const *)a;
	const struct sysctl_assign *y = *(struct sysctl_assign *const *)b;

	return strcmp(x->name, y->name);
}

/* In force and asked for, sorted by name. */
static const struct sysctl_assign **pick(const struct sysctl_conf *c, bool all, size_t *nr)
{
	const struct sysctl_assign **list = calloc(c->nr_assigns + 1, sizeof(const void *));

	*nr = 0;
	for (size_t i = 0; list && i < c->nr_assigns; i++) {
		const struct sysctl_assign *a = c->assigns[i];

		if (a->in_force && (all || sysctl_is_memory(a->name)))
			list[(*nr)++] = a;
	}
	if (list && *nr)
		qsort(list, *nr, sizeof(*list), by_name);
	return list;
}

static void value_json(struct jsonw *w, const struct sysctl_conf *c, const struct sysctl_assign *a)
{
	jsonw_str(w, "value", a->value);
	jsonw_str(w, "file", c->files[a->file].path);
	if (a->line)
		jsonw_u64(w, "line", a->line);
	if (a->by)
		jsonw_str(w, "by", a->by->name);
}

static void setting_json(struct jsonw *w, const struct sysctl_conf *c,
			 const struct sysctl_assign *a)
{
	jsonw_object(w, NULL);
	jsonw_str(w, "name", a->name);
	value_json(w, c, a);
	if (a->ignore_failure)
		jsonw_bool(w, "ignore_failure", true);
	if (a->is_glob)
		jsonw_bool(w, "glob", true);
	jsonw_array(w, "overrode");
	for (const struct sysctl_assign *o = a->overrode; o; o = o->overrode) {
		jsonw_object(w, NULL);
		value_json(w, c, o);
		jsonw_close(w);
	}
	jsonw_close(w);
	jsonw_close(w);
}

static void show_json(const struct sysctl_args *args, const struct sysctl_conf *c,
		      const struct sysctl_assign **list, size_t nr)
{
	char buf[4096];
	struct jsonw w;

	jsonw_init_flush(&w, buf, sizeof(buf), sysctl_to_stdout, NULL);
	jsonw_object(&w, NULL);
	jsonw_u64(&w, "schema", 1);
	jsonw_str(&w, "root", args->root);
	jsonw_array(&w, "sysctls");
	for (size_t i = 0; i < nr; i++)
		setting_json(&w, c, list[i]);
	jsonw_close(&w);
	jsonw_array(&w, "files");
	for (size_t i = 0; i < c->nr_files; i++) {
		jsonw_object(&w, NULL);
		jsonw_str(&w, "path", c->files[i].path);
		jsonw_bool(&w, "read", c->files[i].read || args->host);
		if (c->files[i].note)
			jsonw_str(&w, "note", c->files[i].note);
		jsonw_close(&w);
	}
	jsonw_finish(&w);
	putchar('\n');
}

static void setting_text(const struct sysctl_conf *c, const struct sysctl_assign *a, bool host)
{
	char place[512];
	int n;

	if (a->ignore_failure || !a->value)
		putchar('-');
	n = sysctl_put(stdout, a->name) + (a->ignore_failure || !a->value);
	if (a->value) {
		fputs(" = ", stdout);
		n += 3 + sysctl_put(stdout, a->value);
	}
	if (host) {
		putchar('\n');
		return;
	}
	printf("%*s  ", max(VALUE_COLUMN - n, 0), "");
	sysctl_put(stdout, sysctl_place(c, a, place, sizeof(place)));
	a = a->overrode;
	for (int i = 0; a && i < OVERRODE_SHOWN; i++, a = a->overrode) {
		fputs(", over ", stdout);
		sysctl_put(stdout, a->value ? a->value : "none");
		fputs(" of ", stdout);
		sysctl_put(stdout, sysctl_place(c, a, place, sizeof(place)));
	}
	puts(a ? ", and earlier ones" : "");
}

void sysctl_notes_text(const struct sysctl_conf *c, bool all)
{
	for (size_t i = 0; i < c->nr_files; i++) {
		if (!c->files[i].note || (c->files[i].routine && !all))
			continue;
		fputs("# ", stdout);
		sysctl_put(stdout, c->files[i].path);
		putchar(' ');
		sysctl_put(stdout, c->files[i].note);
		putchar('\n');
	}
}

void sysctl_notes_json(struct jsonw *w, const struct sysctl_conf *c)
{
	jsonw_array(w, "notes");
	for (size_t i = 0; i < c->nr_files; i++) {
		if (!c->files[i].note || c->files[i].routine)
			continue;
		jsonw_object(w, NULL);
		jsonw_str(w, "path", c->files[i].path);
		jsonw_str(w, "note", c->files[i].note);
		jsonw_close(w);
	}
	jsonw_close(w);
}

static void show_text(const struct sysctl_args *args, const struct sysctl_conf *c,
		      const struct sysctl_assign **list, size_t nr)
{
	size_t nr_read = 0;

	for (size_t i = 0; i < nr; i++)
		setting_text(c, list[i], args->host);
	for (size_t i = 0; i < c->nr_files; i++)
		nr_read += c->files[i].read;
	sysctl_notes_text(c, true);
	if (!args->host)
		printf("# %zu set%s, of %zu file%s\n", nr,
		       args->all ? "" : " that bear on memory (--all shows the rest)", nr_read,
		       nr_read == 1 ? "" : "s");
}

int sysctl_show(const struct sysctl_args *args)
{
	const struct sysctl_assign **list __free = NULL;
	struct sysctl_conf c = { 0 };
	size_t nr;
	int err = sysctl_settings(args, args->words, args->nr_words, &c);

	list = err ? NULL : pick(&c, args->all, &nr);
	if (!err && !list)
		err = usage_error("%s", strerror(ENOMEM));
	if (!err && args->json)
		show_json(args, &c, list, nr);
	else if (!err)
		show_text(args, &c, list, nr);
	sysctl_conf_free(&c);
	return err ? err : EXIT_PASSED;
}
