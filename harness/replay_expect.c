// SPDX-License-Identifier: MIT
/* The case of a ticket, second half: what happens, and what must be true then. */
#include "harness/replay_impl.h"

static size_t nr_dead(const struct replay *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->nr_roles; i++)
		n += p->roles[i].dies;
	return n;
}

void replay_write_steps(const struct replay *p, FILE *out)
{
	fputs("steps:\n", out);
	if (p->held)
		fputs("  - start: held\n", out);
	if (p->small)
		fputs("  - start: others\n", out);
	for (size_t i = 0; i < p->nr_roles; i++)
		if (!replay_grows(p, i))
			fprintf(out, "  - start: %s\n", p->roles[i].name);
	if (p->end == REPLAY_NO_OOM)
		return;
	if (replay_grows(p, p->trigger))
		fprintf(out, "  - trigger: %s\n", p->roles[p->trigger].name);
	else
		fputs("  - sysrq: f\n", out);
	if (replay_is_panic(p))
		fprintf(out, "  - wait: {death: %s}\n", p->roles[p->trigger].name);
	else
		fprintf(out, "  - wait: {kills: %zu}\n", nr_dead(p));
}

/* "[a, b]" of those that die, or of those that live. */
static void put_names(const struct replay *p, bool dead, FILE *out)
{
	const char *comma = "";

	fputc('[', out);
	for (size_t i = 0; i < p->nr_roles; i++) {
		if (p->roles[i].dies != dead)
			continue;
		fprintf(out, "%s%s", comma, p->roles[i].name);
		comma = ", ";
	}
	if (!dead && p->small) {
		fprintf(out, "%sothers", comma);
		comma = ", ";
	}
	if (!dead && p->held)
		fprintf(out, "%sheld", comma);
	fputc(']', out);
}

static void put_memcg(const struct replay *p, FILE *out)
{
	long long limit_kb = REPLAY_LIMIT_MIB * 1024ll * p->limit_percent / 100;

	fprintf(out,
		"  oom_memcg: %s\n  limit: %lldKiB\n"
		"  usage: %lldKiB..%lldKiB # a page may go between the failed charge and "
		"the report\n",
		p->box, limit_kb, limit_kb - 1024, limit_kb);
}

static void put_rank(const struct replay *p, FILE *out)
{
	const char *comma = "";
	size_t n = 0;

	for (size_t i = 0; i < p->nr_roles; i++)
		n += p->roles[i].ranked;
	if (n < 2)
		return;
	fputs("  rank: [", out);
	for (size_t i = 0; i < p->nr_roles; i++) {
		if (!p->roles[i].ranked)
			continue;
		fprintf(out, "%s%s", comma, p->roles[i].name);
		comma = ", ";
	}
	fputs("]\n", out);
}

/* Where the one lives that the report is about. */
static const char *home_of_victim(const struct replay *p)
{
	for (size_t i = 0; i < p->nr_roles; i++)
		if (p->roles[i].pid == p->victim_pid)
			return p->roles[i].inside ? p->home : p->others;
	return "";
}

const char *replay_constraint(enum oom_kind kind)
{
	static const char *const names[] = { [OOM_KIND_UNKNOWN] = "",
					     [OOM_KIND_GLOBAL] = "CONSTRAINT_NONE",
					     [OOM_KIND_SYSRQ] = "CONSTRAINT_NONE",
					     [OOM_KIND_MEMCG] = "CONSTRAINT_MEMCG",
					     [OOM_KIND_CPUSET] = "CONSTRAINT_CPUSET",
					     [OOM_KIND_MEMPOLICY] = "CONSTRAINT_MEMORY_POLICY" };

	return names[kind];
}

static void put_report(const struct replay *p, FILE *out)
{
	const char *home = home_of_victim(p);

	fprintf(out, "  constraint: %s\n", replay_constraint(p->kind));
	if (p->kind == OOM_KIND_MEMPOLICY)
		fprintf(out, "  nodemask: %s\n", p->nodes);
	if (*home)
		fprintf(out, "  task_memcg: %s\n", home);
	if (p->kind == OOM_KIND_MEMCG)
		put_memcg(p, out);
	if (p->allocating_task)
		fputs("  model: vm.oom_kill_allocating_task is set, who asks dies\n", out);
	else
		put_rank(p, out);
	/* v1 counts both together, and how much of it is in swap then is the kernel's choice. */
	if (p->kind == OOM_KIND_MEMCG && p->swap_percent && !p->group)
		fputs("  when:\n    - {if: {cgroup: v1}, usage: ~}\n", out);
}

void replay_write_expect(const struct replay *p, FILE *out)
{
	bool killed = p->end == REPLAY_KILL, survivors = p->held || p->small;

	fputs("expect:\n", out);
	if (replay_is_panic(p)) {
		fprintf(out, "  panic: %s\n", p->panic);
		return;
	}
	for (size_t i = 0; i < p->nr_roles; i++)
		survivors |= !p->roles[i].dies;
	if (killed) {
		fputs(nr_dead(p) > 1 ? "  victims: {any_order: " : "  victims: ", out);
		put_names(p, true, out);
		fputs(nr_dead(p) > 1 ? "}\n" : "\n", out);
	} else {
		fputs("  no_oom: true\n", out);
	}
	if (survivors) {
		fputs("  survivors: ", out);
		put_names(p, false, out);
		fputc('\n', out);
	}
	if (killed)
		put_report(p, out);
}
