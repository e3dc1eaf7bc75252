// SPDX-License-Identifier: MIT
/* The workers of a ticket's case: who stands for which row of the dump, and who holds the rest. */
#include "harness/replay_impl.h"
#include "lib/units.h"

/* MemAvailable of an idle guest, about, in hundredths of a percent of MemTotal */
#define AVAILABLE 8500
/* More than there is: of three nodes with twice as much swap 990 %, and a size is 1000 % at most. */
#define OF_LIMIT    2000
#define BESIDE_SWAP 1000

static void put_place(const struct replay *p, bool inside, FILE *out)
{
	const char *where = inside ? p->home : p->others, *quote = strchr(p->nodes, ',') ? "'" : "";

	if (*where)
		fprintf(out, ", cgroup: %s", where);
	if (p->kind == OOM_KIND_MEMPOLICY)
		fprintf(out, ", mempolicy: %sbind:%s%s", quote, p->nodes, quote);
}

bool replay_grows(const struct replay *p, size_t role)
{
	return role == p->trigger && p->end != REPLAY_NO_OOM &&
	       (p->kind != OOM_KIND_SYSRQ || replay_is_panic(p));
}

/* What is there for the one that grows, of `all`. */
static int64_t left_of(const struct replay *p, int64_t all)
{
	for (size_t i = 0; i < p->nr_roles; i++)
		all -= i == p->trigger ? 0 : p->roles[i].share;
	return all - p->held - p->small;
}

/* Of what an idle guest has free, which is known better than what its kernel takes. */
static bool of_available(const struct replay *p)
{
	return p->kind == OOM_KIND_GLOBAL && !p->swap_percent;
}

/*
 * More than there is, if it dies of it. Else what is left, and half of what the other's end will free: so
 * that memory runs out once and then is enough.
 */
static int64_t asks_for(const struct replay *p)
{
	/* A mapping of more than the whole machine is refused, and all of it is more than is free. */
	int64_t most = REPLAY_WHOLE + (p->kind == OOM_KIND_MEMCG ? OF_LIMIT
				       : replay_overcommits(p)	 ? BESIDE_SWAP
								 : -100);

	if (replay_is_panic(p) || p->roles[p->trigger].dies)
		return most;
	return min(left_of(p, replay_obtainable(p)) + p->roles[p->top].share / 2, most);
}

/* Of a machine it is told in percent of what is free: kernels differ in that, and this goes with it. */
static void put_left(const struct replay *p, int64_t share, FILE *out)
{
	if (!of_available(p)) {
		replay_put_share(p, share, out);
		return;
	}
	share = share * REPLAY_WHOLE / AVAILABLE;
	fprintf(out, "%lld.%02lld%% of MemAvailable", (long long)share / 100,
		(long long)share % 100);
}

/* Returns the share that is asked for. */
static int64_t put_asked(const struct replay *p, FILE *out)
{
	int64_t share = asks_for(p);

	if (replay_is_panic(p) || p->roles[p->trigger].dies)
		replay_put_share(p, share, out);
	else
		put_left(p, share, out);
	return share;
}

/*
 * One that grows and lives asks again while who was killed goes: MMF_OOM_SKIP is set before its last pages are free
 * (exit_mmap(), 5.10 to 7.2), and who asks between gets another one killed. So it lets the other one go first.
 */
static bool outlives(const struct replay *p, size_t i)
{
	return replay_grows(p, i) && p->end == REPLAY_KILL && !p->roles[i].dies;
}

static void put_row_comment(const struct replay *p, size_t i, FILE *out)
{
	const struct replay_role *r = &p->roles[i];
	const struct {
		int64_t kb;
		const char *name;
	} parts[] = { { r->kb, "" },
		      { r->shmem_kb, " of it shmem" },
		      { r->file_kb, " of it file" },
		      { r->pgtables_kb, " of it page tables" } };
	char size[32];

	if (!r->pid)
		return;
	fprintf(out, "  # line %llu: ", (unsigned long long)r->line);
	replay_put_text(out, r->comm);
	fprintf(out, " (%lld)", (long long)r->pid);
	for (size_t k = 0; k < ARRAY_SIZE(parts); k++)
		if (!k || parts[k].kb)
			fprintf(out, ", %s%s", bytes_format(KiB(parts[k].kb), size, sizeof(size)),
				parts[k].name);
	if (replay_grows(p, i) && !replay_is_panic(p)) {
		fputs("; grows until memory is gone, to ", out);
		replay_put_share(p, r->share, out);
		if (outlives(p, i))
			fputs("; nice, so that who is killed is gone when it asks again", out);
	}
	fputc('\n', out);
}

/* `kb` of the ticket as a share of the `asked` size. */
static void put_part(const struct replay_role *r, const char *option, int64_t kb, int64_t asked,
		     bool *first, FILE *out)
{
	__int128 of = (__int128)r->share * kb * REPLAY_WHOLE;
	int64_t share = kb ? (int64_t)(of / ((__int128)asked * r->kb)) : 0;

	if (!share)
		return;
	fprintf(out, "%s%s=%lld.%02lld%%", *first ? ", args: [" : ", ", option,
		(long long)share / 100, (long long)share % 100);
	*first = false;
}

static void put_parts(const struct replay_role *r, int64_t asked, FILE *out)
{
	bool first = true;

	put_part(r, "--shmem", r->shmem_kb, asked, &first, out);
	put_part(r, "--file", r->file_kb, asked, &first, out);
	put_part(r, "--pagetables", r->pgtables_kb, asked, &first, out);
	if (!first)
		fputc(']', out);
}

static void put_role(const struct replay *p, size_t i, FILE *out)
{
	const struct replay_role *r = &p->roles[i];
	bool mix = r->shmem_kb || r->file_kb || r->pgtables_kb;
	int64_t asked = r->share;

	put_row_comment(p, i, out);
	fprintf(out, "  %s: {kind: %s, size: ", r->name, mix ? "mix" : "anon");
	if (replay_grows(p, i))
		asked = put_asked(p, out);
	else
		replay_put_share(p, r->share, out);
	if (mix)
		put_parts(r, asked, out);
	put_place(p, r->inside, out);
	if (r->adj)
		fprintf(out, ", oom_score_adj: %d", r->adj);
	if (outlives(p, i))
		fputs(", nice: 19", out);
	fputs("}\n", out);
}

static void put_others(const struct replay *p, FILE *out)
{
	const char *swapped = p->swap_percent ? "what nobody owns and may be swapped out" : "";

	if (p->nr_small)
		fprintf(out, "  # %zu tasks of less weight%s%s\n", p->nr_small,
			*swapped ? ", and " : "", swapped);
	else
		fprintf(out, "  # %s\n", swapped);
	fputs("  others: {kind: anon, size: ", out);
	put_left(p, p->small, out);
	put_place(p, false, out);
	fputs(", oom_score_adj: -1000}\n", out);
}

static void put_held(const struct replay *p, FILE *out)
{
	fprintf(out, "  # what no task owns: cache, slab, tmpfs, drivers%s\n",
		p->nr_small && !p->small ? "; and small tasks" : "");
	fputs("  held: {kind: mlock, size: ", out);
	put_left(p, p->held, out);
	put_place(p, false, out);
	fputs(", oom_score_adj: -1000}\n", out);
}

void replay_write_workers(const struct replay *p, FILE *out)
{
	fputs("workers:\n", out);
	for (size_t i = 0; i < p->nr_roles; i++)
		put_role(p, i, out);
	if (p->small)
		put_others(p, out);
	if (p->held)
		put_held(p, out);
}
