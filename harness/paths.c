// SPDX-License-Identifier: MIT
#include "harness/paths.h"

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
