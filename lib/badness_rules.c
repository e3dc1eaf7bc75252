// SPDX-License-Identifier: MIT
/*
 * Which kernel's rules a report was made by, and how many pages its domain has. Wording is asked
 * before the release: distributions and stable trees carry newer code under old numbers.
 */
#include "lib/badness_internal.h"

#include "lib/nodemask.h"

struct version {
	int64_t major, minor;
	bool known, el8;
};

static struct version version_of(const struct oom_report *r)
{
	struct version v = { .el8 = strstr(r->release, ".el8") != NULL };
	const char *s = text_i64(r->release, &v.major);

	v.known = s && *s == '.' && text_i64(s + 1, &v.minor);
	return v;
}

static bool before(const struct version *v, int64_t major, int64_t minor)
{
	return v->known && (v->major < major || (v->major == major && v->minor < minor));
}

struct badness_rules badness_rules_of(const struct oom_report *r)
{
	struct version v = version_of(r);
	struct badness_rules rules = badness_rules_default();

	rules.legacy_oom_adj = r->legacy_oom_adj;
	rules.prefer_children = r->chosen_pid != OOM_ABSENT;
	/* pgtables on the kill line came with 5.4, the signed badness with 5.9 or RHEL 8.5 */
	rules.clamp_to_one = v.el8 ? !r->wide_kill_line : before(&v, 5, 9);
	rules.first_wins_ties = v.el8 ? !r->uid_kill_line : before(&v, 5, 3);
	rules.root_bonus = before(&v, 4, 17);
	if (!v.known && r->nr_victims) {
		rules.clamp_to_one = !r->wide_kill_line;
		rules.first_wins_ties = !r->uid_kill_line;
		rules.root_bonus = r->has_nr_ptes;
	}
	return rules;
}

struct badness_rules badness_rules_of_release(const char *release)
{
	/* Of RHEL 8 what 8.5 and later do. */
	struct oom_report r = { .chosen_pid = OOM_ABSENT,
				.wide_kill_line = true,
				.uid_kill_line = true };

	str_copy(r.release, sizeof(r.release), release);
	return badness_rules_of(&r);
}

bool badness_clamp_is_open(const struct oom_report *r)
{
	struct version v = version_of(r);

	return r->wide_kill_line && (!v.known || (!before(&v, 5, 4) && before(&v, 5, 9)));
}

int64_t badness_page_kb(const struct oom_report *r)
{
	return r->page_kb == OOM_ABSENT ? 4 : r->page_kb;
}

bool badness_unlimited(int64_t limit_kb)
{
	/* LONG_MAX pages on 32 bit; on 64 bit LONG_MAX bytes (2^53 kB), and 2^54 kB before 3.19 */
	return limit_kb == 8589934588 || limit_kb >= INT64_C(9007199254000000);
}

static int64_t sum_zones(const struct oom_report *r, const struct nodemask *nodes)
{
	int64_t sum = 0;

	for (size_t i = 0; i < r->nr_zones; i++) {
		const struct oom_zone *z = &r->zones[i];
		int64_t kb = nodes || z->managed_kb == OOM_ABSENT ? z->present_kb : z->managed_kb;

		if (nodes && (z->node < 0 || z->node >= NODEMASK_MAX ||
			      !nodemask_has(nodes, (unsigned int)z->node)))
			continue;
		if (kb == OOM_ABSENT || __builtin_add_overflow(sum, kb, &sum))
			return OOM_ABSENT;
	}
	return sum ? sum / badness_page_kb(r) : OOM_ABSENT;
}

static int64_t swap_pages(const struct oom_report *r)
{
	return r->swap_total_kb == OOM_ABSENT || r->swap_total_kb < 0
		       ? 0
		       : r->swap_total_kb / badness_page_kb(r);
}

/* totalram_pages + total_swap_pages; reserved pages are not the allocator's */
static int64_t whole_machine(const struct oom_report *r)
{
	int64_t ram = r->pages_ram;

	if (ram == OOM_ABSENT || r->pages_reserved == OOM_ABSENT || ram < r->pages_reserved)
		ram = sum_zones(r, NULL);
	else
		ram -= r->pages_reserved;
	if (ram == OOM_ABSENT || __builtin_add_overflow(ram, swap_pages(r), &ram))
		return OOM_ABSENT;
	return ram;
}

/* Present pages of the nodes the constraint leaves, and all swap */
static int64_t of_nodes(const struct oom_report *r, const char *list)
{
	struct nodemask nodes;
	int64_t pages;

	if (!list || nodemask_parse(list, &nodes) < 0)
		return whole_machine(r);
	pages = sum_zones(r, &nodes);
	if (pages == OOM_ABSENT)
		return whole_machine(r);
	return pages + swap_pages(r);
}

/*
 * The limit, and the swap it may use. v1 prints memory+swap together; v2 prints swap alone, whose
 * limit counts only up to the machine's swap, which a memcg's report does not show.
 */
static int64_t of_memcg(const struct oom_report *r)
{
	int64_t kb = r->memory.limit_kb;

	if (kb == OOM_ABSENT || badness_unlimited(kb))
		return whole_machine(r);
	if (r->memsw.limit_kb != OOM_ABSENT && !badness_unlimited(r->memsw.limit_kb) &&
	    r->memsw.limit_kb > kb)
		kb = r->memsw.limit_kb;
	else if (r->swap.limit_kb != OOM_ABSENT && !badness_unlimited(r->swap.limit_kb) &&
		 r->swap.limit_kb > 0)
		kb += r->swap.limit_kb;
	return kb / badness_page_kb(r);
}

int64_t badness_totalpages(const struct oom_report *r)
{
	switch (r->kind) {
	case OOM_KIND_MEMCG:
		return of_memcg(r);
	case OOM_KIND_MEMPOLICY:
		return of_nodes(r, r->nodemask);
	case OOM_KIND_CPUSET:
		return of_nodes(r, r->mems_allowed ? r->mems_allowed : r->invoker_mems_allowed);
	default:
		return whole_machine(r);
	}
}
