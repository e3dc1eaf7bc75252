// SPDX-License-Identifier: MIT
/* Members of one JSON record: taken with their type and length checked, never beyond their room. */
#include "harness/evidence_parse.h"

/* A string member without NULs (they become '?'); NULL if it is not there or is null. */
const char *ev_text_of(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

char *ev_text_dup(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);
	size_t len = json_is_string(v) ? json_string_length(v) : 0;
	char *copy = malloc(len + 1);

	if (!copy)
		return NULL;
	if (len)
		memcpy(copy, json_string_value(v), len);
	for (size_t i = 0; i < len; i++)
		if (!copy[i])
			copy[i] = '?';
	copy[len] = '\0';
	return copy;
}

int ev_need_text(const json_t *o, const char *key, char *buf, size_t len, struct fail *f)
{
	const char *s = ev_text_of(o, key);

	if (!s)
		return fail_set(f, -EBADMSG, "\"%s\" is no text", key);
	if (!str_copy(buf, len, s))
		return fail_set(f, -EBADMSG, "\"%s\" is longer than %zu bytes", key, len - 1);
	return 0;
}

int ev_need_int(const json_t *o, const char *key, int64_t *ret, struct fail *f)
{
	const json_t *v = json_object_get(o, key);

	if (!json_is_integer(v))
		return fail_set(f, -EBADMSG, "\"%s\" is no number", key);
	*ret = json_integer_value(v);
	return 0;
}

int ev_need_u64(const json_t *o, const char *key, uint64_t *ret, struct fail *f)
{
	int64_t v = 0;
	int err = ev_need_int(o, key, &v, f);

	if (!err && v < 0)
		err = fail_set(f, -EBADMSG, "\"%s\" is negative", key);
	if (!err)
		*ret = (uint64_t)v;
	return err;
}

/* 0 where it is not there: a measurement the player could not take. */
uint64_t ev_maybe_u64(const json_t *o, const char *key)
{
	json_int_t v = json_integer_value(json_object_get(o, key));

	return v > 0 ? (uint64_t)v : 0;
}
