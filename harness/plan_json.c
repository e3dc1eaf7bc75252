// SPDX-License-Identifier: MIT
#include "harness/plan_json.h"

int get_text(struct source *s, const json_t *o, const char *key, char *buf, size_t len, bool must)
{
	const json_t *v = json_object_get(o, key);

	if (!v && !must)
		return 0;
	if (!json_is_string(v))
		return bad(s, "'%s' is no text", key);
	/* jansson refuses NUL characters in texts, so its length is that of the C string. */
	if (!str_copy(buf, len, json_string_value(v)))
		return bad(s, "'%s' is longer than %zu bytes", key, len - 1);
	return 0;
}

int get_int(struct source *s, const json_t *o, const char *key, int64_t lo, int64_t hi,
	    int64_t *ret, bool must)
{
	const json_t *v = json_object_get(o, key);

	if (!v && !must)
		return 0;
	if (!json_is_integer(v) || json_integer_value(v) < lo || json_integer_value(v) > hi)
		return bad(s, "'%s' is no number from %lld to %lld", key, (long long)lo,
			   (long long)hi);
	*ret = json_integer_value(v);
	return 0;
}

int get_u64(struct source *s, const json_t *o, const char *key, uint64_t *ret, bool must)
{
	int64_t n = 0;
	int err = get_int(s, o, key, 0, INT64_MAX, &n, must);

	*ret = (uint64_t)n;
	return err;
}

int get_bool(struct source *s, const json_t *o, const char *key, bool *ret)
{
	const json_t *v = json_object_get(o, key);

	if (!json_is_boolean(v))
		return bad(s, "'%s' is neither true nor false", key);
	*ret = json_is_true(v);
	return 0;
}

int get_list(struct source *s, const json_t *o, const char *key, size_t most, size_t elem_bytes,
	     const json_t **list, void *ret)
{
	const json_t *v = json_object_get(o, key);
	void *p;

	if (!json_is_array(v))
		return bad(s, "'%s' is no list", key);
	if (json_array_size(v) > most)
		return bad(s, "'%s' has %zu entries, at most %zu", key, json_array_size(v), most);
	p = calloc(json_array_size(v) + 1, elem_bytes);
	if (!p)
		return fail_set(s->f, -ENOMEM, "plan: no memory");
	*(void **)ret = p;
	*list = v;
	return 0;
}

int get_enum(struct source *s, const json_t *o, const char *key,
	     const char *(*name)(unsigned int i), unsigned int first, unsigned int *ret)
{
	char text[64];
	int err = get_text(s, o, key, text, sizeof(text), true);

	for (unsigned int i = first; !err && name(i); i++) {
		if (str_eq(name(i), text)) {
			*ret = i;
			return 0;
		}
	}
	return err ? err : bad(s, "'%s' is unknown: '%s'", key, text);
}

int check_cgroup(struct source *s, const char *path)
{
	for (size_t i = 0; i < s->p->nr_cgroups; i++)
		if (str_eq(s->p->cgroups[i].path, path))
			return 0;
	return *path ? bad(s, "cgroup '%s' is not in it", path) : 0;
}

int check_worker(struct source *s, const char *name)
{
	return plan_worker(s->p, name) ? 0 : bad(s, "worker '%s' is not in it", name);
}
