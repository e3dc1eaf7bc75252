// SPDX-License-Identifier: MIT
/*
 * Who should die first, before anything is played: the workers are filled in the order of the steps
 * until one does not fit, and the model ranks whoever is in the domain that ran out.
 */
#include "harness/plan_impl.h"

/* A static oomhog's own pages, page tables of its image, and what is charged besides: measured below. */
#define PROGRAM_PAGES  128
#define PGTABLES_PAGES 14
#define FIXED_NOISE    256

struct domain { /* where memory runs out for one worker */
	uint64_t room_bytes, total_bytes;
	bool memcg, by_policy, by_cpuset;
	char top[CASE_PATH_LEN];
	struct nodemask nodes;
};

struct filling {
	struct plan *plan;
	const struct oom_case *c;
	const struct machine *m;
	uint64_t *resident; /* of each worker, bytes */
	bool *present;
};

/* Kinds whose memory is all in the task's points and cannot be reclaimed without swap. */
static bool kind_is_plain(const char *kind)
{
	static const char *const kinds[] = { "anon",  "bystander", "leak",  "mix",
					     "mlock", "shm",	   "stack", "threads" };

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (str_eq(kind, kinds[i]))
			return true;
	return false;
}

static uint64_t used_below(const struct filling *x, const char *top)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < x->plan->nr_workers; i++)
		if (x->present[i] && plan_is_below(x->plan->workers[i].cgroup, top))
			sum += x->resident[i];
	return sum;
}

static uint64_t used_on(const struct filling *x, const struct nodemask *nodes)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < x->plan->nr_workers; i++) {
		struct nodemask theirs;
		bool by_policy;

		if (x->present[i] &&
		    plan_nodes_of(x->plan, &x->c->workers[i], &theirs, &by_policy) &&
		    nodemask_intersects(&theirs, nodes))
			sum += x->resident[i];
	}
	return sum;
}

