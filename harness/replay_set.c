// SPDX-License-Identifier: MIT
/* --set: a remedy tried on the ticket. All changes are made first; what the model expects of them together is
 * asked then (replay_predict.c). */
#include "harness/replay_impl.h"
#include "lib/sysctl.h"
#include "lib/units.h"

#define LIMIT_LEAST_PERCENT 4 /* less cannot be told from noise */
#define LIMIT_MOST_PERCENT  400

static int bad(struct fail *f, const struct replay_change *c, const char *why)
{
	return fail_set(f, -EINVAL, "--set %s: %s", c->text, why);
}

static int cannot(struct fail *f, const struct replay_change *c, const char *why)
{
	return fail_set(f, -EOPNOTSUPP, "--set %s: %s", c->text, why);
}

static int parse_adj(struct replay_change *c, struct fail *f)
{
	char *end;
	long adj = strtol(c->value, &end, 10);

	c->kind = CHANGE_ADJ;
	if (end == c->value || *end || adj < -1000 || adj > 1000)
		return bad(f, c, "an oom_score_adj of -1000 to 1000 is due");
	return 0;
}

static int parse_limit(const char *size, struct replay_change *c, struct fail *f)
{
	c->kind = CHANGE_LIMIT;
	c->sign = *size == '+' || *size == '-' ? *size : '\0';
	if (bytes_parse(size + (c->sign != 0), &c->bytes) < 0)
		return bad(f, c, "a size is due, as limit:+512M, limit:-100M or limit:2G");
	return 0;
}

/* The kernel would take "010" for an octal number, and here "02" for another than "2". */
static int parse_sysctl(struct replay_change *c, struct fail *f)
{
	char *end;
	long long number;

	c->kind = CHANGE_SYSCTL;
	errno = 0;
	number = strtoll(c->value, &end, 10);
	if (!sysctl_name_ok(c->name) || end == c->value || *end || errno)
		return bad(f, c, "a name and a number are due, as sysctl:vm.panic_on_oom=1");
	snprintf(c->value, sizeof(c->value), "%lld", number);
	return 0;
}

int replay_change_parse(const char *text, struct replay_change *ret, struct fail *f)
{
	const char *what = strchr(text, ':'), *value = strrchr(text, '=');

	*ret = (struct replay_change){ .text = text };
	if (str_starts(text, "limit:"))
		return parse_limit(what + 1, ret, f);
	if (!what || !value || value < what ||
	    (!str_starts(text, "adj:") && !str_starts(text, "sysctl:")))
		return bad(f, ret, "adj:TASK=N, limit:+SIZE or sysctl:NAME=N is due");
	if ((size_t)(value - what) > sizeof(ret->name) ||
	    !str_copy(ret->value, sizeof(ret->value), value + 1))
		return bad(f, ret, "too long");
	memcpy(ret->name, what + 1, value - what - 1);
	return str_starts(text, "adj:") ? parse_adj(ret, f) : parse_sysctl(ret, f);
}

/* A worker of the ticket's case, by its name there: its pid. 0: there is none. */
static int64_t worker_pid(const struct replay *before, const char *name)
{
	for (size_t i = 0; before && i < before->nr_roles; i++)
		if (str_eq(before->roles[i].name, name))
			return before->roles[i].pid;
	return 0;
}

/* All of that comm, as a service's setting holds for all its processes; or one, by pid or worker's name. */
static int apply_adj(struct replay *p, const struct replay_order *o, const struct replay_change *c,
		     struct replay_tasks *t, struct fail *f)
{
	int64_t pid = worker_pid(o->before, c->name);
	size_t nr = 0, nr_comm = 0;
	char digits[24];

	for (size_t i = 0; i < t->nr; i++)
		nr_comm += str_eq(t->tasks[i].comm, c->name);
	for (size_t i = 0; i < t->nr; i++) {
		snprintf(digits, sizeof(digits), "%lld", (long long)t->tasks[i].pid);
		if (nr_comm ? !str_eq(t->tasks[i].comm, c->name)
			    : !str_eq(digits, c->name) && t->tasks[i].pid != pid)
			continue;
		t->tasks[i].oom_score_adj = strtol(c->value, NULL, 10);
		t->changed[i] = true;
		nr++;
	}
	if (!nr)
		return bad(f, c, "no task in the dump has that name or pid");
	if (nr > 1)
		replay_assume(p, "%zu tasks are named %s", nr, c->name);
	return 0;
}

