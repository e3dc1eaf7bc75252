// SPDX-License-Identifier: MIT
/*
 * Shares of a ticket as they can stand in a small guest. A task cannot be smaller than an oomhog, what the
 * guest's kernel takes is lost to the workers, and two that are closer together than rss counters are
 * exact cannot be told apart: each of these moves a share, and each is said.
 */
#include "harness/replay_impl.h"

#define LAG_KB 1024 /* what the rss counters of a log may lag behind */

struct room {		 /* hundredths of a percent of the domain */
	int64_t usable;	 /* by workers, on any kernel */
	int64_t process; /* an oomhog's own pages */
	int64_t least;	 /* of a worker that is to be told from nothing */
	int64_t margin;	 /* between two whose order is asserted */
	int64_t grows;	 /* more between one that grows on and the one that dies */
};

/* Memory that workers have to `share`, and swap, of which nearly all is theirs. */
static int64_t with_swap(const struct replay *p, int64_t share)
{
	return (100 * share + 97 * 100 * p->swap_percent) / (100 + p->swap_percent);
}

/*
 * 128 MiB of a memcg, 768 MiB of a machine, 384 MiB of a node (replay_impl.h). Measured at the OOM, Debian's 5.10
 * to 7.2: all tasks have 86 to 92 % of MemTotal (min_free_kbytes is 34 MiB where huge pages are on),
 * 92 to 97 % of nodes that are not the first.
 */
static struct room room_of(const struct replay *p)
{
	if (p->kind == OOM_KIND_MEMCG)
		return (struct room){ 9800, 45, 120, 400, 400 };
	if (replay_on_node(p))
		return (struct room){ with_swap(p, 9000), 20, 100, 400, 400 };
	return (struct room){ with_swap(p, 8500), 10, 60, 300, 500 };
}

int64_t replay_obtainable(const struct replay *p)
{
	return p->kind == OOM_KIND_MEMCG ? REPLAY_WHOLE : room_of(p).usable + 350;
}

bool replay_adj_counts(const struct replay *p)
{
	return p->domain_kb / 4 >= 1000;
}

int64_t replay_points(const struct replay_role *role)
{
	return role->immune ? INT64_MIN : role->share + 10 * role->adj;
}

static int64_t sum_of(const struct replay *p)
{
	int64_t sum = 0;

	for (size_t i = 0; i < p->nr_roles; i++)
		sum += p->roles[i].share;
	return sum;
}

