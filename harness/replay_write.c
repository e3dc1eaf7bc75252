// SPDX-License-Identifier: MIT
/*
 * The case of a ticket, as a person would write it: workers named after the comms, sizes as shares of what
 * ran out, and beside each where it comes from.
 */
#include "harness/replay.h"
#include "lib/units.h"

#define LIMIT_MIB 128
#define GUEST_MIB 768

/* Text of a log within a comment or a quoted value: nothing in it ends either. */
static void put_text(FILE *out, const char *text)
{
	for (const unsigned char *s = (const unsigned char *)text; *s; s++)
		if (*s < 0x20 || *s >= 0x7f || *s == '"' || *s == '\\')
			fprintf(out, "\\x%02x", *s);
		else
			fputc(*s, out);
}

static bool is_panic(const struct replay *p)
{
	return p->end == REPLAY_PANIC || p->end == REPLAY_NO_KILLABLE;
}

static bool on_node(const struct replay *p)
{
	return p->kind == OOM_KIND_MEMPOLICY || p->kind == OOM_KIND_CPUSET;
}

static const char *whole_of(const struct replay *p)
{
	return p->kind == OOM_KIND_MEMCG ? "limit" : on_node(p) ? "node 1" : "MemTotal";
}

static const char *what_ran_out(const struct replay *p)
{
	return p->kind == OOM_KIND_MEMCG ? "a memory cgroup"
	       : on_node(p)		 ? "a NUMA node"
					 : "the machine";
}

/* "12.34% of limit" */
static void put_share(const struct replay *p, int64_t share, FILE *out)
{
	share = share * (100 + p->swap_percent) / p->limit_percent;
	fprintf(out, "%lld.%02lld%% of %s", (long long)share / 100, (long long)share % 100,
		whole_of(p));
}

static void put_head(const struct replay *p, FILE *out)
{
	fputs("# An OOM of a log, to be played again: ", out);
	put_text(out, p->ticket);
	fprintf(out, ", line %llu", (unsigned long long)p->line);
	fprintf(out, "\ncase: %s\nsummary: \"", p->name);
	if (is_panic(p)) {
		fputs(*p->victim ? "The machine panics with what was changed"
				 : "The panic of the ticket comes again",
		      out);
	} else {
		put_text(out, p->victim);
		fprintf(out, " (%lld) ", (long long)p->victim_pid);
		fputs(p->end == REPLAY_NO_OOM ? "lives with what was changed"
					      : "is killed again, for the same reason",
		      out);
	}
	fprintf(out, "\"\nwhy: |\n  %c%s ran out of memory on ", what_ran_out(p)[0] - 'a' + 'A',
		what_ran_out(p) + 1);
	put_text(out, p->release);
	fputs(".\n", out);
	if (p->domain_kb)
		fprintf(out, "  1 %% of its %lld MiB there is 1 %% of %s here.\n",
			(long long)p->domain_kb / 1024, whole_of(p));
	for (size_t i = 0; i < p->nr_assumptions; i++) {
		fputs(i ? "" : "  Assumed, or not as in the log:\n", out);
		fputs("  * ", out);
		put_text(out, p->assumptions[i]);
		fputs(".\n", out);
	}
	fputs("tags: [replay]\n", out);
}

static void put_needs(const struct replay *p, FILE *out)
{
	const char *scope = is_panic(p)			? "panic"
			    : p->kind == OOM_KIND_MEMCG ? "memcg"
			    : on_node(p)		? "node"
							: "global";

	fprintf(out, "scope: %s\ntimeout: 60s\nneeds: {memory: %lldMiB", scope,
		p->kind == OOM_KIND_MEMCG    ? 4ll * LIMIT_MIB * p->limit_percent / 100
		: is_panic(p) && !on_node(p) ? 256
					     : GUEST_MIB);
	if (on_node(p))
		fputs(", nodes: 2", out);
	if (p->swap_percent)
		fprintf(out, ", swap: %lldMiB", (long long)(p->swap_percent * GUEST_MIB / 100));
	if (p->group)
		fputs(", cgroup: v2", out);
	fputs("}\n", out);
}

