// SPDX-License-Identifier: MIT
/* What a ticket and what its plays tell, in the same words. See replay_compare.h. */
#include "harness/replay_compare.h"
#include "harness/replay_impl.h"

#define USAGE_OFF  100 /* hundredths of a percent */
#define SWAP_OFF   500
#define POINTS_OFF 500

static const char *const ended[] = { [REPLAY_KILL] = "killed",
				     [REPLAY_PANIC] = "panic",
				     [REPLAY_NO_KILLABLE] = "nobody to kill",
				     [REPLAY_NO_OOM] = "no OOM" };

static void add_rank(struct replay_facts *f, const char *name, int64_t points, int adj)
{
	struct replay_rank *r = &f->top[f->nr_top++];

	*r = (struct replay_rank){ .points = points, .adj = adj };
	str_copy(r->name, sizeof(r->name), name);
}

static int by_ticket_points(const void *a, const void *b)
{
	const struct replay_role *r = *(const struct replay_role *const *)a;
	const struct replay_role *s = *(const struct replay_role *const *)b;
	int64_t x = r->ticket_points, y = s->ticket_points;

	return x != y ? (x > y ? -1 : 1) : r < s ? -1 : r > s;
}

static void rank_ticket(const struct replay *p, struct replay_facts *ret)
{
	const struct replay_role *order[REPLAY_ROLES];
	size_t nr = 0;

	for (size_t i = 0; i < p->nr_roles; i++)
		if (!p->roles[i].immune)
			order[nr++] = &p->roles[i];
	qsort(order, nr, sizeof(order[0]), by_ticket_points);
	for (size_t i = 0; i < nr; i++)
		add_rank(ret, order[i]->name, order[i]->ticket_points, order[i]->ticket_adj);
}

static void add_victim(struct replay_facts *f, const char *name)
{
	if (f->nr_victims < ARRAY_SIZE(f->victims))
		str_copy(f->victims[f->nr_victims], sizeof(f->victims[0]), name);
	f->nr_victims++;
}

void replay_facts_of_ticket(const struct replay *p, struct replay_facts *ret)
{
	*ret = (struct replay_facts){ .ended = ended[p->end],
				      .usage = p->usage,
				      .swap = p->swap_used };
	str_copy(ret->constraint, sizeof(ret->constraint), replay_constraint(p->kind));
	if (p->kind == OOM_KIND_MEMCG)
		str_copy(ret->oom_memcg, sizeof(ret->oom_memcg), p->box);
	if (*p->task_memcg && !replay_is_panic(p))
		str_copy(ret->task_memcg, sizeof(ret->task_memcg), p->home);
	for (size_t i = 0; i < p->nr_roles; i++)
		if (p->roles[i].dies)
			add_victim(ret, p->roles[i].name);
	if (!p->alone)
		rank_ticket(p, ret);
}

/* The first whose victim is ours, else the first. NULL: there is none. */
static const struct oom_report *report_of(const struct evidence *e)
{
	for (size_t i = 0; i < e->nr_reports; i++)
		if (e->reports[i]->nr_victims &&
		    evidence_worker_by_pid(e, e->reports[i]->victims[0].pid))
			return e->reports[i];
	return e->nr_reports ? e->reports[0] : NULL;
}

static const char *how_it_ended(const struct evidence *e)
{
	bool panicked = e->vm == VM_PANICKED, killed = false;

	for (size_t i = 0; i < e->nr_reports; i++) {
		if (e->reports[i]->outcome == OOM_OUTCOME_NO_KILLABLE)
			return ended[REPLAY_NO_KILLABLE];
		panicked |= e->reports[i]->outcome == OOM_OUTCOME_PANIC;
		killed |= e->reports[i]->nr_victims > 0;
	}
	if (panicked)
		return ended[REPLAY_PANIC];
	if (killed)
		return ended[REPLAY_KILL];
	if (e->vm != VM_NONE && e->vm != VM_RUNNING && e->vm != VM_POWERED_OFF)
		return vm_outcome_name(e->vm);
	return e->ended && !e->nr_reports ? ended[REPLAY_NO_OOM] : NULL;
}

static const char *name_of(const struct evidence *e, int64_t pid, const char *comm)
{
	const struct ev_worker *w = evidence_worker_by_pid(e, pid);

	return w ? w->name : comm;
}

static bool is_victim(const struct replay_facts *f, const char *name)
{
	for (size_t i = 0; i < f->nr_victims && i < ARRAY_SIZE(f->victims); i++)
		if (str_eq(f->victims[i], name))
			return true;
	return false;
}

