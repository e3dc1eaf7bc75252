// SPDX-License-Identifier: MIT
#include "harness/stage.h"

#include <stdarg.h>

void emit_begin(struct stage *s, const char *type)
{
	jsonw_init(&s->w, s->line, sizeof(s->line));
	jsonw_object(&s->w, NULL);
	jsonw_str(&s->w, "t", type);
	jsonw_u64(&s->w, "us", proc_now_us());
	jsonw_u64(&s->w, "i", s->nr_lines++);
}

void emit_end(struct stage *s)
{
	ssize_t n = jsonw_finish(&s->w);
	int err = n < 0 ? (int)n : s->player->sink.line(s->player->sink.ctx, s->line, (size_t)n);

	if (err && !s->sink_err)
		s->sink_err = err;
}

void emit_text(struct stage *s, const char *type, const char *key, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	emit_begin(s, type);
	jsonw_str(&s->w, key, text);
	emit_end(s);
}
