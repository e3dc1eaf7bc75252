// SPDX-License-Identifier: MIT
/* What playing cases on this host itself (--on host, memcg scope only) depends on. */
#include "harness/doctor.h"
#include "harness/host_names.h"
#include "lib/cgroup_mounts.h"
#include "lib/fs.h"
#include "lib/units.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>

static void conclude(struct doctor_finding *d, enum doctor_state state, const char *consequence)
{
	d->state = state;
	str_copy(d->consequence, sizeof(d->consequence), consequence);
}

void doctor_cgroup(struct doctor_finding *d)
{
	int root __close = fs_root_open("/");
	struct cgroup_mounts m;
	const char *at;

	if (cgroup_mounts_read(root, &m)) {
		str_copy(d->found, sizeof(d->found), "no cgroups are mounted");
		conclude(d, DOCTOR_NOTE, "cases can be run in guests only");
		return;
	}
	at = m.v2_memory ? m.v2 : m.v1_memory;
	snprintf(d->found, sizeof(d->found), "%s; the memory controller is %s%s; cpuset %s",
		 cgroup_mode_name(cgroup_mode(&m)), *at ? "on /" : "nowhere", at,
		 m.v2_cpuset || m.v1_cpuset[0] ? "too" : "is nowhere");
	if (!*at)
		conclude(d, DOCTOR_NOTE, "--on host is refused: cases can be run in guests only");
	else if (faccessat(root, at, W_OK, AT_EACCESS))
		conclude(d, DOCTOR_NOTE, "not writable for this user: --on host needs root");
	else
		snprintf(d->consequence, sizeof(d->consequence), "--on host plays cgroup %s",
			 m.v2_memory ? "v2" : "v1");
}

void doctor_names(struct doctor_finding *d)
{
	int root __close = fs_root_open("/");
	const char *why = host_names_differ(root);

	str_copy(d->found, sizeof(d->found),
		 why ? why : "pids and cgroup paths are those of the kernel log");
	if (why)
		conclude(d, DOCTOR_NOTE, "--on host is refused: cases can be run in guests only");
}

void doctor_kmsg(struct doctor_finding *d)
{
	int fd __close = open("/dev/kmsg", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	int root __close = fs_root_open("/");
	char limit[16] = "";

	if (fd < 0) {
		snprintf(d->found, sizeof(d->found), "/dev/kmsg: %s", strerror(errno));
		conclude(d, DOCTOR_NOTE,
			 "--on host is refused: a victim is proved from the kernel log");
		return;
	}
	fs_read_line(root, "proc/sys/kernel/printk_devkmsg", limit, sizeof(limit));
	snprintf(d->found, sizeof(d->found), "/dev/kmsg can be read and written; rate limit '%s'",
		 limit);
}

/* Nodes that have memory. */
static unsigned int nodes_with_memory(int root)
{
	char text[256];
	const char *p = text;
	unsigned int n = 0;

	if (fs_read_line(root, "sys/devices/system/node/has_memory", text, sizeof(text)) < 0)
		return 1;
	while (isdigit(*p)) { /* "0-1,4" */
		unsigned long a = strtoul(p, (char **)&p, 10), b = a;

		if (*p == '-')
			b = strtoul(p + 1, (char **)&p, 10);
		n += b - a + 1;
		p += *p == ',';
	}
	return n;
}

void doctor_numa(struct doctor_finding *d)
{
	int root __close = fs_root_open("/");
	unsigned int n = nodes_with_memory(root);

	snprintf(d->found, sizeof(d->found), "%u node%s with memory", n, n == 1 ? "" : "s");
	if (n == 1)
		str_copy(d->consequence, sizeof(d->consequence),
			 "cases with nodes run in guests only, which have as many as they need");
}

void doctor_swap(struct doctor_finding *d)
{
	int root __close = fs_root_open("/");
	uint64_t kb = 0;
	char size[32];

	fs_key_u64(root, "proc/meminfo", "SwapTotal", &kb);
	if (kb)
		snprintf(d->found, sizeof(d->found), "%s",
			 bytes_format(KiB(kb), size, sizeof(size)));
	else
		str_copy(d->found, sizeof(d->found), "none");
	str_copy(d->consequence, sizeof(d->consequence),
		 kb ? "memcg cases on this host must bar it, or they fill it"
		    : "cases with swap run in guests only, which have what they need");
}

void doctor_memory(struct doctor_finding *d)
{
	int root __close = fs_root_open("/");
	uint64_t total = 0, available = 0;
	char a[32], t[32];

	fs_key_u64(root, "proc/meminfo", "MemTotal", &total);
	fs_key_u64(root, "proc/meminfo", "MemAvailable", &available);
	snprintf(d->found, sizeof(d->found), "%s available of %s",
		 bytes_format(KiB(available), a, sizeof(a)),
		 bytes_format(KiB(total), t, sizeof(t)));
	if (available < MiB(1)) /* in kB */
		conclude(d, DOCTOR_NOTE,
			 "less than 1 GiB: guests of 512 MiB one at a time, if at all");
}

/* Daemons that kill before the kernel would, by the name of their process. */
static const char *const killers[] = { "earlyoom",    "nohang",	      "oomd",
				       "psi-monitor", "systemd-oomd", "uresourced" };

static bool is_killer(const char *comm)
{
	for (size_t i = 0; i < ARRAY_SIZE(killers); i++)
		if (str_starts(comm, killers[i]))
			return true;
	return false;
}

void doctor_killers(struct doctor_finding *d)
{
	int root __close = fs_root_open("/");
	DIR *proc = opendir("/proc");
	struct dirent *e;

	while (proc && (e = readdir(proc))) {
		char name[300], comm[64];

		snprintf(name, sizeof(name), "proc/%s/comm", e->d_name);
		if (isdigit(e->d_name[0]) && fs_read_line(root, name, comm, sizeof(comm)) > 0 &&
		    is_killer(comm))
			doctor_add(d->found, sizeof(d->found), "%s (pid %s)", comm, e->d_name);
	}
	if (proc)
		closedir(proc);
	if (d->found[0])
		conclude(d, DOCTOR_NOTE,
			 "they may kill our workers first: on this host a case then is BROKEN "
			 "(a SIGKILL nobody explains); in guests there are none");
	else
		str_copy(d->found, sizeof(d->found), "none runs");
}