/* A group dies in any order: theirs is that of the ticket's roles; others stand behind. */
static void name_victims(const struct replay *p, const struct evidence *e, struct replay_facts *ret)
{
	for (size_t role = 0; role <= p->nr_roles; role++) {
		for (size_t i = 0; i < e->nr_reports; i++) {
			const struct oom_report *r = e->reports[i];

			for (size_t v = 0; v < r->nr_victims; v++) {
				const char *name =
					name_of(e, r->victims[v].pid, r->victims[v].comm);

				/* A group's kill line comes twice for the one that was chosen. */
				if ((role == p->nr_roles || str_eq(name, p->roles[role].name)) &&
				    !is_victim(ret, name))
					add_victim(ret, name);
			}
		}
	}
}

/* "/oomlab-7/parent/big" is parent/big: as the case names it. */
static void name_memcg(const struct evidence *e, const char *path, char *buf, size_t len)
{
	size_t n = strlen(e->root);

	if (path && n && strncmp(path, e->root, n) == 0 && (!path[n] || path[n] == '/'))
		path += n + (path[n] == '/');
	str_copy(buf, len, path ? path : "");
}

/* By the rules the ticket is ranked by; also where vm.oom_kill_allocating_task did not ask for a ranking. */
static int rank_report(const struct evidence *e, const struct oom_report *r,
		       struct replay_facts *ret)
{
	struct badness_task *tasks __free = badness_tasks_of(r);
	struct badness_rules rules = badness_rules_default();
	int64_t whole = badness_totalpages(r);
	struct badness_ranking k;
	int err = tasks ? badness_rank(tasks, r->nr_tasks, max(whole, (int64_t)0), &rules, &k)
			: -ENOMEM;

	if (err)
		return err;
	for (size_t i = 0; i < k.nr_eligible && i < ARRAY_SIZE(ret->top); i++) {
		const struct badness_entry *b = &k.entries[i];
		__int128 points = (__int128)b->points * REPLAY_WHOLE;

		add_rank(ret, name_of(e, b->task->pid, b->task->comm),
			 whole > 0 ? (int64_t)(points / whole) : OOM_ABSENT,
			 (int)b->task->oom_score_adj);
	}
	badness_ranking_free(&k);
	return 0;
}

int replay_facts_of_evidence(const struct replay *p, const struct evidence *e,
			     struct replay_facts *ret)
{
	const struct oom_report *r = report_of(e);

	*ret = (struct replay_facts){ .ended = how_it_ended(e),
				      .usage = OOM_ABSENT,
				      .swap = OOM_ABSENT };
	if (!r)
		return 0;
	name_victims(p, e, ret);
	str_copy(ret->constraint, sizeof(ret->constraint),
		 *r->constraint ? r->constraint : replay_constraint(r->kind));
	name_memcg(e, r->oom_memcg, ret->oom_memcg, sizeof(ret->oom_memcg));
	name_memcg(e, r->task_memcg, ret->task_memcg, sizeof(ret->task_memcg));
	ret->usage = replay_usage(r);
	ret->swap = replay_swap_used(r);
	return rank_report(e, r, ret);
}

static bool same_victims(const struct replay_facts *a, const struct replay_facts *b)
{
	if (a->nr_victims != b->nr_victims)
		return false;
	for (size_t i = 0; i < a->nr_victims && i < ARRAY_SIZE(a->victims); i++)
		if (!str_eq(a->victims[i], b->victims[i]))
			return false;
	return true;
}

static bool off(int64_t a, int64_t b, int64_t most)
{
	return a != OOM_ABSENT && b != OOM_ABSENT && llabs(a - b) > most;
}

static bool rank_differs(const struct replay_facts *a, const struct replay_facts *b, size_t i)
{
	const struct replay_rank *here = &b->top[i], *there = a->top;

	if (i >= a->nr_top || !b->nr_top)
		return false;
	if (i >= b->nr_top)
		return true;
	while (there < a->top + a->nr_top && !str_eq(there->name, here->name))
		there++;
	return there == a->top + a->nr_top || there->adj != here->adj ||
	       off(there->points, here->points, POINTS_OFF) ||
	       off(there->points, a->top[i].points, POINTS_OFF);
}

static bool text_differs(const char *a, const char *b)
{
	return *a && *b && !str_eq(a, b);
}