static uint64_t less(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

/*
 * An OOM comes at the zones' min watermarks. MemAvailable leaves out the high ones and the lowmem reserves, MemFree
 * leaves out none. Measured in guests of 768 MiB (5.10 to 7.2) the tasks have then what is in the middle of both,
 * within 2 % of MemTotal; in guests of 256 MiB 3 % less to 7 % more.
 */
static uint64_t room_of_machine(const struct machine *m)
{
	return max(m->mem_available_kb, (m->mem_available_kb + m->mem_free_kb) / 2) * 1024;
}

/* The tightest wall around one worker. Leaf before parent where both are as tight. */
static struct domain domain_of(const struct filling *x, size_t worker)
{
	uint64_t total = (x->m->mem_total_kb + x->m->swap_total_kb) * 1024;
	struct domain d = { .room_bytes = less(room_of_machine(x->m), used_below(x, "")),
			    .total_bytes = total };
	const struct case_worker *w = &x->c->workers[worker];
	struct nodemask nodes;
	char path[CASE_PATH_LEN];
	bool by_policy;

	if (plan_nodes_of(x->plan, w, &nodes, &by_policy)) {
		uint64_t free_bytes = plan_nodes_free_kb(x->m, &nodes) * 1024;

		d = (struct domain){ .room_bytes = less(free_bytes, used_on(x, &nodes)),
				     .by_policy = by_policy,
				     .by_cpuset = !by_policy,
				     .nodes = nodes };
		for (unsigned int i = 0; i < x->m->nr_nodes; i++)
			if (nodemask_has(&nodes, (unsigned int)x->m->nodes[i].id))
				d.total_bytes += x->m->nodes[i].total_kb * 1024;
	}
	str_copy(path, sizeof(path), w->cgroup);
	do {
		uint64_t limit = plan_limit(x->plan, path);
		uint64_t room = less(limit, used_below(x, path));

		if (limit == UINT64_MAX || room >= d.room_bytes)
			continue;
		d = (struct domain){ .room_bytes = room, .total_bytes = limit, .memcg = true };
		str_copy(d.top, sizeof(d.top), path);
	} while (plan_parent(path));
	return d;
}

/* major << 16 | minor of "6.1.0-56-cloud-amd64"; 0 where it is not told. */
static unsigned int release_number(const struct machine *m)
{
	unsigned int major = 0, minor = 0;

	sscanf(m->release, "%5u.%5u", &major, &minor);
	return major << 16 | minor;
}

/* Until 5.13 mempolicy_nodemask_intersects() asked of MPOL_INTERLEAVE what it asks of MPOL_BIND. */
static bool interleaves_elsewhere(const struct filling *x, const struct domain *d, size_t i)
{
	const char *policy = x->c->workers[i].mempolicy;
	struct nodemask theirs;

	return d->by_policy && release_number(x->m) < (5 << 16 | 14) &&
	       str_starts(policy, "interleave:") &&
	       nodemask_parse(policy + strlen("interleave:"), &theirs) == 0 &&
	       !nodemask_intersects(&theirs, &d->nodes);
}

static bool is_candidate(const struct filling *x, const struct domain *d, size_t i)
{
	struct nodemask theirs;
	bool by_policy;

	if (!x->present[i])
		return false;
	if (d->memcg)
		return plan_is_below(x->plan->workers[i].cgroup, d->top);
	if (!d->by_policy && !d->by_cpuset)
		return true;
	if (interleaves_elsewhere(x, d, i))
		return false;
	/* A policy bars only from a policy's OOM, a cpuset only from a cpuset's. */
	if (!plan_nodes_of(x->plan, &x->c->workers[i], &theirs, &by_policy) ||
	    by_policy != d->by_policy)
		return true;
	return nodemask_intersects(&theirs, &d->nodes);
}

/*
 * What rss may be off by: per-thread caches of 64 pages until 6.1, per-CPU batches until 6.19, exact
 * from 7.0 on; plus page tables and kernel memory that share the domain.
 */
static int64_t noise_pages(const struct machine *m, uint64_t total_bytes)
{
	unsigned int release = release_number(m);
	int64_t cpus = m->nr_cpus, counters;

	if (release >= 7 << 16)
		counters = 0;
	else if (release >= (6 << 16 | 2))
		counters = max((int64_t)32, 2 * cpus) * cpus;
	else
		counters = 64;
	return counters + FIXED_NOISE + (int64_t)(total_bytes / m->page_bytes / 100);
}

static int rank(struct filling *x, const struct domain *d, struct fail *f)
{
	struct plan_prediction *pred = &x->plan->prediction;
	size_t n = x->plan->nr_workers, k = 0;
	struct badness_task *tasks __free = calloc(n, sizeof(*tasks));
	struct badness_rules rules = badness_rules_default();
	struct badness_ranking ranking;
	int err;

	if (!tasks)
		return fail_errno(f, -ENOMEM, "%s", x->plan->name);
	for (size_t i = 0; i < n; i++) {
		int64_t pages = (int64_t)(x->resident[i] / x->m->page_bytes);

		if (!is_candidate(x, d, i))
			continue;
		if (!kind_is_plain(x->c->workers[i].kind))
			return 0; /* what of it is in its rss, we cannot tell */
		tasks[k] =
			(struct badness_task){ .pid = (int64_t)i,
					       .rss_pages = pages + PROGRAM_PAGES,
					       .pgtables_pages = pages / 512 + PGTABLES_PAGES,
					       .oom_score_adj = x->plan->workers[i].oom_score_adj };
		str_copy(tasks[k++].comm, sizeof(tasks[0].comm), x->plan->workers[i].name);
	}
	pred->totalpages = (int64_t)(d->total_bytes / x->m->page_bytes);
	err = badness_rank(tasks, k, pred->totalpages, &rules, &ranking);
	if (err)
		return fail_errno(f, err, "%s", x->plan->name);
	pred->known = ranking.nr_eligible > 0;
	pred->noise_pages = noise_pages(x->m, d->total_bytes);
	pred->margin_pages = ranking.margin_pages;
	if (pred->known) {
		str_copy(pred->victim, sizeof(pred->victim), ranking.entries[0].task->comm);
		pred->points = ranking.entries[0].points;
	}
	if (ranking.nr_eligible > 1)
		str_copy(pred->runner_up, sizeof(pred->runner_up), ranking.entries[1].task->comm);
	badness_ranking_free(&ranking);
	return 0;
}

/* vm.oom_kill_allocating_task: whoever asks is taken unseen, but never in a memcg's OOM. */
static bool asking_is_taken(const struct plan *p, const struct domain *d, size_t asking)
{
	if (d->memcg || p->workers[asking].oom_score_adj == -1000)
		return false;
	for (size_t i = 0; i < p->nr_sysctls; i++)
		if (str_eq(p->sysctls[i].name, "vm.oom_kill_allocating_task"))
			return !str_eq(p->sysctls[i].value, "0");
	return false;
}

static int predict_for(struct filling *x, const struct domain *d, size_t asking, struct fail *f)
{
	struct plan_prediction *pred = &x->plan->prediction;

	if (!asking_is_taken(x->plan, d, asking))
		return rank(x, d, f);
	pred->known = true;
	str_copy(pred->victim, sizeof(pred->victim), x->plan->workers[asking].name);
	pred->totalpages = (int64_t)(d->total_bytes / x->m->page_bytes);
	return 0;
}

static int refuse_noise(const struct plan *p, struct fail *f)
{
	const struct plan_prediction *pred = &p->prediction;

	if (!pred->known || pred->margin_pages == OOM_ABSENT ||
	    pred->margin_pages >= pred->noise_pages)
		return 0;
	return fail_set(f, -EINVAL,
			"refused: %s would die only %lld pages ahead of %s, and the kernel's "
			"counters may be off "
			"by %lld: make them differ more",
			pred->victim, (long long)pred->margin_pages, pred->runner_up,
			(long long)pred->noise_pages);
}

static size_t worker_index(const struct plan *p, const char *name)
{
	size_t i = 0;

	while (i < p->nr_workers && !str_eq(p->workers[i].name, name))
		i++;
	return i;
}

/* What follows may be an OOM by order, not by growth, or of a worker that was changed meanwhile. */
static bool is_order(const struct case_step *s)
{
	return s->op == STEP_SET || s->op == STEP_SYSRQ || s->op == STEP_WRITE ||
	       s->op == STEP_SIGNAL || s->op == STEP_MOVE;
}

/* Fills in the order of the steps; ranks at the first that does not fit. */
static int fill(struct filling *x, struct fail *f)
{
	struct plan *p = x->plan;

	for (size_t s = 0; s < p->nr_steps; s++) {
		size_t i = worker_index(p, p->steps[s].worker);
		struct domain d;

		if (is_order(&p->steps[s]))
			return 0;
		if (p->steps[s].op == STEP_KILL && i < p->nr_workers)
			x->present[i] = false;
		if ((p->steps[s].op != STEP_START && p->steps[s].op != STEP_TRIGGER) ||
		    i == p->nr_workers)
			continue;
		d = domain_of(x, i);
		x->present[i] = true;
		x->resident[i] = min(p->workers[i].bytes, d.room_bytes);
		if (p->workers[i].bytes <= d.room_bytes)
			continue;
		return kind_is_plain(x->c->workers[i].kind) ? predict_for(x, &d, i, f) : 0;
	}
	return 0;
}

int plan_predict(struct plan *p, const struct oom_case *c, const struct machine *m, struct fail *f)
{
	uint64_t *resident __free = calloc(p->nr_workers + 1, sizeof(*resident));
	bool *present __free = calloc(p->nr_workers + 1, sizeof(*present));
	struct filling x = { p, c, m, resident, present };
	int err;

	p->prediction = (struct plan_prediction){ .margin_pages = OOM_ABSENT };
	if (!resident || !present)
		return fail_errno(f, -ENOMEM, "%s", p->name);
	/* With swap, what is full is not foreseen by sizes alone. */
	if (m->swap_total_kb)
		return 0;
	err = fill(&x, f);
	return err ? err : refuse_noise(p, f);
}
