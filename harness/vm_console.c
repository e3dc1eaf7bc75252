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

ssize_t vm_console_last_with(const char *text, size_t len, const char *what)
{
	const char *end = text + len, *at = text, *found = NULL;

	while (at < end && (at = memmem(at, end - at, what, strlen(what)))) {
		found = at;
		at += line_len(at, end);
	}
	if (!found)
		return -1;
	while (found > text && found[-1] != '\n')
		found--;
	return found - text;
}

struct view {
	char *text;
	size_t len;
};

static int view_open(const char *file, struct view *v)
{
	int fd __close = open(file, O_RDONLY | O_CLOEXEC);
	struct stat st;

	*v = (struct view){};
	if (fd < 0 || fstat(fd, &st))
		return -errno;
	if (!st.st_size)
		return 0;
	v->text = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (v->text == MAP_FAILED)
		return -errno;
	v->len = st.st_size;
	return 0;
}

static void view_close(struct view *v)
{
	if (v->len)
		munmap(v->text, v->len);
}

int vm_console_read(const char *file, struct vm_console *ret)
{
	struct view v;
	int err = view_open(file, &v);

	memset(ret, 0, sizeof(*ret));
	if (err)
		return err;
	vm_console_scan(v.text, v.len, ret);
	view_close(&v);
	return 0;
}

off_t vm_console_find_last(const struct vm *vm, off_t from, const char *text)
{
	struct view v;
	ssize_t at = -1;

	if (view_open(vm->console, &v))
		return from;
	if (from >= 0 && (size_t)from < v.len)
		at = vm_console_last_with(v.text + from, v.len - from, text);
	view_close(&v);
	return at < 0 ? from : from + at;
}
