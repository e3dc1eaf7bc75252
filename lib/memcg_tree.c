// SPDX-License-Identifier: MIT
/*
 * Making and unmaking the subtree: directories, controllers, and the bounded end of all that lives
 * in it. Everything here works from names, so that a guardian can undo what a dead driver made.
 */
#include "lib/memcg.h"
#include "lib/fs.h"
#include "lib/proc.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>

static int open_dir(int at, const char *name)
{
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* A v1 cpuset starts without CPUs and nodes, and takes no task until it has both. */
static int cpuset_v1_inherit(int parent, int dir)
{
	static const char *const files[] = { "cpuset.cpus", "cpuset.mems" };
	char value[1024];

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		ssize_t n = fs_read_line(parent, files[i], value, sizeof(value));
		int err = n < 0 ? (int)n : fs_write(dir, files[i], value);

		if (err)
			return err;
	}
	return 0;
}

static int make_dir(int at, const char *name, int *ret)
{
	if (mkdirat(at, name, 0755) < 0)
		return -errno;
	*ret = open_dir(at, name);
	if (*ret < 0)
		unlinkat(at, name, AT_REMOVEDIR);
	return *ret < 0 ? *ret : 0;
}

/* Hands memory (and cpuset, if it is wanted) to the children of a v2 cgroup: no more than is used. */
static int enable_controllers(int dir, bool want_cpuset)
{
	char list[256];
	ssize_t n = fs_read_line(dir, "cgroup.subtree_control", list, sizeof(list));
	int err = 0;

	if (n < 0)
		return (int)n;
	if (!word_in_list(list, "memory"))
		err = fs_write(dir, "cgroup.subtree_control", "+memory");
	if (!err && want_cpuset && !word_in_list(list, "cpuset"))
		err = fs_write(dir, "cgroup.subtree_control", "+cpuset");
	return err;
}

static int create_v1(int root, const struct cgroup_mounts *mounts, bool want_cpuset,
		     struct memcg_root *m)
{
	int err;

	m->parent = open_dir(root, mounts->v1_memory);
	if (m->parent < 0)
		return m->parent;
	err = make_dir(m->parent, m->name, &m->dir);
	/* Before 5.11 a parent's limit does not bind its children unless this is set first. */
	if (!err && fs_exists(m->dir, "memory.use_hierarchy"))
		err = fs_write(m->dir, "memory.use_hierarchy", "1");
	if (err || !want_cpuset)
		return err;
	if (!mounts->v1_cpuset[0])
		return -EOPNOTSUPP;
	m->cpuset_parent = open_dir(root, mounts->v1_cpuset);
	if (m->cpuset_parent < 0)
		return m->cpuset_parent;
	err = make_dir(m->cpuset_parent, m->name, &m->cpuset);
	return err ? err : cpuset_v1_inherit(m->cpuset_parent, m->cpuset);
}

static int create_v2(int root, const struct cgroup_mounts *mounts, bool want_cpuset,
		     struct memcg_root *m)
{
	int err;

	if (want_cpuset && !mounts->v2_cpuset)
		return -EOPNOTSUPP;
	m->parent = open_dir(root, mounts->v2);
	if (m->parent < 0)
		return m->parent;
	m->cpuset_v2 = want_cpuset;
	err = enable_controllers(m->parent, want_cpuset);
	return err ? err : make_dir(m->parent, m->name, &m->dir);
}

/* What was made before the rest failed: nobody else knows of it. */
static void unmake_root(struct memcg_root *m)
{
	if (m->cpuset >= 0)
		unlinkat(m->cpuset_parent, m->name, AT_REMOVEDIR);
	if (m->dir >= 0)
		unlinkat(m->parent, m->name, AT_REMOVEDIR);
	memcg_root_close(m);
}

int memcg_root_create(int root, const struct cgroup_mounts *mounts, enum cgroup_version version,
		      const char *name, bool want_cpuset, struct memcg_root *ret)
{
	struct memcg_root m = {
		.version = version, .dir = -1, .cpuset = -1, .parent = -1, .cpuset_parent = -1
	};
	int err;

	if (version == CGROUP_V1 ? !mounts->v1_memory[0] : !mounts->v2_memory)
		return -EOPNOTSUPP;
	if (strchr(name, '/') || name[0] == '.' || !str_copy(m.name, sizeof(m.name), name))
		return -EINVAL;
	err = version == CGROUP_V1 ? create_v1(root, mounts, want_cpuset, &m)
				   : create_v2(root, mounts, want_cpuset, &m);
	if (err)
		unmake_root(&m);
	else
		*ret = m;
	return err;
}

void memcg_root_close(struct memcg_root *m)
{
	cleanup_close(&m->dir);
	cleanup_close(&m->cpuset);
	cleanup_close(&m->parent);
	cleanup_close(&m->cpuset_parent);
	m->dir = m->cpuset = m->parent = m->cpuset_parent = -1;
}

