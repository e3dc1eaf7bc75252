// SPDX-License-Identifier: MIT
#include "harness/paths.h"

#include <limits.h>

int paths_programs(char *oomlab, char *oomhog, size_t len)
{
	ssize_t n = readlink("/proc/self/exe", oomlab, len - 1);
	char *slash;

	if (n < 0)
		return -errno;
	oomlab[n] = '\0';
	slash = strrchr(oomlab, '/');
	if ((size_t)snprintf(oomhog, len, "%.*s/oomhog", (int)(slash - oomlab), oomlab) >= len)
		return -ENAMETOOLONG;
	return access(oomhog, X_OK) < 0 ? -errno : 0;
}

bool paths_share(const char *name, char *buf, size_t len)
{
	char self[PATH_MAX], *real __free = NULL, *path __free = NULL;
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n < 0)
		return false;
	self[n] = '\0';
	*strrchr(self, '/') = '\0';
	if (asprintf(&path, "%s/../share/oomlab/%s", self, name) < 0) {
		path = NULL;
		return false;
	}
	real = realpath(path, NULL);
	return real && str_copy(buf, len, real);
}
