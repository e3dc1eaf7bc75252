// SPDX-License-Identifier: MIT
/*
 * Joining a cgroup directory, v1 or v2 alike, and the nearest memory limit above one. Nothing else
 * of cgroups is known here.
 */
#include <fcntl.h>
#include <mntent.h>
#include <sys/vfs.h>

#include "lib/fs.h"
#include "workloads/workload.h"

#define CGROUP_V1_MAGIC 0x27e0eb
#define CGROUP_V2_MAGIC 0x63677270
/* v1 prints its "no limit" as LONG_MAX rounded down to a page. */
#define NO_LIMIT_BYTES ((uint64_t)1 << 62)

int cgroup_join(const char *dir, struct fail *f)
{
	int fd __close = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct statfs fs;
	int err;

	if (fd < 0)
		return fail_errno(f, -errno, "cgroup %.200s", dir);
	if (fstatfs(fd, &fs) < 0 || (fs.f_type != CGROUP_V1_MAGIC && fs.f_type != CGROUP_V2_MAGIC))
		return fail_set(f, -ENOTDIR, "cgroup %.200s: not a cgroup directory", dir);
	err = fs_write(fd, "cgroup.procs", "0");
	if (err)
		return fail_errno(f, err, "join cgroup %.200s", dir);
	return 0;
}

/* The limit that stands in this directory itself. -ENOENT: it has no memory controller. */
static int limit_here(const char *dir, uint64_t *ret)
{
	int fd __close = fs_root_open(dir);
	int err;

	if (fd < 0)
		return fd;
	err = fs_read_u64(fd, "memory.max", ret);
	return err == -ENOENT ? fs_read_u64(fd, "memory.limit_in_bytes", ret) : err;
}

static int limit_above(const char *dir, uint64_t *ret)
{
	char path[4096];
	uint64_t limit;

	if (!str_copy(path, sizeof(path), dir))
		return -ENAMETOOLONG;
	while (limit_here(path, &limit) == 0) {
		char *slash;

		if (limit < NO_LIMIT_BYTES) {
			*ret = limit;
			return 0;
		}
		slash = strrchr(path, '/');
		if (!slash || slash == path)
			break;
		*slash = '\0';
	}
	return -ENOENT;
}

/*
 * 4:memory:/a/b                                                            (v1, 2.6.24 and later)
 * 0::/a/b                                                                                     (v2)
 */
static bool own_path(const char *text, bool v1, char *buf, size_t len)
{
	const char *tag = v1 ? ":memory:" : "0::", *at = strstr(text, tag);

	if (!at || (!v1 && at != text && at[-1] != '\n'))
		return false;
	at += strlen(tag);
	return (size_t)snprintf(buf, len, "%.*s", (int)strcspn(at, "\n"), at) < len;
}

/* Our own memcg's directory: where the hierarchy is mounted, and our path in it. */
static int own_dir(char *buf, size_t len)
{
	FILE *mounts __fclose = setmntent("/proc/self/mounts", "re");
	int root __close = fs_root_open("");
	char text[8192], path[2048];
	struct mntent *m;

	if (!mounts || fs_read(root, "proc/self/cgroup", text, sizeof(text)) < 0)
		return -ENOENT;
	while ((m = getmntent(mounts))) {
		bool v1 = str_eq(m->mnt_type, "cgroup") && hasmntopt(m, "memory");
		uint64_t limit;

		if (!v1 && !str_eq(m->mnt_type, "cgroup2"))
			continue;
		if (!own_path(text, v1, path, sizeof(path)) ||
		    (size_t)snprintf(buf, len, "%s%s", m->mnt_dir, path) >= len)
			continue;
		if (limit_here(buf, &limit) == 0)
			return 0;
	}
	return -ENOENT;
}

int cgroup_limit(const char *dir, uint64_t *ret_bytes, struct fail *f)
{
	char own[4096];
	uint64_t limit;
	int err = 0;

	if (!dir)
		err = own_dir(own, sizeof(own));
	if (!err)
		err = limit_above(dir ? dir : own, &limit);
	if (err)
		return fail_set(f, err, "no memory limit at or above %.200s",
				dir ? dir : "the cgroup this runs in");
	*ret_bytes = limit;
	return 0;
}
