// SPDX-License-Identifier: MIT
#include "lib/sysctl.h"
#include "lib/fs.h"

#include <ctype.h>

#define BLANK " \t"

bool sysctl_name_ok(const char *name)
{
	size_t n = strlen(name);

	if (n == 0 || n > 100 || name[0] == '.' || name[n - 1] == '.' || strstr(name, ".."))
		return false;
	return strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-.") == n;
}

static int sysctl_path(const char *name, char *buf, size_t len)
{
	if (!sysctl_name_ok(name))
		return -EINVAL;
	snprintf(buf, len, "proc/sys/%s", name);
	for (char *p = buf + strlen("proc/sys/"); *p; p++)
		if (*p == '.')
			*p = '/';
	return 0;
}

ssize_t sysctl_get(int root, const char *name, char *buf, size_t len)
{
	char path[128];
	int err = sysctl_path(name, path, sizeof(path));

	return err ? err : fs_read_line(root, path, buf, len);
}

int sysctl_set(int root, const char *name, const char *value)
{
	char path[128];
	int err = sysctl_path(name, path, sizeof(path));

	return err ? err : fs_write(root, path, value);
}

bool sysctl_number(const char *s, int64_t *ret)
{
	char *end;

	if (!isdigit((unsigned char)s[*s == '-']))
		return false;
	errno = 0;
	*ret = strtoll(s, &end, 0);
	if (*end && strchr(BLANK, *end) && end[strspn(end, BLANK)] == '#')
		return errno == 0;
	return errno == 0 && *end == '\0';
}

/* "256 256 32" and what the kernel prints for it, with tabs. */
static bool same_words(const char *a, const char *b)
{
	while (*a || *b) {
		size_t n = strcspn(a, BLANK), m = strcspn(b, BLANK);

		if (n != m || strncmp(a, b, n) != 0)
			return false;
		a += n;
		b += m;
		a += strspn(a, BLANK);
		b += strspn(b, BLANK);
	}
	return true;
}

bool sysctl_same(const char *a, const char *b)
{
	int64_t x, y;

	return same_words(a, b) || (sysctl_number(a, &x) && sysctl_number(b, &y) && x == y);
}
