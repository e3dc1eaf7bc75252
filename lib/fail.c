// SPDX-License-Identifier: MIT
#include "lib/fail.h"

#include <stdarg.h>

int fail_set(struct fail *f, int err, const char *fmt, ...)
{
	va_list ap;

	f->err = err;
	va_start(ap, fmt);
	vsnprintf(f->where, sizeof(f->where), fmt, ap);
	va_end(ap);
	return err;
}

int fail_errno(struct fail *f, int err, const char *fmt, ...)
{
	va_list ap;
	size_t n;

	f->err = err;
	va_start(ap, fmt);
	vsnprintf(f->where, sizeof(f->where), fmt, ap);
	va_end(ap);
	n = strlen(f->where);
	snprintf(f->where + n, sizeof(f->where) - n, ": %s", strerror(-err));
	return err;
}