/* Where the workers live: the victim's cgroup, as far as the log tells. "": our own root. */
static void home(const struct replay *p, char *buf, size_t len)
{
	snprintf(buf, len, "%s%s%s", p->box, *p->box && *p->below ? "/" : "", p->below);
}

static void put_scene(const struct replay *p, FILE *out)
{
	char where[200];

	home(p, where, sizeof(where));
	if (!*where && !*p->sysctl && !p->allocating_task)
		return;
	fputs("scene:\n", out);
	if (*p->sysctl || p->allocating_task)
		fputs("  sysctl:\n", out);
	if (p->allocating_task)
		fputs("    vm.oom_kill_allocating_task: 1\n", out);
	if (*p->sysctl)
		fprintf(out, "    %s: %s\n", p->sysctl, p->sysctl_value);
	if (*where)
		fputs("  cgroups:\n", out);
	if (p->kind == OOM_KIND_MEMCG)
		fprintf(out, "    %s: {memory.max: %lldKiB%s}\n", p->box,
			(long long)(LIMIT_MIB * 1024 * p->limit_percent / 100),
			p->group && !*p->below ? ", memory.oom.group: 1" : "");
	else if (*p->box)
		fprintf(out, "    %s: {cpuset.mems: 1}\n", p->box);
	if (*p->below)
		fprintf(out, "    %s: {%s}\n", where, p->group ? "memory.oom.group: 1" : "");
}

static void put_place(const struct replay *p, FILE *out)
{
	char where[200];

	home(p, where, sizeof(where));
	if (*where)
		fprintf(out, ", cgroup: %s", where);
	if (p->kind == OOM_KIND_MEMPOLICY)
		fputs(", mempolicy: bind:1", out);
}

static bool grows(const struct replay *p, size_t i)
{
	return i == p->trigger && p->end != REPLAY_NO_OOM && p->kind != OOM_KIND_SYSRQ;
}

/*
 * More than there is, if it dies of it. Else what is left, and half of what the other's end will free: so
 * that memory runs out once and then is enough.
 */
static int64_t asks_for(const struct replay *p)
{
	/* A mapping of more than the whole machine is refused, and all of it is more than is free. */
	int64_t most = REPLAY_WHOLE + (p->kind == OOM_KIND_MEMCG ? 2000 : -100);
	int64_t left = REPLAY_WHOLE - p->filler + p->roles[p->top].share / 2;

	if (is_panic(p) || p->roles[p->trigger].killed || p->group)
		return most;
	for (size_t i = 0; i < p->nr_roles; i++)
		left -= i == p->trigger ? 0 : p->roles[i].share;
	return min(left, most);
}

static void put_role(const struct replay *p, size_t i, FILE *out)
{
	const struct replay_role *r = &p->roles[i];
	char size[32];

	if (r->pid) {
		fprintf(out, "  # pid %lld, ", (long long)r->pid);
		put_text(out, r->comm);
		fprintf(out, ": %s", bytes_format(KiB(r->kb), size, sizeof(size)));
		if (grows(p, i)) {
			fputs("; grows until memory is gone, to ", out);
			put_share(p, r->share, out);
		}
		fputc('\n', out);
	}
	fprintf(out, "  %s: {kind: anon, size: ", r->name);
	if (grows(p, i))
		put_share(p, asks_for(p), out);
	else
		put_share(p, r->share, out);
	put_place(p, out);
	if (r->adj)
		fprintf(out, ", oom_score_adj: %d", r->adj);
	fputs("}\n", out);
}

static void put_workers(const struct replay *p, FILE *out)
{
	fputs("workers:\n", out);
	for (size_t i = 0; i < p->nr_roles; i++)
		put_role(p, i, out);
	if (!p->filler)
		return;
	fprintf(out, "  # what no task owns (cache, slab, tmpfs, drivers)");
	if (p->nr_small)
		fprintf(out, ", and %zu tasks too small to matter", p->nr_small);
	fputs("\n  held: {kind: mlock, size: ", out);
	put_share(p, p->filler, out);
	put_place(p, out);
	fputs(", oom_score_adj: -1000}\n", out);
}

static bool dies(const struct replay *p, size_t i)
{
	return p->end != REPLAY_NO_OOM && (p->roles[i].killed || (p->group && !p->roles[i].immune));
}

