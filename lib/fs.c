// SPDX-License-Identifier: MIT
#include "lib/fs.h"

#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>

int fs_root_open(const char *prefix)
{
	int fd = open(prefix && *prefix ? prefix : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static bool name_is_relative(const char *name)
{
	if (name[0] == '/' || name[0] == '\0')
		return false;
	for (const char *p = name; *p; p += strcspn(p, "/"), p += strspn(p, "/"))
		if (p[0] == '.' && p[1] == '.' && (p[2] == '/' || p[2] == '\0'))
			return false;
	return true;
}

static int fs_open(int dirfd, const char *name, int flags)
{
	int fd;

	if (!name_is_relative(name))
		return -EINVAL;
	fd = openat(dirfd, name, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

ssize_t fs_read(int dirfd, const char *name, char *buf, size_t len)
{
	int fd __close = fs_open(dirfd, name, O_RDONLY);
	size_t have = 0;

	if (fd < 0)
		return fd;
	if (!len) /* there is no room even for the NUL */
		return -ENOBUFS;
	for (;;) {
		ssize_t n = read(fd, buf + have, len - have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		have += n;
		if (have == len)
			return -ENOBUFS;
	}
	buf[have] = '\0';
	return have;
}

ssize_t fs_read_line(int dirfd, const char *name, char *buf, size_t len)
{
	ssize_t n = fs_read(dirfd, name, buf, len);

	if (n > 0 && buf[n - 1] == '\n')
		buf[--n] = '\0';
	return n;
}

int fs_write(int dirfd, const char *name, const char *text)
{
	int fd __close = fs_open(dirfd, name, O_WRONLY);
	size_t len = strlen(text);
	ssize_t n;

	if (fd < 0)
		return fd;
	do
		n = write(fd, text, len);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EIO;
}

int fs_writef(int dirfd, const char *name, const char *fmt, ...)
{
	char text[1024];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(text))
		return -ENOBUFS;
	return fs_write(dirfd, name, text);
}

static int parse_u64(const char *s, uint64_t *ret)
{
	unsigned long long v;
	char *end;

	if (str_starts(s, "max") && (s[3] == '\n' || s[3] == '\0')) {
		*ret = UINT64_MAX;
		return 0;
	}
	if (*s < '0' || *s > '9')
		return -EBADMSG;
	errno = 0;
	v = strtoull(s, &end, 10);
	if (errno || (*end != '\0' && *end != '\n' && *end != ' ' && *end != '\t'))
		return -EBADMSG;
	*ret = v;
	return 0;
}

int fs_read_u64(int dirfd, const char *name, uint64_t *ret)
{
	char buf[64];
	ssize_t n = fs_read(dirfd, name, buf, sizeof(buf));

	return n < 0 ? (int)n : parse_u64(buf, ret);
}

static const char *key_value(const char *text, const char *key)
{
	size_t len = strlen(key);

	for (const char *line = text; line && *line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, len) != 0)
			continue;
		if (line[len] == ':' || line[len] == ' ')
			return line + len + strspn(line + len, ": \t");
	}
	return NULL;
}

int text_key_u64(const char *text, const char *key, uint64_t *ret)
{
	const char *value = key_value(text, key);

	return value ? parse_u64(value, ret) : -ENOENT;
}

int text_key_line(const char *text, const char *key, char *buf, size_t len)
{
	const char *value = key_value(text, key);
	size_t n = value ? strcspn(value, "\n") : 0;

	if (!value)
		return -ENOENT;
	if (n >= len)
		return -ENOBUFS;
	memcpy(buf, value, n);
	buf[n] = '\0';
	return 0;
}

int fs_key_u64(int dirfd, const char *name, const char *key, uint64_t *ret)
{
	char buf[32768];
	ssize_t n = fs_read(dirfd, name, buf, sizeof(buf));

	return n < 0 ? (int)n : text_key_u64(buf, key, ret);
}

bool fs_exists(int dirfd, const char *name)
{
	return name_is_relative(name) && faccessat(dirfd, name, F_OK, 0) == 0;
}
