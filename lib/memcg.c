// SPDX-License-Identifier: MIT
#include "lib/memcg.h"
#include "lib/fs.h"

#include <fcntl.h>
#include <sys/stat.h>

/* Keep sorted by v2 name. A NULL v2 name is a file that only v1 has, and the other way round. */
static const struct knob {
	const char *v2, *v1;
} knobs[] = {
	{ "cgroup.procs", "cgroup.procs" },
	{ "cpuset.cpus", "cpuset.cpus" },
	{ "cpuset.mems", "cpuset.mems" },
	{ "memory.current", "memory.usage_in_bytes" },
	{ "memory.events", NULL },
	{ "memory.events.local", NULL },
	{ "memory.high", NULL },
	{ "memory.low", NULL },
	{ "memory.max", "memory.limit_in_bytes" },
	{ "memory.min", NULL },
	{ "memory.numa_stat", "memory.numa_stat" },
	{ "memory.oom.group", NULL },
	{ "memory.peak", "memory.max_usage_in_bytes" },
	{ "memory.pressure", NULL },
	{ "memory.reclaim", NULL },
	{ "memory.stat", "memory.stat" },
	{ "memory.swap.current", NULL },
	{ "memory.swap.events", NULL },
	{ "memory.swap.high", NULL },
	{ "memory.swap.max", "memory.memsw.limit_in_bytes" }, /* meaning differs: swap_max_v1() */
	{ "memory.swap.peak", NULL },
	{ "memory.zswap.current", NULL },
	{ "memory.zswap.max", NULL },
	{ "memory.zswap.writeback", NULL },
	{ NULL, "memory.failcnt" },
	{ NULL, "memory.force_empty" },
	{ NULL, "memory.kmem.limit_in_bytes" },
	{ NULL, "memory.limit_in_bytes" },
	{ NULL, "memory.memsw.failcnt" },
	{ NULL, "memory.memsw.limit_in_bytes" },
	{ NULL, "memory.memsw.usage_in_bytes" },
	{ NULL, "memory.move_charge_at_immigrate" },
	{ NULL, "memory.oom_control" },
	{ NULL, "memory.soft_limit_in_bytes" },
	{ NULL, "memory.swappiness" },
	{ NULL, "memory.usage_in_bytes" },
	{ NULL, "memory.use_hierarchy" },
};

const char *memcg_knob_v1(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(knobs); i++)
		if (knobs[i].v2 && str_eq(knobs[i].v2, name))
			return knobs[i].v1;
	return name;
}

bool memcg_knob_is_v1_only(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(knobs); i++)
		if (!knobs[i].v2 && str_eq(knobs[i].v1, name))
			return true;
	return false;
}

static bool path_is_safe(const char *path)
{
	return path[0] != '/' && !strstr(path, "..") && strlen(path) < MEMCG_PATH_MAX;
}

/* The file's name below our root in the hierarchy that has it; *dir is that root. */
static int knob_file(const struct memcg_root *m, const char *path, const char *knob, char *buf,
		     size_t len, int *dir)
{
	const char *file = m->version == CGROUP_V1 ? memcg_knob_v1(knob) : knob;
	int n;

	if (!file || (m->version == CGROUP_V2 && memcg_knob_is_v1_only(knob)))
		return -EOPNOTSUPP;
	if (!path_is_safe(path) || strchr(file, '/'))
		return -EINVAL;
	*dir = m->version == CGROUP_V1 && str_starts(file, "cpuset.") ? m->cpuset : m->dir;
	if (*dir < 0)
		return -EOPNOTSUPP;
	n = snprintf(buf, len, "%s%s%s", path, *path ? "/" : "", file);
	return n < 0 || (size_t)n >= len ? -ENAMETOOLONG : 0;
}

/* v1 limits memory plus swap together; our API, like v2, takes swap alone. */
static int swap_max_v1(const struct memcg_root *m, const char *path, const char *value)
{
	char name[MEMCG_PATH_MAX + 64];
	uint64_t limit, swap;
	int dir, err;

	err = knob_file(m, path, "memory.memsw.limit_in_bytes", name, sizeof(name), &dir);
	if (err)
		return err;
	if (!fs_exists(dir, name))
		return -EOPNOTSUPP; /* swap accounting is off */
	if (str_eq(value, "max"))
		return fs_write(dir, name, "-1");
	err = knob_file(m, path, "memory.max", name, sizeof(name), &dir);
	if (!err)
		err = fs_read_u64(dir, name, &limit);
	if (err)
		return err;
	errno = 0;
	swap = strtoull(value, NULL, 10);
	err = knob_file(m, path, "memory.memsw.limit_in_bytes", name, sizeof(name), &dir);
	return errno ? -EINVAL
	       : err ? err
		     : fs_writef(dir, name, "%llu", (unsigned long long)(limit + swap));
}

int memcg_set(const struct memcg_root *m, const char *path, const char *knob, const char *value)
{
	char name[MEMCG_PATH_MAX + 64];
	int dir, err;

	if (m->version == CGROUP_V1 && str_eq(knob, "memory.swap.max"))
		return swap_max_v1(m, path, value);
	err = knob_file(m, path, knob, name, sizeof(name), &dir);
	if (err)
		return err;
	if (m->version == CGROUP_V1 && str_eq(value, "max"))
		value = "-1";
	err = fs_write(dir, name, value);
	return err == -ENOENT ? -EOPNOTSUPP : err;
}

