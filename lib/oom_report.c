// SPDX-License-Identifier: MIT
#include "lib/oom_report.h"

#include "lib/oom_event.h"

struct oom_report *oom_report_new(void)
{
	struct oom_report *r = malloc(sizeof(*r));

	if (!r)
		return NULL;
	*r = (struct oom_report){
		.invoker_pid = OOM_ABSENT,
		.invoker_oom_score_adj = OOM_ABSENT,
		.invoker_oom_adj = OOM_ABSENT,
		.gfp_mask = OOM_ABSENT,
		.order = OOM_ABSENT,
		.summary_pid = OOM_ABSENT,
		.summary_uid = OOM_ABSENT,
		.memory = { OOM_ABSENT, OOM_ABSENT, OOM_ABSENT },
		.swap = { OOM_ABSENT, OOM_ABSENT, OOM_ABSENT },
		.memsw = { OOM_ABSENT, OOM_ABSENT, OOM_ABSENT },
		.kmem = { OOM_ABSENT, OOM_ABSENT, OOM_ABSENT },
		.page_kb = OOM_ABSENT,
		.pages_ram = OOM_ABSENT,
		.pages_reserved = OOM_ABSENT,
		.pages_highmem = OOM_ABSENT,
		.swap_total_kb = OOM_ABSENT,
		.swap_free_kb = OOM_ABSENT,
		.hugetlb_total_kb = OOM_ABSENT,
		.hugetlb_free_kb = OOM_ABSENT,
		.chosen_pid = OOM_ABSENT,
		.chosen_score = OOM_ABSENT,
	};
	oom_stats_clear(&r->stats);
	return r;
}

void oom_report_free(struct oom_report *r)
{
	if (!r)
		return;
	free(r->nodemask);
	free(r->cpuset);
	free(r->mems_allowed);
	free(r->invoker_cpuset);
	free(r->invoker_mems_allowed);
	free(r->oom_memcg);
	free(r->task_memcg);
	free(r->group_memcg);
	free(r->panic);
	free(r->zones);
	free(r->tasks);
	free(r->victims);
	free(r);
}

static bool dup_str(char **s)
{
	*s = *s ? strdup(*s) : NULL;
	return *s != NULL;
}

static bool dup_array(void *pp, size_t n, size_t size)
{
	void **p = pp, *copy = NULL;

	if (n) {
		copy = malloc(n * size);
		if (copy)
			memcpy(copy, *p, n * size);
	}
	*p = copy;
	return copy || !n;
}

struct oom_report *oom_report_dup(const struct oom_report *r)
{
	struct oom_report *d = malloc(sizeof(*d));
	bool ok = true;

	if (!d)
		return NULL;
	*d = *r;
	/* Every pointer is replaced even after a failure: the copy must not share one to be freed.
	 */
	ok &= dup_str(&d->nodemask) || !r->nodemask;
	ok &= dup_str(&d->cpuset) || !r->cpuset;
	ok &= dup_str(&d->mems_allowed) || !r->mems_allowed;
	ok &= dup_str(&d->invoker_cpuset) || !r->invoker_cpuset;
	ok &= dup_str(&d->invoker_mems_allowed) || !r->invoker_mems_allowed;
	ok &= dup_str(&d->oom_memcg) || !r->oom_memcg;
	ok &= dup_str(&d->task_memcg) || !r->task_memcg;
	ok &= dup_str(&d->group_memcg) || !r->group_memcg;
	ok &= dup_str(&d->panic) || !r->panic;
	ok &= dup_array(&d->zones, d->nr_zones, sizeof(*d->zones));
	ok &= dup_array(&d->tasks, d->nr_tasks, sizeof(*d->tasks));
	ok &= dup_array(&d->victims, d->nr_victims, sizeof(*d->victims));
	if (ok)
		return d;
	oom_report_free(d);
	return NULL;
}

const char *oom_kind_name(enum oom_kind k)
{
	static const char *const names[] = {
		[OOM_KIND_UNKNOWN] = "unknown",	    [OOM_KIND_GLOBAL] = "global",
		[OOM_KIND_MEMCG] = "memcg",	    [OOM_KIND_CPUSET] = "cpuset",
		[OOM_KIND_MEMPOLICY] = "mempolicy", [OOM_KIND_SYSRQ] = "sysrq",
	};

	return names[k];
}

const char *oom_outcome_name(enum oom_outcome o)
{
	static const char *const names[] = {
		[OOM_OUTCOME_UNKNOWN] = NULL,
		[OOM_OUTCOME_KILLED] = "killed",
		[OOM_OUTCOME_NO_KILLABLE] = "no_killable_processes",
		[OOM_OUTCOME_PANIC] = "panic_on_oom",
	};

	return names[o];
}
