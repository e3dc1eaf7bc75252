// SPDX-License-Identifier: MIT
/* Copies of results: evidence is freed case by case, summary and documents come at the end. */
#include "harness/report_impl.h"

static const size_t texts[] = {
	offsetof(struct case_result, name),	   offsetof(struct case_result, theme),
	offsetof(struct case_result, kernel),	   offsetof(struct case_result, release),
	offsetof(struct case_result, reason),	   offsetof(struct case_result, dir),
	offsetof(struct case_result, reproduce),   offsetof(struct case_result, accel),
	offsetof(struct case_result, claim),	   offsetof(struct case_result, claim_source),
	offsetof(struct case_result, claim_truth),
};

static char **text_at(struct case_result *c, size_t i)
{
	return (char **)((char *)c + texts[i]);
}

static int copy_texts(struct case_result *c)
{
	int err = 0;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		char **text = text_at(c, i);
		const char *from = *text;

		*text = from ? strdup(from) : NULL;
		if (from && !*text)
			err = -ENOMEM; /* on, so that all there is is ours to free */
	}
	return err;
}

static int copy_judgement(const struct judgement *from, struct judgement *to)
{
	*to = (struct judgement){ .verdict = from->verdict };
	to->checks = calloc(from->nr_checks + 1, sizeof(*to->checks));
	if (!to->checks)
		return -ENOMEM;
	for (size_t i = 0; i < from->nr_checks; i++) {
		struct check *c = &to->checks[to->nr_checks++];

		*c = from->checks[i];
		c->want = strdup(c->want ? c->want : "");
		c->saw = strdup(c->saw ? c->saw : "");
		if (!c->want || !c->saw)
			return -ENOMEM;
	}
	return 0;
}

static int copy_figures(struct case_result *c)
{
	struct ev_figure *copy = calloc(c->nr_figures + 1, sizeof(*copy));

	if (copy && c->nr_figures)
		memcpy(copy, c->figures, c->nr_figures * sizeof(*copy));
	c->figures = copy;
	return copy ? 0 : -ENOMEM;
}

struct kept_case *kept_case_new(const struct case_result *c)
{
	struct kept_case *k = calloc(1, sizeof(*k));
	int err;

	if (!k)
		return NULL;
	k->c = *c;
	report_name(c, k->id, sizeof(k->id));
	err = copy_texts(&k->c);
	if (copy_figures(&k->c) < 0)
		err = -ENOMEM;
	if (c->judgement && copy_judgement(c->judgement, &k->judgement) < 0)
		err = -ENOMEM;
	k->c.judgement = c->judgement ? &k->judgement : NULL;
	if (c->prediction)
		k->prediction = *c->prediction;
	k->c.prediction = c->prediction ? &k->prediction : NULL;
	if (!err)
		return k;
	kept_case_free(k);
	return NULL;
}

void kept_case_free(struct kept_case *k)
{
	if (!k)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		free(*text_at(&k->c, i));
	judgement_free(&k->judgement);
	free((void *)(uintptr_t)k->c.figures);
	free(k);
}