unsigned int replay_differs(const struct replay_facts *a, const struct replay_facts *b)
{
	unsigned int bits = 0;

	if (!a->ended || !b->ended)
		return 0;
	bits |= !str_eq(a->ended, b->ended) << REPLAY_ROW_ENDED;
	bits |= (a->nr_victims && b->nr_victims && !same_victims(a, b)) << REPLAY_ROW_VICTIM;
	bits |= text_differs(a->constraint, b->constraint) << REPLAY_ROW_CONSTRAINT;
	bits |= text_differs(a->oom_memcg, b->oom_memcg) << REPLAY_ROW_OOM_MEMCG;
	bits |= text_differs(a->task_memcg, b->task_memcg) << REPLAY_ROW_TASK_MEMCG;
	bits |= off(a->usage, b->usage, USAGE_OFF) << REPLAY_ROW_USAGE;
	bits |= off(a->swap, b->swap, SWAP_OFF) << REPLAY_ROW_SWAP;
	for (size_t i = 0; i < REPLAY_TOP; i++)
		bits |= rank_differs(a, b, i) << (REPLAY_ROW_TOP + i);
	return bits;
}

static struct replay_play *play_of(struct replay_compare *c, const struct case_result *res,
				   bool is_remedy)
{
	struct replay_play *p, *more;

	for (size_t i = 0; i < c->nr_plays; i++)
		if (str_eq(c->plays[i].kernel, res->kernel) && c->plays[i].cgroup == res->cgroup &&
		    c->plays[i].is_remedy == is_remedy)
			return &c->plays[i];
	more = reallocarray(c->plays, c->nr_plays + 1, sizeof(*more));
	if (!more)
		return NULL;
	c->plays = more;
	p = &more[c->nr_plays++];
	*p = (struct replay_play){ .cgroup = res->cgroup,
				   .is_remedy = is_remedy,
				   .verdict = VERDICT_PASS };
	str_copy(p->kernel, sizeof(p->kernel), res->kernel);
	return p;
}

static void name_failed(struct replay_play *p, const struct judgement *j)
{
	size_t at = 0;

	*p->failed = '\0';
	for (size_t i = 0; j && i < j->nr_checks && at < sizeof(p->failed); i++)
		if (j->checks[i].result != CHECK_OK)
			at += (size_t)snprintf(p->failed + at, sizeof(p->failed) - at, "%s%.63s",
					       at ? ", " : "", j->checks[i].name);
}

static int read_facts(const struct replay *p, const struct case_result *res,
		      struct replay_facts *ret)
{
	char file[RESULTS_PATH_LEN + 32];
	struct evidence *e = NULL;
	struct fail f = { 0 };
	int err;

	*ret = (struct replay_facts){ .usage = OOM_ABSENT, .swap = OOM_ABSENT };
	if (!*res->dir)
		return 0;
	snprintf(file, sizeof(file), "%s/evidence.jsonl", res->dir);
	err = evidence_load(file, &e, &f);
	/* What cannot be read is BROKEN, and was told so. */
	if (err)
		return err == -ENOMEM ? err : 0;
	err = replay_facts_of_evidence(p, e, ret);
	evidence_free(e);
	return err;
}

void replay_compare_result(void *ctx, const struct case_result *res)
{
	struct replay_compare *c = ctx;
	bool is_remedy = c->nr_changes && str_eq(res->name, c->replays[1].name);
	bool passed = res->verdict == VERDICT_PASS;
	struct replay_play *p;

	if (!is_remedy && !str_eq(res->name, c->replays[0].name))
		return; /* of a case that was named behind the run's options */
	p = play_of(c, res, is_remedy);
	if (!p) {
		c->err = -ENOMEM;
		return;
	}
	p->nr++;
	p->nr_passed += passed;
	p->nr_judged += passed || res->verdict == VERDICT_FAIL;
	if (p->nr > 1 && (passed || p->verdict != VERDICT_PASS))
		return;
	p->verdict = res->verdict;
	str_copy(p->release, sizeof(p->release), res->release);
	str_copy(p->reason, sizeof(p->reason), res->reason ? res->reason : "");
	name_failed(p, res->judgement);
	if (read_facts(&c->replays[0], res, &p->facts) < 0)
		c->err = -ENOMEM;
}

static int by_kernel(const void *a, const void *b)
{
	const struct replay_play *x = a, *y = b;
	int n = strverscmp(x->kernel, y->kernel);

	if (!n)
		n = (int)x->cgroup - (int)y->cgroup;
	return n ? n : (int)x->is_remedy - (int)y->is_remedy;
}

void replay_compare_sort(struct replay_compare *c)
{
	if (c->nr_plays)
		qsort(c->plays, c->nr_plays, sizeof(*c->plays), by_kernel);
}

size_t replay_compare_judged(const struct replay_compare *c, bool remedy)
{
	size_t n = 0;

	for (size_t i = 0; i < c->nr_plays; i++)
		n += c->plays[i].is_remedy == remedy ? c->plays[i].nr_judged : 0;
	return n;
}

void replay_compare_free(struct replay_compare *c)
{
	free(c->plays);
	c->plays = NULL;
	c->nr_plays = 0;
}
