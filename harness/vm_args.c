// SPDX-License-Identifier: MIT
/*
 * QEMU's argument vector for a guest. What is measured: nothing but the serial ports, the NVMe disk
 * and the machine's own bridges is needed; more devices only take boot time.
 */
#include "harness/vm_internal.h"

#include <stdarg.h>
#if defined(__x86_64__)
#include <time.h>
#include <x86intrin.h>
#endif

#define LOG_BUF_DEFAULT MiB(4)
#define MIN_NODE_BYTES	MiB(16)

static const char *keep(struct vm_args *a, const char *fmt, va_list ap)
{
	size_t room = sizeof(a->text) - a->used;
	char *at = a->text + a->used;
	int n = vsnprintf(at, room, fmt, ap);

	if (n < 0 || (size_t)n >= room) {
		a->err = -E2BIG;
		return "";
	}
	a->used += n + 1;
	return at;
}

static void __printf(2, 3) add(struct vm_args *a, const char *fmt, ...)
{
	va_list ap;

	if (a->nr + 1 >= VM_ARGS_MAX) {
		a->err = -E2BIG;
		return;
	}
	va_start(ap, fmt);
	a->argv[a->nr++] = keep(a, fmt, ap);
	va_end(ap);
	a->argv[a->nr] = NULL;
}

/* In QEMU's "key=value,key=value" a comma of a value is doubled. */
static void escape(const char *path, char *buf, size_t len)
{
	size_t n = 0;

	for (; *path && n + 2 < len; path++) {
		buf[n++] = *path;
		if (*path == ',')
			buf[n++] = ',';
	}
	buf[n] = '\0';
}

uint64_t vm_node_kb(const struct vm_shape *s)
{
	return s->memory_bytes / max(s->nr_nodes, 1U) / MiB(1) * 1024;
}

uint64_t vm_disk_bytes(const struct vm_shape *s)
{
	return s->swap_kind == SWAP_DISK && s->swap_bytes ? s->swap_bytes : s->disk_bytes;
}

/* A node's memory: QEMU's own, or a template's file, which a restored guest maps privately. */
static void add_backend(struct vm_args *a, const struct vm_template *t, bool restore,
			unsigned int node, uint64_t node_kb)
{
	add(a, "-object");
	if (t)
		add(a, "memory-backend-file,id=m%u,size=%lluK,mem-path=/proc/self/fd/%d,share=%s",
		    node, (unsigned long long)node_kb, t->ram[node], restore ? "off" : "on");
	else
		add(a, "memory-backend-ram,id=m%u,size=%lluK", node, (unsigned long long)node_kb);
}

static void add_memory(struct vm_args *a, const struct vm_config *cfg, bool restore)
{
	const struct vm_shape *s = &cfg->shape;
	unsigned int nodes = max(s->nr_nodes, 1U), cpus = max(s->nr_cpus, 1U);
	uint64_t node_kb = vm_node_kb(s);

	/* One socket a CPU: cores of one socket on two nodes make the kernel warn, which taints it.
	 */
	add(a, "-smp");
	add(a, "%u,sockets=%u,cores=1,threads=1", cpus, cpus);
	add(a, "-m");
	add(a, "%lluK", (unsigned long long)(node_kb * nodes));
	for (unsigned int n = 0; n < nodes && nodes > 1; n++) {
		char own[256] = "";
		size_t at = 0;

		for (unsigned int c = n; c < cpus && at < sizeof(own) - 16; c += nodes)
			at += snprintf(own + at, sizeof(own) - at, ",cpus=%u", c);
		add_backend(a, cfg->template, restore, n, node_kb);
		add(a, "-numa");
		add(a, "node,nodeid=%u,memdev=m%u%s", n, n, own);
	}
	if (nodes == 1 && cfg->template)
		add_backend(a, cfg->template, restore, 0, node_kb);
}

/*
 * panic=-1 with -no-reboot ends QEMU at a panic. panic_print=0x20 (5.2) replays the whole kernel
 * log on the console then, which is otherwise kept short (loglevel). A guest that hangs is asked by
 * sysrq keys (sysrq_always_enabled: also for dumps of tasks) and then made panic by an NMI of ours
 * (unknown_nmi_panic). printk.devkmsg=on: no rate limit on our marks.
 */
