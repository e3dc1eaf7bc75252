// SPDX-License-Identifier: MIT
#include "harness/machine.h"
#include "harness/machine_features.h"
#include "harness/programs.h"
#include "lib/cgroup_mounts.h"
#include "lib/fs.h"
#include "lib/meminfo.h"
#include "lib/nodemask.h"
#include "lib/proc.h"

#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/utsname.h>

#define FILL_PROBE_BYTES	  MiB(16)
#define SYSLOG_ACTION_SIZE_BUFFER 10

/*
 * Page faults a second decide every deadline: under TCG they are a tenth of what hardware does. Measured
 * once: a guest that is restored has it in its memory.
 */
static uint64_t measure_fill_kb_per_s(uint64_t page_bytes)
{
	static uint64_t kb_per_s;
	uint64_t start = proc_now_us(), us;
	char *p;

	if (kb_per_s)
		return kb_per_s;
	p = mmap(NULL, FILL_PROBE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		 0);

	if (p == MAP_FAILED)
		return 0;
	madvise(p, FILL_PROBE_BYTES, MADV_NOHUGEPAGE);
	for (uint64_t at = 0; at < FILL_PROBE_BYTES; at += page_bytes)
		((volatile char *)p)[at] = 1;
	us = proc_now_us() - start;
	munmap(p, FILL_PROBE_BYTES);
	kb_per_s = (FILL_PROBE_BYTES / 1024) * 1000000 / (us ? us : 1);
	return kb_per_s;
}

static int read_nodes(int root, struct machine *m)
{
	struct nodemask nodes;
	int err = nodes_with_memory(root, &nodes);

	for (unsigned int id = 0; !err && id < NODEMASK_MAX; id++) {
		struct machine_node *node = &m->nodes[m->nr_nodes];
		struct node_meminfo mem;

		if (!nodemask_has(&nodes, id) || m->nr_nodes == MACHINE_NODES_MAX)
			continue;
		err = node_meminfo_read(root, id, &mem);
		if (err == -ENOENT)
			return 0; /* not NUMA: no nodes to tell of */
		*node = (struct machine_node){ (int)id, mem.mem_total_kb, mem.mem_free_kb };
		m->nr_nodes += !err;
	}
	return err;
}

static int read_memory(int root, struct machine *m)
{
	struct meminfo mem;
	int err = meminfo_read(root, &mem);

	if (err)
		return err;
	m->mem_total_kb = mem.mem_total_kb;
	m->mem_free_kb = mem.mem_free_kb;
	m->mem_available_kb = mem.has_available ? mem.mem_available_kb : mem.mem_free_kb;
	m->swap_total_kb = mem.swap_total_kb;
	return 0;
}

/* CAP_SYS_RESOURCE, bit 24 of CapEff in /proc/self/status, is what lowering takes (fs/proc/base.c). */
static int read_adj_floor(int root)
{
	char text[8192];
	const char *p = NULL;
	int adj = 0;

	if (fs_read(root, "proc/self/status", text, sizeof(text)) > 0)
		p = strstr(text, "\nCapEff:");
	if (p && (strtoull(p + strlen("\nCapEff:"), NULL, 16) >> 24 & 1))
		return -1000;
	proc_oom_score_adj_get(0, &adj);
	return adj;
}

/* /sys/kernel/cgroup/features (5.6): "nsdelegate\nmemory_localevents\nmemory_recursiveprot\n" */
static void read_cgroup2_options(int root, struct machine *m)
{
	if (fs_read_line(root, "sys/kernel/cgroup/features", m->cgroup2_options,
			 sizeof(m->cgroup2_options)) < 0)
		m->cgroup2_options[0] = '\0';
	for (char *p = m->cgroup2_options; *p; p++)
		if (*p == '\n')
			*p = ' ';
}

