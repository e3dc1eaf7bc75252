// SPDX-License-Identifier: MIT
#include "harness/yaml_dom.h"

#include <fcntl.h>
#include <sys/stat.h>

ssize_t yaml_file_read(const char *file, char **ret)
{
	int fd __close = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	/* One byte more than allowed, so that a larger file is seen to be one. */
	char *text __free = malloc(YAML_FILE_MAX + 1);
	struct stat st;
	size_t at = 0;

	if (fd < 0 || !text || fstat(fd, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (!S_ISREG(st.st_mode))
		return -EBADF;
	while (at < YAML_FILE_MAX + 1) {
		ssize_t n = read(fd, text + at, YAML_FILE_MAX + 1 - at);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0)
			break;
		at += n > 0 ? (size_t)n : 0;
	}
	*ret = take_ptr(text);
	return (ssize_t)at;
}
