// SPDX-License-Identifier: MIT
/*
 * Samples of memory over time, from files that are open before the OOM: pread(2) into static room.
 * Each file is read once when it is opened, which is when the kernel allocates what reading it takes.
 * memory.stat takes a page at each reading: it is read only where just a memcg is short of memory.
 */
#include "harness/stage.h"
#include "lib/nodemask.h"

#include <fcntl.h>

#define SHARE 50 /* a sample is followed by so many times what it cost: at most 2 % of the time */

struct column {
	const char *name; /* with its unit */
	const char *file;
	const char *line; /* the value stands behind `key`, behind this; NULL: behind `key` alone */
	const char *key;  /* "\n": at the start of a line */
	bool is_bytes;	  /* told in kB */
};

/* Columns of one file stand together. */
static const struct column of_machine[] = {
	{ "some_us", "proc/pressure/memory", "\nsome", "total=", false },
	{ "full_us", "proc/pressure/memory", "\nfull", "total=", false },
	{ "swap_free_kb", "proc/meminfo", NULL, "\nSwapFree:", false },
};
static const struct column of_cgroup_v2[] = {
	{ "current_kb", "memory.current", NULL, "\n", true },
	{ "swap_kb", "memory.swap.current", NULL, "\n", true },
	{ "high", "memory.events", NULL, "\nhigh ", false },
	{ "max", "memory.events", NULL, "\nmax ", false },
	{ "oom", "memory.events", NULL, "\noom ", false },
	{ "oom_kill", "memory.events", NULL, "\noom_kill ", false },
	{ "some_us", "memory.pressure", "\nsome", "total=", false },
	{ "full_us", "memory.pressure", "\nfull", "total=", false },
	{ "anon_kb", "memory.stat", NULL, "\nanon ", true },
	{ "file_kb", "memory.stat", NULL, "\nfile ", true },
	{ "shmem_kb", "memory.stat", NULL, "\nshmem ", true },
	{ "slab_kb", "memory.stat", NULL, "\nslab ", true },
};
static const struct column of_cgroup_v1[] = {
	{ "current_kb", "memory.usage_in_bytes", NULL, "\n", true },
	{ "kernel_kb", "memory.kmem.usage_in_bytes", NULL, "\n", true },
	{ "failcnt", "memory.failcnt", NULL, "\n", false },
	{ "oom_kill", "memory.oom_control", NULL, "\noom_kill ", false },
	{ "anon_kb", "memory.stat", NULL, "\ntotal_rss ", true },
	{ "file_kb", "memory.stat", NULL, "\ntotal_cache ", true },
	{ "shmem_kb", "memory.stat", NULL, "\ntotal_shmem ", true },
	{ "swap_kb", "memory.stat", NULL, "\ntotal_swap ", true },
};
static const struct column of_worker[] = {
	{ "rss_kb", "status", NULL, "\nVmRSS:", false },
	{ "swap_kb", "status", NULL, "\nVmSwap:", false },
	{ "oom_score", "oom_score", NULL, "\n", false },
};
static const struct column of_node[] = {
	{ "free_kb", "meminfo", NULL, " MemFree:", false },
	{ "anon_kb", "meminfo", NULL, " AnonPages:", false },
	{ "file_kb", "meminfo", NULL, " FilePages:", false },
	{ "shmem_kb", "meminfo", NULL, " Shmem:", false },
	{ "slab_kb", "meminfo", NULL, " Slab:", false },
};

static const char *const subject_names[] = { "machine", "cgroup", "worker", "node" };

static size_t columns_of(const struct stage *s, enum timeline_kind kind, const struct column **ret)
{
	bool v1 = s->plan->cgroup == CGROUP_V1;

	*ret = kind == TIMELINE_MACHINE	 ? of_machine
	       : kind == TIMELINE_NODE	 ? of_node
	       : kind == TIMELINE_WORKER ? of_worker
	       : v1			 ? of_cgroup_v1
					 : of_cgroup_v2;
	return kind == TIMELINE_MACHINE	 ? ARRAY_SIZE(of_machine)
	       : kind == TIMELINE_NODE	 ? ARRAY_SIZE(of_node)
	       : kind == TIMELINE_WORKER ? ARRAY_SIZE(of_worker)
	       : v1			 ? ARRAY_SIZE(of_cgroup_v1)
					 : ARRAY_SIZE(of_cgroup_v2);
}