int machine_read(int root, struct machine *ret)
{
	struct machine m = { .page_bytes = (uint64_t)sysconf(_SC_PAGESIZE) };
	struct cgroup_mounts mounts;
	struct utsname uts;
	int err, bytes;

	if (uname(&uts) < 0)
		return -errno;
	str_copy(m.release, sizeof(m.release), uts.release);
	str_copy(m.arch, sizeof(m.arch), uts.machine);
	m.nr_cpus = (unsigned int)sysconf(_SC_NPROCESSORS_ONLN);
	err = read_memory(root, &m);
	if (!err)
		err = cgroup_mounts_read(root, &mounts);
	if (!err)
		err = read_nodes(root, &m);
	if (!err)
		err = machine_memcg_files(root, &mounts, m.memcg_files, sizeof(m.memcg_files));
	if (err)
		return err;
	m.memcg_v1 = mounts.v1_memory[0];
	m.cpuset_v1 = mounts.v1_cpuset[0];
	m.memcg_v2 = mounts.v2_memory;
	m.cpuset_v2 = mounts.v2_cpuset;
	m.features = machine_features_read(root);
	programs_read(root, m.programs, sizeof(m.programs));
	m.disk = fs_exists(root, "dev/nvme0n1");
	read_cgroup2_options(root, &m);
	m.adj_floor = read_adj_floor(root);
	fs_read_u64(root, "proc/sys/kernel/tainted", &m.taint);
	bytes = klogctl(SYSLOG_ACTION_SIZE_BUFFER, NULL, 0);
	m.log_buf_bytes = bytes > 0 ? (uint64_t)bytes : 0;
	m.fill_kb_per_s = measure_fill_kb_per_s(m.page_bytes);
	*ret = m;
	return 0;
}

void machine_write(const struct machine *m, struct jsonw *w)
{
	jsonw_str(w, "release", m->release);
	jsonw_str(w, "arch", m->arch);
	jsonw_bool(w, "memcg_v1", m->memcg_v1);
	jsonw_bool(w, "memcg_v2", m->memcg_v2);
	jsonw_bool(w, "cpuset_v1", m->cpuset_v1);
	jsonw_bool(w, "cpuset_v2", m->cpuset_v2);
	jsonw_u64(w, "page_bytes", m->page_bytes);
	jsonw_u64(w, "nr_cpus", m->nr_cpus);
	jsonw_u64(w, "mem_total_kb", m->mem_total_kb);
	jsonw_u64(w, "mem_available_kb", m->mem_available_kb);
	jsonw_u64(w, "mem_free_kb", m->mem_free_kb);
	jsonw_u64(w, "swap_total_kb", m->swap_total_kb);
	jsonw_u64(w, "fill_kb_per_s", m->fill_kb_per_s);
	jsonw_i64(w, "adj_floor", m->adj_floor);
	jsonw_u64(w, "taint", m->taint);
	jsonw_u64(w, "log_buf_bytes", m->log_buf_bytes);
	jsonw_bool(w, "disk", m->disk);
	jsonw_array(w, "features");
	for (size_t i = 0; machine_feature_names[i]; i++)
		if (m->features >> i & 1)
			jsonw_str(w, NULL, machine_feature_names[i]);
	jsonw_close(w);
	jsonw_str(w, "memcg_files", m->memcg_files);
	jsonw_str(w, "cgroup2_options", m->cgroup2_options);
	jsonw_str(w, "programs", m->programs);
	jsonw_array(w, "nodes");
	for (unsigned int i = 0; i < m->nr_nodes; i++) {
		jsonw_object(w, NULL);
		jsonw_i64(w, "id", m->nodes[i].id);
		jsonw_u64(w, "total_kb", m->nodes[i].total_kb);
		jsonw_u64(w, "free_kb", m->nodes[i].free_kb);
		jsonw_close(w);
	}
	jsonw_close(w);
}

