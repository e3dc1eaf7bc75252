// SPDX-License-Identifier: MIT
/*
 * Shares of a ticket as they can stand in a small guest. A task cannot be smaller than an oomhog, what the
 * guest's kernel takes is lost to the workers, and two that are closer together than rss counters are
 * exact cannot be told apart: each of these moves a share, and each is said.
 */
#include "harness/replay.h"

#define LAG_KB 1024 /* what the rss counters of a log may lag behind */

struct room {		 /* hundredths of a percent of the domain */
	int64_t usable;	 /* by workers */
	int64_t process; /* an oomhog's own pages */
	int64_t least;	 /* of a worker that is to be told from nothing */
	int64_t margin;	 /* between two whose order is asserted */
};

/* 128 MiB of a memcg, 768 MiB of a machine, the half of that on a node (replay_write.c). */
static struct room room_of(enum oom_kind kind)
{
	if (kind == OOM_KIND_MEMCG)
		return (struct room){ 9800, 45, 120, 400 };
	if (kind == OOM_KIND_MEMPOLICY || kind == OOM_KIND_CPUSET)
		return (struct room){ 8600, 20, 100, 400 };
	return (struct room){ 8200, 10, 60, 300 };
}

static int64_t sum_of(const struct replay *p)
{
	int64_t sum = 0;

	for (size_t i = 0; i < p->nr_roles; i++)
		sum += p->roles[i].share;
	return sum;
}

static void drop_role(struct replay *p, size_t i)
{
	p->nr_small++;
	p->small_kb += p->roles[i].kb;
	memmove(&p->roles[i], &p->roles[i + 1], (--p->nr_roles - i) * sizeof(p->roles[0]));
}

/* One too small to be told from an empty process is held with the rest, unless its adj makes it count. */
static void drop_small(struct replay *p, const struct room *room, int64_t top)
{
	for (size_t i = p->nr_roles; i-- > 0;) {
		struct replay_role *r = &p->roles[i];

		if (r->share >= room->least)
			continue;
		if (!r->killed && r->pid != top && i > 2 && !p->group)
			drop_role(p, i);
		else
			r->share = room->least;
	}
}

static size_t best(const struct replay *p)
{
	size_t top = 0;

	for (size_t i = 1; i < p->nr_roles; i++)
		if (replay_points(&p->roles[i]) > replay_points(&p->roles[top]))
			top = i;
	return top;
}

/* Points as the ticket has them, in kB. */
static int64_t ticket_kb(const struct replay *p, const struct replay_role *r)
{
	return r->kb + r->adj * (p->domain_kb / 1000);
}

/*
 * The pid the kernel should choose; the ticket's victim where the first is no further ahead than counters
 * lag. Asked of the ticket's own sizes, before any is moved: a small victim must not become the first by
 * being made larger.
 */
static int64_t find_top(const struct replay *p)
{
	const struct replay_role *top = &p->roles[0];

	for (size_t i = 0; i < p->nr_roles; i++)
		if (!p->roles[i].immune &&
		    (top->immune || ticket_kb(p, &p->roles[i]) > ticket_kb(p, top)))
			top = &p->roles[i];
	for (size_t i = 0; i < p->nr_roles; i++)
		if (p->roles[i].killed && !p->roles[i].immune &&
		    ticket_kb(p, top) - ticket_kb(p, &p->roles[i]) <= LAG_KB)
			return p->roles[i].pid;
	return top->pid;
}

static size_t index_of(const struct replay *p, int64_t pid)
{
	size_t i = 0;

	while (i + 1 < p->nr_roles && p->roles[i].pid != pid)
		i++;
	return i;
}

/* Tasks that share memory count it each: together they have more than there is. */
static void shrink(struct replay *p, const struct room *room)
{
	int64_t sum = sum_of(p), most = room->usable - (int64_t)p->nr_roles * room->process - 200;
	size_t first = best(p);

	if (sum <= most)
		return;
	for (size_t i = 0; i < p->nr_roles; i++)
		p->roles[i].share = p->roles[i].share * most / sum;
	replay_assume(
		p,
		"the tasks' sizes add up to %lld %% (shared pages count in each): here they are "
		"%lld %% of that",
		(long long)sum / 100, (long long)(most * 100 / sum));
	if (best(p) == first)
		return;
	for (size_t i = 0; i < p->nr_roles; i++)
		if (!p->roles[i].immune)
			p->roles[i].adj = (int)(p->roles[i].adj * most / sum);
	replay_assume(p, "oom_score_adj is scaled by the same, so that the order stays");
}