/* What stands behind the key, OOM_ABSENT if that is no number. */
static int64_t value_in(const char *text, const struct column *c)
{
	const char *at = c->line ? strstr(text, c->line) : text;
	char *end;
	int64_t v;

	at = at ? strstr(at, c->key) : NULL;
	if (!at)
		return OOM_ABSENT;
	at += strlen(c->key);
	v = (int64_t)strtoll(at, &end, 10);
	return end == at ? OOM_ABSENT : c->is_bytes ? v / 1024 : v;
}

/* The files of one subject into its columns of tl->now. A file that is gone has no values. */
static void look_at(struct stage *s, const struct timeline_subject *t)
{
	const struct column *c;
	size_t nr = columns_of(s, t->kind, &c), file = 0;
	char text[8192] = "\n";

	for (size_t i = 0; i < nr; i++) {
		if (i && !str_eq(c[i].file, c[i - 1].file))
			file++;
		if (!i || !str_eq(c[i].file, c[i - 1].file)) {
			ssize_t n = t->fds[file] < 0
					    ? -1
					    : pread(t->fds[file], text + 1, sizeof(text) - 2, 0);

			text[n < 0 ? 0 : 1 + n] = '\0';
			text[0] = n < 0 ? '\0' : '\n';
		}
		s->timeline.now[t->column + i] = value_in(text, &c[i]);
	}
}

static int open_file(struct stage *s, const struct timeline_subject *t, const char *file)
{
	char path[128];

	if (t->kind == TIMELINE_CGROUP)
		return str_eq(file, "memory.stat") && s->plan->scope != SCOPE_MEMCG
			       ? -1
			       : memcg_open(&s->cg, t->name, file);
	if (t->kind == TIMELINE_WORKER)
		snprintf(path, sizeof(path), "proc/%d/%s", (int)t->id, file);
	else if (t->kind == TIMELINE_NODE)
		snprintf(path, sizeof(path), "sys/devices/system/node/node%d/%s", (int)t->id, file);
	else
		str_copy(path, sizeof(path), file);
	return openat(s->player->root, path, O_RDONLY | O_CLOEXEC);
}

static void open_subject(struct stage *s, struct timeline_subject *t)
{
	const struct column *c;
	size_t nr = columns_of(s, t->kind, &c), file = 0;

	for (size_t i = 0; i < nr; i++)
		if (!i || !str_eq(c[i].file, c[i - 1].file))
			t->fds[file++] = open_file(s, t, c[i].file);
	look_at(s, t);
}

static void add(struct stage *s, enum timeline_kind kind, const char *name, int id)
{
	struct timeline *tl = &s->timeline;
	struct timeline_subject *t = &tl->subjects[tl->nr_subjects++];
	const struct column *c;

	*t = (struct timeline_subject){ .kind = kind, .name = name, .id = id };
	t->column = tl->nr_columns;
	tl->nr_columns += columns_of(s, kind, &c);
	memset(t->fds, -1, sizeof(t->fds));
	if (kind != TIMELINE_WORKER) /* those come later */
		open_subject(s, t);
}

static void emit_head(struct stage *s)
{
	const struct timeline *tl = &s->timeline;

	emit_begin(s, "timeline");
	jsonw_u64(&s->w, "interval_us", tl->interval_us);
	for (int kind = 0; kind < TIMELINE_KINDS; kind++) {
		const struct column *c;
		size_t nr = columns_of(s, (enum timeline_kind)kind, &c);
		char list[16];

		jsonw_array(&s->w, subject_names[kind]);
		for (size_t i = 0; i < nr; i++)
			jsonw_str(&s->w, NULL, c[i].name);
		jsonw_close(&s->w);
		snprintf(list, sizeof(list), "%ss", subject_names[kind]);
		jsonw_array(&s->w, list);
		for (size_t i = 0; i < tl->nr_subjects; i++)
			if ((int)tl->subjects[i].kind == kind)
				jsonw_str(&s->w, NULL, tl->subjects[i].name);
		jsonw_close(&s->w);
	}
	emit_end(s);
}