/* page_counter's PAGE_COUNTER_MAX in bytes: what v1 prints for "no limit" on 64-bit, 4 KiB pages.
 */
static bool is_unlimited(uint64_t bytes)
{
	return bytes >= (uint64_t)INT64_MAX - MiB(1);
}

static ssize_t get_swap_max_v1(const struct memcg_root *m, const char *path, char *buf, size_t len)
{
	char text[64];
	uint64_t limit, both;
	ssize_t n;

	n = memcg_get(m, path, "memory.memsw.limit_in_bytes", text, sizeof(text));
	if (n < 0)
		return n;
	if (str_eq(text, "max"))
		return snprintf(buf, len, "max");
	both = strtoull(text, NULL, 10);
	n = memcg_get(m, path, "memory.max", text, sizeof(text));
	if (n < 0)
		return n;
	limit = strtoull(text, NULL, 10);
	return snprintf(buf, len, "%llu", (unsigned long long)(both > limit ? both - limit : 0));
}

ssize_t memcg_get(const struct memcg_root *m, const char *path, const char *knob, char *buf,
		  size_t len)
{
	char name[MEMCG_PATH_MAX + 64];
	uint64_t value;
	ssize_t n;
	int dir, err;

	if (m->version == CGROUP_V1 && str_eq(knob, "memory.swap.max"))
		return get_swap_max_v1(m, path, buf, len);
	err = knob_file(m, path, knob, name, sizeof(name), &dir);
	if (err)
		return err;
	n = fs_read_line(dir, name, buf, len);
	if (n == -ENOENT)
		return -EOPNOTSUPP;
	if (n > 0 && m->version == CGROUP_V1 && strstr(name, "limit_in_bytes")) {
		value = strtoull(buf, NULL, 10);
		if (is_unlimited(value))
			n = snprintf(buf, len, "max");
	}
	return n;
}

int memcg_open(const struct memcg_root *m, const char *path, const char *knob)
{
	char name[MEMCG_PATH_MAX + 64];
	int dir, fd, err;

	err = knob_file(m, path, knob, name, sizeof(name), &dir);
	if (err)
		return err;
	fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -EOPNOTSUPP : -errno;
	return fd;
}

int memcg_populated(const struct memcg_root *m, const char *path)
{
	char name[MEMCG_PATH_MAX + 64], text[64];
	uint64_t populated;
	ssize_t n;
	int dir, err;

	err = knob_file(m, path, m->version == CGROUP_V1 ? "cgroup.procs" : "cgroup.events", name,
			sizeof(name), &dir);
	if (err)
		return err;
	if (m->version == CGROUP_V2) {
		err = fs_key_u64(dir, name, "populated", &populated);
		return err ? err : populated != 0;
	}
	n = fs_read(dir, name, text, sizeof(text));
	return n == -ENOBUFS ? 1 : n < 0 ? (int)n : n > 0;
}

int memcg_remove(const struct memcg_root *m, const char *path)
{
	if (!path_is_safe(path) || !*path)
		return -EINVAL;
	if (m->cpuset >= 0 && unlinkat(m->cpuset, path, AT_REMOVEDIR) < 0 && errno != ENOENT)
		return -errno;
	return unlinkat(m->dir, path, AT_REMOVEDIR) < 0 ? -errno : 0;
}

int memcg_notify(const struct memcg_root *m, const char *path, const char *knob, int eventfd)
{
	int fd __close = -1;
	char order[32];

	if (m->version != CGROUP_V1)
		return -EOPNOTSUPP;
	fd = memcg_open(m, path, knob);
	if (fd < 0)
		return fd;
	snprintf(order, sizeof(order), "%d %d", eventfd, fd);
	return memcg_set(m, path, "cgroup.event_control", order);
}

int memcg_entry_fds(const struct memcg_root *m, const char *path, int *dir, int procs[2])
{
	const int roots[2] = { m->dir, m->cpuset };
	char name[MEMCG_PATH_MAX + 64];
	int n = 0;

	if (!path_is_safe(path))
		return -EINVAL;
	*dir = -1;
	snprintf(name, sizeof(name), "%s%scgroup.procs", path, *path ? "/" : "");
	for (int i = 0; i < 2; i++) {
		int fd;

		if (roots[i] < 0)
			continue;
		fd = openat(roots[i], name, O_WRONLY | O_CLOEXEC);
		if (fd < 0)
			return -errno;
		procs[n++] = fd;
	}
	if (m->version == CGROUP_V2)
		*dir = openat(m->dir, *path ? path : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return n;
}

int memcg_dir_limit(int dir, uint64_t *ret_bytes)
{
	int err = fs_read_u64(dir, "memory.max", ret_bytes);

	if (err == -ENOENT)
		err = fs_read_u64(dir, "memory.limit_in_bytes", ret_bytes);
	if (!err && is_unlimited(*ret_bytes))
		*ret_bytes = UINT64_MAX;
	return err;
}

int memcg_move(const struct memcg_root *m, const char *path, pid_t pid)
{
	int dir __close = -1, err = 0, procs[2], n;

	n = memcg_entry_fds(m, path, &dir, procs);
	for (int i = 0; i < n; i++) {
		if (!err && dprintf(procs[i], "%d", pid) < 0)
			err = -errno;
		close(procs[i]);
	}
	return n < 0 ? n : err;
}
