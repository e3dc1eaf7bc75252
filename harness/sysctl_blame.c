// SPDX-License-Identifier: MIT
/*
 * Whose fault is a promise that was not kept? All values of a root are in force when its cases are played,
 * and with vm.overcommit_memory = 2 no case comes as far as an OOM. So these cases are played again with
 * the promise's own value alone; if they pass then, the others are halved until one is left.
 */
#include "harness/sysctl_proving.h"

#define TRIALS_MAX 24 /* on one kernel: some take a minute, as a guest that hangs does */

struct blaming {
	const struct proving *v;
	struct sysctl_proof *proof;
	char **names; /* its cases that failed or were broken */
	size_t nr_names;
	struct run_sysctl values[RUN_SYSCTLS_MAX + 1]; /* its own, then those under suspicion */
	size_t nr_passed;
	unsigned int nr_trials;
	char culprit[64]; /* of the promise before: probably of the next as well */
	int err;
};

static void on_result(void *ctx, const struct case_result *res)
{
	struct blaming *b = ctx;

	b->nr_passed += res->verdict == VERDICT_PASS;
}

/* Do the cases pass with its own value and these? */
static bool passes_with(struct blaming *b, const struct run_sysctl *some, size_t nr)
{
	struct sysctl_trial t = { .values = b->values,
				  .nr_values = nr + 1,
				  .names = b->names,
				  .nr_names = b->nr_names,
				  .on_result = on_result,
				  .ctx = b };
	int err;

	if (b->err || b->nr_trials == TRIALS_MAX)
		return false;
	memmove(b->values + 1, some, nr * sizeof(*some));
	fprintf(stderr, "oomlab: %s: again, %s%s%s\n", b->values[0].name,
		nr ? "with " : "its value alone", nr ? some[0].name : "", nr > 1 ? ", ..." : "");
	b->nr_trials++;
	b->nr_passed = 0;
	err = sysctl_play(b->v, &t);
	if (!sysctl_has_played(err))
		b->err = err;
	return b->nr_passed == b->nr_names;
}

/* Other values than the kernel's, the last culprit first. */
static size_t find_suspects(struct blaming *b, struct run_sysctl *ret)
{
	size_t nr = 0;

	for (size_t i = 0; i < b->v->values.nr_sysctls; i++) {
		const struct run_sysctl *s = &b->v->values.sysctls[i];

		if (str_eq(s->name, b->proof->want->name)) {
			b->values[0] = *s;
		} else if (!sysctl_is_default(sysctl_table_find(&b->v->table, s->name), s->value)) {
			ret[nr] = *s;
			if (str_eq(s->name, b->culprit)) {
				ret[nr] = ret[0];
				ret[0] = *s;
			}
			nr++;
		}
	}
	return nr;
}

static size_t halve(struct blaming *b, struct run_sysctl *some, size_t nr)
{
	if (nr > 1 && *b->culprit && str_eq(some[0].name, b->culprit) && !passes_with(b, some, 1))
		return 1;
	while (nr > 1 && !b->err) {
		size_t half = nr / 2;

		if (!passes_with(b, some, half)) {
			nr = half;
		} else if (!passes_with(b, some + half, nr - half)) {
			nr -= half;
			memmove(some, some + half, nr * sizeof(*some));
		} else {
			break; /* two of them together */
		}
	}
	return nr;
}

static void tell(struct blaming *b, const struct run_sysctl *some, size_t nr)
{
	char *to = b->proof->blamed, place[512];
	size_t len = sizeof(b->proof->blamed), at = 0;

	for (size_t i = 0; i < nr && at < len; i++) {
		const struct sysctl_assign *a = sysctl_conf_find(&b->v->check->conf, some[i].name);

		at += (size_t)snprintf(to + at, len - at, "%s%s = %s of %s", i ? " with " : "",
				       some[i].name, some[i].value,
				       a ? sysctl_place(&b->v->check->conf, a, place, sizeof(place))
					 : "the kernel");
	}
	if (nr == 1)
		str_copy(b->culprit, sizeof(b->culprit), some[0].name);
}

static void blame_one(struct blaming *b)
{
	struct run_sysctl *some __free = calloc(RUN_SYSCTLS_MAX, sizeof(*some));
	size_t nr = some ? find_suspects(b, some) : 0;

	b->nr_names = 0;
	for (size_t i = 0; i < b->proof->nr_cases; i++) {
		const struct proof_case *c = &b->proof->cases[i];

		/* That one is skipped, or for the other cgroup version, is no value's fault. */
		if (c->played && (c->verdict == VERDICT_FAIL || c->verdict == VERDICT_BROKEN))
			b->names[b->nr_names++] = (char *)c->name;
	}
	if (!nr || !b->nr_names || !passes_with(b, NULL, 0))
		return;
	nr = halve(b, some, nr);
	if (b->nr_trials < TRIALS_MAX && !b->err)
		tell(b, some, nr);
}

int sysctl_blame(struct proving *v)
{
	struct blaming *b __free = calloc(1, sizeof(*b));
	char **names __free = NULL;
	size_t nr = 0;
	int err;

	for (size_t i = 0; i < v->nr; i++)
		nr = max(nr, v->proofs[i].nr_cases);
	names = calloc(nr + 1, sizeof(*names));
	if (!b || !names)
		return usage_error("%s", strerror(ENOMEM));
	b->v = v;
	b->names = names;
	for (size_t i = 0; i < v->nr && !b->err; i++) {
		struct sysctl_proof *p = &v->proofs[i];

		b->proof = p;
		if ((p->verdict == PROOF_BROKEN || p->unclear) &&
		    !sysctl_is_of_guest(p->want->name))
			blame_one(b);
	}
	err = b->err;
	return err;
}