/* Others keep their distance from the one that is to die; one that grows may grow a little more. */
static void draw_apart(struct replay *p, const struct room *room)
{
	struct replay_role *top = &p->roles[p->top];

	for (size_t i = 0; i < p->nr_roles; i++) {
		struct replay_role *r = &p->roles[i];
		int64_t margin = r->pid == p->trigger_pid ? 2 * room->margin : room->margin;
		int64_t over;

		if (i == p->top || r->immune)
			continue;
		over = replay_points(r) - (replay_points(top) - margin);
		if (over <= 0)
			continue;
		if (r->share - over >= room->least)
			r->share -= over;
		else
			top->share += over;
		replay_assume(
			p, "%s and %s were too close to be told apart: here they differ by %lld %%",
			top->name, r->name, (long long)margin / 100);
	}
}

static int by_points(const void *a, const void *b)
{
	int64_t x = replay_points(a), y = replay_points(b);

	return x > y ? -1 : x < y;
}

/* Roles in the order of their points; those of a clear distance first. */
static void order(struct replay *p, const struct room *room)
{
	struct replay_role sorted[REPLAY_ROLES], rest[REPLAY_ROLES];
	int64_t top_pid = p->roles[p->top].pid;
	size_t nr_rest = 0;

	memcpy(sorted, p->roles, sizeof(sorted));
	qsort(sorted, p->nr_roles, sizeof(sorted[0]), by_points);
	p->nr_rank = 0;
	for (size_t i = 0; i < p->nr_roles; i++) {
		int64_t last = p->nr_rank ? replay_points(&p->roles[p->nr_rank - 1]) : INT64_MAX;

		if (!sorted[i].immune && replay_points(&sorted[i]) <= last - room->margin)
			p->roles[p->nr_rank++] = sorted[i];
		else
			rest[nr_rest++] = sorted[i];
	}
	memcpy(p->roles + p->nr_rank, rest, nr_rest * sizeof(rest[0]));
	for (size_t i = 0; i < p->nr_roles; i++)
		if (p->roles[i].pid == top_pid)
			p->top = i;
	p->trigger = p->top;
	for (size_t i = 0; i < p->nr_roles; i++)
		if (p->roles[i].pid == p->trigger_pid)
			p->trigger = i;
}

/* Who grows must stop once the other is gone: what is freed then is clearly more than what it lacks. */
static void give_top_weight(struct replay *p, const struct room *room)
{
	struct replay_role *top = &p->roles[p->top];

	if (p->trigger_pid && top->pid != p->trigger_pid && top->share < 4 * room->least) {
		replay_assume(p, "%s is larger here, so that its end makes room", top->name);
		top->share = 4 * room->least;
	}
}

int replay_scale(struct replay *p, struct fail *f)
{
	struct room room = room_of(p->kind);
	int64_t sum, most, top;

	if (p->domain_kb / 4 < 1000) {
		for (size_t i = 0; i < p->nr_roles; i++)
			p->roles[i].adj = p->roles[i].immune ? -1000 : 0;
		replay_assume(p, "below 4096000 bytes oom_score_adj has no weight: here it is 0");
	}
	top = find_top(p);
	drop_small(p, &room, top);
	shrink(p, &room);
	drop_small(p, &room, top);
	p->top = index_of(p, top);
	if (p->roles[p->top].immune)
		return fail_set(f, -EOPNOTSUPP, "nobody in the task dump can be killed");
	give_top_weight(p, &room);
	if (!p->allocating_task)
		draw_apart(p, &room);
	sum = sum_of(p);
	most = room.usable - (int64_t)p->nr_roles * room.process;
	if (sum > most)
		return fail_set(
			f, -EOPNOTSUPP,
			"the tasks are so close together that they cannot be told apart in a "
			"small guest");
	/* The one that grows takes what is left: to be as large as it was, the rest must be held. */
	p->filler = most - sum;
	if (p->filler < room.least)
		p->filler = 0;
	order(p, &room);
	return 0;
}
