// SPDX-License-Identifier: MIT
/* Apart from main(), so that tests can link the subcommands. See cmd.h. */
#include "harness/cmd.h"

#include <stdarg.h>

int usage_error(const char *fmt, ...)
{
	va_list ap;

	fputs("oomlab: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return EXIT_USAGE;
}
