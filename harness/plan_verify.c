// SPDX-License-Identifier: MIT
/*
 * What a plan from elsewhere refers to: names that could leave a directory, workers and cgroups that
 * are not in it. Lengths and types were plan_parse()'s business.
 */
#include "harness/file_value.h"
#include "harness/plan_impl.h"
#include "lib/sysctl.h"
#include "lib/sysfs.h"

#include <ctype.h>

/* "" is our own root. */
static bool has_cgroup(const struct plan *p, const char *path, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(p->cgroups[i].path, path))
			return true;
	return !*path;
}

/* Below our root, of plain names, behind its parent. */
static bool path_ok(const struct plan *p, size_t i)
{
	const char *path = p->cgroups[i].path;
	char parent[CASE_PATH_LEN];

	if (!*path || path[0] == '/' || path[strlen(path) - 1] == '/' || strstr(path, "..") ||
	    strstr(path, "//") || !name_is_plain(path, "._-/") || has_cgroup(p, path, i))
		return false;
	str_copy(parent, sizeof(parent), path);
	plan_parent(parent);
	return has_cgroup(p, parent, i);
}

static bool file_ok(const char *name)
{
	return *name && *name != '.' && name_is_plain(name, "._-");
}

static bool scene_ok(const struct plan *p)
{
	for (size_t i = 0; i < p->nr_sysctls; i++)
		if (!sysctl_name_ok(p->sysctls[i].name))
			return false;
	for (size_t i = 0; i < p->nr_sysfs; i++)
		if (!sysfs_path_ok(p->sysfs[i].name))
			return false;
	if (!name_is_plain(p->mount, "_,"))
		return false;
	for (size_t i = 0; i < p->nr_cgroups; i++) {
		if (!path_ok(p, i))
			return false;
		for (size_t j = 0; j < p->cgroups[i].nr_settings; j++)
			if (!file_ok(p->cgroups[i].settings[j].name))
				return false;
	}
	return true;
}

static bool workers_ok(const struct plan *p)
{
	for (size_t i = 0; i < p->nr_workers; i++) {
		const struct plan_worker *w = &p->workers[i];

		if (!*w->name || !name_is_plain(w->name, "._-") || plan_worker(p, w->name) != w ||
		    !has_cgroup(p, w->cgroup, p->nr_cgroups) || !str_eq(w->argv[0], "oomhog"))
			return false;
	}
	return true;
}

static bool needs_worker(const struct case_step *s)
{
	switch (s->op) {
	case STEP_START:
	case STEP_TRIGGER:
	case STEP_WAIT_DEATH:
	case STEP_WAIT_READY:
	case STEP_KILL:
	case STEP_SIGNAL:
	case STEP_MOVE:
		return true;
	default:
		return s->file.place == FILE_OF_WORKER;
	}
}

static bool needs_file(const struct case_step *s)
{
	return s->op == STEP_READ || s->op == STEP_WRITE || s->op == STEP_WAIT_FILE ||
	       s->op == STEP_EVENTFD;
}

static bool step_ok(const struct plan *p, const struct case_step *s)
{
	bool task = s->op == STEP_WAIT_DEATH || s->file.place == FILE_OF_WORKER;

	if ((*s->worker || needs_worker(s)) && !(task ? plan_task : plan_worker)(p, s->worker))
		return false;
	if (!has_cgroup(p, s->cgroup, p->nr_cgroups))
		return false;
	if (needs_file(s) && file_problem(&s->file))
		return false;
	if (s->op == STEP_SIGNAL && !step_signal_name((int)s->count))
		return false;
	if (s->op == STEP_REMOVE && !*s->cgroup)
		return false;
	return (s->op != STEP_SET || file_ok(s->setting.name)) &&
	       (s->op != STEP_SYSRQ || isalnum((unsigned char)s->letter));
}

static bool steps_ok(const struct plan *p)
{
	for (size_t i = 0; i < p->nr_steps; i++)
		if (!step_ok(p, &p->steps[i]))
			return false;
	return true;
}

/* Cgroups of expectations are only compared with what the log says: no path is made of them. */
static bool expects_ok(const struct plan *p)
{
	for (size_t i = 0; i < p->nr_expects; i++)
		for (size_t j = 0; j < p->expects[i].nr_names; j++)
			if (!plan_task(p, p->expects[i].names[j]))
				return false;
	return true;
}

const char *plan_verify(const struct plan *p)
{
	/* Both become parts of a folder's or cgroup's name. */
	if (!name_is_plain(p->name, "-_") || !name_is_plain(p->run_id, "-_"))
		return "name or run_id";
	return !scene_ok(p)	? "scene"
	       : !workers_ok(p) ? "workers"
	       : !steps_ok(p)	? "steps"
	       : !expects_ok(p) ? "expects"
				: NULL;
}