static void add_cmdline(struct vm_args *a, const struct vm_shape *s, unsigned int tsc_khz)
{
	static const char ours[] = "panic=-1 panic_print=0x20 panic_console_replay loglevel=4 "
				   "unknown_nmi_panic sysrq_always_enabled printk.devkmsg=on";
	const char *disk = s->disk_bytes ? " oomlab.disk=1" : "";
	char tsc[40] = "", swap[64] = "";

	/* TCG on a busy host lets the guest miscount its TSC, and its clock runs up to 40 times
	 * fast. */
	if (tsc_khz)
		snprintf(tsc, sizeof(tsc), " tsc_early_khz=%u", tsc_khz);
	if (s->swap_bytes && s->swap_kind == SWAP_ZRAM)
		snprintf(swap, sizeof(swap), " oomlab.zram=%llu",
			 (unsigned long long)s->swap_bytes);
	else if (s->swap_bytes)
		snprintf(swap, sizeof(swap), " oomlab.swap=1");
	add(a, "-append");
	add(a, "console=ttyS0 %s cryptomgr.notests log_buf_len=%llu oomlab.cgroup=%s%s%s%s%s %s",
	    s->plain ? "" : ours, (unsigned long long)(s->log_buf_bytes ?: LOG_BUF_DEFAULT),
	    s->cgroup == CGROUP_V1 ? "v1" : "v2", s->hybrid ? " oomlab.hybrid=1" : "", swap, disk,
	    tsc, s->cmdline);
}

/* serial0 is ttyS0, the console; serial1 is ttyS1, the line to the agent. */
static void add_lines(struct vm_args *a, const struct vm_paths *p)
{
	char path[1024];

	escape(p->console, path, sizeof(path));
	add(a, "-chardev");
	add(a, "file,id=console,path=%s", path);
	add(a, "-serial");
	add(a, "chardev:console");
	add(a, "-chardev");
	add(a, "socket,id=data,fd=%d", p->data_fd);
	add(a, "-serial");
	add(a, "chardev:data");
	add(a, "-chardev");
	add(a, "socket,id=qmp,fd=%d", p->qmp_fd);
	add(a, "-mon");
	add(a, "chardev=qmp,mode=control");
}

static void add_disk(struct vm_args *a, const char *file)
{
	char path[1024];

	escape(file, path, sizeof(path));
	add(a, "-blockdev");
	add(a, "driver=raw,node-name=disk,file.driver=file,file.filename=%s,cache.no-flush=on",
	    path);
	add(a, "-device");
	add(a, "nvme,drive=disk,serial=disk");
}

int vm_args_make(struct vm_args *a, const struct vm_config *cfg, enum vm_accel accel,
		 const struct vm_paths *p, unsigned int tsc_khz, struct fail *f)
{
	const struct vm_shape *s = &cfg->shape;

	if (s->memory_bytes / max(s->nr_nodes, 1U) < MIN_NODE_BYTES)
		return fail_set(f, -EINVAL,
				"a guest of %llu MiB on %u nodes: give each node %llu MiB",
				(unsigned long long)(s->memory_bytes >> 20), max(s->nr_nodes, 1U),
				(unsigned long long)(MIN_NODE_BYTES >> 20));
	memset(a, 0, offsetof(struct vm_args, text));
	a->err = 0;
	add(a, "%s", p->qemu);
	add(a, "-nodefaults");
	add(a, "-no-user-config");
	add(a, "-no-reboot");
	add(a, "-display");
	add(a, "none");
	add(a, "-machine");
	add(a, "q35%s", cfg->template && max(s->nr_nodes, 1U) == 1 ? ",memory-backend=m0" : "");
	add(a, "-accel");
	add(a, "%s", accel == ACCEL_KVM ? "kvm" : "tcg,thread=multi");
	add(a, "-cpu");
	add(a, "max");
	add_memory(a, cfg, p->restore);
	add(a, "-kernel");
	add(a, "%s", cfg->kernel->image);
	add(a, "-initrd");
	add(a, "%s", p->initrd);
	add_cmdline(a, s, accel == ACCEL_KVM ? 0 : tsc_khz);
	add_lines(a, p);
	if (vm_disk_bytes(s))
		add_disk(a, p->disk);
	if (p->restore) {
		add(a, "-incoming");
		add(a, "defer");
	}
	return a->err ? fail_errno(f, a->err, "QEMU's arguments") : 0;
}

#if defined(__x86_64__)
unsigned int vm_tsc_khz(void)
{
	static unsigned int khz;
	struct timespec a, b;
	uint64_t from, to;
	int64_t ns;

	if (khz)
		return khz;
	clock_gettime(CLOCK_MONOTONIC_RAW, &a);
	from = __rdtsc();
	do {
		clock_gettime(CLOCK_MONOTONIC_RAW, &b);
		to = __rdtsc();
		ns = (b.tv_sec - a.tv_sec) * 1000000000LL + b.tv_nsec - a.tv_nsec;
	} while (ns < 20000000);
	khz = (to - from) * 1000000 / ns;
	return khz;
}
#else
unsigned int vm_tsc_khz(void)
{
	return 0;
}
#endif
