// SPDX-License-Identifier: MIT
/* The comparison as one document, harness/doc/replay.schema.json. Shares are percent; what is not told is null. */
#include "harness/replay_compare.h"
#include "lib/jsonw.h"

static void text(struct jsonw *w, const char *key, const char *value)
{
	jsonw_str(w, key, value && *value ? value : NULL);
}

static void percent(struct jsonw *w, const char *key, int64_t share)
{
	if (share == OOM_ABSENT)
		jsonw_null(w, key);
	else
		jsonw_double(w, key, (double)share / 100);
}

static void put_end(struct jsonw *w, const struct replay_facts *f)
{
	text(w, "ended", f->ended);
	jsonw_array(w, "victims");
	for (size_t i = 0; i < f->nr_victims && i < ARRAY_SIZE(f->victims); i++)
		jsonw_str(w, NULL, f->victims[i]);
	jsonw_close(w);
}

static void put_facts(struct jsonw *w, const struct replay_facts *f)
{
	put_end(w, f);
	text(w, "constraint", f->constraint);
	text(w, "oom_memcg", f->oom_memcg);
	text(w, "task_memcg", f->task_memcg);
	percent(w, "usage_percent", f->usage);
	percent(w, "swap_percent", f->swap);
	jsonw_array(w, "rank");
	for (size_t i = 0; i < f->nr_top; i++) {
		jsonw_object(w, NULL);
		jsonw_str(w, "name", f->top[i].name);
		percent(w, "points_percent", f->top[i].points);
		jsonw_i64(w, "oom_score_adj", f->top[i].adj);
		jsonw_close(w);
	}
	jsonw_close(w);
}

static void put_assumptions(struct jsonw *w, const struct replay *p)
{
	jsonw_array(w, "assumptions");
	for (size_t i = 0; i < p->nr_assumptions; i++)
		jsonw_str(w, NULL, p->assumptions[i]);
	jsonw_close(w);
}

/* Which worker stands for which task. */
static void put_roles(struct jsonw *w, const struct replay *p)
{
	jsonw_array(w, "roles");
	for (size_t i = 0; !p->alone && i < p->nr_roles; i++) {
		jsonw_object(w, NULL);
		jsonw_str(w, "name", p->roles[i].name);
		jsonw_str(w, "comm", p->roles[i].comm);
		jsonw_i64(w, "pid", p->roles[i].pid);
		jsonw_u64(w, "line", p->roles[i].line);
		jsonw_close(w);
	}
	jsonw_close(w);
}

static void put_ticket(struct jsonw *w, const struct replay *p, const struct replay_facts *f)
{
	jsonw_object(w, "ticket");
	jsonw_str(w, "log", p->ticket);
	jsonw_u64(w, "line", p->line);
	jsonw_str(w, "kernel", p->release);
	put_facts(w, f);
	text(w, "log_oom_memcg", p->oom_memcg);
	text(w, "log_task_memcg", p->task_memcg);
	put_roles(w, p);
	put_assumptions(w, p);
	text(w, "other_rules", p->old_rules ? p->assumptions[p->old_rules - 1] : NULL);
	jsonw_close(w);
}

static void put_remedy(struct jsonw *w, const struct replay_compare *c)
{
	struct replay_facts predicted;

	if (!c->nr_changes) {
		jsonw_null(w, "remedy");
		return;
	}
	jsonw_object(w, "remedy");
	jsonw_array(w, "changes");
	for (size_t i = 0; i < c->nr_changes; i++)
		jsonw_str(w, NULL, c->changes[i].text);
	jsonw_close(w);
	replay_facts_of_ticket(&c->replays[1], &predicted);
	jsonw_object(w, "predicted");
	put_end(w, &predicted);
	jsonw_close(w);
	put_assumptions(w, &c->replays[1]);
	jsonw_close(w);
}

/* By the keys of what differs. */
static void put_differs(struct jsonw *w, unsigned int differs)
{
	static const char *const keys[] = {
		[REPLAY_ROW_ENDED] = "ended",		[REPLAY_ROW_VICTIM] = "victims",
		[REPLAY_ROW_CONSTRAINT] = "constraint", [REPLAY_ROW_OOM_MEMCG] = "oom_memcg",
		[REPLAY_ROW_TASK_MEMCG] = "task_memcg", [REPLAY_ROW_USAGE] = "usage_percent",
		[REPLAY_ROW_SWAP] = "swap_percent"
	};

	jsonw_array(w, "differs");
	for (unsigned int i = 0; i < ARRAY_SIZE(keys); i++)
		if (differs >> i & 1)
			jsonw_str(w, NULL, keys[i]);
	if (differs >> REPLAY_ROW_TOP)
		jsonw_str(w, NULL, "rank");
	jsonw_close(w);
}

static void put_play(struct jsonw *w, const struct replay_compare *c, const struct replay_play *p,
		     const struct replay_facts *ticket)
{
	unsigned int differs = replay_differs(ticket, &p->facts);

	jsonw_object(w, NULL);
	jsonw_str(w, "case", c->replays[p->is_remedy].name);
	jsonw_bool(w, "remedy", p->is_remedy);
	jsonw_str(w, "kernel", p->kernel);
	text(w, "release", p->release);
	jsonw_str(w, "cgroup", cgroup_version_name(p->cgroup));
	jsonw_str(w, "verdict", verdict_name(p->verdict));
	text(w, "reason", p->reason);
	jsonw_u64(w, "plays", p->nr);
	jsonw_u64(w, "passed", p->nr_passed);
	put_facts(w, &p->facts);
	put_differs(w, differs);
	jsonw_close(w);
}

int replay_compare_json(const struct replay_compare *c, FILE *out)
{
	struct replay_facts ticket;
	char buf[4096];
	struct jsonw w;
	ssize_t n;

	replay_facts_of_ticket(&c->replays[0], &ticket);
	jsonw_init_stream(&w, buf, sizeof(buf), out);
	jsonw_object(&w, NULL);
	jsonw_u64(&w, "schema", 1);
	put_ticket(&w, &c->replays[0], &ticket);
	put_remedy(&w, c);
	jsonw_array(&w, "plays");
	for (size_t i = 0; i < c->nr_plays; i++)
		put_play(&w, c, &c->plays[i], &ticket);
	jsonw_close(&w);
	jsonw_close(&w);
	n = jsonw_finish(&w);
	fputc('\n', out);
	return n < 0 ? (int)n : 0;
}