static size_t nr_kills(const struct replay *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->nr_roles; i++)
		n += dies(p, i);
	return n;
}

static void put_steps(const struct replay *p, FILE *out)
{
	fputs("steps:\n", out);
	if (p->filler)
		fputs("  - start: held\n", out);
	for (size_t i = 0; i < p->nr_roles; i++)
		if (!grows(p, i))
			fprintf(out, "  - start: %s\n", p->roles[i].name);
	if (p->kind == OOM_KIND_SYSRQ && !is_panic(p))
		fputs("  - sysrq: f\n", out);
	if (p->end == REPLAY_NO_OOM)
		return;
	if (p->kind != OOM_KIND_SYSRQ || is_panic(p))
		fprintf(out, "  - trigger: %s\n", p->roles[p->trigger].name);
	if (is_panic(p))
		fprintf(out, "  - wait: {death: %s}\n", p->roles[p->trigger].name);
	else
		fprintf(out, "  - wait: {kills: %zu}\n", nr_kills(p));
}

/* "[a, b]" of those that are (or are not) killed. Returns how many. */
static size_t put_names(const struct replay *p, bool killed, FILE *out)
{
	size_t n = 0;

	fputc('[', out);
	for (size_t i = 0; i < p->nr_roles; i++) {
		if (dies(p, i) == killed)
			fprintf(out, "%s%s", n++ ? ", " : "", p->roles[i].name);
	}
	if (!killed && p->filler)
		fprintf(out, "%sheld", n++ ? ", " : "");
	fputc(']', out);
	return n;
}

static bool has_survivors(const struct replay *p)
{
	return p->filler || p->nr_roles > 1 || p->end == REPLAY_NO_OOM;
}

static void put_report(const struct replay *p, FILE *out)
{
	static const char *const constraints[] = { [OOM_KIND_GLOBAL] = "NONE",
						   [OOM_KIND_SYSRQ] = "NONE",
						   [OOM_KIND_MEMCG] = "MEMCG",
						   [OOM_KIND_CPUSET] = "CPUSET",
						   [OOM_KIND_MEMPOLICY] = "MEMORY_POLICY" };
	int64_t limit_kb = LIMIT_MIB * 1024 * p->limit_percent / 100;
	char where[200];

	home(p, where, sizeof(where));
	fprintf(out, "  constraint: CONSTRAINT_%s\n", constraints[p->kind]);
	if (*where)
		fprintf(out, "  task_memcg: %s\n", where);
	if (p->kind == OOM_KIND_MEMCG)
		fprintf(out,
			"  oom_memcg: %s\n  limit: %lldKiB\n"
			"  usage: %lldKiB..%lldKiB # a page may go between the failed charge and "
			"the report\n",
			p->box, (long long)limit_kb, (long long)limit_kb - 1024,
			(long long)limit_kb);
	if (p->allocating_task) {
		fputs("  model: vm.oom_kill_allocating_task is set, who asks dies\n", out);
		return;
	}
	if (p->nr_rank < 2)
		return;
	fputs("  rank: [", out);
	for (size_t i = 0; i < p->nr_rank; i++)
		fprintf(out, "%s%s", i ? ", " : "", p->roles[i].name);
	fputs("]\n", out);
}

static void put_expect(const struct replay *p, FILE *out)
{
	fputs("expect:\n", out);
	if (is_panic(p)) {
		fprintf(out, "  panic: %s\n", p->panic);
		return;
	}
	if (p->end == REPLAY_NO_OOM) {
		fputs("  no_oom: true\n", out);
	} else {
		fputs(p->group ? "  victims: {any_order: " : "  victims: ", out);
		put_names(p, true, out);
		fputs(p->group ? "}\n" : "\n", out);
	}
	if (has_survivors(p)) {
		fputs("  survivors: ", out);
		put_names(p, false, out);
		fputc('\n', out);
	}
	if (p->end != REPLAY_NO_OOM)
		put_report(p, out);
}

void replay_write(const struct replay *p, FILE *out)
{
	put_head(p, out);
	put_needs(p, out);
	put_scene(p, out);
	put_workers(p, out);
	put_steps(p, out);
	put_expect(p, out);
}
