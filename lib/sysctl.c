// SPDX-License-Identifier: MIT
#include "lib/sysctl.h"
#include "lib/fs.h"

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
