// SPDX-License-Identifier: MIT
/* Which cases share guests, and in what order they are given out. */
#include "harness/batch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static struct oom_case *a_case(const char *name, uint64_t memory_bytes, bool v1)
{
	struct oom_case *c = calloc(1, sizeof(*c));

	assert_non_null(c);
	str_copy(c->name, sizeof(c->name), name);
	c->needs.memory_bytes = memory_bytes;
	c->needs.nr_nodes = 1;
	c->needs.v1 = v1;
	c->needs.v2 = true;
	return c;
}

struct world {
	struct run_options opt;
	struct run_kernel kernels[2];
	struct oom_case *cases[3];
	struct run run;
	struct batches batches;
};

static void begin(struct world *w)
{
	*w = (struct world){ .opt = { .nr_kernels = 2, .v1 = true, .v2 = true, .repeat = 2 },
			     .kernels = { { .spec = "old" }, { .spec = "new" } },
			     .cases = { a_case("a", MiB(512), true), a_case("b", MiB(256), false),
					a_case("c", MiB(512), true) } };
	str_copy(w->kernels[0].kernel.spec, sizeof(w->kernels[0].kernel.spec), "old");
	str_copy(w->kernels[1].kernel.spec, sizeof(w->kernels[1].kernel.spec), "new");
	w->run = (struct run){
		.opt = &w->opt, .cases = w->cases, .nr_cases = 3, .kernels = w->kernels
	};
	assert_int_equal(batches_make(&w->run, &w->batches), 0);
}

static void end(struct world *w)
{
	batches_free(&w->batches);
	for (size_t i = 0; i < ARRAY_SIZE(w->cases); i++)
		free(w->cases[i]);
}

static void cases_of_one_shape_share(void **state)
{
	static const struct {
		const char *kernel;
		enum cgroup_version cgroup;
		uint64_t memory_bytes;
		size_t nr_cases;
		unsigned int nr;
	} rows[] = {
		{ "old", CGROUP_V2, MiB(512), 2, 0 }, { "old", CGROUP_V2, MiB(256), 1, 1 },
		{ "old", CGROUP_V1, MiB(512), 2, 0 }, { "new", CGROUP_V2, MiB(512), 2, 0 },
		{ "new", CGROUP_V2, MiB(256), 1, 1 }, { "new", CGROUP_V1, MiB(512), 2, 0 },
	};
	struct world w;

	(void)state;
	begin(&w);
	assert_int_equal(w.batches.nr, ARRAY_SIZE(rows));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct batch *b = &w.batches.list[i];

		assert_string_equal(b->kernel->spec, rows[i].kernel);
		assert_int_equal(b->shape.cgroup, rows[i].cgroup);
		assert_int_equal(b->shape.memory_bytes, rows[i].memory_bytes);
		assert_int_equal(b->nr_cases, rows[i].nr_cases);
		assert_int_equal(b->nr, rows[i].nr);
	}
	/* What one guest of a kernel and cgroup version tells holds for the others of it, and for none else. */
	assert_ptr_equal(w.batches.list[0].seen, w.batches.list[1].seen);
	assert_ptr_not_equal(w.batches.list[0].seen, w.batches.list[2].seen);
	assert_ptr_not_equal(w.batches.list[0].seen, w.batches.list[3].seen);
	end(&w);
}

static void all_cases_of_a_round_before_the_next(void **state)
{
	static const char *const wanted[] = { "a", "c", "a", "c" };
	struct world w;
	struct batch *b;

	(void)state;
	begin(&w);
	b = &w.batches.list[3];
	for (size_t play = 0; play < ARRAY_SIZE(wanted); play++, b->next++) {
		struct run_target t = batch_target(&w.run, b, play);

		assert_string_equal(batch_next(&w.run, b)->name, wanted[play]);
		assert_string_equal(t.kernel, "new");
		assert_int_equal(t.repeat, play / 2);
	}
	assert_null(batch_next(&w.run, b));
	end(&w);
}

/* Its template takes memory until its last case is played. */
static void a_saved_batch_goes_first(void **state)
{
	struct world w;

	(void)state;
	begin(&w);
	assert_ptr_equal(batches_pick(&w.run, &w.batches), &w.batches.list[0]);
	w.batches.list[0].state = BATCH_BUSY;
	assert_ptr_equal(batches_pick(&w.run, &w.batches), &w.batches.list[1]);
	w.batches.list[3].state = BATCH_OPEN;
	assert_ptr_equal(batches_pick(&w.run, &w.batches), &w.batches.list[3]);
	w.batches.list[3].next = 4;
	assert_ptr_equal(batches_pick(&w.run, &w.batches), &w.batches.list[1]);
	for (size_t i = 0; i < w.batches.nr; i++)
		w.batches.list[i].state = BATCH_DEAD;
	assert_null(batches_pick(&w.run, &w.batches));
	end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cases_of_one_shape_share),
		cmocka_unit_test(all_cases_of_a_round_before_the_next),
		cmocka_unit_test(a_saved_batch_goes_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
