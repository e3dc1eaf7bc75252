// SPDX-License-Identifier: MIT
/* --set: a remedy tried on the ticket, and what the model expects of it. */
#include "harness/replay.h"
#include "lib/sysctl.h"
#include "lib/units.h"

/* By comm, worker's name or pid. */
static struct replay_role *find(struct replay *p, const char *who)
{
	char pid[24];

	for (size_t i = 0; i < p->nr_roles; i++) {
		snprintf(pid, sizeof(pid), "%lld", (long long)p->roles[i].pid);
		if (str_eq(p->roles[i].name, who) || str_eq(p->roles[i].comm, who) ||
		    str_eq(pid, who))
			return &p->roles[i];
	}
	return NULL;
}

static void name_victim(struct replay *p, size_t role)
{
	for (size_t i = 0; i < p->nr_roles; i++)
		p->roles[i].killed = i == role;
	str_copy(p->victim, sizeof(p->victim), p->roles[role].comm);
	p->victim_pid = p->roles[role].pid;
}

/* The model's answer, in place of the ticket's. Who grew goes on growing, whoever dies of it. */
static int choose_again(struct replay *p, struct fail *f)
{
	int err;

	p->trigger_pid = p->trigger_pid ? p->trigger_pid : p->roles[p->trigger].pid;
	for (size_t i = 0; i < p->nr_roles; i++)
		p->roles[i].killed = false;
	err = replay_scale(p, f);
	if (!err)
		name_victim(p, p->top);
	return err;
}

static int set_adj(struct replay *p, const char *who, const char *value, struct fail *f)
{
	struct replay_role *role = find(p, who);
	char *end;
	long adj = strtol(value, &end, 10);

	if (!role)
		return fail_set(f, -EINVAL, "--set adj:%s: no such task has a part in this replay",
				who);
	if (end == value || *end || adj < -1000 || adj > 1000)
		return fail_set(f, -EINVAL, "--set adj:%s=%s: -1000 to 1000 is due", who, value);
	role->adj = (int)adj;
	role->immune = adj == -1000;
	return p->end == REPLAY_KILL ? choose_again(p, f) : 0;
}

static int set_limit(struct replay *p, const char *value, struct fail *f)
{
	uint64_t bytes;

	if (p->kind != OOM_KIND_MEMCG)
		return fail_set(f, -EINVAL, "--set limit: it was no cgroup's limit that was hit");
	if (!p->domain_kb)
		return fail_set(f, -EOPNOTSUPP,
				"--set limit: the log does not tell what the limit was");
	if (*value != '+' || bytes_parse(value + 1, &bytes) < 0)
		return fail_set(f, -EINVAL, "--set limit:%s: +SIZE is due, as limit:+512M", value);
	p->limit_percent = 100 + (int64_t)(bytes / 1024) * 100 / p->domain_kb;
	if (p->limit_percent > 400)
		return fail_set(f, -EOPNOTSUPP, "--set limit:%s: more than four times the limit",
				value);
	if (p->limit_percent < 104)
		return fail_set(
			f, -EOPNOTSUPP,
			"--set limit:%s: less than 4 %% of the limit cannot be told from noise",
			value);
	/* At the sizes of the ticket all fits. That it stops growing is not known. */
	p->end = REPLAY_NO_OOM;
	replay_assume(p, "with more memory nobody grows beyond what the ticket shows");
	return 0;
}

static int ask_and_die(struct replay *p, struct fail *f)
{
	int err;

	for (size_t i = 0; i < p->nr_roles; i++)
		if (p->roles[i].pid == p->invoker_pid && !p->roles[i].immune)
			p->trigger_pid = p->invoker_pid;
	if (!p->trigger_pid)
		replay_assume(p, "who asked for memory has no part here: %s asks",
			      p->roles[p->top].name);
	err = replay_scale(p, f);
	if (!err)
		name_victim(p, p->trigger);
	return err;
}

/* Who asks, dies; a memcg's OOM does not look at this one. */
static int set_allocating_task(struct replay *p, bool on, struct fail *f)
{
	bool was = p->allocating_task;

	if (p->kind == OOM_KIND_MEMCG || p->end != REPLAY_KILL)
		return 0;
	*p->sysctl = '\0'; /* written where it holds */
	p->allocating_task = on;
	if (on)
		return was ? 0 : ask_and_die(p, f);
	return was ? choose_again(p, f) : 0;
}

static int set_sysctl(struct replay *p, const char *name, const char *value, struct fail *f)
{
	bool panics = str_eq(name, "vm.panic_on_oom") &&
		      (str_eq(value, "2") || (str_eq(value, "1") && p->kind == OOM_KIND_GLOBAL));

	if (!sysctl_name_ok(name) || !*value || strlen(value) >= sizeof(p->sysctl_value) ||
	    strlen(name) >= sizeof(p->sysctl) || value[strspn(value, "-0123456789")])
		return fail_set(f, -EINVAL,
				"--set sysctl:%s=%s: a name and a number are due, as "
				"sysctl:vm.panic_on_oom=1",
				name, value);
	str_copy(p->sysctl, sizeof(p->sysctl), name);
	str_copy(p->sysctl_value, sizeof(p->sysctl_value), value);
	if (panics && p->kind != OOM_KIND_SYSRQ) {
		p->end = REPLAY_PANIC;
		str_copy(p->panic, sizeof(p->panic), "panic_on_oom is enabled");
	}
	if (str_eq(name, "vm.oom_kill_allocating_task"))
		return set_allocating_task(p, !str_eq(value, "0"), f);
	return 0;
}

int replay_set(struct replay *p, const char *text, struct fail *f)
{
	char copy[128], *value, *what = copy;

	if (!str_copy(copy, sizeof(copy), text))
		return fail_set(f, -EINVAL, "--set: %.40s...: too long", text);
	if (str_starts(what, "limit:"))
		return set_limit(p, what + strlen("limit:"), f);
	value = strrchr(copy, '=');
	if (value)
		*value++ = '\0';
	if (value && str_starts(what, "adj:"))
		return set_adj(p, what + strlen("adj:"), value, f);
	if (value && str_starts(what, "sysctl:"))
		return set_sysctl(p, what + strlen("sysctl:"), value, f);
	return fail_set(f, -EINVAL,
			"--set '%s': adj:TASK=VALUE, limit:+SIZE or sysctl:NAME=VALUE is due",
			text);
}
