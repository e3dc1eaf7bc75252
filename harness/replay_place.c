// SPDX-License-Identifier: MIT
/* Where a ticket's OOM takes place: its cgroups, its nodes, its swap. */
#include "harness/replay_impl.h"
#include "lib/nodemask.h"

#include <ctype.h>

#define LEVELS	    6	 /* below the cgroup that ran out; a case may have eight in all */
#define NODES_MAX   4	 /* of a guest */
#define SWAP_MOST   2	 /* times the memory that is swapped out */
#define USAGE_LEAST 9500 /* of a limit that was hit, in hundredths of a percent */
#define ID_LEN	    32	 /* of a container's id, of which twelve digits name it as well */

/* One name of a path, as a case may have it: user-1000.slice stays, a container's id is cut. */
static void clean_level(const char *name, size_t n, char *buf, size_t len)
{
	static const char *const files[] = { "memory.", "cgroup.", "cpuset." };
	size_t out = 0, hex = strspn(name, "0123456789abcdef");

	if (hex >= ID_LEN && hex >= n)
		n = 12;
	for (size_t i = 0; i < n && out < len - 1; i++) {
		bool same = isalnum((unsigned char)name[i]) || name[i] == '_' || name[i] == '-' ||
			    (name[i] == '.' && out);

		if (same || (out && buf[out - 1] != '-'))
			buf[out++] = same ? name[i] : '-';
	}
	buf[out] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (str_starts(buf, files[i]))
			buf[strlen(files[i]) - 1] = '-';
	if (!out || str_eq(buf, "null")) /* no text to YAML */
		str_copy(buf, len, "box");
}

static size_t add_level(char *path, size_t len, const char *name, size_t n)
{
	size_t at = strlen(path);
	char level[64];

	clean_level(name, n, level, sizeof(level));
	snprintf(path + at, len - at, "%s%s", at ? "/" : "", level);
	return at + strlen(level) + 1;
}

/* "/kubepods/pod1/web", of which `skip` bytes are not ours, as pod1/web. False: too deep or too long. */
static bool clean_path(const char *path, size_t skip, char *buf, size_t len)
{
	size_t levels = 0;

	*buf = '\0';
	path += skip;
	while (*path) {
		size_t n;

		path += strspn(path, "/");
		n = strcspn(path, "/");
		if (n && (++levels > LEVELS + 1 || add_level(buf, len, path, n) >= len - 16))
			return false;
		path += n;
	}
	return true;
}

/* How much of a path stands above its last name. */
static size_t above(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? (size_t)(slash - path) : 0;
}

static bool is_below(const char *path, const char *top)
{
	size_t n = strlen(top);

	n -= n && top[n - 1] == '/';
	return strncmp(path, top, n) == 0 && (path[n] == '/' || !path[n]);
}

/* The log has it too deep, or under another name than what ran out. */
static void one_level(struct replay *p, const char *path)
{
	char level[REPLAY_PATH_LEN];

	clean_path(path, above(path), level, sizeof(level));
	str_copy(p->home, sizeof(p->home), p->box);
	add_level(p->home, sizeof(p->home), level, min(strlen(level), (size_t)63));
	replay_assume(p, "of the cgroups above the victim's only the one that ran out is made");
}

/* "Task in /docker/35f18c48d4328a killed as a result of limit of /docker/35f18c48": the terminal was too narrow. */
static bool is_cut(const char *top, const char *task)
{
	size_t n = strlen(top);

	return strncmp(task, top, n) == 0 && task[n] && task[n] != '/' && top[n - 1] != '/' &&
	       n + strcspn(task + n, "/") < REPLAY_PATH_LEN;
}

/* Where a line is cut, the victim's path is a beginning of the other. */
bool replay_is_in_memcg(const struct oom_report *r)
{
	const char *top = r->oom_memcg, *task = r->task_memcg;

	return !top || !*top || !task || is_below(task, top) || is_cut(top, task) ||
	       str_starts(top, task);
}

static void place_memcg(struct replay *p, const struct oom_report *r)
{
	const char *top = r->oom_memcg && r->oom_memcg[0] ? r->oom_memcg : NULL;
	const char *task = r->task_memcg ? r->task_memcg : top;
	size_t skip = top ? above(top) : 0;
	char whole[REPLAY_PATH_LEN];

	if (top && task && is_cut(top, task) &&
	    str_copy(whole, strlen(top) + strcspn(task + strlen(top), "/") + 1, task))
		top = whole;
	if (!top || !clean_path(top, skip, p->box, sizeof(p->box)) || !*p->box)
		str_copy(p->box, sizeof(p->box), "box");
	if (!top)
		replay_assume(p, "the log does not name the cgroup that was at its limit");
	str_copy(p->home, sizeof(p->home), p->box);
	if (!top || str_eq(task, top))
		return;
	if (!is_below(task, top) || !clean_path(task, skip, p->home, sizeof(p->home)))
		one_level(p, task);
	replay_assume(p,
		      "in which cgroups below %s the others lived, and what limits those had, is "
		      "not in the log",
		      p->box);
}

