// SPDX-License-Identifier: MIT
/* The console log of a guest: its panic, and its last words. */
#include "harness/vm_internal.h"

#include <ctype.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

static const char panic_words[] = "Kernel panic - not syncing";

/* A line as text: without '\r' and control characters, at most `len` - 1 of it. */
static void take_text(const char *from, size_t n, char *buf, size_t len)
{
	size_t k = 0;

	for (size_t i = 0; i < n && k + 1 < len; i++)
		if (isprint((unsigned char)from[i]))
			buf[k++] = from[i];
		else if (from[i] == '\t')
			buf[k++] = ' ';
	buf[k] = '\0';
}

static size_t line_len(const char *at, const char *end)
{
	const char *nl = memchr(at, '\n', end - at);

	return (nl ?: end) - at;
}

/* [    3.141592] Kernel panic - not syncing: Out of memory: compulsory panic_on_oom is enabled */
void vm_console_scan(const char *text, size_t len, struct vm_console *ret)
{
	const char *end = text + len, *at;
	char line[VM_LINE_MAX];

	memset(ret, 0, sizeof(*ret));
	at = len ? memmem(text, len, panic_words, sizeof(panic_words) - 1) : NULL;
	if (at)
		take_text(at, line_len(at, end), ret->panic, sizeof(ret->panic));
	while (end > text) {
		at = end;
		while (at > text && at[-1] != '\n')
			at--;
		take_text(at, end - at, line, sizeof(line));
		if (line[strspn(line, " ")]) {
			str_copy(ret->last, sizeof(ret->last), line);
			return;
		}
		end = at > text ? at - 1 : text;
	}
}

int vm_console_read(const char *file, struct vm_console *ret)
{
	int fd __close = open(file, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *p;

	memset(ret, 0, sizeof(*ret));
	if (fd < 0 || fstat(fd, &st))
		return -errno;
	if (!st.st_size)
		return 0;
	p = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return -errno;
	vm_console_scan(p, st.st_size, ret);
	munmap(p, st.st_size);
	return 0;
}
