// SPDX-License-Identifier: MIT
#include "lib/memcg_domain.h"
#include "lib/fs.h"
#include "lib/memcg.h"

#include <dirent.h>
#include <fcntl.h>

int memcg_domain_bytes(int dir, uint64_t swap_total_bytes, uint64_t *ret)
{
	uint64_t limit, swap = 0;
	int err = memcg_dir_limit(dir, &limit);

	if (err)
		return err;
	if (limit == UINT64_MAX)
		return -ENODATA;
	/* v1 limits the sum of both; neither file is there without swap accounting. */
	if (fs_read_u64(dir, "memory.swap.max", &swap) < 0 &&
	    fs_read_u64(dir, "memory.memsw.limit_in_bytes", &swap) == 0)
		swap = swap > limit ? swap - limit : 0;
	*ret = limit + min(swap, swap_total_bytes);
	return 0;
}

static int read_pids(int dir, pid_t **pids, size_t *nr)
{
	int fd = openat(dir, "cgroup.procs", O_RDONLY | O_CLOEXEC);
	FILE *f __fclose = fd < 0 ? NULL : fdopen(fd, "re");
	int pid;

	if (!f)
		return -errno;
	while (fscanf(f, "%d", &pid) == 1) {
		pid_t *more = reallocarray(*pids, *nr + 1, sizeof(*more));

		if (!more)
			return -ENOMEM;
		*pids = more;
		more[(*nr)++] = pid;
	}
	/* A threaded cgroup does not list processes: the domain above it does. */
	return ferror(f) && errno != EOPNOTSUPP ? -errno : 0;
}

static int walk(int at, const char *name, unsigned int depth, pid_t **pids, size_t *nr)
{
	int fd __close = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent *d;
	DIR *dir;
	int err;

	if (fd < 0)
		return depth && errno == ENOENT ? 0 : -errno; /* removed meanwhile */
	if (depth > 64)
		return -ELOOP;
	err = read_pids(fd, pids, nr);
	if (depth && err == -ENODEV) /* the same, by a file of it */
		return 0;
	dir = err ? NULL : fdopendir(dup(fd));
	if (!dir)
		return err ? err : -errno;
	while (!err && (d = readdir(dir)))
		if (d->d_type == DT_DIR && d->d_name[0] != '.')
			err = walk(fd, d->d_name, depth + 1, pids, nr);
	closedir(dir);
	return err;
}

int memcg_domain_pids(int dir, pid_t **ret, size_t *nr)
{
	pid_t *pids = NULL;
	size_t n = 0;
	int err = walk(dir, ".", 0, &pids, &n);

	if (err) {
		free(pids);
		return err;
	}
	*ret = pids;
	*nr = n;
	return 0;
}
