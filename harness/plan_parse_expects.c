// SPDX-License-Identifier: MIT
/* Expectations and prediction of a plan, from JSON. */
#include "harness/plan_json.h"

static const char *kind_name(unsigned int i)
{
	return expect_kind_name((enum expect_kind)i);
}

static int parse_names(struct source *s, const json_t *o, struct case_expect *to)
{
	const json_t *list;
	int err;

	if (!json_object_get(o, "names"))
		return 0;
	err = get_list(s, o, "names", PLAN_WORKERS_MAX, sizeof(*to->names), &list, &to->names);
	for (size_t i = 0; !err && i < json_array_size(list); i++) {
		const char *name = json_string_value(json_array_get(list, i));

		if (!name)
			return bad(s, "a name is no text");
		err = check_worker(s, name);
		if (!err)
			str_copy(to->names[to->nr_names++], sizeof(*to->names), name);
	}
	return err;
}

static int parse_expect(struct source *s, const json_t *o, struct case_expect *to)
{
	unsigned int kind = 0;
	int err = get_enum(s, o, "kind", kind_name, 0, &kind);

	to->kind = (enum expect_kind)kind;
	to->range = (struct range){ INT64_MIN, INT64_MAX };
	if (!err)
		err = get_text(s, o, "subject", to->subject, sizeof(to->subject), false);
	if (!err)
		err = get_text(s, o, "file", to->file, sizeof(to->file), false);
	if (!err)
		err = get_text(s, o, "key", to->key, sizeof(to->key), false);
	if (!err)
		err = get_text(s, o, "text", to->text, sizeof(to->text), false);
	if (!err)
		err = check_cgroup(s, to->subject);
	if (!err && (kind == EXPECT_OOM_MEMCG || kind == EXPECT_TASK_MEMCG))
		err = check_cgroup(s, to->text);
	if (!err)
		err = get_int(s, o, "lo", INT64_MIN, INT64_MAX, &to->range.lo, false);
	if (!err)
		err = get_int(s, o, "hi", INT64_MIN, INT64_MAX, &to->range.hi, false);
	return err ? err : parse_names(s, o, to);
}

int parse_expects(struct source *s, const json_t *o)
{
	const json_t *list;
	int err = get_list(s, o, "expects", PLAN_EXPECTS_MAX, sizeof(struct case_expect), &list,
			   &s->p->expects);

	for (size_t i = 0; !err && i < json_array_size(list); i++) {
		struct case_expect *e = &s->p->expects[s->p->nr_expects++];

		err = parse_expect(s, json_array_get(list, i), e);
		if (e->kind == EXPECT_VICTIMS || e->kind == EXPECT_VICTIMS_ANY_ORDER)
			s->p->nr_kills += (unsigned int)e->nr_names;
	}
	return err;
}

int parse_prediction(struct source *s, const json_t *o)
{
	struct plan_prediction *p = &s->p->prediction;
	const json_t *v = json_object_get(o, "prediction");
	int err = get_bool(s, v, "known", &p->known);

	if (err || !p->known)
		return err;
	p->margin_pages = OOM_ABSENT;
	err = get_text(s, v, "victim", p->victim, sizeof(p->victim), true);
	if (!err)
		err = check_worker(s, p->victim);
	if (!err)
		err = get_text(s, v, "runner_up", p->runner_up, sizeof(p->runner_up), true);
	if (!err && *p->runner_up)
		err = check_worker(s, p->runner_up);
	if (!err)
		err = get_int(s, v, "points", INT64_MIN, INT64_MAX, &p->points, true);
	if (!err)
		err = get_int(s, v, "margin_pages", INT64_MIN, INT64_MAX, &p->margin_pages, false);
	if (!err)
		err = get_int(s, v, "noise_pages", 0, INT64_MAX, &p->noise_pages, true);
	if (!err)
		err = get_int(s, v, "totalpages", 0, INT64_MAX, &p->totalpages, true);
	return err;
}
