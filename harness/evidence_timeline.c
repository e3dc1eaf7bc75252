// SPDX-License-Identifier: MIT
/* Samples of memory over time: which columns there are, and what changed when. */
#include "harness/evidence_parse.h"

#define COLUMNS_MAX 65536

/* A list of texts; its length, or -EBADMSG. */
static ssize_t texts(const json_t *o, const char *key, struct fail *f)
{
	const json_t *list = json_object_get(o, key);
	size_t n = json_array_size(list);

	if (!json_is_array(list) || n > 1024)
		return fail_set(f, -EBADMSG, "\"%s\" is no list", key);
	for (size_t i = 0; i < n; i++)
		if (!json_is_string(json_array_get(list, i)))
			return fail_set(f, -EBADMSG, "\"%s\" is no list of names", key);
	return (ssize_t)n;
}

int ev_get_timeline(struct evidence *e, const json_t *o, struct fail *f)
{
	static const char *const kinds[][2] = { { "machine", "machines" },
						{ "cgroup", "cgroups" },
						{ "worker", "workers" },
						{ "node", "nodes" } };
	struct ev_timeline *t = &e->timeline;
	uint64_t interval_us;

	if (t->head)
		return fail_set(f, -EBADMSG, "a second timeline");
	if (ev_need_u64(o, "interval_us", &interval_us, f) < 0)
		return -EBADMSG;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		ssize_t columns = texts(o, kinds[i][0], f);
		ssize_t subjects = columns < 0 ? columns : texts(o, kinds[i][1], f);

		if (subjects < 0)
			return -EBADMSG;
		t->nr_columns += (size_t)columns * (size_t)subjects;
	}
	if (t->nr_columns > COLUMNS_MAX)
		return fail_set(f, -EBADMSG, "%zu columns", t->nr_columns);
	t->head = json_deep_copy(o);
	return t->head ? 0 : -ENOMEM;
}

static int get_change(struct evidence *e, const json_t *column, const json_t *value, struct fail *f)
{
	struct ev_timeline *t = &e->timeline;
	json_int_t n = json_integer_value(column);
	struct ev_change *c;

	if (!json_is_integer(column) || n < 0 || (size_t)n >= t->nr_columns)
		return fail_set(f, -EBADMSG, "a column that the timeline does not have");
	if (!json_is_integer(value) && !json_is_null(value))
		return fail_set(f, -EBADMSG, "a value of column %lld is no number", (long long)n);
	c = evidence_grow(&t->changes, &t->nr_changes, sizeof(*c));
	if (!c)
		return -ENOMEM;
	c->column = (size_t)n;
	c->value = json_is_null(value) ? OOM_ABSENT : json_integer_value(value);
	return 0;
}

int ev_get_sample(struct evidence *e, const json_t *o, struct fail *f)
{
	struct ev_timeline *t = &e->timeline;
	const json_t *set = json_object_get(o, "set");
	struct ev_sample *s = evidence_grow(&t->samples, &t->nr_samples, sizeof(*s));
	int err;

	if (!s)
		return -ENOMEM;
	err = ev_need_u64(o, "us", &s->us, f);
	if (!err && (!json_is_array(set) || json_array_size(set) % 2))
		err = fail_set(f, -EBADMSG, "\"set\" is no list of pairs");
	s->first = t->nr_changes;
	for (size_t i = 0; !err && i < json_array_size(set); i += 2)
		err = get_change(e, json_array_get(set, i), json_array_get(set, i + 1), f);
	s = &t->samples[t->nr_samples - 1];
	s->nr = t->nr_changes - s->first;
	return err;
}
