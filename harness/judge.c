// SPDX-License-Identifier: MIT
/* Puts the evidence before every check that applies, and makes one verdict of what they say. */
#include "harness/check.h"

enum verdict judge_verdict(const struct check *checks, size_t nr_checks)
{
	bool failed = false, unsure = nr_checks == 0;

	for (size_t i = 0; i < nr_checks; i++) {
		if (checks[i].result == CHECK_BROKEN && checks[i].spoils)
			return VERDICT_BROKEN;
		failed |= checks[i].result == CHECK_FAIL;
		unsure |= checks[i].result == CHECK_BROKEN;
	}
	return failed ? VERDICT_FAIL : unsure ? VERDICT_BROKEN : VERDICT_PASS;
}

/* The check that made the verdict, the spoiling one first. */
static const struct check *decisive(const struct judgement *j)
{
	enum check_result result = j->verdict == VERDICT_FAIL ? CHECK_FAIL : CHECK_BROKEN;
	const struct check *first = NULL;

	for (size_t i = 0; i < j->nr_checks; i++) {
		const struct check *c = &j->checks[i];

		if (c->result != result)
			continue;
		if (c->spoils)
			return c;
		first = first ? first : c;
	}
	return first;
}

/* Kernel logs and worker names go into reasons: one line, nothing a terminal would obey. */
static char *one_line(char *text)
{
	for (char *p = text; p && *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = ' ';
	return text;
}

static char *reason_of(const struct judgement *j)
{
	const struct check *c = decisive(j);
	char *text = NULL;

	if (j->verdict == VERDICT_PASS)
		return strdup("");
	if (!c)
		return strdup("nothing was checked");
	if (asprintf(&text, "%s: wanted %s, saw %s", c->name, c->want, c->saw) < 0)
		return NULL;
	return one_line(text);
}

/* Asked of every case whose player came to its end, in this order. */
static void (*const standing[])(struct bench *b) = {
	check_player, check_clock, check_log, check_scene, check_deaths, check_entry, check_files,
};

/* After the case's own rows, so that a reason names what the case is about first. */
static void (*const standing_after[])(struct bench *b) = {
	check_model,
	check_prediction,
	check_bystanders,
	check_splat,
};

static void judge_rows(struct bench *b)
{
	size_t nr = 0;

	for (size_t i = 0; i < b->plan->nr_expects; i++) {
		if (b->plan->expects[i].dropped)
			continue;
		check_row(b, &b->plan->expects[i]);
		nr++;
	}
	if (!nr) {
		struct check *c = check_new(b, "expectations");

		check_want(b, c, "at least one that holds on this kernel and cgroup version");
		check_saw(b, c, "none");
		check_unsure(c);
	}
}

static void judge_played(struct bench *b)
{
	for (size_t i = 0; i < ARRAY_SIZE(standing); i++)
		standing[i](b);
	judge_rows(b);
	for (size_t i = 0; i < ARRAY_SIZE(standing_after); i++)
		standing_after[i](b);
}

/*
 * A guest that went down takes counters, deaths and the player's last word with it. If that was
 * what the case wanted, its rows are asked of what is left, and whether the scene stood and what the
 * steps before it read; if not, there is nothing more to ask.
 */
static void judge_gone(struct bench *b)
{
	if (b->e->vm != VM_PANICKED || !bench_expects(b, EXPECT_PANIC))
		return;
	check_scene(b);
	check_files(b);
	judge_rows(b);
	check_splat(b);
}

static bool guest_is_gone(const struct evidence *e)
{
	return e->vm != VM_NONE && e->vm != VM_RUNNING && e->vm != VM_POWERED_OFF;
}

int judge(const struct evidence *e, struct judgement *ret)
{
	struct judgement j = { 0 };
	struct bench b = { .e = e, .plan = e->plan, .j = &j };

	if (!e->plan) {
		struct check *c = check_new(&b, "plan");

		check_want(&b, c, "a plan in the evidence");
		check_saw(&b, c, "none");
		check_spoil(c);
	} else {
		check_guest(&b);
		if (guest_is_gone(e))
			judge_gone(&b);
		else
			judge_played(&b);
	}
	free(b.spare.want);
	free(b.spare.saw);
	j.verdict = judge_verdict(j.checks, j.nr_checks);
	if (!b.err)
		j.reason = reason_of(&j);
	if (b.err || !j.reason) {
		judgement_free(&j);
		return -ENOMEM;
	}
	*ret = j;
	return 0;
}

void judgement_free(struct judgement *j)
{
	for (size_t i = 0; i < j->nr_checks; i++) {
		free(j->checks[i].want);
		free(j->checks[i].saw);
	}
	free(j->checks);
	free(j->reason);
	*j = (struct judgement){ 0 };
}

const char *verdict_name(enum verdict v)
{
	static const char *const names[] = { "PASS", "FAIL", "SKIP", "BROKEN" };

	return (size_t)v < ARRAY_SIZE(names) ? names[v] : "?";
}
