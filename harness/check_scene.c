// SPDX-License-Identifier: MIT
/* Does each knob read back what was written? A limit that did not take makes every verdict wrong.
 */
#include "harness/check.h"
#include "lib/nodemask.h"

#include <ctype.h>

/*
 * Whole numbers; "max" and v1's -1 are "no limit", and so is what v1 reads back for it:
 * 9223372036854771712, PAGE_COUNTER_MAX in bytes (x86-64, 4 KiB pages).
 */
static bool parse_size(const char *s, uint64_t page_bytes, uint64_t *ret)
{
	char *end;

	if (str_eq(s, "max") || str_eq(s, "-1")) {
		*ret = UINT64_MAX;
		return true;
	}
	if (!isdigit((unsigned char)*s))
		return false;
	errno = 0;
	*ret = strtoull(s, &end, 10);
	if (errno || *end)
		return false;
	if (*ret >= (uint64_t)INT64_MAX / page_bytes * page_bytes)
		*ret = UINT64_MAX;
	return true;
}

/* The kernel counts pages: a size reads back rounded down to one. */
static bool same_size(const char *wrote, const char *reads, uint64_t page_bytes)
{
	uint64_t w, r;

	if (!parse_size(wrote, page_bytes, &w) || !parse_size(reads, page_bytes, &r))
		return false;
	/* Below a page it is no size but a flag: 1 must not read back as 0. */
	return r == w || (w != UINT64_MAX && w >= page_bytes && r == w / page_bytes * page_bytes);
}

static bool same_list(const char *wrote, const char *reads)
{
	struct nodemask w, r;

	return nodemask_parse(wrote, &w) == 0 && nodemask_parse(reads, &r) == 0 &&
	       nodemask_equal(&w, &r);
}

/* "7 4 1 7" reads back as "7\t4\t1\t7". */
static bool same_words(const char *a, const char *b)
{
	for (;;) {
		size_t la, lb;

		a += strspn(a, " \t\n");
		b += strspn(b, " \t\n");
		la = strcspn(a, " \t\n");
		lb = strcspn(b, " \t\n");
		if (la != lb || memcmp(a, b, la) != 0)
			return false;
		if (!la)
			return true;
		a += la;
		b += lb;
	}
}

/* v1's memory.oom_control is written "1" and read as "oom_kill_disable 1\nunder_oom 0\n...". */
static bool same_first_value(const char *wrote, const char *reads)
{
	size_t key = strcspn(reads, " \n"), len;

	if (reads[key] != ' ')
		return false;
	reads += key + 1;
	len = strcspn(reads, "\n");
	return len == strlen(wrote) && memcmp(reads, wrote, len) == 0;
}

static bool took(const struct ev_knob *k, uint64_t page_bytes)
{
	if (same_words(k->wrote, k->reads) || same_size(k->wrote, k->reads, page_bytes))
		return true;
	if (str_starts(k->file, "cpuset."))
		return same_list(k->wrote, k->reads);
	return str_eq(k->file, "memory.oom_control") && same_first_value(k->wrote, k->reads);
}

static bool is_told(const struct evidence *e, const char *cgroup, const char *file)
{
	for (size_t i = 0; i < e->nr_knobs; i++)
		if (str_eq(e->knobs[i].cgroup, cgroup) && str_eq(e->knobs[i].file, file))
			return true;
	return false;
}

static void need_told(struct bench *b, struct check *c, const char *cgroup, const char *file)
{
	if (*c->saw || is_told(b->e, cgroup, file))
		return;
	check_want(b, c, "a word of %s/%s", cgroup, file);
	check_saw(b, c, "none");
	check_spoil(c);
}

/* Every knob the plan sets, in the scene or in a step, has told what it reads. */
static void check_all_told(struct bench *b, struct check *c)
{
	const struct plan *p = b->plan;

	for (size_t i = 0; i < p->nr_cgroups; i++)
		for (size_t j = 0; j < p->cgroups[i].nr_settings; j++)
			need_told(b, c, p->cgroups[i].path, p->cgroups[i].settings[j].name);
	for (size_t i = 0; i < b->e->nr_steps && i < p->nr_steps; i++)
		if (p->steps[i].op == STEP_SET && !*p->steps[i].errno_name &&
		    str_eq(b->e->steps[i].result, "ok"))
			need_told(b, c, p->steps[i].cgroup, p->steps[i].setting.name);
}

void check_scene(struct bench *b)
{
	const struct evidence *e = b->e;
	uint64_t page_bytes = e->has_machine ? e->machine.page_bytes : 4096;
	struct check *c = check_new(b, "scene");

	check_all_told(b, c);
	for (size_t i = 0; i < e->nr_knobs && !*c->saw; i++) {
		const struct ev_knob *k = &e->knobs[i];

		if (!k->has_reads || took(k, page_bytes))
			continue;
		check_want(b, c, "%s in %s/%s", k->wrote, k->cgroup, k->file);
		check_saw(b, c, "%s", k->reads);
		check_spoil(c);
	}
	if (*c->saw)
		return;
	check_want(b, c, "%zu knobs as written", e->nr_knobs);
	check_saw(b, c, "that");
}
