// SPDX-License-Identifier: MIT
#include "harness/term.h"

bool term_colour(FILE *f)
{
	const char *no = getenv("NO_COLOR"), *force = getenv("CLICOLOR_FORCE");
	const char *term = getenv("TERM");
	int fd = fileno(f);

	if (no && *no)
		return false;
	if (force && *force && !str_eq(force, "0") && (fd == STDOUT_FILENO || fd == STDERR_FILENO))
		return true;
	return !(term && str_eq(term, "dumb")) && isatty(fd);
}