/* All of them may be killed, so all of them may run on its nodes. */
static void place_cpuset(struct replay *p, const struct oom_report *r)
{
	const char *path = r->cpuset ? r->cpuset : r->invoker_cpuset ? r->invoker_cpuset : "";

	if (!clean_path(path, above(path), p->box, sizeof(p->box)) || !*p->box)
		str_copy(p->box, sizeof(p->box), "cpuset");
	str_copy(p->home, sizeof(p->home), p->box);
	replay_assume(p, "all live in the cpuset's cgroup: the log does not tell who does");
}

static void place_anywhere(struct replay *p, const struct oom_report *r)
{
	if (!r->task_memcg || !clean_path(r->task_memcg, 0, p->home, sizeof(p->home)))
		*p->home = '\0';
	if (*p->home)
		replay_assume(p, "in which cgroups the others lived is not in the log");
}

/* A process may not live beside a cgroup with a controller (v2), so the others get one of their own. */
static void place_others(struct replay *p)
{
	const char *top = p->kind == OOM_KIND_MEMCG ? p->box : "";
	size_t n = strlen(top) + (*top != 0);

	if (str_eq(p->home, p->box))
		str_copy(p->others, sizeof(p->others), p->box);
	else
		snprintf(p->others, sizeof(p->others), "%.170s%s%s", top, *top ? "/" : "",
			 str_starts(p->home + n, "others") ? "rest" : "others");
}

static void place_group(struct replay *p, const struct oom_report *r)
{
	const char *top = p->kind == OOM_KIND_MEMCG ? r->oom_memcg : NULL;
	char path[REPLAY_PATH_LEN];

	if (!p->group)
		return;
	/* It is at or below what ran out; a log may hold anything. */
	if (top && !is_below(r->group_memcg, top))
		top = NULL;
	if (!clean_path(r->group_memcg, top ? above(top) : 0, path, sizeof(path)) ||
	    !is_below(p->home, path) || !*path)
		str_copy(path, sizeof(path), p->home);
	if (!*path) { /* of the root: there is none to be made */
		str_copy(path, sizeof(path), "group");
		str_copy(p->home, sizeof(p->home), path);
	}
	str_copy(p->killed_whole, sizeof(p->killed_whole), path);
}

static unsigned int nodes_of(const struct oom_report *r)
{
	int highest = 0;

	for (size_t i = 0; i < r->nr_zones; i++)
		highest = max(highest, r->zones[i].node);
	return (unsigned int)highest + 1;
}

/* "0,2" of more nodes than a guest has, or of node 0, where the guest's kernel itself is. */
static void other_nodes(struct replay *p, const char *list, unsigned int weight)
{
	p->nr_in_mask = min(weight, NODES_MAX - 1u);
	p->nr_nodes = min(p->nr_nodes, (unsigned int)NODES_MAX);
	p->nr_nodes = max(p->nr_nodes, p->nr_in_mask + 1);
	snprintf(p->nodes, sizeof(p->nodes), p->nr_in_mask > 1 ? "1-%u" : "1", p->nr_in_mask);
	replay_assume(p, "node %s of the log is node %s here%s", list, p->nodes,
		      str_eq(list, "0") ? ", for the kernel itself lives on node 0" : "");
}

static void place_nodes(struct replay *p, const struct oom_report *r)
{
	const char *list = p->kind == OOM_KIND_MEMPOLICY ? r->nodemask : r->mems_allowed;
	struct nodemask mask = { 0 };
	unsigned int weight = 0, nr_low = 0;

	p->nr_nodes = nodes_of(r);
	if (!replay_on_node(p)) {
		if (p->nr_nodes > NODES_MAX)
			replay_assume(p, "of %u NUMA nodes there are %d here", p->nr_nodes,
				      NODES_MAX);
		p->nr_nodes = min(p->nr_nodes, (unsigned int)NODES_MAX);
		return;
	}
	if (!list && p->kind == OOM_KIND_CPUSET)
		list = r->invoker_mems_allowed;
	if (list && nodemask_parse(list, &mask) == 0)
		weight = nodemask_weight(&mask);
	for (unsigned int i = 0; i < NODES_MAX; i++) {
		if (!nodemask_has(&mask, i))
			continue;
		p->nr_nodes = max(p->nr_nodes, i + 1);
		nr_low++;
	}
	p->nr_nodes = max(p->nr_nodes, weight + 1);
	if (!weight || nr_low < weight || p->nr_nodes > NODES_MAX || nodemask_has(&mask, 0)) {
		other_nodes(p, weight ? list : "(unknown)", max(weight, 1u));
		return;
	}
	p->nr_in_mask = weight;
	nodemask_format(&mask, p->nodes, sizeof(p->nodes));
}

