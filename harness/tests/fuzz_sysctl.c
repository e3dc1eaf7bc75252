// SPDX-License-Identifier: MIT
/* libFuzzer target for files of sysctl.d: the input is two files, cut where a byte is 0xff. */
#include "lib/sysctl_conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fail_here(const char *what)
{
	fprintf(stderr, "fuzz_sysctl: %s\n", what);
	abort();
}

static bool is_printable(const char *s)
{
	for (; *s; s++)
		if (*s <= ' ' || *s > '~')
			return false;
	return true;
}

/* A name is one word, leads nowhere, and finds itself. */
static void check(const struct sysctl_conf *c)
{
	for (size_t i = 0; i < c->nr_assigns; i++) {
		const struct sysctl_assign *a = c->assigns[i];

		if (!*a->path || !is_printable(a->path) || *a->path == '/' ||
		    str_starts(a->path, "../") || strstr(a->path, "/../"))
			fail_here("a path that is none");
		if (a->file >= c->nr_files || !a->line)
			fail_here("a line that is nowhere");
		if (a->in_force && a->value && sysctl_conf_find(c, a->name) != a)
			fail_here("a name that does not find itself");
		sysctl_is_memory(a->name);
	}
	for (size_t i = 0; i < c->nr_files; i++)
		if (c->files[i].note && strchr(c->files[i].note, '\n'))
			fail_here("a note of two lines");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *cut = size ? memchr(data, 0xff, size) : NULL;
	size_t first = cut ? (size_t)(cut - data) : size;
	struct sysctl_conf c = { 0 };

	if (sysctl_conf_add_file(&c, "/a", NULL) != 0 || sysctl_conf_add_file(&c, "/b", NULL) != 1)
		fail_here("no memory");
	sysctl_conf_read(&c, 0, (const char *)data, first, false);
	sysctl_conf_read(&c, 1, (const char *)data + first, size - first, true);
	check(&c);
	sysctl_conf_free(&c);
	return 0;
}
