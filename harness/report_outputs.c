// SPDX-License-Identifier: MIT
/* Which formats there are, and where each one's text goes. */
#include "harness/report_impl.h"

static const struct report_format *const formats[] = {
	/* keep sorted */
	&report_html, &report_json, &report_junit, &report_ktap,
	&report_lava, &report_ltp,  &report_tap,   &report_text_lines,
};

static const struct report_format *find(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		if (strlen(formats[i]->name) == len && strncmp(formats[i]->name, name, len) == 0)
			return formats[i];
	return NULL;
}

static int no_format(const char *text, struct fail *f)
{
	char names[128] = "";
	size_t at = 0;

	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		at += (size_t)snprintf(names + at, sizeof(names) - at, "%s%s",
				       !i			     ? ""
				       : i + 1 < ARRAY_SIZE(formats) ? ", "
								     : " or ",
				       formats[i]->name);
	return fail_set(f, -EINVAL, "--format %.64s: %s was expected", text, names);
}

int report_output_add(struct report_outputs *o, const char *text, struct fail *f)
{
	const char *file = strchr(text, '=');
	const struct report_format *format =
		find(text, file ? (size_t)(file - text) : strlen(text));

	if (!format)
		return no_format(text, f);
	if (file && !*++file)
		return fail_set(f, -EINVAL, "--format %s=: a file was expected", format->name);
	if (o->nr == REPORT_OUTPUTS_MAX)
		return fail_set(f, -EINVAL, "--format: more than %d", REPORT_OUTPUTS_MAX);
	for (size_t i = 0; i < o->nr; i++) {
		const struct report_output *other = &o->list[i];

		if (!file && !other->path)
			return fail_set(f, -EINVAL,
					"--format %s: %s has standard output; write %s=FILE",
					format->name, other->format->name, format->name);
		if (file && other->path && str_eq(file, other->path))
			return fail_set(f, -EINVAL, "--format %s=%.256s: that file is for %s",
					format->name, file, other->format->name);
	}
	o->list[o->nr++] = (struct report_output){ .format = format, .path = file };
	return 0;
}

static struct report_sink *add_sink(struct report *r, const struct report_format *format,
				    const char *path, FILE *out)
{
	struct report_sink *s = &r->sinks[r->nr_sinks++];

	*s = (struct report_sink){ .format = format, .path = path, .out = out };
	return s;
}

int report_sinks_open(struct report *r, const struct report_outputs *o, struct fail *f)
{
	const struct report_format *on_out = &report_ktap;

	for (size_t i = 0; i < o->nr; i++)
		if (!o->list[i].path)
			on_out = o->list[i].format;
	if (r->out)
		add_sink(r, on_out, NULL, r->out);
	r->people = r->out && on_out->for_people ? r->out : r->err;
	for (size_t i = 0; i < o->nr; i++) {
		const char *path = o->list[i].path;
		FILE *out;

		if (!path)
			continue;
		out = fopen(path, "we");
		if (!out)
			return fail_errno(f, -errno, "write %.256s", path);
		add_sink(r, o->list[i].format, path, out);
	}
	return 0;
}

/* Standard output is asked by main() how it went. */
int report_sinks_close(struct report *r)
{
	int status = 0;

	for (struct report_sink *s = r->sinks; s < r->sinks + r->nr_sinks; s++) {
		bool failed;

		if (!s->path)
			continue;
		errno = EIO; /* if it failed before, we no longer know why */
		failed = ferror(s->out) != 0;
		failed |= fclose(s->out) == EOF;
		if (!failed)
			continue;
		fprintf(r->err, "oomlab: write %s: %s\n", s->path, strerror(errno));
		status = -EIO;
	}
	r->nr_sinks = 0;
	return status;
}
