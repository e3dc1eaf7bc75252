// SPDX-License-Identifier: MIT
#include "harness/run_args.h"
#include "harness/sysctl_proving.h"
#include "lib/sysctl.h"

#include <ctype.h>

bool sysctl_is_sized(const char *name)
{
	static const char *const ends[] = { "_kbytes", "_bytes", "hugepages", "hugepages_mempolicy",
					    "threads-max" };
	size_t n = strlen(name);

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		if (n > strlen(ends[i]) && str_eq(name + n - strlen(ends[i]), ends[i]))
			return true;
	return false;
}

/* Can it be a case's value: one line of printable text? */
static bool is_plain(const char *value)
{
	for (const char *p = value; *p; p++)
		if (*p != '\t' && !isprint((unsigned char)*p))
			return false;
	return *value && strlen(value) < sizeof(((struct run_sysctl *)NULL)->value);
}

/* Of one number the kernel reads as much, and what stands behind a blank is nothing to it. */
static bool first_number(const char *value, int64_t *n)
{
	char word[32];

	snprintf(word, sizeof(word), "%.*s", (int)min(strcspn(value, " \t"), sizeof(word)), value);
	return sysctl_number(word, n);
}

const char *sysctl_why_not(const struct sysctl_default *d, const char *name, const char *value)
{
	int64_t n;

	if (sysctl_is_sized(name))
		return "is a size for another machine than the guest";
	if (!is_plain(value))
		return "is no line of text";
	if (d && d->value && sysctl_number(d->value, &n) && !first_number(value, &n))
		return "is no number: a kernel refuses it";
	return NULL;
}

