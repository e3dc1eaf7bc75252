// SPDX-License-Identifier: MIT
#include "harness/profile.h"
#include "harness/case_find.h"
#include "harness/schema.h"
#include "lib/sysctl.h"

#include <limits.h>

static void read_name(struct reader *r, const struct schema_row *row, const struct ynode *v,
		      void *to)
{
	struct profile *p = to;
	const char *base = strrchr(p->file, '/');
	size_t n = strlen(v->text ? v->text : "");

	row_chars(r, row, v, to);
	base = base ? base + 1 : p->file;
	if (v->kind == YNODE_SCALAR && *p->name &&
	    (strncmp(base, v->text, n) != 0 || !str_eq(base + n, ".yaml")))
		told(r, v, "profile '%s': the file's name without .yaml is due", v->text);
}

static void add_want(struct reader *r, const struct ynode *v, void *to)
{
	struct profile_value *value = to;
	struct profile_want *w;

	if (!value_is_scalar(r, v, "want"))
		return;
	w = GROW(r, value->wants, value->nr_wants);
	if (!w)
		return;
	w->is_range = strchr("<>", *v->text) != NULL || strstr(v->text, "..");
	if (w->is_range && !range_parse(v->text, RANGE_NUMBERS, &w->range))
		told(r, v, "want '%s': a value or a range is due, as 0, '>= 1' or 1..3", v->text);
	w->text = strdup(v->text);
	if (!w->text)
		r->d->err = -ENOMEM;
}

static void read_want(struct reader *r, const struct schema_row *row, const struct ynode *v,
		      void *to)
{
	value_each(r, v, row->key, to, add_want);
}

static void add_case(struct reader *r, const struct ynode *v, void *to)
{
	struct profile_value *value = to;
	char **name;

	if (!value_is_scalar(r, v, "cases"))
		return;
	if (strspn(v->text, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(v->text)) {
		told(r, v, "cases: '%s' is no name of a case", v->text);
		return;
	}
	name = GROW(r, value->cases, value->nr_cases);
	if (name && !(*name = strdup(v->text)))
		r->d->err = -ENOMEM;
}

static void read_cases(struct reader *r, const struct schema_row *row, const struct ynode *v,
		       void *to)
{
	value_each(r, v, row->key, to, add_case);
}

static const struct schema_row value_rows[] = {
	{ "want", "value, '>= 1', 1..3 or a list", "what is right; of a list any", .required = true,
	  .read = read_want },
	{ "source", "one line", "who says so; `kernel default` if nobody but the kernel",
	  .required = true, .read = row_line, ROW_FIELD(struct profile_value, source) },
	{ "promise", "one line", "what the value is for, as a machine can show it",
	  .read = row_line, ROW_FIELD(struct profile_value, promise) },
	{ "cases", "[CASE, ...]", "what must hold if the promise is kept", .read = read_cases },
	{ .key = NULL },
};

const struct schema schema_profile_value = { "a value of a profile", "A value of a profile",
					     value_rows };

static void read_value(struct reader *r, const struct ynode *v, struct profile *p)
{
	struct profile_value *value;

	if (!sysctl_name_ok(v->key->text) || strlen(v->key->text) >= sizeof(value->name)) {
		told(r, v->key,
		     "sysctl '%s': dots between a-z, 0-9, '_' and '-' are due, as vm.panic_on_oom",
		     v->key->text);
		return;
	}
	value = GROW(r, p->values, p->nr_values);
	if (!value)
		return;
	str_copy(value->name, sizeof(value->name), v->key->text);
	value->where = (struct where){ p->file, v->key->line, v->key->column };
	schema_read(r, &schema_profile_value, v, value);
	if (!ynode_get(v, "promise") != !ynode_get(v, "cases"))
		told(r, v->key, "%s: 'promise' and 'cases' are due together", value->name);
}

static void read_values(struct reader *r, const struct schema_row *row, const struct ynode *v,
			void *to)
{
	if (value_is_map(r, v, row->key))
		for (v = v->child; v; v = v->next)
			read_value(r, v, to);
}

static const struct schema_row profile_rows[] = {
	{ "profile", "NAME", "the file's name without `.yaml`", .required = true, .read = read_name,
	  ROW_FIELD(struct profile, name) },
	{ "summary", "one line", "whose values these are", .required = true, .read = row_line,
	  ROW_FIELD(struct profile, summary) },
	{ "why", "text", "what is behind them", .read = row_text, ROW_FIELD(struct profile, why) },
	{ "values", "SYSCTL: value", "what should be set", .required = true, .read = read_values },
	{ .key = NULL },
};

const struct schema schema_profile = { "the profile", "A profile (`cases/profiles/`)",
				       profile_rows };

void profile_free(struct profile *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->nr_values; i++) {
		struct profile_value *v = &p->values[i];

		for (size_t j = 0; j < v->nr_wants; j++)
			free(v->wants[j].text);
		for (size_t j = 0; j < v->nr_cases; j++)
			free(v->cases[j]);
		free(v->wants);
		free(v->cases);
		free(v->source);
		free(v->promise);
	}
	free(p->values);
	free(p->file);
	free(p->summary);
	free(p->why);
	free(p);
}

int profile_parse(const char *file, const char *text, size_t len, struct profile **ret,
		  char **messages)
{
	struct profile *p = calloc(1, sizeof(*p));
	struct diag d = { .file = file };
	struct reader r = { .d = &d };
	struct ynode *root;
	int err;

	*ret = NULL;
	*messages = NULL;
	if (!p || !(p->file = strdup(file))) {
		free(p);
		return -ENOMEM;
	}
	root = yaml_dom_read(text, len, &d);
	if (root && !d.err)
		schema_read(&r, &schema_profile, root, p);
	ynode_free(root);
	err = d.err ? d.err : d.nr ? -EINVAL : 0;
	*messages = diag_take(&d);
	if (err == -EINVAL && !*messages)
		err = -ENOMEM;
	if (err)
		profile_free(p);
	else
		*ret = p;
	return err;
}

int profile_load(const char *file, struct profile **ret, char **messages)
{
	char *text __free = NULL;
	ssize_t n = yaml_file_read(file, &text);

	*ret = NULL;
	*messages = NULL;
	return n < 0 ? (int)n : profile_parse(file, text, (size_t)n, ret, messages);
}

const char *profile_path(const char *word, char *buf, size_t len)
{
	char cases[PATH_MAX];
	size_t n = strlen(word);

	if (strchr(word, '/') || (n > 5 && str_eq(word + n - 5, ".yaml")))
		str_copy(buf, len, word);
	else
		snprintf(buf, len, "%s/profiles/%s.yaml", cases_dir(cases, sizeof(cases)), word);
	return buf;
}

bool profile_allows(const struct profile_value *v, const char *value)
{
	int64_t saw;

	for (size_t i = 0; i < v->nr_wants; i++) {
		const struct profile_want *w = &v->wants[i];

		if (w->is_range) {
			if (sysctl_number(value, &saw) && saw >= w->range.lo && saw <= w->range.hi)
				return true;
		} else if (sysctl_same(w->text, value)) {
			return true;
		}
	}
	return false;
}

const char *profile_wants(const struct profile_value *v, char *buf, size_t len)
{
	size_t at = 0;

	*buf = '\0';
	for (size_t i = 0; i < v->nr_wants && at < len; i++)
		at += (size_t)snprintf(buf + at, len - at, "%s%s",
				       i		 ? ", "
				       : v->nr_wants > 1 ? "one of "
							 : "",
				       v->wants[i].text);
	return buf;
}
