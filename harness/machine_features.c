// SPDX-License-Identifier: MIT
#include "harness/machine_features.h"
#include "lib/fs.h"

#include <dirent.h>
#include <fcntl.h>

/* Sorted, and in step with files[]. */
const char *const machine_feature_names[] = { "hugetlb", "ksm", "mglru", "numa",  "numa_balancing",
					      "psi",	 "thp", "zram",	 "zswap", NULL };

static const char *const files[] = {
	"sys/kernel/mm/hugepages",
	"sys/kernel/mm/ksm",
	"sys/kernel/mm/lru_gen/enabled",
	"proc/self/numa_maps",
	"proc/sys/kernel/numa_balancing",
	"proc/pressure/memory",
	"sys/kernel/mm/transparent_hugepage",
	"sys/module/zram",
	"sys/module/zswap",
};
_Static_assert(ARRAY_SIZE(files) + 1 == ARRAY_SIZE(machine_feature_names), "a file for each name");

uint32_t machine_features_read(int root)
{
	uint32_t mask = 0;

	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (fs_exists(root, files[i]))
			mask |= UINT32_C(1) << i;
	return mask;
}

static void cleanup_closedir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

/* NULL with errno. */
static DIR *open_dir(int at, const char *name)
{
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir && fd >= 0)
		close(fd);
	return dir;
}

static int list_files(int at, const char *name, char *buf, size_t len)
{
	DIR *dir __attribute__((cleanup(cleanup_closedir))) = open_dir(at, name);
	const struct dirent *d;
	size_t used = 0;

	buf[0] = '\0';
	if (!dir)
		return -errno;
	while ((d = readdir(dir))) {
		int n;

		if (!str_starts(d->d_name, "memory."))
			continue;
		n = snprintf(buf + used, len - used, "%s%s", used ? " " : "", d->d_name);
		if ((size_t)n >= len - used)
			return -ENOBUFS;
		used += n;
	}
	return 0;
}

int machine_memcg_files(int root, const struct cgroup_mounts *mounts, char *buf, size_t len)
{
	const char *top = mounts->v2_memory ? mounts->v2 : mounts->v1_memory;
	DIR *dir __attribute__((cleanup(cleanup_closedir))) = NULL;
	const struct dirent *d;
	int err = 0;

	buf[0] = '\0';
	if (!*top)
		return 0;
	dir = open_dir(root, top);
	if (!dir)
		return -errno;
	while (!err && !*buf && (d = readdir(dir)))
		if (d->d_type == DT_DIR && d->d_name[0] != '.')
			err = list_files(dirfd(dir), d->d_name, buf, len);
	return err == -ENOENT ? 0 : err; /* gone in between */
}
