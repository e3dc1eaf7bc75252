// SPDX-License-Identifier: MIT
/* This host as an arena: a player that does not come to its end is told of, and put back for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "harness/arena.h"
#include "harness/guard.h"
#include "lib/cgroup_mounts.h"
#include "lib/fs.h"
#include "lib/sysctl.h"

static const char knob[] = "vm.oom_dump_tasks";

/* What a play left in the evidence; the caller frees. */
static char *play(struct arena *a, const char *plan, unsigned int deadline_ms)
{
	char *text = NULL;
	size_t len = 0;
	FILE *evidence = open_memstream(&text, &len);
	struct fail f;

	assert_int_equal(a->play(a,
				 &(struct arena_play){ .plan_json = plan,
						       .len = strlen(plan),
						       .deadline_ms = deadline_ms,
						       .evidence = evidence },
				 &f),
			 0);
	fclose(evidence);
	return text;
}

static void test_player_that_cannot_go_on_is_broken(void **state)
{
	struct arena *a;
	struct fail f;
	char *text;

	(void)state;
	assert_int_equal(arena_host_open(-1, "/bin/true", &a, &f), 0);
	text = play(a, "{}", 10000);
	assert_non_null(strstr(text, "\"broken\""));
	assert_true(a->usable(a));
	free(text);
	a->close(a);
}

/* The worker never says that it is ready, and the step would wait for it an hour. */
static char *waiting_plan(const char *sysctl, const char *value)
{
	char *text = NULL;

	assert_true(asprintf(&text,
			     "{\"name\":\"waits\",\"kernel\":\"host\",\"run_id\":\"arena-%d\","
			     "\"cgroup\":\"v1\",\"scope\":\"memcg\",\"timeout_ms\":3600000,\"nr_"
			     "kills\":0,"
			     "\"sysctls\":[{\"name\":\"%s\",\"value\":\"%s\"}],\"cgroups\":[],"
			     "\"workers\":[{\"name\":\"w\",\"cgroup\":\"\",\"oom_score_adj\":0,"
			     "\"bytes\":0,"
			     "\"argv\":[\"oomhog\",\"infinity\"]}],"
			     "\"steps\":[{\"op\":\"start\",\"worker\":\"w\"}],"
			     "\"expects\":[],\"prediction\":{\"known\":false}}",
			     getpid(), sysctl, value) > 0);
	return text;
}

static void test_late_player_is_put_back_for(void **state)
{
	int root = fs_root_open("/");
	struct cgroup_mounts mounts;
	char old[64], seen[64], path[400], *plan, *text;
	struct arena *a;
	struct guard g;
	struct fail f;

	(void)state;
	if (geteuid() != 0 || cgroup_mounts_read(root, &mounts) < 0 || !mounts.v1_memory[0]) {
		printf("skip: not root on a host with the v1 memory controller\n");
		close(root);
		skip();
	}
	assert_true(sysctl_get(root, knob, old, sizeof(old)) > 0);
	assert_int_equal(guard_start(&g, &f), 0);
	assert_int_equal(arena_host_open(g.fd, "/bin/sleep", &a, &f), 0);
	plan = waiting_plan(knob, str_eq(old, "1") ? "0" : "1");
	text = play(a, plan, 1000);
	assert_non_null(strstr(text, "\"worker\"")); /* it came as far as that */
	assert_non_null(strstr(text, "did not end before its deadline"));
	/* At once, not at the end of the run: another case may come before that. */
	assert_true(sysctl_get(root, knob, seen, sizeof(seen)) > 0);
	assert_string_equal(old, seen);
	snprintf(path, sizeof(path), "%s/oomlab-arena-%d", mounts.v1_memory, getpid());
	assert_false(fs_exists(root, path));
	assert_true(a->usable(a));
	assert_int_equal(guard_stop(&g), 0);
	free(plan);
	free(text);
	a->close(a);
	close(root);
}

/* The kernel takes 040 for octal: the scene is not the one that was asked for. */
static void test_sysctl_that_reads_otherwise_is_broken(void **state)
{
	int root = fs_root_open("/");
	char old[64], seen[64], *plan, *text;
	struct cgroup_mounts mounts;
	struct arena *a;
	struct fail f;

	(void)state;
	if (geteuid() != 0 || cgroup_mounts_read(root, &mounts) < 0 || !mounts.v1_memory[0]) {
		printf("skip: not root on a host with the v1 memory controller\n");
		close(root);
		skip();
	}
	assert_true(sysctl_get(root, "vm.swappiness", old, sizeof(old)) > 0);
	assert_int_equal(arena_host_open(-1, "/bin/true", &a, &f), 0);
	plan = waiting_plan("vm.swappiness", "040");
	text = play(a, plan, 10000);
	assert_non_null(strstr(text, "sysctl vm.swappiness: wrote 040, reads 32"));
	assert_true(sysctl_get(root, "vm.swappiness", seen, sizeof(seen)) > 0);
	assert_string_equal(old, seen);
	free(plan);
	free(text);
	a->close(a);
	close(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_player_that_cannot_go_on_is_broken),
		cmocka_unit_test(test_late_player_is_put_back_for),
		cmocka_unit_test(test_sysctl_that_reads_otherwise_is_broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
