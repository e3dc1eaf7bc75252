// SPDX-License-Identifier: MIT
/*
 * What must hold before the first byte: our own pages in memory, name, parent, adj, cgroup, policy.
 * Each is read back or refused; a hog that runs under other conditions than asked for proves
 * nothing.
 */
#include <link.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include "lib/fs.h"
#include "workloads/workload.h"

#define STACK_BYTES KiB(64)

/*
 * Without the right to lock, at least no page is new later: read, or write back what is there.
 * Whole pages, so also what lies between variables: a sanitizer must not look.
 */
__attribute__((no_sanitize_address)) static void touch_range(const char *from, uint64_t bytes,
							     bool writable)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	for (uint64_t at = 0; at < bytes; at += page) {
		volatile char *p = (volatile char *)(uintptr_t)(from + at);
		char c = *p;

		if (writable)
			*p = c;
	}
}

static void keep_range(uintptr_t from, uintptr_t to, bool writable)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

	from = from / page * page;
	if (writable) /* private pages: copied now, not when a word is said */
		touch_range((const char *)from, to - from, true);
	/* Only root can be unkillable; for others RLIMIT_MEMLOCK is for what they asked for. */
	if (geteuid() != 0 || mlock((const void *)from, to - from) < 0)
		touch_range((const char *)from, to - from, false);
}

static int keep_segments(struct dl_phdr_info *info, size_t size, void *data)
{
	(void)size;
	(void)data;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];
		uintptr_t from = info->dlpi_addr + p->p_vaddr;

		/* What the linker made read-only after relocation lies at a data segment's start.
		 */
		if (p->p_type == PT_LOAD && p->p_flags & PF_R && !(p->p_flags & PF_W))
			keep_range(from, from + p->p_memsz, false);
	}
	return 1; /* the first object is the program; as a static one it is all there is */
}

/*
 * A task of oom_score_adj -1000 at its memcg's limit faults for ever on any page it has not got, so
 * nothing of ours may be missing later: code, data, stack.
 */
static void own_pages_lock(void)
{
	extern char __data_start[], _end[];
	volatile char stack[STACK_BYTES];

	stack[0] = 0;
	dl_iterate_phdr(keep_segments, NULL);
	keep_range((uintptr_t)__data_start, (uintptr_t)_end, true);
	keep_range((uintptr_t)stack, (uintptr_t)stack + sizeof(stack), true);
}

int adj_set(int64_t adj, struct fail *f)
{
	int root __close = fs_root_open("");
	char text[32];
	ssize_t n;
	int err = fs_writef(root, "proc/self/oom_score_adj", "%lld", (long long)adj);

	if (err == -EACCES)
		return fail_set(f, err,
				"oom_score_adj %lld: lowering it needs root (CAP_SYS_RESOURCE)",
				(long long)adj);
	if (err)
		return fail_errno(f, err, "write /proc/self/oom_score_adj");
	n = fs_read_line(root, "proc/self/oom_score_adj", text, sizeof(text));
	if (n < 0)
		return fail_errno(f, (int)n, "read /proc/self/oom_score_adj");
	if (strtol(text, NULL, 10) != adj)
		return fail_set(f, -ESTALE, "oom_score_adj %lld: reads back as %s", (long long)adj,
				text);
	return 0;
}

enum ready_what hog_setup(struct hog *h)
{
	if (h->opt.die_with_parent)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (h->opt.comm)
		prctl(PR_SET_NAME, h->opt.comm);
	own_pages_lock();
	if (h->opt.has_adj && adj_set(h->opt.oom_score_adj, &h->fail) < 0)
		return READY_ADJ;
	for (size_t i = 0; i < h->opt.nr_cgroups; i++)
		if (cgroup_join(h->opt.cgroups[i], &h->fail) < 0)
			return READY_CGROUP;
	if (h->opt.has_policy && mempolicy_set(&h->opt.policy, &h->fail) < 0)
		return READY_POLICY;
	return READY_YES;
}
