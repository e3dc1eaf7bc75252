// SPDX-License-Identifier: MIT
/* What a host must not play: the one place that decides it. */
#include "harness/cmd.h"
#include "harness/host_names.h"
#include "harness/runner.h"
#include "lib/fs.h"

/* Sysctls that a host may lend to a case: none of them can take it down. */
static bool host_sysctl_ok(const char *name)
{
	static const char *const names[] = { "vm.oom_dump_tasks", "vm.oom_kill_allocating_task",
					     "vm.swappiness" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (str_eq(name, names[i]))
			return true;
	return false;
}

/* What only a boot of its own gives a case; NULL if it needs none. */
static const char *boot_need(const struct case_needs *n, char *buf, size_t len)
{
	if (*n->cmdline) {
		snprintf(buf, len, "it needs a kernel booted with '%.100s'", n->cmdline);
		return buf;
	}
	if (n->hybrid)
		return "it needs a guest with hybrid cgroups";
	if (*n->programs)
		return "it needs a guest with programs of this host";
	if (n->disk_bytes)
		return "it writes over a disk";
	return n->swap_bytes && n->swap_kind == SWAP_ZRAM ? "it needs a guest with zram" : NULL;
}

static const char *step_risk(const struct case_step *s)
{
	if (s->op == STEP_SYSRQ)
		return "it has a sysrq step";
	if (s->op == STEP_KMSG)
		return "it floods the kernel log";
	if (s->op != STEP_WRITE || s->file.place == FILE_OF_WORKER)
		return NULL;
	if (s->file.place == FILE_AT_PATH)
		return "it writes below /proc/sys or /sys";
	return str_starts(s->file.name, "memory.")
		       ? NULL
		       : "it writes a cgroup's file that is no memory.*";
}

/* A file that stays on a tmpfs is memory that nobody puts back. */
static bool leaves_file(const struct case_worker *w)
{
	for (size_t i = 0; i < w->nr_extra_args; i++)
		if (str_starts(w->extra_args[i], "--leave"))
			return true;
	return false;
}

/* Why this host must not play a case; NULL if it may. */
static const char *host_risk(const struct oom_case *c, char *buf, size_t len)
{
	if (c->scope != SCOPE_MEMCG) {
		snprintf(buf, len, "scope %s would take down processes of this host",
			 scope_name(c->scope));
		return buf;
	}
	for (size_t i = 0; i < c->nr_sysctls; i++) {
		snprintf(buf, len, "it sets %s, for all of this host", c->sysctls[i].name);
		if (!host_sysctl_ok(c->sysctls[i].name))
			return buf;
	}
	if (c->nr_sysfs) {
		snprintf(buf, len, "it writes %s", c->sysfs[0].name);
		return buf;
	}
	if (*c->mount)
		return "it remounts cgroup2";
	for (size_t i = 0; i < c->nr_workers; i++)
		if (leaves_file(&c->workers[i]))
			return "it leaves a file behind";
	for (size_t i = 0; i < c->nr_steps; i++)
		if (step_risk(&c->steps[i]))
			return step_risk(&c->steps[i]);
	return boot_need(&c->needs, buf, len);
}

/* The host is never put at risk: refusal is the default, and says how to play it in a VM. */
int run_refuse_on_host(const struct run *r, const char *kernel)
{
	int root __close = fs_root_open("/");
	const char *why;
	char buf[160];

	for (size_t i = 0; i < r->nr_cases; i++) {
		const struct oom_case *c = r->cases[i];
		const char *risk = host_risk(c, buf, sizeof(buf));

		if (risk)
			return usage_error("%s: %s; play it in a VM: %s --kernel %s %s", c->name,
					   risk, r->opt->reproduce, kernel, c->file);
	}
	if (geteuid() != 0)
		return usage_error("--on host: needs root, to make cgroups and to read /dev/kmsg");
	why = host_names_differ(root);
	if (why)
		return usage_error("--on host: %s; play it there, or in a VM: %s --kernel %s", why,
				   r->opt->reproduce, kernel);
	return 0;
}