/* Opens the directory that `path` will stand in. */
static int open_parent_of(int dir, const char *path)
{
	char parent[MEMCG_PATH_MAX];
	const char *slash = strrchr(path, '/');

	snprintf(parent, sizeof(parent), "%.*s", slash ? (int)(slash - path) : 1,
		 slash ? path : ".");
	return open_dir(dir, parent);
}

int memcg_create(struct memcg_root *m, const char *path)
{
	int parent __close = -1, made __close = -1, cpuset_parent __close = -1, cpuset __close = -1;
	int err;

	if (!*path || *path == '/' || strstr(path, "..") || strlen(path) >= MEMCG_PATH_MAX)
		return -EINVAL;
	parent = open_parent_of(m->dir, path);
	if (parent < 0)
		return parent;
	if (m->version == CGROUP_V2) {
		err = enable_controllers(parent, m->cpuset_v2);
		if (err)
			return err;
	}
	err = make_dir(m->dir, path, &made);
	if (err || m->cpuset < 0)
		return err;
	cpuset_parent = open_parent_of(m->cpuset, path);
	if (cpuset_parent < 0)
		return cpuset_parent;
	err = make_dir(m->cpuset, path, &cpuset);
	return err ? err : cpuset_v1_inherit(cpuset_parent, cpuset);
}

struct procs { /* of one cgroup */
	pid_t pids[256];
	size_t n;
};

static void read_procs(int dir, struct procs *ret)
{
	char text[16384];
	char *p = text;

	ret->n = 0;
	if (fs_read(dir, "cgroup.procs", text, sizeof(text)) <= 0)
		return;
	while (ret->n < ARRAY_SIZE(ret->pids)) {
		long pid = strtol(p, &p, 10);

		if (pid <= 1)
			break;
		ret->pids[ret->n++] = (pid_t)pid;
	}
}

static bool has_pid(const struct procs *procs, pid_t pid)
{
	for (size_t i = 0; i < procs->n; i++)
		if (procs->pids[i] == pid)
			return true;
	return false;
}

/*
 * SIGKILLs each process of one cgroup and waits for their ends, at most until deadline_us. A pid may
 * pass to a stranger between the list and its pidfd: only who is listed once more is ours.
 */
static void kill_procs(int dir, uint64_t deadline_us)
{
	struct procs before, after;
	int pidfds[ARRAY_SIZE(before.pids)];
	size_t n;

	read_procs(dir, &before);
	for (size_t i = 0; i < before.n; i++)
		pidfds[i] = proc_pidfd_open(before.pids[i]);
	n = before.n;
	read_procs(dir, &after);
	for (size_t i = 0; i < n; i++)
		if (pidfds[i] >= 0 && has_pid(&after, before.pids[i]))
			proc_pidfd_signal(pidfds[i], SIGKILL);
	for (size_t i = 0; i < n; i++) {
		if (pidfds[i] >= 0 && has_pid(&after, before.pids[i]))
			proc_pidfd_wait_gone(pidfds[i], deadline_us);
		cleanup_close(&pidfds[i]);
	}
}

/* Depth first: what lives in a cgroup is killed before it is removed. Bounded by depth and
 * deadline. */
static int destroy_dir(int at, const char *name, uint64_t deadline_us, unsigned int depth)
{
	int fd __close = open_dir(at, name);
	struct dirent *d;
	DIR *dir;
	int err = 0;

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	if (depth > 32)
		return -ELOOP;
	dir = fdopendir(dup(fd));
	if (!dir)
		return -errno;
	while ((d = readdir(dir)))
		if (d->d_type == DT_DIR && d->d_name[0] != '.')
			err = destroy_dir(fd, d->d_name, deadline_us, depth + 1) ?: err;
	closedir(dir);
	do {
		kill_procs(fd, deadline_us);
		if (unlinkat(at, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
			return err;
		err = -errno;
		/* A killed task leaves its css_set a moment after its pidfd said so; v1 has no
		 * event. */
		if (err == -EBUSY)
			poll(NULL, 0, 1);
	} while (err == -EBUSY && proc_now_us() < deadline_us);
	return err;
}

int memcg_destroy(int root, const struct cgroup_mounts *mounts, enum cgroup_version version,
		  const char *name, unsigned int deadline_ms)
{
	uint64_t deadline_us = proc_now_us() + (uint64_t)deadline_ms * 1000;
	int memory __close = -1, cpuset __close = -1;
	int err, err2 = 0;

	if (strchr(name, '/') || name[0] == '.' || !name[0])
		return -EINVAL;
	memory = open_dir(root, version == CGROUP_V1 ? mounts->v1_memory : mounts->v2);
	if (memory < 0)
		return memory;
	err = destroy_dir(memory, name, deadline_us, 0);
	if (version == CGROUP_V1 && mounts->v1_cpuset[0]) {
		cpuset = open_dir(root, mounts->v1_cpuset);
		err2 = cpuset < 0 ? cpuset : destroy_dir(cpuset, name, deadline_us, 0);
	}
	return err ? err : err2;
}