/* Swap that was full is played; of what was free the log does not tell why it was not used. */
static void place_global_swap(struct replay *p, const struct oom_report *r)
{
	int64_t pages = badness_totalpages(r), ram_kb;
	bool full = r->swap_free_kb >= 0 && r->swap_free_kb <= r->swap_total_kb / 50;

	if (r->swap_total_kb <= 0)
		return;
	/* A log may hold anything; no machine has more. */
	if (pages < 0 || pages > (int64_t)1 << 44)
		pages = 0;
	ram_kb = pages * badness_page_kb(r) - r->swap_total_kb;
	if (full && ram_kb > 0 && r->swap_total_kb / SWAP_MOST <= ram_kb) {
		p->swap_percent = max((int64_t)1, r->swap_total_kb * 100 / ram_kb);
		return;
	}
	replay_assume(p, "%lld of %lld MiB swap were free: here swap counts as memory",
		      (long long)max(r->swap_free_kb, (int64_t)0) / 1024,
		      (long long)r->swap_total_kb / 1024);
}

/* How much swap a memcg may use, and does; v2 counts it alone, v1 memory and swap together. 0: not told. */
static void memcg_swap(const struct oom_report *r, int64_t *swap_kb, int64_t *used_kb)
{
	int64_t limit_kb = r->memory.limit_kb;

	*swap_kb = *used_kb = 0;
	if (limit_kb <= 0)
		return;
	if (r->swap.limit_kb > 0 && !badness_unlimited(r->swap.limit_kb)) {
		*swap_kb = r->swap.limit_kb;
		*used_kb = r->swap.usage_kb;
	} else if (r->memsw.limit_kb > limit_kb && !badness_unlimited(r->memsw.limit_kb) &&
		   r->memsw.usage_kb >= 0 && r->memory.usage_kb >= 0) {
		*swap_kb = r->memsw.limit_kb - limit_kb;
		*used_kb = r->memsw.usage_kb - r->memory.usage_kb;
	}
}

static int64_t share_of(int64_t part, int64_t whole)
{
	return part < 0 || whole <= 0 || part / 100 > whole
		       ? OOM_ABSENT
		       : (int64_t)((__int128)part * REPLAY_WHOLE / whole);
}

int64_t replay_usage(const struct oom_report *r)
{
	if (r->kind != OOM_KIND_MEMCG || badness_unlimited(r->memory.limit_kb))
		return OOM_ABSENT;
	return share_of(r->memory.usage_kb, r->memory.limit_kb);
}

int64_t replay_swap_used(const struct oom_report *r)
{
	int64_t swap_kb = r->swap_total_kb, used_kb = OOM_ABSENT;

	if (r->kind == OOM_KIND_MEMCG)
		memcg_swap(r, &swap_kb, &used_kb);
	else if (swap_kb > 0 && r->swap_free_kb >= 0)
		used_kb = swap_kb - r->swap_free_kb;
	return share_of(used_kb, swap_kb);
}

static void place_memcg_swap(struct replay *p, const struct oom_report *r)
{
	int64_t limit_kb = r->memory.limit_kb, swap_kb, used_kb;

	memcg_swap(r, &swap_kb, &used_kb);
	if (limit_kb <= 0)
		return;
	if (swap_kb > 0 && used_kb >= swap_kb - swap_kb / 50 && swap_kb / SWAP_MOST <= limit_kb)
		p->swap_percent = max((int64_t)1, swap_kb * 100 / limit_kb);
	else if (used_kb > 0 || r->swap.usage_kb > 0 || r->memsw.usage_kb > r->memory.usage_kb)
		replay_assume(p, "the cgroup had memory in swap: here it counts as memory");
}

void replay_place(struct replay *p, const struct oom_report *r)
{
	if (p->kind == OOM_KIND_MEMCG)
		place_memcg(p, r);
	else if (p->kind == OOM_KIND_CPUSET)
		place_cpuset(p, r);
	else
		place_anywhere(p, r);
	/* Another counter may have been full, as memory and swap together; or the log is not true. */
	if (p->usage != OOM_ABSENT && p->usage < USAGE_LEAST)
		replay_assume(p, "of its limit the cgroup had used %lld %%: here it is all of it",
			      (long long)p->usage / 100);
	place_group(p, r);
	place_others(p);
	place_nodes(p, r);
	if (p->kind == OOM_KIND_MEMCG)
		place_memcg_swap(p, r);
	else
		place_global_swap(p, r);
}