bool sysctl_is_of_guest(const char *name)
{
	static const char *const names[] = { "kernel.panic", "kernel.panic_print",
					     "kernel.panic_sys_info", "kernel.sysrq" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (str_eq(name, names[i]))
			return true;
	return false;
}

/* A number as the kernel will print it: 0x01b6 reads back as 438. */
static int apply(const struct proving *v, struct run_options *to, const char *name,
		 const char *value)
{
	const struct sysctl_default *d = sysctl_table_find(&v->table, name);
	char text[400];
	int64_t n;
	bool one = d && d->value && sysctl_number(d->value, &n);

	if (sysctl_number(value, &n) || (one && first_number(value, &n)))
		snprintf(text, sizeof(text), "%s=%lld", name, (long long)n);
	else
		snprintf(text, sizeof(text), "%s=%s", name, value);
	for (char *p = text; *p; p++)
		if (*p == '\t')
			*p = ' ';
	return run_sysctl_add(to, text);
}

/* What is asked of this kernel for one value, or why nothing can be. */
static int prepare_one(struct proving *v, struct sysctl_proof *p, const struct sysctl_finding *f)
{
	const struct sysctl_default *d = sysctl_table_find(&v->table, f->want->name);
	const char *saw = sysctl_saw(f), *why = saw ? sysctl_why_not(d, f->want->name, saw) : NULL;

	p->want = f->want;
	str_copy(p->kernel, sizeof(p->kernel), v->table.kernel);
	str_copy(p->value, sizeof(p->value), saw ? saw : "");
	if (f->set)
		sysctl_place(&v->check->conf, f->set, p->place, sizeof(p->place));
	else
		snprintf(p->place, sizeof(p->place), "kernel default");
	p->cases = calloc(f->want->nr_cases, sizeof(*p->cases));
	if (!p->cases)
		return usage_error("%s", strerror(ENOMEM));
	if (f->state == SYSCTL_UNKNOWN || f->state == SYSCTL_MISSING)
		str_copy(p->reason, sizeof(p->reason), f->why);
	else if (f->set && f->set->by)
		snprintf(p->reason, sizeof(p->reason), "the kernel makes it 0 when %s is written",
			 f->set->by->name);
	else if (why)
		snprintf(p->reason, sizeof(p->reason), "its value %s", why);
	if (*p->reason) {
		p->verdict = f->state == SYSCTL_UNKNOWN ? PROOF_UNKNOWN : PROOF_OPEN;
		return 0;
	}
	p->nr_cases = f->want->nr_cases;
	for (size_t i = 0; i < p->nr_cases; i++)
		p->cases[i].name = f->want->cases[i];
	return apply(v, sysctl_is_of_guest(f->want->name) ? &v->guests : &v->values, f->want->name,
		     saw);
}

static bool is_promised(const struct proving *v, const char *name)
{
	for (size_t i = 0; i < v->nr; i++)
		if (str_eq(v->proofs[i].want->name, name))
			return true;
	return false;
}

bool sysctl_is_default(const struct sysctl_default *d, const char *value)
{
	return d && d->value && !d->by_size && sysctl_same(d->value, value);
}

static void tell_not_applied(const struct proving *v, const struct sysctl_assign *a,
			     const char *why)
{
	char place[512];

	fprintf(stderr, "oomlab: %s of ", a->name);
	sysctl_put(stderr, sysctl_place(&v->check->conf, a, place, sizeof(place)));
	fprintf(stderr, ": its value %s, not applied\n", why);
}

/* What else the root's files set, other than the kernel: it may break a promise as well. */
static int apply_others(struct proving *v)
{
	int err = 0;

	for (size_t i = 0; !err && !v->args->host && i < v->table.nr; i++) {
		const struct sysctl_default *d = &v->table.rows[i];
		const char *name = d->name;
		const struct sysctl_assign *a = sysctl_conf_find(&v->check->conf, name);
		const char *why;

		if (!a || a->by || is_promised(v, name) || sysctl_is_of_guest(name) || !d->value ||
		    sysctl_is_default(d, a->value))
			continue;
		why = sysctl_why_not(d, name, a->value);
		if (why)
			tell_not_applied(v, a, why);
		else
			err = apply(v, &v->values, name, a->value);
	}
	return err;
}

static int get_table(const char *spec, struct sysctl_table *ret)
{
	struct fail f = { 0 };
	struct kernel k;
	int err = sysctl_table_load(spec, ret, &f);

	if (err != -ENOENT)
		return err ? usage_error("%s", f.where) : 0;
	err = kernel_get(spec, NULL, &k, &f);
	if (err)
		return usage_error("--kernel: %s", f.where);
	err = sysctl_table_boot(&k, NULL, false, ret, &f);
	if (err)
		fprintf(stderr, "oomlab: %s: %s\n", spec, f.where);
	return err == -EINTR ? EXIT_INTERRUPTED : err ? EXIT_BROKEN : 0;
}

/* Of this promise alone: another may have the same case, and its value may not have been in force. */
static void take_result(void *ctx, const struct case_result *res)
{
	struct sysctl_proof *p = ctx;

	for (size_t i = 0; i < p->nr_cases; i++) {
		struct proof_case *c = &p->cases[i];

		if (!str_eq(c->name, res->name))
			continue;
		c->played = true;
		c->verdict = res->verdict;
		str_copy(c->reason, sizeof(c->reason), res->reason);
		str_copy(c->dir, sizeof(c->dir), res->dir);
	}
}

static void on_result(void *ctx, const struct case_result *res)
{
	const struct proving *v = ctx;

	for (size_t i = 0; i < v->nr; i++)
		if (!sysctl_is_of_guest(v->proofs[i].want->name))
			take_result(&v->proofs[i], res);
}

void sysctl_proof_conclude(struct sysctl_proof *p)
{
	const struct proof_case *open = NULL;

	for (size_t i = 0; i < p->nr_cases; i++) {
		const struct proof_case *c = &p->cases[i];

		if (c->played && c->verdict == VERDICT_FAIL) {
			p->verdict = PROOF_BROKEN;
			p->unclear = false;
			return;
		}
		if (c->played && c->verdict == VERDICT_PASS)
			continue;
		if (!p->unclear)
			open = c;
		p->unclear |= c->played && c->verdict == VERDICT_BROKEN;
	}
	if (!open)
		return;
	p->verdict = PROOF_OPEN;
	snprintf(p->reason, sizeof(p->reason), "%s: %s", open->name,
		 open->played ? open->reason : "was not played");
}

static bool is_last_mention(const struct proving *v, size_t proof, size_t nr)
{
	if (sysctl_is_of_guest(v->proofs[proof].want->name))
		return false;
	for (size_t i = proof; i < v->nr; i++)
		for (size_t j = i == proof ? nr + 1 : 0; j < v->proofs[i].nr_cases; j++)
			if (!sysctl_is_of_guest(v->proofs[i].want->name) &&
			    str_eq(v->proofs[i].cases[j].name, v->proofs[proof].cases[nr].name))
				return false;
	return true;
}

bool sysctl_has_played(int status)
{
	return status == EXIT_PASSED || status == EXIT_FAILED || status == EXIT_BROKEN;
}

int sysctl_play(const struct proving *v, const struct sysctl_trial *t)
{
	const char *head[] = { "oomlab run",	 "--kernel", v->spec, "--results",
			       v->args->results, "--format", "text" };
	char *argv[ARRAY_SIZE(head) + 1] = { NULL }, *list __free = strdup(v->spec);
	struct run_args *args __free = calloc(1, sizeof(*args));
	int err;

	if (!list || !args)
		return usage_error("%s", strerror(ENOMEM));
	memcpy(argv, head, sizeof(head));
	argv[2] = list; /* it is cut at commas */
	err = run_args_parse(ARRAY_SIZE(head), argv, args);
	if (err)
		return err;
	args->names = t->names;
	args->nr_names = t->nr_names;
	memcpy(args->run.sysctls, t->values, t->nr_values * sizeof(*t->values));
	args->run.nr_sysctls = t->nr_values;
	args->out = stderr;
	args->on_result = t->on_result;
	args->on_result_ctx = t->ctx;
	return t->nr_names ? run_cases(args) : 0;
}

/* The cases of a promise about what is else the guest's own. */
static int play_own(const struct proving *v, struct sysctl_proof *p, const struct run_sysctl *value)
{
	char **names __free = calloc(p->nr_cases + 1, sizeof(*names));
	struct sysctl_trial t = { value, 1, names, p->nr_cases, take_result, p };

	if (!names)
		return usage_error("%s", strerror(ENOMEM));
	for (size_t i = 0; i < p->nr_cases; i++)
		names[i] = (char *)p->cases[i].name;
	return sysctl_play(v, &t);
}

/* All values, all other cases. */
static int play_all(struct proving *v)
{
	struct sysctl_trial t = { .values = v->values.sysctls,
				  .nr_values = v->values.nr_sysctls,
				  .on_result = on_result,
				  .ctx = v };
	char **names __free = NULL;
	size_t nr = 0;

	for (size_t i = 0; i < v->nr; i++)
		nr += v->proofs[i].nr_cases;
	t.names = names = calloc(nr + 1, sizeof(*names));
	if (!names)
		return usage_error("%s", strerror(ENOMEM));
	for (size_t i = 0; i < v->nr; i++)
		for (size_t j = 0; j < v->proofs[i].nr_cases; j++)
			if (is_last_mention(v, i, j))
				names[t.nr_names++] = (char *)v->proofs[i].cases[j].name;
	return sysctl_play(v, &t);
}

/* The worst exit status. */
static int play(struct proving *v)
{
	int err = play_all(v);
	size_t own = 0;

	for (size_t i = 0; i < v->nr && sysctl_has_played(err); i++)
		if (v->proofs[i].nr_cases && sysctl_is_of_guest(v->proofs[i].want->name))
			err = max(err, play_own(v, &v->proofs[i], &v->guests.sysctls[own++]));
	return err;
}

static int prove_on(struct proving *v, const struct sysctl_finding *findings)
{
	const struct profile *p = v->check->profile;
	int err = 0;

	for (size_t i = 0; !err && i < p->nr_values; i++)
		if (p->values[i].nr_cases)
			err = prepare_one(v, &v->proofs[v->nr++], &findings[i]);
	if (!err)
		err = apply_others(v);
	if (!err)
		err = play(v);
	for (size_t i = 0; i < v->nr; i++)
		sysctl_proof_conclude(&v->proofs[i]);
	/* What a case failed is told by the promise it is of. */
	return err && sysctl_has_played(err) ? sysctl_blame(v) : err;
}

static int prove_with_table(const struct sysctl_args *a, const struct sysctl_check *k,
			    const char *spec, struct sysctl_proofs *ret)
{
	struct sysctl_finding *findings __free =
		calloc(k->profile->nr_values + 1, sizeof(*findings));
	struct sysctl_proof *more =
		reallocarray(ret->list, ret->nr + k->profile->nr_values + 1, sizeof(*more));
	struct proving *v __free = calloc(1, sizeof(*v));
	int err = 0;

	if (more)
		ret->list = more;
	if (!more || !findings || !v)
		return usage_error("%s", strerror(ENOMEM));
	memset(more + ret->nr, 0, (k->profile->nr_values + 1) * sizeof(*more));
	v->args = a;
	v->spec = spec;
	v->check = k;
	v->proofs = more + ret->nr;
	err = get_table(spec, &v->table);
	if (!err) {
		sysctl_judge(k->profile, &k->conf, &v->table, 1, false, findings);
		err = prove_on(v, findings);
	}
	ret->nr += v->nr;
	sysctl_table_free(&v->table);
	return err;
}

/* Before the first is played: a mistake in the last name must not cost its verdicts. */
static int have_kernel(const char *spec)
{
	struct fail f = { 0 };
	struct kernel k;

	if (!*spec)
		return usage_error("--kernel: an empty name in the list");
	return kernel_get(spec, NULL, &k, &f) < 0 ? usage_error("--kernel: %s", f.where) : 0;
}

int sysctl_prove(const struct sysctl_args *a, const struct sysctl_check *k,
		 struct sysctl_proofs *ret)
{
	const char *kernels = a->kernels ? a->kernels : RUN_DEFAULT_KERNEL;
	char *list __free = strdup(kernels), *again __free = strdup(kernels);
	char *rest = list, *spec;
	int err = list && again ? 0 : usage_error("%s", strerror(ENOMEM));

	while (!err && (spec = strsep(&rest, ",")))
		err = have_kernel(spec);
	rest = again;
	while (!err && (spec = strsep(&rest, ",")))
		err = prove_with_table(a, k, spec, ret);
	return err;
}

void sysctl_proofs_free(struct sysctl_proofs *p)
{
	for (size_t i = 0; i < p->nr; i++)
		free(p->list[i].cases);
	free(p->list);
}
