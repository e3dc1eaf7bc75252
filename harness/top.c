// SPDX-License-Identifier: MIT
#include "harness/top.h"
#include "lib/cgroup_mounts.h"
#include "lib/fs.h"
#include "lib/memcg_domain.h"
#include "lib/meminfo.h"

#include <fcntl.h>

const char *top_never(const struct proc_info *p)
{
	switch (p->kind) {
	case PROC_INIT:
		return "init";
	case PROC_KERNEL_THREAD:
		return "kernel thread";
	case PROC_ZOMBIE:
		return "zombie";
	default:
		return p->oom_score_adj == -1000 ? "immune: oom_score_adj -1000" : NULL;
	}
}

const char *top_why(const struct badness_entry *e, char *buf, size_t len)
{
	const struct badness_task *t = e->task;
	const char *what = "rss";

	if (t->swapents_pages > t->rss_pages && t->swapents_pages >= t->pgtables_pages)
		what = "mostly swap";
	else if (t->pgtables_pages > t->rss_pages)
		what = "mostly page tables";
	if (e->adj_points)
		snprintf(buf, len, "%s; oom_score_adj %s %lld", what,
			 e->adj_points > 0 ? "adds" : "takes",
			 (long long)(e->adj_points > 0 ? e->adj_points : -e->adj_points));
	else
		str_copy(buf, len, what);
	return buf;
}

/* "/a/b", or "/sys/fs/cgroup/a/b": the directory. */
static int open_memcg(int root, const char *path, struct fail *f)
{
	struct cgroup_mounts m;
	const char *mount, *rest = path + strspn(path, "/");
	char name[1024];
	int err = cgroup_mounts_read(root, &m), fd;

	if (err)
		return fail_errno(f, err, "find the cgroup hierarchies");
	mount = m.v1_memory[0] ? m.v1_memory : m.v2;
	if (!*mount)
		return fail_set(f, -ENOENT, "no memory cgroups are mounted here");
	if (str_starts(rest, mount) && (rest[strlen(mount)] == '/' || !rest[strlen(mount)]))
		rest += strlen(mount);
	rest += strspn(rest, "/");
	if ((size_t)snprintf(name, sizeof(name), "%s/%s", mount, rest) >= sizeof(name))
		return fail_set(f, -ENAMETOOLONG, "cgroup %s: the path is too long", path);
	if (!fs_exists(root, name)) /* refuses ".." */
		return fail_set(f, -ENOENT, "no cgroup %s below /%s", path, mount);
	fd = openat(root, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? fail_errno(f, -errno, "cgroup %s", path) : fd;
}

static int read_memcg(int root, const char *path, struct top *t, struct fail *f)
{
	int dir __close = open_memcg(root, path, f);
	pid_t *pids __free = NULL;
	size_t nr = 0;
	int err;

	if (dir < 0)
		return dir;
	str_copy(t->memcg, sizeof(t->memcg), path);
	err = memcg_domain_bytes(dir, t->swap_bytes, &t->domain_bytes);
	if (err == -ENODATA || err == -ENOENT)
		return fail_set(f, -ENODATA, "cgroup %s has no memory limit of its own", path);
	if (err)
		return fail_errno(f, err, "limit of the cgroup %s", path);
	err = memcg_domain_pids(dir, &pids, &nr);
	if (!err)
		err = proc_list_of(root, pids, nr, &t->procs, &t->nr_procs);
	return err ? fail_errno(f, err, "processes of the cgroup %s", path) : 0;
}

static int rank(int root, struct top *t, struct fail *f)
{
	int64_t page_kb = (int64_t)(t->page_bytes / 1024);
	struct badness_rules rules;
	char release[80] = "";
	size_t n = 0;
	int err;

	t->tasks = calloc(t->nr_procs + 1, sizeof(*t->tasks));
	if (!t->tasks)
		return fail_errno(f, -ENOMEM, "rank the processes");
	for (size_t i = 0; i < t->nr_procs; i++) {
		const struct proc_info *p = &t->procs[i];

		if (top_never(p))
			continue;
		t->tasks[n] = (struct badness_task){
			.pid = p->pid,
			.rss_pages = (int64_t)p->memory.rss_kb / page_kb,
			.swapents_pages = (int64_t)p->memory.swap_kb / page_kb,
			.pgtables_pages = (int64_t)p->memory.pgtables_kb / page_kb,
			.oom_score_adj = p->oom_score_adj,
			.root = p->root,
		};
		str_copy(t->tasks[n].comm, sizeof(t->tasks[n].comm), p->comm);
		n++;
	}
	fs_read_line(root, "proc/sys/kernel/osrelease", release, sizeof(release));
	rules = badness_rules_of_release(release);
	err = badness_rank(t->tasks, n, (int64_t)(t->domain_bytes / t->page_bytes), &rules,
			   &t->ranking);
	return err ? fail_errno(f, err, "rank the processes") : 0;
}

int top_read(int root, const char *memcg, struct top *ret, struct fail *f)
{
	struct top t = { .page_bytes = (uint64_t)sysconf(_SC_PAGESIZE),
			 .first_namespace = proc_is_first_namespace(root) };
	struct meminfo m;
	int err = meminfo_read(root, &m);

	if (err)
		return fail_errno(f, err, "/proc/meminfo");
	t.ram_bytes = m.mem_total_kb * 1024;
	t.swap_bytes = m.swap_total_kb * 1024;
	t.domain_bytes = t.ram_bytes + t.swap_bytes;
	if (memcg) {
		err = read_memcg(root, memcg, &t, f);
	} else {
		err = proc_list_all(root, &t.procs, &t.nr_procs);
		if (err)
			fail_errno(f, err, "the processes in /proc");
	}
	if (!err)
		err = rank(root, &t, f);
	if (err)
		top_free(&t);
	else
		*ret = t;
	return err;
}

void top_free(struct top *t)
{
	badness_ranking_free(&t->ranking);
	free(t->tasks);
	free(t->procs);
	*t = (struct top){ 0 };
}
