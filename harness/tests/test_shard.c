// SPDX-License-Identifier: MIT
/* Every case in one shard, shards of about equal time, and the same split wherever it is made. */
#include "harness/estimate.h"
#include "harness/shard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define NR 6

static struct oom_case cases[NR];
static struct oom_case *list[NR];
static uint64_t case_ms[NR];

static struct run_options options(unsigned int nr_shards)
{
	return (struct run_options){
		.nr_kernels = 1, .v2 = true, .repeat = 1, .shard = 1, .nr_shards = nr_shards
	};
}

static struct run a_run(const struct run_options *o, const uint64_t *ms)
{
	for (size_t i = 0; i < NR; i++) {
		cases[i] = (struct oom_case){
			.needs = { .v1 = true, .v2 = true, .memory_bytes = MiB(256), .nr_nodes = 1 }
		};
		list[i] = &cases[i];
		case_ms[i] = ms[i];
	}
	return (struct run){ .opt = o, .cases = list, .nr_cases = NR, .case_ms = case_ms };
}

static void assert_split(const struct run *r, const unsigned int *want)
{
	unsigned int got[NR];

	assert_int_equal(shards_split(r, got), 0);
	for (size_t i = 0; i < NR; i++)
		assert_int_equal(got[i], want[i]);
}

static void longest_first(void **state)
{
	static const uint64_t ms[NR] = { 1000, 5000, 3000, 4000, 2000, 3000 };
	struct run_options o = options(2);
	struct run r;

	(void)state;
	o.on_host = true; /* no boots: 5+3+1 and 4+3+2 */
	r = a_run(&o, ms);
	assert_split(&r, (unsigned int[]){ 0, 0, 1, 1, 1, 0 });
}

/* Short cases go where a guest of their shape is booted anyway. */
static void boots_count_once(void **state)
{
	static const uint64_t ms[NR] = { 3000, 2900, 100, 100, 90, 90 };
	struct run_options o = options(2);
	struct run r = a_run(&o, ms);

	(void)state;
	for (size_t i = 1; i < NR; i += 2)
		cases[i].needs.nr_nodes = 2;
	assert_split(&r, (unsigned int[]){ 0, 1, 0, 1, 0, 1 });
}

static void more_shards_than_cases(void **state)
{
	static const uint64_t ms[NR] = { 0 };
	struct run_options o = options(SHARDS_MAX);
	struct run r = a_run(&o, ms);
	unsigned int got[NR];
	bool has[NR] = { false };

	(void)state;
	assert_int_equal(shards_split(&r, got), 0);
	for (size_t i = 0; i < NR; i++) {
		assert_true(got[i] < NR);
		has[got[i]] = true;
	}
	assert_true(has[0]);
}

static int parse(const char *text, unsigned int *index, unsigned int *of)
{
	struct fail f = { 0 };

	*index = *of = 0;
	return shard_parse(text, index, of, &f);
}

static void by_environment(void **state)
{
	unsigned int index, of;

	(void)state;
	assert_int_equal(parse("2/3", &index, &of), 0);
	assert_true(index == 2 && of == 3);
	assert_int_equal(parse("auto", &index, &of), -EINVAL);
	assert_int_equal(parse("auto/0", &index, &of), -EINVAL);
	assert_int_equal(parse("auto/x", &index, &of), -EINVAL);
	setenv("JOB_COMPLETION_INDEX", "0", 1);
	assert_int_equal(parse("auto", &index, &of), -EINVAL); /* of how many? */
	assert_int_equal(parse("auto/4", &index, &of), 0);
	assert_true(index == 1 && of == 4);
	setenv("JOB_COMPLETION_INDEX", "4", 1);
	assert_int_equal(parse("auto/4", &index, &of), -EINVAL);
	setenv("SLURM_ARRAY_TASK_ID", "10", 1);
	setenv("SLURM_ARRAY_TASK_MIN", "4", 1);
	setenv("SLURM_ARRAY_TASK_STEP", "3", 1);
	setenv("SLURM_ARRAY_TASK_COUNT", "3", 1);
	assert_int_equal(parse("auto", &index, &of), 0);
	assert_true(index == 3 && of == 3);
	setenv("SLURM_ARRAY_TASK_ID", "1", 1);
	assert_int_equal(parse("auto", &index, &of), -EINVAL);
	setenv("CI_NODE_INDEX", "1", 1);
	setenv("CI_NODE_TOTAL", "2", 1);
	assert_int_equal(parse("auto", &index, &of), 0);
	assert_true(index == 1 && of == 2);
	setenv("CI_NODE_INDEX", "3", 1);
	assert_int_equal(parse("auto", &index, &of), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(longest_first),
		cmocka_unit_test(boots_count_once),
		cmocka_unit_test(more_shards_than_cases),
		cmocka_unit_test(by_environment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
