// SPDX-License-Identifier: MIT
/*
 * The case of a ticket, as a person would write it: workers named after the comms, sizes as shares of what
 * ran out, and beside each the line of the log that it comes from.
 */
#include "harness/replay_impl.h"
#include "lib/units.h"

#define GUEST_LEAST_MIB 320 /* a guest with swap beside it */
#define GUEST_PANIC_MIB 256
#define KERNEL_MIB	62 /* of a guest's memory that is not in MemTotal, about: Debian's 5.10 to 7.2 */

/* Text of a log within a comment or a quoted value: nothing in it ends either. */
void replay_put_text(FILE *out, const char *text)
{
	for (const unsigned char *s = (const unsigned char *)text; *s; s++)
		if (*s < 0x20 || *s >= 0x7f || *s == '"' || *s == '\\')
			fprintf(out, "\\x%02x", *s);
		else
			fputc(*s, out);
}

/* Of the worker that stands for all nodes of the policy: "node 1" three times is 1-3. */
void replay_whole_of(const struct replay *p, char *buf, size_t len)
{
	if (p->kind == OOM_KIND_MEMCG)
		str_copy(buf, len, "limit");
	else if (replay_on_node(p))
		snprintf(buf, len, "node %.*s", (int)strspn(p->nodes, "0123456789"), p->nodes);
	else
		str_copy(buf, len, "MemTotal");
}

static const char *what_ran_out(const struct replay *p)
{
	return p->kind == OOM_KIND_MEMCG ? "A memory cgroup"
	       : replay_on_node(p)	 ? (p->nr_in_mask > 1 ? "Some NUMA nodes" : "A NUMA node")
					 : "The machine";
}

/* "12.34% of limit": a share of memory and swap, told in percent of memory alone. */
void replay_put_share(const struct replay *p, int64_t share, FILE *out)
{
	char whole[32];

	replay_whole_of(p, whole, sizeof(whole));
	share = share * (100 + p->swap_percent) / p->limit_percent * max(p->nr_in_mask, 1u);
	fprintf(out, "%lld.%02lld%% of %s", (long long)share / 100, (long long)share % 100, whole);
}

static void put_summary(const struct replay *p, FILE *out)
{
	fputs("summary: \"", out);
	if (replay_is_panic(p)) {
		fputs(p->is_remedy ? "The machine panics with what was changed"
				   : "The panic of the ticket comes again",
		      out);
	} else {
		replay_put_text(out, p->victim);
		fprintf(out, " (%lld) ", (long long)p->victim_pid);
		fputs(p->end == REPLAY_NO_OOM ? "lives with what was changed"
		      : p->is_remedy	      ? "is killed with what was changed"
					      : "is killed again, for the same reason",
		      out);
	}
	fputs("\"\n", out);
}

static long long memory_mib(const struct replay *p)
{
	if (p->kind == OOM_KIND_MEMCG)
		return 4ll * REPLAY_LIMIT_MIB * p->limit_percent / 100;
	if (p->alone && p->nr_nodes < 2)
		return GUEST_PANIC_MIB;
	if (replay_on_node(p))
		return (long long)REPLAY_NODE_MIB * p->nr_nodes;
	return max((REPLAY_GUEST_MIB * 100ll + KERNEL_MIB * p->swap_percent) /
			   (100 + p->swap_percent),
		   (long long)GUEST_LEAST_MIB);
}

/* Of a memcg twice what it may use: its own limit is to end it. */
static long long swap_mib(const struct replay *p)
{
	long long of = p->kind == OOM_KIND_MEMCG ? 2ll * REPLAY_LIMIT_MIB
		       : replay_on_node(p)	 ? (long long)REPLAY_NODE_MIB * p->nr_in_mask
						 : memory_mib(p) - KERNEL_MIB;

	return max(of * p->swap_percent / 100, 4ll);
}

/* How much there is here of what ran out; of a machine less than its memory, by what its kernel takes. */
static int64_t here_kb(const struct replay *p)
{
	int64_t of_kb = 1024 * (p->kind == OOM_KIND_MEMCG ? REPLAY_LIMIT_MIB
				: replay_on_node(p)	  ? REPLAY_NODE_MIB * (int64_t)p->nr_in_mask
							  : memory_mib(p) - KERNEL_MIB);

	return of_kb + of_kb * p->swap_percent / 100;
}

static void put_scale(const struct replay *p, FILE *out)
{
	bool in_kib = p->domain_kb < 10240;
	char whole[32];

	if (!p->domain_kb)
		return;
	replay_whole_of(p, whole, sizeof(whole));
	fprintf(out, "  1 %% of its %lld %s%s there is 1 %% of %s%s here, sizes times %s%.3g.\n",
		(long long)p->domain_kb / (in_kib ? 1 : 1024), in_kib ? "KiB" : "MiB",
		p->swap_percent ? ", memory and swap," : "", whole,
		p->swap_percent ? " and its swap" : "", p->kind == OOM_KIND_MEMCG ? "" : "about ",
		(double)here_kb(p) / (double)p->domain_kb);
}

