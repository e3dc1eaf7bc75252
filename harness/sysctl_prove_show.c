// SPDX-License-Identifier: MIT
/* The table of promises: kept, broken, or not to be shown here. */
#include "harness/sysctl_prove.h"

static const char *verdict_word(enum proof_verdict v)
{
	static const char *const words[] = { "proved", "broken", "not provable here", "unknown" };

	return words[v];
}

static void proof_text(const struct sysctl_proof *p)
{
	int n = printf("%-8s %s", p->verdict == PROOF_OPEN ? "open" : verdict_word(p->verdict),
		       p->want->name);

	if (*p->value) {
		n += printf(" = ");
		n += sysctl_put(stdout, p->value);
	}
	printf("%*s  %s\n", max(46 - n, 0), "", p->want->promise);
	if (p->verdict == PROOF_PROVED)
		return;
	if (*p->value) {
		fputs("         from ", stdout);
		sysctl_put(stdout, p->place);
		putchar('\n');
	}
	if (*p->reason) {
		fputs(p->verdict == PROOF_OPEN ? "         not provable here: " : "         ",
		      stdout);
		sysctl_put(stdout, p->reason);
		putchar('\n');
	}
	if (*p->blamed) {
		fputs("         not by its own value, but by ", stdout);
		sysctl_put(stdout, p->blamed);
		putchar('\n');
	}
	for (size_t i = 0; i < p->nr_cases; i++) {
		const struct proof_case *c = &p->cases[i];

		if (!c->played || c->verdict != VERDICT_FAIL)
			continue;
		printf("         %s: ", c->name);
		sysctl_put(stdout, c->reason);
		printf("\n         evidence: %s\n", c->dir);
	}
}

void sysctl_proofs_text(const struct sysctl_check *k, const struct sysctl_proofs *p)
{
	size_t first = 0;

	while (first < p->nr) {
		size_t nr[PROOF_UNKNOWN + 1] = { 0 }, i = first;

		printf("\n# %s, by behaviour on %s\n", k->profile->name, p->list[first].kernel);
		for (; i < p->nr && str_eq(p->list[i].kernel, p->list[first].kernel); i++) {
			proof_text(&p->list[i]);
			nr[p->list[i].verdict]++;
		}
		printf("# %zu proved, %zu broken, %zu not provable here, %zu unknown\n",
		       nr[PROOF_PROVED], nr[PROOF_BROKEN], nr[PROOF_OPEN], nr[PROOF_UNKNOWN]);
		first = i;
	}
}

static void proof_json(struct jsonw *w, const struct sysctl_proof *p)
{
	jsonw_object(w, NULL);
	jsonw_str(w, "kernel", p->kernel);
	jsonw_str(w, "name", p->want->name);
	jsonw_str(w, "value", p->value);
	jsonw_str(w, "from", p->place);
	jsonw_str(w, "promise", p->want->promise);
	jsonw_str(w, "verdict", verdict_word(p->verdict));
	if (*p->reason)
		jsonw_str(w, "reason", p->reason);
	if (*p->blamed)
		jsonw_str(w, "blamed", p->blamed);
	jsonw_array(w, "cases");
	for (size_t i = 0; i < p->nr_cases; i++) {
		const struct proof_case *c = &p->cases[i];

		jsonw_object(w, NULL);
		jsonw_str(w, "name", c->name);
		jsonw_str(w, "verdict", c->played ? verdict_name(c->verdict) : NULL);
		jsonw_str(w, "reason", c->reason);
		jsonw_str(w, "evidence", c->dir);
		jsonw_close(w);
	}
	jsonw_close(w);
	jsonw_close(w);
}

void sysctl_proofs_json(struct jsonw *w, const struct sysctl_proofs *p)
{
	jsonw_array(w, "proofs");
	for (size_t i = 0; i < p->nr; i++)
		proof_json(w, &p->list[i]);
	jsonw_close(w);
}
