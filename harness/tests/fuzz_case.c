// SPDX-License-Identifier: MIT
/*
 * libFuzzer target for the loader, and for all that follows when a case is good: planning, JSON and
 * back. Build: make fuzz-case; seeds: cases/ and harness/tests/data/bad/.
 */
#include "harness/case.h"
#include "harness/plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fail_here(const char *what)
{
	fprintf(stderr, "fuzz_case: %s\n", what);
	abort();
}

/* What was planned can be written, and what was written can be read. */
static void round_trip(const struct plan *p)
{
	static char buf[1 << 20];
	struct jsonw w;
	struct plan *q;
	struct fail f;
	ssize_t n;
	json_t *j;

	jsonw_init(&w, buf, sizeof(buf));
	plan_write(p, &w);
	n = jsonw_finish(&w);
	if (n == -ENOSPC)
		return;
	j = n > 0 ? json_loadb(buf, (size_t)n, 0, NULL) : NULL;
	if (!j)
		fail_here("a plan that is no JSON");
	if (plan_parse(j, &q, &f) < 0)
		fail_here(f.where);
	plan_free(q);
	json_decref(j);
}

static void plan_all(const struct oom_case *c)
{
	static const enum cgroup_version versions[] = { CGROUP_V1, CGROUP_V2 };

	for (size_t i = 0; i < ARRAY_SIZE(versions); i++) {
		struct machine m;
		struct plan *p;
		struct fail f;

		machine_assume(&m, c->needs.memory_bytes, c->needs.nr_nodes, c->needs.swap_bytes);
		if (plan_make(c, &m, versions[i], &p, &f) == 0) {
			round_trip(p);
			plan_free(p);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct oom_case *c;
	char *messages;
	int err = case_parse("t.yaml", (const char *)data, size, &c, &messages);

	if (err == -EINVAL && (!messages || strncmp(messages, "t.yaml:", 7) != 0))
		fail_here("refused without a word");
	if (!err) {
		plan_all(c);
		case_free(c);
	}
	free(messages);
	return 0;
}