static void put_head(const struct replay *p, FILE *out)
{
	fputs("# An OOM of a log, to be played again: ", out);
	replay_put_text(out, p->ticket);
	fprintf(out, ", line %llu\ncase: %s\n", (unsigned long long)p->line, p->name);
	put_summary(p, out);
	fprintf(out, "why: |\n  %s ran out of memory on ", what_ran_out(p));
	replay_put_text(out, p->release);
	fputs(".\n", out);
	put_scale(p, out);
	for (size_t i = 0; i < p->nr_assumptions; i++) {
		fputs(i ? "" : "  Assumed, or not as in the log:\n", out);
		fputs("  * ", out);
		replay_put_text(out, p->assumptions[i]);
		fputs(".\n", out);
	}
	fputs("tags: [replay]\n", out);
}

static void put_needs(const struct replay *p, FILE *out)
{
	const char *scope = replay_is_panic(p)		? "panic"
			    : p->kind == OOM_KIND_MEMCG ? "memcg"
			    : replay_on_node(p)		? "node"
							: "global";

	fprintf(out, "scope: %s\ntimeout: 60s\nneeds: {memory: %lldMiB", scope, memory_mib(p));
	if (p->nr_nodes > 1)
		fprintf(out, ", nodes: %u", p->nr_nodes);
	if (p->swap_percent)
		fprintf(out, ", swap: %lldMiB", swap_mib(p));
	if (p->group)
		fputs(", cgroup: v2", out);
	fputs("}\n", out);
}

static void put_cgroup(const struct replay *p, const char *path, FILE *out)
{
	long long limit_kb = REPLAY_LIMIT_MIB * 1024ll * p->limit_percent / 100;
	const char *comma = "", *quote = strchr(p->nodes, ',') ? "'" : "";

	fprintf(out, "    %s: {", path);
	if (str_eq(path, p->box) && p->kind == OOM_KIND_MEMCG) {
		fprintf(out, "memory.max: %lldKiB", limit_kb);
		if (p->swap_percent)
			fprintf(out, ", memory.swap.max: %lldKiB",
				REPLAY_LIMIT_MIB * 1024ll * p->swap_percent / 100);
		comma = ", ";
	} else if (str_eq(path, p->box) && p->kind == OOM_KIND_CPUSET) {
		fprintf(out, "cpuset.mems: %s%s%s", quote, p->nodes, quote);
		comma = ", ";
	}
	if (str_eq(path, p->killed_whole))
		fprintf(out, "%smemory.oom.group: 1", comma);
	fputs("}\n", out);
}

/* A path, and before it each above it. */
static void put_path(const struct replay *p, const char *path, size_t from, FILE *out)
{
	char part[REPLAY_PATH_LEN];

	for (size_t n = from; path[n]; n += path[n] == '/') {
		n += strcspn(path + n, "/");
		str_copy(part, n + 1, path);
		put_cgroup(p, part, out);
	}
}

static void put_cgroups(const struct replay *p, FILE *out)
{
	char limit[32];

	if (!*p->home)
		return;
	fputs("  cgroups:", out);
	if (p->memcg_line)
		fprintf(out, " # line %llu names them", (unsigned long long)p->memcg_line);
	if (p->limit_line && p->limit_kb > 0)
		fprintf(out, "%s line %llu: limit %s", p->memcg_line ? ";" : " #",
			(unsigned long long)p->limit_line,
			bytes_format(KiB(p->limit_kb), limit, sizeof(limit)));
	fputc('\n', out);
	put_path(p, p->home, 0, out);
	if (*p->others && !str_eq(p->others, p->home))
		put_path(p, p->others, p->kind == OOM_KIND_MEMCG ? strlen(p->box) + 1 : 0, out);
}

bool replay_overcommits(const struct replay *p)
{
	return p->swap_percent && p->kind != OOM_KIND_MEMCG;
}

static void put_scene(const struct replay *p, FILE *out)
{
	bool overcommits = replay_overcommits(p) && !replay_sysctl(p, "vm.overcommit_memory");

	if (!*p->home && !p->nr_sysctls && !overcommits)
		return;
	fputs("scene:\n", out);
	if (p->nr_sysctls || overcommits)
		fputs("  sysctl:\n", out);
	for (size_t i = 0; i < p->nr_sysctls; i++)
		fprintf(out, "    %s: %s\n", p->sysctls[i].name, p->sysctls[i].value);
	if (overcommits)
		fputs("    vm.overcommit_memory: 1 # or who asks for more than there is is told "
		      "ENOMEM\n",
		      out);
	put_cgroups(p, out);
}

void replay_write(const struct replay *p, FILE *out)
{
	put_head(p, out);
	put_needs(p, out);
	put_scene(p, out);
	replay_write_workers(p, out);
	replay_write_steps(p, out);
	replay_write_expect(p, out);
}
