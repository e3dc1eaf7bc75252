// SPDX-License-Identifier: MIT
/*
 * Counters: each cgroup's event files by fds that were opened when it was made, so that the last
 * reading does not depend on its name still being there; vmstat's oom_kill; free memory of the
 * nodes.
 */
#include "harness/stage.h"
#include "lib/meminfo.h"

#include <fcntl.h>

static const char *const files_v1[STAGE_FILES] = { "memory.oom_control", "memory.failcnt" };
static const char *const files_v2[STAGE_FILES] = { "memory.events", "memory.events.local",
						   "memory.swap.events" };

static const char *const *files_of(const struct stage *s)
{
	return s->plan->cgroup == CGROUP_V1 ? files_v1 : files_v2;
}

/* Number 0 is our own root, "". */
static const char *path_of(const struct stage *s, size_t i)
{
	return i == 0 ? "" : s->plan->cgroups[i - 1].path;
}

int counters_open(struct stage *s)
{
	for (size_t i = 0; i <= s->plan->nr_cgroups; i++) {
		for (size_t j = 0; j < STAGE_FILES; j++) {
			const char *file = files_of(s)[j];
			int fd = file ? memcg_open(&s->cg, path_of(s, i), file) : -EOPNOTSUPP;

			/* memory.events.local came with 5.3, memory.swap.events with swap: where
			 * there is none, there is no record. */
			s->counter_fds[i][j] = fd;
			if (fd >= 0 || fd == -EOPNOTSUPP)
				continue;
			emit_text(s, "broken", "what", "open %s of '%s': %s", file, path_of(s, i),
				  strerror(-fd));
			return fd;
		}
	}
	return 0;
}

void counters_close(struct stage *s)
{
	for (size_t i = 0; i <= s->plan->nr_cgroups; i++)
		for (size_t j = 0; j < STAGE_FILES; j++)
			cleanup_close(&s->counter_fds[i][j]);
}

/* "oom_kill 1\nunder_oom 0\n" or "30\n". */
static void emit_values(struct stage *s, const char *text)
{
	char key[40];
	unsigned long long value;

	jsonw_object(&s->w, "values");
	if (sscanf(text, "%llu", &value) == 1)
		jsonw_u64(&s->w, "value", value);
	else
		for (const char *p = text; *p; p += strcspn(p, "\n"), p += *p == '\n')
			if (sscanf(p, "%39s %llu", key, &value) == 2)
				jsonw_u64(&s->w, key, value);
	jsonw_close(&s->w);
}

static void emit_file(struct stage *s, const char *when, size_t i, size_t j)
{
	char text[1024];
	ssize_t n;

	if (s->counter_fds[i][j] < 0)
		return;
	n = pread(s->counter_fds[i][j], text, sizeof(text) - 1, 0);
	if (n < 0) {
		emit_text(s, "broken", "what", "read %s of '%s': %s", files_of(s)[j], path_of(s, i),
			  strerror(errno));
		return;
	}
	text[n] = '\0';
	emit_begin(s, "counters");
	jsonw_str(&s->w, "when", when);
	jsonw_str(&s->w, "cgroup", path_of(s, i));
	jsonw_str(&s->w, "file", files_of(s)[j]);
	emit_values(s, text);
	emit_end(s);
}

static void emit_vmstat(struct stage *s, const char *when)
{
	uint64_t kills;

	if (vmstat_key(s->player->root, "oom_kill", &kills) < 0)
		return;
	emit_begin(s, "counters");
	jsonw_str(&s->w, "when", when);
	jsonw_str(&s->w, "file", "vmstat");
	jsonw_object(&s->w, "values");
	jsonw_u64(&s->w, "oom_kill", kills);
	emit_end(s);
}

static void emit_nodes(struct stage *s, const char *when)
{
	for (unsigned int id = 0; id < MACHINE_NODES_MAX; id++) {
		struct node_meminfo mem;
		char file[16];

		if (node_meminfo_read(s->player->root, id, &mem) < 0)
			continue;
		snprintf(file, sizeof(file), "node%u", id);
		emit_begin(s, "counters");
		jsonw_str(&s->w, "when", when);
		jsonw_str(&s->w, "file", file);
		jsonw_object(&s->w, "values");
		jsonw_u64(&s->w, "MemFree_kb", mem.mem_free_kb);
		jsonw_u64(&s->w, "MemTotal_kb", mem.mem_total_kb);
		jsonw_close(&s->w);
		emit_end(s);
	}
}

void counters_emit_cgroup(struct stage *s, const char *when, const char *cgroup)
{
	for (size_t i = 0; i <= s->plan->nr_cgroups; i++)
		for (size_t j = 0; str_eq(path_of(s, i), cgroup) && j < STAGE_FILES; j++)
			emit_file(s, when, i, j);
}

void counters_forget(struct stage *s, const char *cgroup)
{
	for (size_t i = 0; i <= s->plan->nr_cgroups; i++)
		for (size_t j = 0; str_eq(path_of(s, i), cgroup) && j < STAGE_FILES; j++) {
			cleanup_close(&s->counter_fds[i][j]);
			s->counter_fds[i][j] = -1;
		}
}

void counters_emit(struct stage *s, const char *when)
{
	for (size_t i = 0; i <= s->plan->nr_cgroups; i++)
		counters_emit_cgroup(s, when, path_of(s, i));
	emit_vmstat(s, when);
	emit_nodes(s, when);
}
