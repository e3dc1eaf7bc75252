// SPDX-License-Identifier: MIT
/* See batch.h. */
#include "harness/batch.h"

struct vm_shape batch_shape(const struct oom_case *c, enum cgroup_version v)
{
	struct vm_shape s = { .memory_bytes = c->needs.memory_bytes,
			      .nr_nodes = c->needs.nr_nodes,
			      .nr_cpus = 1,
			      .swap_bytes = c->needs.swap_bytes,
			      .swap_kind = c->needs.swap_kind,
			      .disk_bytes = c->needs.disk_bytes,
			      .hybrid = c->needs.hybrid,
			      .log_buf_bytes = c->needs.log_buf_bytes,
			      .cgroup = v };

	str_copy(s.cmdline, sizeof(s.cmdline), c->needs.cmdline);
	str_copy(s.programs, sizeof(s.programs), c->needs.programs);
	return s;
}

bool batch_same_shape(const struct vm_shape *a, const struct vm_shape *b)
{
	return a->memory_bytes == b->memory_bytes && a->nr_nodes == b->nr_nodes &&
	       a->swap_bytes == b->swap_bytes && a->swap_kind == b->swap_kind &&
	       a->disk_bytes == b->disk_bytes && a->log_buf_bytes == b->log_buf_bytes &&
	       a->cgroup == b->cgroup && a->hybrid == b->hybrid && str_eq(a->cmdline, b->cmdline) &&
	       str_eq(a->programs, b->programs);
}

/* Among the batches from `first` on, those of one kernel and cgroup version. */
static struct batch *find_or_add(struct batches *bs, size_t first, const struct vm_shape *s,
				 size_t nr_cases)
{
	struct batch *more;

	for (size_t i = first; i < bs->nr; i++)
		if (batch_same_shape(&bs->list[i].shape, s))
			return &bs->list[i];
	more = reallocarray(bs->list, bs->nr + 1, sizeof(*more));
	if (!more)
		return NULL;
	bs->list = more;
	more = &bs->list[bs->nr];
	*more = (struct batch){ .shape = *s, .nr = (unsigned int)(bs->nr - first) };
	more->cases = calloc(nr_cases, sizeof(*more->cases));
	more->left_out = calloc(nr_cases, sizeof(*more->left_out));
	if (!more->cases || !more->left_out) {
		free(more->cases);
		free(more->left_out);
		return NULL;
	}
	bs->nr++;
	return more;
}

static int add_version(struct run *r, size_t k, enum cgroup_version v, struct batches *bs)
{
	size_t first = bs->nr;

	for (size_t i = 0; i < r->nr_cases; i++) {
		struct vm_shape s = batch_shape(r->cases[i], v);
		struct batch *b;

		if (!run_wants_version(r->opt, r->cases[i], v))
			continue;
		b = find_or_add(bs, first, &s, r->nr_cases);
		if (!b)
			return -ENOMEM;
		b->kernel = &r->kernels[k];
		b->seen = &bs->seen[2 * k + (v == CGROUP_V1)];
		b->cases[b->nr_cases++] = i;
	}
	return 0;
}

int batches_make(struct run *r, struct batches *ret)
{
	int err = 0;

	*ret = (struct batches){ .seen = calloc(2 * r->opt->nr_kernels, sizeof(*ret->seen)) };
	if (!ret->seen)
		return -ENOMEM;
	for (size_t k = 0; !err && k < r->opt->nr_kernels; k++) {
		err = add_version(r, k, CGROUP_V2, ret);
		if (!err)
			err = add_version(r, k, CGROUP_V1, ret);
	}
	return err;
}

void batches_free(struct batches *b)
{
	for (size_t i = 0; i < b->nr; i++) {
		vm_template_free(b->list[i].template);
		free(b->list[i].cases);
		free(b->list[i].left_out);
	}
	free(b->list);
	free(b->seen);
}

const struct oom_case *batch_next(const struct run *r, struct batch *b)
{
	if (b->nr_left_out == b->nr_cases)
		return NULL;
	while (b->left_out[b->next % b->nr_cases])
		b->next++;
	return b->next < b->nr_cases * r->opt->repeat ? r->cases[b->cases[b->next % b->nr_cases]]
						      : NULL;
}

size_t batch_round(const struct run *r, const struct batch *b)
{
	return r->opt->until_fail ? b->next / b->nr_cases : 0;
}

void batch_came_to(const struct run *r, struct batch *b, size_t play, enum verdict v)
{
	bool *left_out = &b->left_out[play % b->nr_cases];

	if (!r->opt->until_fail || v != VERDICT_SKIP || *left_out)
		return;
	*left_out = true;
	b->nr_left_out++;
}

struct run_target batch_target(const struct run *r, const struct batch *b, size_t play)
{
	struct run_target t = { .kernel = b->kernel->err ? b->kernel->spec : b->kernel->kernel.spec,
				.asked = b->kernel->spec,
				.cgroup = b->shape.cgroup,
				.accel = "none",
				.repeat = (unsigned int)(play / b->nr_cases),
				.speed = r->opt->timeout_mul };

	str_copy(t.release, sizeof(t.release), b->kernel->kernel.release);
	return t;
}

static bool comes_before(const struct run *r, const struct batch *a, const struct batch *b)
{
	size_t round = batch_round(r, a), other = batch_round(r, b);

	return round != other ? round < other : a->state == BATCH_OPEN && b->state != BATCH_OPEN;
}

struct batch *batches_pick(const struct run *r, struct batches *bs)
{
	struct batch *first = NULL;

	for (size_t i = 0; i < bs->nr; i++) {
		struct batch *b = &bs->list[i];

		if ((b->state == BATCH_OPEN || b->state == BATCH_NEW) && batch_next(r, b) &&
		    (!first || comes_before(r, b, first)))
			first = b;
	}
	return first;
}

bool run_wants_version(const struct run_options *o, const struct oom_case *c, enum cgroup_version v)
{
	return v == CGROUP_V1 ? o->v1 && c->needs.v1 : o->v2 && c->needs.v2;
}

size_t run_nr_plays(const struct run_options *o, const struct oom_case *c)
{
	size_t n = o->on_host ? 1
			      : (run_wants_version(o, c, CGROUP_V1) +
				 run_wants_version(o, c, CGROUP_V2)) *
					o->nr_kernels;

	return o->until_fail ? n : n * o->repeat;
}
