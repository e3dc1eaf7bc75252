// SPDX-License-Identifier: MIT
#include "lib/jsonw.h"
#include "lib/utf8.h"

void jsonw_init(struct jsonw *w, char *buf, size_t cap)
{
	*w = (struct jsonw){ .buf = buf, .cap = cap };
}

void jsonw_init_flush(struct jsonw *w, char *buf, size_t cap,
		      int (*flush)(void *ctx, const char *text, size_t len), void *ctx)
{
	*w = (struct jsonw){ .buf = buf, .cap = cap, .flush = flush, .ctx = ctx };
}

static int to_stream(void *ctx, const char *text, size_t len)
{
	return fwrite(text, 1, len, ctx) == len ? 0 : -EIO;
}

void jsonw_init_stream(struct jsonw *w, char *buf, size_t cap, FILE *out)
{
	jsonw_init_flush(w, buf, cap, to_stream, out);
}

static void drain(struct jsonw *w)
{
	int err = w->flush(w->ctx, w->buf, w->len);

	if (err && !w->err)
		w->err = err;
	w->len = 0;
}

static void put(struct jsonw *w, const char *s, size_t n)
{
	while (n && !w->err) {
		size_t room = w->cap - w->len;
		size_t part = min(n, room);

		memcpy(w->buf + w->len, s, part);
		w->len += part;
		s += part;
		n -= part;
		if (w->len < w->cap)
			continue;
		if (w->flush && w->cap)
			drain(w);
		else if (n)
			w->err = -ENOSPC;
	}
}

static void put_escaped(struct jsonw *w, const char *text, size_t n)
{
	static const char hex[] = "0123456789abcdef";
	const unsigned char *s = (const unsigned char *)text;

	put(w, "\"", 1);
	while (n) {
		size_t len = utf8_len((const char *)s, n);

		if (!len) {
			put(w, "\\ufffd", 6);
			len = 1;
		} else if (*s == '"' || *s == '\\') {
			put(w, (char[]){ '\\', *s }, 2);
		} else if (*s == '\n') {
			put(w, "\\n", 2);
		} else if (*s < 0x20 || *s == 0x7f) {
			put(w, (char[]){ '\\', 'u', '0', '0', hex[*s >> 4], hex[*s & 15] }, 6);
		} else {
			put(w, (const char *)s, len);
		}
		s += len;
		n -= len;
	}
	put(w, "\"", 1);
}

static void begin_value(struct jsonw *w, const char *key)
{
	if (w->comma[w->depth])
		put(w, ",", 1);
	w->comma[w->depth] = true;
	if (key) {
		put_escaped(w, key, strlen(key));
		put(w, ":", 1);
	}
}

static void open_scope(struct jsonw *w, const char *key, bool array)
{
	begin_value(w, key);
	if (w->depth + 1 >= JSONW_DEPTH) {
		w->err = w->err ? w->err : -EOVERFLOW;
		return;
	}
	put(w, array ? "[" : "{", 1);
	w->depth++;
	w->comma[w->depth] = false;
	w->array[w->depth] = array;
}

void jsonw_object(struct jsonw *w, const char *key)
{
	open_scope(w, key, false);
}

void jsonw_array(struct jsonw *w, const char *key)
{
	open_scope(w, key, true);
}

void jsonw_close(struct jsonw *w)
{
	if (!w->depth)
		return;
	put(w, w->array[w->depth] ? "]" : "}", 1);
	w->depth--;
}

void jsonw_strn(struct jsonw *w, const char *key, const char *value, size_t len)
{
	begin_value(w, key);
	put_escaped(w, value, len);
}

void jsonw_str(struct jsonw *w, const char *key, const char *value)
{
	if (value)
		jsonw_strn(w, key, value, strlen(value));
	else
		jsonw_null(w, key);
}

void jsonw_raw(struct jsonw *w, const char *key, const char *json, size_t len)
{
	begin_value(w, key);
	put(w, json, len);
}

void jsonw_u64(struct jsonw *w, const char *key, uint64_t value)
{
	char s[24];

	jsonw_raw(w, key, s, snprintf(s, sizeof(s), "%llu", (unsigned long long)value));
}

void jsonw_i64(struct jsonw *w, const char *key, int64_t value)
{
	char s[24];

	jsonw_raw(w, key, s, snprintf(s, sizeof(s), "%lld", (long long)value));
}

/* By integers, because printf's decimal point is the locale's. */
void jsonw_double(struct jsonw *w, const char *key, double value)
{
	bool negative = value < 0;
	double v = negative ? -value : value;
	unsigned long long micros;
	char s[48];

	if (!(v < 1e12)) {
		jsonw_null(w, key);
		return;
	}
	micros = (unsigned long long)(v * 1e6 + 0.5);
	jsonw_raw(w, key, s,
		  snprintf(s, sizeof(s), "%s%llu.%06llu", negative ? "-" : "", micros / 1000000,
			   micros % 1000000));
}

void jsonw_bool(struct jsonw *w, const char *key, bool value)
{
	jsonw_raw(w, key, value ? "true" : "false", value ? 4 : 5);
}

void jsonw_null(struct jsonw *w, const char *key)
{
	jsonw_raw(w, key, "null", 4);
}

ssize_t jsonw_finish(struct jsonw *w)
{
	while (w->depth)
		jsonw_close(w);
	if (w->flush && w->len)
		drain(w);
	return w->err ? w->err : (ssize_t)w->len;
}
