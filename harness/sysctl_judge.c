// SPDX-License-Identifier: MIT
#include "harness/sysctl_judge.h"

const char *sysctl_state_name(enum sysctl_state s)
{
	static const char *const names[] = { "ok", "default", "differs", "missing", "unknown" };

	return names[s];
}

const char *sysctl_saw(const struct sysctl_finding *f)
{
	return f->set ? f->set->value : f->dflt ? f->dflt->value : NULL;
}

/* Tables hold what bears on memory: what else they lack may well be there. */
static bool none_has(const struct sysctl_table *t, size_t nr, const char *name)
{
	for (size_t i = 0; i < nr; i++)
		if (sysctl_table_find(&t[i], name))
			return false;
	return nr && sysctl_is_memory(name);
}

/* What all of them have, if it says anything of another machine. */
static const struct sysctl_default *default_of(const struct sysctl_table *t, size_t nr,
					       const char *name, char *why, size_t len)
{
	const struct sysctl_default *first = nr ? sysctl_table_find(&t[0], name) : NULL;

	str_copy(why, len, "nothing sets it, and no table has its default");
	for (size_t i = 0; i < nr; i++) {
		const struct sysctl_default *d = sysctl_table_find(&t[i], name);

		if (!first || !d || !first->value || !d->value)
			return NULL;
		if (d->by_size) {
			str_copy(why, len, "nothing sets it; the default depends on the machine");
			return NULL;
		}
		if (!str_eq(d->value, first->value)) {
			str_copy(why, len, "nothing sets it; the default depends on the kernel");
			return NULL;
		}
	}
	return first;
}

static void judge_one(struct sysctl_finding *f, const struct sysctl_conf *c,
		      const struct sysctl_table *tables, size_t nr, bool live)
{
	const char *name = f->want->name;

	f->set = sysctl_conf_find(c, name);
	if (live ? !f->set : none_has(tables, nr, name)) {
		f->state = SYSCTL_UNKNOWN;
		snprintf(f->why, sizeof(f->why), "no such sysctl in %s",
			 live	   ? "this kernel"
			 : nr == 1 ? tables[0].kernel
				   : "any kernel of the tables");
		return;
	}
	if (!f->set) {
		f->dflt = default_of(tables, nr, name, f->why, sizeof(f->why));
		f->state = SYSCTL_MISSING;
		if (!f->dflt)
			return;
	}
	f->state = !profile_allows(f->want, sysctl_saw(f)) ? SYSCTL_DIFFERS
		   : f->set				   ? SYSCTL_OK
							   : SYSCTL_DEFAULT;
}

void sysctl_judge(const struct profile *p, const struct sysctl_conf *c,
		  const struct sysctl_table *tables, size_t nr_tables, bool live,
		  struct sysctl_finding *ret)
{
	for (size_t i = 0; i < p->nr_values; i++) {
		ret[i] = (struct sysctl_finding){ .want = &p->values[i] };
		judge_one(&ret[i], c, tables, nr_tables, live);
	}
}
