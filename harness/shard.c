// SPDX-License-Identifier: MIT
#include "harness/shard.h"
#include "harness/batch.h"
#include "harness/estimate.h"

struct split {
	const struct run *run;
	unsigned int nr_shards;	 /* that get something */
	struct vm_shape *shapes; /* all that the cases need */
	size_t nr_shapes;
	bool *boots;	/* a row a shard, a column a shape */
	uint64_t *load; /* ms, of each shard */
};

static size_t shape_index(struct split *s, const struct oom_case *c, enum cgroup_version v)
{
	struct vm_shape shape = batch_shape(c, v);
	size_t i = 0;

	while (i < s->nr_shapes && !batch_same_shape(&s->shapes[i], &shape))
		i++;
	if (i == s->nr_shapes)
		s->shapes[s->nr_shapes++] = shape;
	return i;
}

/* The shapes of one case; how many. */
static size_t shapes_of(struct split *s, const struct oom_case *c, size_t ret[2])
{
	const struct run_options *o = s->run->opt;
	size_t nr = 0;

	if (o->on_host)
		return 0;
	if (run_wants_version(o, c, CGROUP_V2))
		ret[nr++] = shape_index(s, c, CGROUP_V2);
	if (run_wants_version(o, c, CGROUP_V1))
		ret[nr++] = shape_index(s, c, CGROUP_V1);
	return nr;
}

/* When a shard would be done with this case as well. */
static uint64_t load_with(const struct split *s, unsigned int shard, size_t i, const size_t *shapes,
			  size_t nr)
{
	const bool *boots = &s->boots[shard * 2 * s->run->nr_cases];
	uint64_t ms = s->load[shard] + s->run->case_ms[i];

	for (size_t j = 0; j < nr; j++)
		if (!boots[shapes[j]])
			ms += ESTIMATE_BOOT_MS * s->run->opt->nr_kernels;
	return ms;
}

static unsigned int place(struct split *s, size_t i)
{
	unsigned int best = 0;
	size_t shapes[2], nr = shapes_of(s, s->run->cases[i], shapes);
	uint64_t least = UINT64_MAX;

	for (unsigned int shard = 0; shard < s->nr_shards; shard++) {
		uint64_t ms = load_with(s, shard, i, shapes, nr);

		if (ms < least) {
			least = ms;
			best = shard;
		}
	}
	s->load[best] = least;
	for (size_t j = 0; j < nr; j++)
		s->boots[best * 2 * s->run->nr_cases + shapes[j]] = true;
	return best;
}

static int longer(const void *a, const void *b, void *case_ms)
{
	const size_t *x = a, *y = b;
	const uint64_t *ms = case_ms;

	if (ms[*x] != ms[*y])
		return ms[*x] < ms[*y] ? 1 : -1;
	return *x < *y ? -1 : 1;
}

int shards_split(const struct run *r, unsigned int *ret)
{
	size_t nr = r->nr_cases;
	unsigned int nr_shards = (unsigned int)min((size_t)r->opt->nr_shards, nr);
	size_t *order __free = calloc(nr, sizeof(*order));
	struct vm_shape *shapes __free = calloc(2 * nr, sizeof(*shapes));
	bool *boots __free = calloc(2 * nr * nr_shards, sizeof(*boots));
	uint64_t *load __free = calloc(nr_shards, sizeof(*load));
	struct split s = {
		.run = r, .nr_shards = nr_shards, .shapes = shapes, .boots = boots, .load = load
	};

	if (!order || !shapes || !boots || !load)
		return -ENOMEM;
	for (size_t i = 0; i < nr; i++)
		order[i] = i;
	qsort_r(order, nr, sizeof(*order), longer, r->case_ms);
	for (size_t i = 0; i < nr; i++)
		ret[order[i]] = place(&s, order[i]);
	return 0;
}

int shard_keep(struct run *r)
{
	unsigned int *owner __free = calloc(r->nr_cases + 1, sizeof(*owner));
	size_t kept = 0;

	if (!owner || (r->nr_cases && shards_split(r, owner) < 0))
		return -ENOMEM;
	for (size_t i = 0; i < r->nr_cases; i++) {
		if (owner[i] == r->opt->shard - 1) {
			r->case_ms[kept] = r->case_ms[i];
			r->cases[kept++] = r->cases[i];
		} else {
			case_free(r->cases[i]);
		}
	}
	r->nr_cases = kept;
	return 0;
}

static int number(const char *text, const char *ends, unsigned int least, unsigned int *ret)
{
	char *end;
	unsigned long v = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end != *ends || v < least || v > SHARDS_MAX)
		return -EINVAL;
	*ret = (unsigned int)v;
	return 0;
}

static bool from_env(const char *name, unsigned int *ret)
{
	const char *v = getenv(name);

	return v && number(v, "", 0, ret) == 0;
}

/* GitLab counts from 1, a Slurm array from where its user likes, Kubernetes from 0 and to what it keeps. */
static bool from_ci(unsigned int *index, unsigned int *of)
{
	unsigned int first, step;

	if (from_env("CI_NODE_INDEX", index) && from_env("CI_NODE_TOTAL", of))
		return true;
	if (from_env("SLURM_ARRAY_TASK_ID", index) && from_env("SLURM_ARRAY_TASK_MIN", &first) &&
	    from_env("SLURM_ARRAY_TASK_COUNT", of)) {
		if (!from_env("SLURM_ARRAY_TASK_STEP", &step) || !step)
			step = 1;
		*index = *index < first ? 0 : (*index - first) / step + 1;
		return true;
	}
	return *of && from_env("JOB_COMPLETION_INDEX", index) && ++*index;
}

int shard_parse(const char *text, unsigned int *index, unsigned int *of, struct fail *f)
{
	const char *slash = strchr(text, '/');
	bool is_auto = str_eq(text, "auto") || str_starts(text, "auto/");

	*of = 0;
	if (is_auto && slash && number(slash + 1, "", 1, of) < 0)
		return fail_set(f, -EINVAL, "--shard %.64s: auto/N was expected", text);
	if (is_auto && !from_ci(index, of))
		return fail_set(f, -EINVAL,
				"--shard %.64s: CI_NODE_INDEX and CI_NODE_TOTAL, "
				"SLURM_ARRAY_TASK_ID, _MIN and _COUNT, or for auto/N "
				"JOB_COMPLETION_INDEX were expected in the environment",
				text);
	if (!is_auto &&
	    (!slash || number(text, "/", 1, index) < 0 || number(slash + 1, "", 1, of) < 0))
		return fail_set(f, -EINVAL, "--shard %.64s: I/N with 1 <= I <= N was expected",
				text);
	if (*index < 1 || *index > *of)
		return fail_set(f, -EINVAL,
				"--shard %.64s: I/N with 1 <= I <= N was expected, not %u/%u", text,
				*index, *of);
	return 0;
}
