// SPDX-License-Identifier: MIT
/*
 * What a run has written of a case's checks, figures and timing, for whoever has its results.json and
 * no evidence:
 *   "prediction":{"victim":"hog","points":20662,"runner_up":null,"margin_pages":null,...},
 *   "figures":{"read_us":123},"checks":[{"name":"victims","result":"ok","want":"[hog]","saw":"hog"}]
 */
#include "harness/results_impl.h"

#include <jansson.h>

static int read_result(const char *word, enum check_result *ret)
{
	static const char *const words[] = { "ok", "fail", "broken" };

	for (size_t i = 0; word && i < ARRAY_SIZE(words); i++) {
		if (!str_eq(word, words[i]))
			continue;
		*ret = (enum check_result)i;
		return 0;
	}
	return -EBADMSG;
}

static int read_check(const json_t *o, struct check *c)
{
	const char *name = json_string_value(json_object_get(o, "name"));
	const char *want = json_string_value(json_object_get(o, "want"));
	const char *saw = json_string_value(json_object_get(o, "saw"));

	if (!name || read_result(json_string_value(json_object_get(o, "result")), &c->result) < 0)
		return -EBADMSG;
	str_copy(c->name, sizeof(c->name), name);
	c->want = strdup(want ? want : "");
	c->saw = strdup(saw ? saw : "");
	return c->want && c->saw ? 0 : -ENOMEM;
}

static void read_prediction(const json_t *o, struct plan_prediction *p)
{
	const char *victim = json_string_value(json_object_get(o, "victim"));
	const char *runner_up = json_string_value(json_object_get(o, "runner_up"));
	const json_t *margin = json_object_get(o, "margin_pages");

	if (!victim)
		return;
	p->known = true;
	str_copy(p->victim, sizeof(p->victim), victim);
	str_copy(p->runner_up, sizeof(p->runner_up), runner_up ? runner_up : "");
	p->points = json_integer_value(json_object_get(o, "points"));
	p->margin_pages = json_is_integer(margin) ? json_integer_value(margin) : OOM_ABSENT;
	p->noise_pages = json_integer_value(json_object_get(o, "noise_pages"));
	p->totalpages = json_integer_value(json_object_get(o, "totalpages"));
}

static int read_figures_of(json_t *o, struct stored_case *c)
{
	const char *name;
	json_t *v;

	c->figures = calloc(json_object_size(o) + 1, sizeof(*c->figures));
	if (!c->figures)
		return -ENOMEM;
	json_object_foreach (o, name, v) {
		struct ev_figure *g = &c->figures[c->nr_figures++];

		if (!json_is_integer(v) || json_integer_value(v) < 0)
			return -EBADMSG;
		str_copy(g->name, sizeof(g->name), name);
		g->value = (uint64_t)json_integer_value(v);
	}
	return 0;
}

static void read_timing(const json_t *o, struct timing *t)
{
	const struct {
		const char *name;
		uint64_t *at;
	} rows[] = {
		{ "restore_us", &t->restore_us }, { "answer_us", &t->answer_us },
		{ "settle_us", &t->settle_us },	  { "fill_us", &t->fill_us },
		{ "wait_us", &t->wait_us },	  { "teardown_us", &t->teardown_us },
		{ "player_us", &t->player_us },	  { "host_us", &t->host_us },
	};

	t->known = json_is_object(o);
	t->restored = json_is_true(json_object_get(o, "restored"));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		*rows[i].at = (uint64_t)json_integer_value(json_object_get(o, rows[i].name));
}

int stored_checks_read(const json_t *o, struct stored_case *c)
{
	const json_t *checks = json_object_get(o, "checks"), *check;
	size_t i;
	int err = 0;

	read_prediction(json_object_get(o, "prediction"), &c->prediction);
	read_timing(json_object_get(o, "timing"), &c->timing);
	c->judgement.checks = calloc(json_array_size(checks) + 1, sizeof(struct check));
	if (!c->judgement.checks)
		return -ENOMEM;
	c->judgement.verdict = c->verdict;
	err = read_figures_of(json_object_get(o, "figures"), c);
	if (err)
		return err;
	json_array_foreach (checks, i, check) {
		err = read_check(check, &c->judgement.checks[c->judgement.nr_checks++]);
		if (err)
			break;
	}
	return err;
}