void timeline_open(struct stage *s)
{
	static char node_names[MACHINE_NODES_MAX][8];
	const struct plan *p = s->plan;
	struct timeline *tl = &s->timeline;

	tl->interval_us = p->sample_ms * 1000;
	if (!tl->interval_us)
		return;
	add(s, TIMELINE_MACHINE, "", 0);
	add(s, TIMELINE_CGROUP, "", 0);
	for (size_t i = 0; i < min(p->nr_cgroups, (size_t)TIMELINE_CGROUPS_MAX); i++)
		add(s, TIMELINE_CGROUP, p->cgroups[i].path, 0);
	for (size_t i = 0; i < min(p->nr_workers, (size_t)TIMELINE_WORKERS_MAX); i++)
		add(s, TIMELINE_WORKER, p->workers[i].name, 0);
	for (int id = 0; id < MACHINE_NODES_MAX; id++) {
		char path[64];

		snprintf(path, sizeof(path), "sys/devices/system/node/node%d", id);
		snprintf(node_names[id], sizeof(node_names[id]), "%d", id);
		if (faccessat(s->player->root, path, F_OK, 0) == 0)
			add(s, TIMELINE_NODE, node_names[id], id);
	}
	emit_head(s);
	timeline_moment(s);
}

void timeline_worker(struct stage *s, const char *name, pid_t pid)
{
	for (size_t i = 0; i < s->timeline.nr_subjects; i++) {
		struct timeline_subject *t = &s->timeline.subjects[i];

		if (t->kind != TIMELINE_WORKER || !str_eq(t->name, name))
			continue;
		t->id = pid;
		open_subject(s, t);
	}
}

/* What is not as it was told last. */
static void emit_changes(struct stage *s)
{
	struct timeline *tl = &s->timeline;

	if (memcmp(tl->now, tl->told, tl->nr_columns * sizeof(*tl->now)) == 0)
		return;
	emit_begin(s, "sample");
	jsonw_array(&s->w, "set");
	for (size_t i = 0; i < tl->nr_columns; i++) {
		if (tl->now[i] == tl->told[i])
			continue;
		tl->told[i] = tl->now[i];
		jsonw_u64(&s->w, NULL, i);
		if (tl->now[i] == OOM_ABSENT)
			jsonw_null(&s->w, NULL);
		else
			jsonw_i64(&s->w, NULL, tl->now[i]);
	}
	jsonw_close(&s->w);
	emit_end(s);
}

void timeline_moment(struct stage *s)
{
	struct timeline *tl = &s->timeline;
	uint64_t from_us = proc_now_us(), cost_us;

	if (!tl->interval_us || from_us < tl->rest_until_us)
		return;
	for (size_t i = 0; i < tl->nr_subjects; i++)
		if (tl->subjects[i].kind != TIMELINE_WORKER || tl->subjects[i].id)
			look_at(s, &tl->subjects[i]);
	emit_changes(s);
	cost_us = proc_now_us() - from_us;
	tl->rest_until_us = from_us + cost_us * SHARE;
	tl->due_us = from_us + tl->interval_us;
}

void timeline_last(struct stage *s)
{
	s->timeline.rest_until_us = 0;
	timeline_moment(s);
}

int timeline_wait_ms(const struct stage *s)
{
	const struct timeline *tl = &s->timeline;
	uint64_t at_us = max(tl->due_us, tl->rest_until_us), now_us = proc_now_us();

	if (!tl->interval_us)
		return INT_MAX;
	return at_us <= now_us ? 0 : (int)min((at_us - now_us + 999) / 1000, (uint64_t)INT_MAX);
}

void timeline_close(struct stage *s)
{
	for (size_t i = 0; i < s->timeline.nr_subjects; i++)
		for (size_t j = 0; j < TIMELINE_FILES_MAX; j++)
			cleanup_close(&s->timeline.subjects[i].fds[j]);
	s->timeline.nr_subjects = 0;
	s->timeline.interval_us = 0;
}