static int parse_nodes(const json_t *nodes, struct machine *m, struct fail *f)
{
	size_t n = json_array_size(nodes);

	if (n > MACHINE_NODES_MAX)
		return fail_set(f, -E2BIG, "machine facts: %zu nodes", n);
	for (size_t i = 0; i < n; i++) {
		json_int_t id, total, free_kb;
		json_error_t e;

		if (json_unpack_ex(json_array_get(nodes, i), &e, 0, "{s:I, s:I, s:I}", "id", &id,
				   "total_kb", &total, "free_kb", &free_kb) < 0)
			return fail_set(f, -EBADMSG, "machine facts: node %zu: %s", i, e.text);
		m->nodes[i] = (struct machine_node){ (int)id, (uint64_t)total, (uint64_t)free_kb };
	}
	m->nr_nodes = (unsigned int)n;
	return 0;
}

/* Absent in evidence of an older player. A feature we do not know is none a case asks for. */
static int parse_parts(const json_t *o, struct machine *m, struct fail *f)
{
	const char *files = json_string_value(json_object_get(o, "memcg_files"));
	const char *options = json_string_value(json_object_get(o, "cgroup2_options"));
	const char *programs = json_string_value(json_object_get(o, "programs"));
	const json_t *features = json_object_get(o, "features");

	m->disk = json_is_true(json_object_get(o, "disk"));
	for (size_t i = 0; i < json_array_size(features); i++) {
		const char *name = json_string_value(json_array_get(features, i));

		for (size_t j = 0; name && machine_feature_names[j]; j++)
			if (str_eq(name, machine_feature_names[j]))
				m->features |= UINT32_C(1) << j;
	}
	if ((programs && !str_copy(m->programs, sizeof(m->programs), programs)) ||
	    (files && !str_copy(m->memcg_files, sizeof(m->memcg_files), files)) ||
	    (options && !str_copy(m->cgroup2_options, sizeof(m->cgroup2_options), options)))
		return fail_set(f, -EBADMSG, "machine facts: lists too long");
	return 0;
}

int machine_parse(const json_t *object, struct machine *ret, struct fail *f)
{
	struct machine m = { 0 };
	const char *release, *arch;
	int v1, v2, c1, c2;
	json_int_t page, cpus, total, avail, mem_free, swap, fill, taint, log_buf, floor = 0;
	json_t *nodes;
	json_error_t e;

	if (json_unpack_ex((json_t *)object, &e, 0,
			   /* a fact that came later is optional: old evidence is judged again */
			   "{s:s, s:s, s:b, s:b, s:b, s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, "
			   "s:I, s?I, s:o}",
			   "release", &release, "arch", &arch, "memcg_v1", &v1, "memcg_v2", &v2,
			   "cpuset_v1", &c1, "cpuset_v2", &c2, "page_bytes", &page, "nr_cpus",
			   &cpus, "mem_total_kb", &total, "mem_available_kb", &avail, "mem_free_kb",
			   &mem_free, "swap_total_kb", &swap, "fill_kb_per_s", &fill, "taint",
			   &taint, "log_buf_bytes", &log_buf, "adj_floor", &floor, "nodes",
			   &nodes) < 0)
		return fail_set(f, -EBADMSG, "machine facts: %s", e.text);
	if (page < 1024 || cpus < 1)
		return fail_set(f, -EBADMSG, "machine facts: page_bytes or nr_cpus is nonsense");
	str_copy(m.release, sizeof(m.release), release);
	str_copy(m.arch, sizeof(m.arch), arch);
	m.memcg_v1 = v1, m.memcg_v2 = v2, m.cpuset_v1 = c1, m.cpuset_v2 = c2;
	m.page_bytes = (uint64_t)page, m.nr_cpus = (unsigned int)cpus;
	m.mem_total_kb = (uint64_t)total, m.mem_available_kb = (uint64_t)avail;
	m.mem_free_kb = (uint64_t)mem_free, m.swap_total_kb = (uint64_t)swap;
	m.fill_kb_per_s = (uint64_t)fill, m.taint = (uint64_t)taint;
	m.log_buf_bytes = (uint64_t)log_buf, m.adj_floor = (int)floor;
	*ret = m;
	return parse_nodes(nodes, ret, f) ?: parse_parts(object, ret, f);
}