static int apply_limit(struct replay *p, const struct replay_change *c, struct replay_tasks *t,
		       struct fail *f)
{
	int64_t was_kb = t->report->memory.limit_kb, kb = (int64_t)(c->bytes / 1024), percent;

	if (p->kind != OOM_KIND_MEMCG)
		return bad(f, c, "it was no cgroup's limit that was hit");
	if (was_kb <= 0)
		return cannot(f, c, "the log does not tell what the limit was");
	if (kb > (int64_t)1 << 42)
		return cannot(f, c, "more than four times the limit");
	kb = c->sign == '+' ? was_kb + kb : c->sign == '-' ? was_kb - kb : kb;
	percent = kb > 0 ? kb * 100 / was_kb : 0;
	if (percent > LIMIT_MOST_PERCENT)
		return cannot(f, c, "more than four times the limit");
	if (percent < 100 / 4)
		return cannot(f, c, "less than a quarter of the limit");
	if (percent > 100 - LIMIT_LEAST_PERCENT && percent < 100 + LIMIT_LEAST_PERCENT)
		return cannot(f, c,
			      "a change of less than 4 % of the limit cannot be told from noise");
	if (percent > 100) {
		p->limit_percent = percent;
		return 0;
	}
	/* A smaller one is another whole: the tasks have more of it, and oom_score_adj counts for less. */
	t->whole -= (was_kb - kb) / t->page_kb;
	if (t->whole < 1)
		return cannot(f, c, "nothing is left of what ran out");
	p->limit_percent = 100;
	p->domain_kb = t->whole * t->page_kb;
	replay_assume(p, "with less memory it runs out as it did, at %lld %% of the limit",
		      (long long)percent);
	return 0;
}

static bool limit_before(const struct replay_order *o, size_t i)
{
	while (i-- > 0)
		if (o->changes[i].kind == CHANGE_LIMIT)
			return true;
	return false;
}

/* What the kernel does then is no matter of badness, and nothing here could foresee it. */
static const char *unforeseen(const struct replay_change *c)
{
	if (str_eq(c->name, "vm.overcommit_memory") && str_eq(c->value, "2"))
		return "then allocations fail before memory runs out; no OOM could be asserted";
	if (str_eq(c->name, "vm.oom_dump_tasks") && str_eq(c->value, "0"))
		return "then the log does not show by what points the kernel chose";
	return NULL;
}

static bool is_foreseen(const char *name)
{
	return str_eq(name, "vm.panic_on_oom") || str_eq(name, "vm.oom_kill_allocating_task");
}

static int apply_sysctl(struct replay *p, const struct replay_change *c, struct fail *f)
{
	const char *why = unforeseen(c);

	if (why)
		return cannot(f, c, why);
	if (!is_foreseen(c->name))
		replay_assume(p, "%s has no part in the choice of a victim: the same is expected",
			      c->name);
	if (p->nr_sysctls == REPLAY_SYSCTLS && !replay_sysctl(p, c->name))
		return cannot(f, c, "too many sysctls");
	replay_set_sysctl(p, c->name, c->value);
	return 0;
}

int replay_apply(struct replay *p, const struct replay_order *o, struct replay_tasks *t,
		 struct fail *f)
{
	int err = 0;

	for (size_t i = 0; !err && i < o->nr_changes; i++) {
		const struct replay_change *c = &o->changes[i];

		replay_assume(p, "changed: %s", c->text);
		switch (c->kind) {
		case CHANGE_ADJ:
			err = apply_adj(p, o, c, t, f);
			break;
		case CHANGE_LIMIT:
			err = limit_before(o, i) ? bad(f, c, "one limit at a time")
						 : apply_limit(p, c, t, f);
			break;
		default:
			err = apply_sysctl(p, c, f);
		}
	}
	return err ? err : replay_tasks_rank(t);
}