/* What roles can have together: two processes more hold what is nobody's. */
static int64_t most_of(const struct replay *p, const struct room *room)
{
	return room->usable - ((int64_t)p->nr_roles + 2) * room->process;
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
 * The pid the kernel should choose; who is expected to die where the first is no further ahead than counters
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
		if (p->roles[i].pid == p->victim_pid && !p->roles[i].immune &&
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

/* Nothing can be said of it: it is no larger than an empty process, and its adj does not make up for that. */
static bool is_noise(const struct replay *p, const struct replay_role *r,
		     const struct replay_role *top)
{
	if (r->pid == p->victim_pid || r->pid == p->home_pid || r->pid == p->grower_pid ||
	    r->pid == top->pid || r->changed)
		return false;
	return r->immune || 2 * replay_points(r) < replay_points(top);
}

/* Is one of those that stay larger than it was? */
static bool drop_small(struct replay *p, const struct room *room, int64_t top)
{
	bool larger = false;

	for (size_t i = p->nr_roles; i-- > 0;) {
		struct replay_role *r = &p->roles[i];

		if (r->share >= room->least)
			continue;
		if (!is_noise(p, r, &p->roles[index_of(p, top)])) {
			r->share = room->least;
			larger = true;
			continue;
		}
		p->nr_small++;
		p->small_kb += r->kb;
		memmove(r, r + 1, (--p->nr_roles - i) * sizeof(*r));
	}
	return larger;
}

/* Has one that was clearly ahead of another in the ticket less points now? */
static bool is_turned(const struct replay *p, const struct replay_role *r, const struct room *room)
{
	for (size_t i = 0; i < p->nr_roles && !r->immune; i++) {
		const struct replay_role *s = &p->roles[i];

		if (r->ticket_points - s->ticket_points >= room->margin &&
		    replay_points(r) < replay_points(s))
			return true;
	}
	return false;
}

static bool order_differs(const struct replay *p, size_t first, const struct room *room)
{
	bool turned = best(p) != first;

	for (size_t i = 0; i < p->nr_roles; i++)
		turned |= is_turned(p, &p->roles[i], room);
	return turned;
}

/* Tasks that share memory count it each: together they have more than there is. */
static void shrink(struct replay *p, const struct room *room)
{
	/* A little is left to the one that grows, also where a guest has less than others. */
	int64_t sum = sum_of(p);
	int64_t most = most_of(p, room) - (p->kind == OOM_KIND_MEMCG ? 200 : 400);
	size_t first = best(p);

	if (sum <= most)
		return;
	for (size_t i = 0; i < p->nr_roles; i++)
		p->roles[i].share = p->roles[i].share * most / sum;
	replay_assume(p,
		      "the tasks had %lld %% of it together%s, and a guest's workers can have %lld "
		      "%%: all are smaller here by the same factor, %lld.%02lld",
		      (long long)sum / 100,
		      sum > REPLAY_WHOLE ? " (shared pages count in each)" : "",
		      (long long)most / 100, (long long)(most * 100 / sum) / 100,
		      (long long)(most * 100 / sum) % 100);
	if (!order_differs(p, first, room))
		return;
	for (size_t i = 0; i < p->nr_roles; i++)
		if (!p->roles[i].immune)
			p->roles[i].adj = (int)(p->roles[i].adj * most / sum);
	replay_assume(p, "oom_score_adj is scaled by the same factor, so that the order stays");
}

/* Others keep their distance from the one that is to die; one that grows may grow a little more. */
static void draw_apart(struct replay *p, const struct room *room)
{
	struct replay_role *top = &p->roles[p->top];
	size_t nr = 0, at = 0;

	for (size_t i = 0; i < p->nr_roles; i++) {
		struct replay_role *r = &p->roles[i];
		int64_t margin =
			r->pid == p->grower_pid ? room->margin + room->grows : room->margin;
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
		at = nr++ ? at : i;
	}
	if (nr)
		replay_assume(
			p, "%s is less than %lld %% ahead of %s%s in the log: here it is that much",
			top->name, (long long)room->margin / 100, p->roles[at].name,
			nr > 1 ? " and of others" : "");
}

static int by_points(const void *a, const void *b)
{
	const struct replay_role *r = a, *s = b;
	int64_t x = replay_points(r), y = replay_points(s);

	return x != y ? (x > y ? -1 : 1) : r->pid < s->pid ? -1 : r->pid > s->pid;
}

/* Most points first; whose place is clear is said, where it is that of the ticket. */
static void order(struct replay *p, const struct room *room)
{
	int64_t top_pid = p->roles[p->top].pid, last = INT64_MAX, ticket_last = INT64_MAX;
	bool grows;

	qsort(p->roles, p->nr_roles, sizeof(p->roles[0]), by_points);
	for (size_t i = 0; i < p->nr_roles; i++) {
		struct replay_role *r = &p->roles[i];

		/* How much one has that grows, and does not end it, is known of a limit alone. */
		grows = r->pid == p->grower_pid && r->pid != top_pid;
		r->ranked = !r->immune && replay_points(r) <= last - room->margin &&
			    r->ticket_points <= ticket_last &&
			    (!grows || p->kind == OOM_KIND_MEMCG);
		if (!r->ranked)
			continue;
		last = replay_points(r);
		ticket_last = r->ticket_points;
	}
	p->top = index_of(p, top_pid);
	p->trigger = p->grower_pid ? index_of(p, p->grower_pid) : p->top;
}

/* Who grows must stop once the other is gone: what is freed then is clearly more than what it lacks. */
static void give_top_weight(struct replay *p, const struct room *room)
{
	struct replay_role *top = &p->roles[p->top];

	if (p->grower_pid && top->pid != p->grower_pid && top->share < 4 * room->least) {
		replay_assume(p, "%s is larger here, so that its end makes room", top->name);
		top->share = 4 * room->least;
	}
}

/* Page tables and file pages of a ramfs: share of what ran out that no swap relieves. */
static int64_t unswappable(const struct replay *p)
{
	int64_t sum = 0;

	for (size_t i = 0; i < p->nr_roles; i++) {
		const struct replay_role *r = &p->roles[i];
		__int128 kb = r->file_kb + r->pgtables_kb;

		if (kb)
			sum += (int64_t)(kb * r->share / r->kb);
	}
	return sum;
}

/* What is not swap, of all there is. */
static int64_t ram_of(const struct replay *p)
{
	return REPLAY_WHOLE * 100 / (100 + p->swap_percent);
}

/*
 * Beside swap: a page of shmem in it counts in nobody's points, and which of a ticket's were resident would be
 * swapped here; and what cannot be swapped must fit into the memory.
 */
static void drop_parts(struct replay *p)
{
	bool too_much = unswappable(p) > ram_of(p) / 2, shmem = false;

	if (!p->swap_percent)
		return;
	for (size_t i = 0; i < p->nr_roles; i++) {
		struct replay_role *r = &p->roles[i];

		shmem |= r->shmem_kb > 0;
		r->shmem_kb = 0;
		if (too_much)
			r->file_kb = r->pgtables_kb = 0;
	}
	if (shmem)
		replay_assume(p, "shared memory would count for nobody once it is in swap: it is "
				 "anonymous here");
	if (too_much)
		replay_assume(p,
			      "more page tables or file pages than memory here, beside swap: they "
			      "are anonymous");
}

/* The one that grows takes what is left: to be as large as it was, the rest must be held. */
static void hold_rest(struct replay *p, const struct room *room, int64_t rest)
{
	__int128 small = (__int128)p->small_kb * REPLAY_WHOLE / p->domain_kb;
	int64_t pinned = max(ram_of(p) / 2 - unswappable(p), (int64_t)0);

	p->small = small > rest ? rest : (int64_t)small;
	if (p->small < 2 * room->least)
		p->small = 0;
	p->held = rest - p->small;
	/* What is locked never leaves RAM, and of that the others need some. */
	if (p->swap_percent && p->held > pinned) {
		p->small += p->held - pinned;
		p->held = pinned;
	}
	if (p->held < room->least)
		p->held = 0;
}

int replay_scale(struct replay *p, struct fail *f)
{
	struct room room = room_of(p);
	int64_t rest, top;
	bool larger;

	if (!replay_adj_counts(p)) {
		for (size_t i = 0; i < p->nr_roles; i++)
			p->roles[i].adj = p->roles[i].immune ? -1000 : 0;
		replay_assume(p, "below 4096000 bytes oom_score_adj has no weight: here it is 0");
	}
	top = find_top(p);
	larger = drop_small(p, &room, top);
	shrink(p, &room);
	if (drop_small(p, &room, top) || larger)
		replay_assume(p,
			      "who had less than %lld.%02lld %% has that here: a process takes "
			      "nearly as much",
			      (long long)room.least / 100, (long long)room.least % 100);
	p->top = index_of(p, top);
	if (p->end == REPLAY_KILL && p->roles[p->top].immune)
		return replay_refuse(f, "nobody in the task dump can be killed");
	give_top_weight(p, &room);
	if (!p->allocating_task && p->end == REPLAY_KILL)
		draw_apart(p, &room);
	drop_parts(p);
	rest = most_of(p, &room) - sum_of(p);
	if (rest < 0)
		return replay_refuse(f, "the tasks are so close together that they cannot be told "
					"apart in a small guest");
	hold_rest(p, &room, rest);
	order(p, &room);
	return 0;
}
