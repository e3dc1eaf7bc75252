// SPDX-License-Identifier: MIT
#include "lib/sysfs.h"
#include "lib/fs.h"

bool sysfs_path_ok(const char *path)
{
	if (!str_starts(path, "/sys/") || strlen(path) >= SYSFS_PATH_MAX)
		return false;
	for (const char *p = path; *p;) {
		size_t n = strcspn(++p, "/");

		if (strspn(p, ".") == n ||
		    strspn(p, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.") <
			    n)
			return false;
		p += n;
	}
	return true;
}

ssize_t sysfs_get(int root, const char *path, char *buf, size_t len)
{
	char *open, *close;
	ssize_t n;

	if (!sysfs_path_ok(path))
		return -EINVAL;
	n = fs_read_line(root, path + 1, buf, len);
	open = n > 0 ? strchr(buf, '[') : NULL;
	close = open ? strchr(open, ']') : NULL;
	if (!close)
		return n;
	n = close - open - 1;
	memmove(buf, open + 1, n);
	buf[n] = '\0';
	return n;
}

int sysfs_set(int root, const char *path, const char *value)
{
	return sysfs_path_ok(path) ? fs_write(root, path + 1, value) : -EINVAL;
}

static bool parse_number(const char *s, unsigned long long *ret)
{
	char *end;

	errno = 0;
	*ret = strtoull(s, &end, 0);
	return *s >= '0' && *s <= '9' && !errno && !*end;
}

bool sysfs_took(const char *wrote, const char *reads)
{
	unsigned long long w, r;

	if (str_eq(wrote, reads))
		return true;
	if (str_eq(reads, "Y") || str_eq(reads, "N")) /* a module's bool */
		return strchr(*reads == 'Y' ? "yY1" : "nN0", *wrote) && *wrote && !wrote[1];
	return parse_number(wrote, &w) && parse_number(reads, &r) && w == r;
}
