// SPDX-License-Identifier: MIT
/* oomhog from outside: its words, its exit status, the ready protocol, policy, adj, hold. */
#include "workloads/tests/hog.h"

static void bad_lines_end_with_2_and_one_line(void **state)
{
	static const char *const rows[] = {
		"nosuch --size 1MiB",
		"--size 1MiB",
		"anon",
		"anon 100m",
		"anon --size lots",
		"anon --size 0",
		"anon --size 50%_of_nothing",
		"anon --size 1%_of_node_999",
		"anon --size 1MiB --oom-score-adj 5000",
		"anon --size 1MiB --mempolicy bind",
		"anon --size 1MiB --mode read",
		"anon --size 1MiB --stairs 4",
		"anon --size 1MiB --stairs 0:1s",
		"anon --size 1MiB --stall 100",
		"fork --size 1MiB --stall 50",
		"file --size 1MiB --mode fast",
		"shm --size 1MiB --type posix",
		"mmap --size 1MiB --shared --private",
		"anon --size 1MiB --name a-name-that-is-too-long",
	};
	struct hog_child c;

	(void)state;
	if (!have_hog())
		skip();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char line[256];
		struct ready_word w;
		int rc = hog_run(&c, rows[i]);

		if (rc != READY_EXIT_USAGE)
			fail_msg("'%s' exits %d: %s", rows[i], rc, c.text);
		assert_int_equal(strncmp(c.text, "oomhog", 6), 0);
		assert_ptr_equal(strchr(c.text, '\n'), c.text + strlen(c.text) - 1);
		/* The same is told to who waits on the ready fd, though it stands last. */
		snprintf(line, sizeof(line), "%s --ready-fd 9", rows[i]);
		hog_start(&c, line, NULL);
		w = hog_ready(&c);
		assert_int_equal(w.what, READY_USAGE);
		assert_int_equal(hog_wait(&c), READY_EXIT_USAGE);
	}
}

static void help_names_every_option(void **state)
{
	static const char *const names[] = { "--size",	 "--mempolicy",	     "--oom-score-adj",
					     "--cgroup", "--name",	     "--rate",
					     "--hold",	 "--ready-fd",	     "--thp",
					     "--stairs", "--threads",	     "--chunk",
					     "--stall",	 "--die-with-parent" };
	static const char *const kinds[] = {
		"anon", "bystander",   "exec",	"file",	      "fork", "hugetlb",    "ksm",
		"leak", "malloc-free", "mix",	"mlock",      "mmap", "pagetables", "shared-mm",
		"shm",	"slab",	       "stack", "swap-heavy", "thp",  "threads",    "tmpfs-file"
	};
	struct hog_child c;

	(void)state;
	if (!have_hog())
		skip();
	assert_int_equal(hog_run(&c, "--help"), 0);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_non_null(strstr(c.text, names[i]));
	assert_int_equal(hog_run(&c, "--list"), 0);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		assert_non_null(strstr(c.text, kinds[i]));
	assert_int_equal(hog_run(&c, "shm --help"), 0);
	assert_non_null(strstr(c.text, "--type memfd|tmpfs|sysv"));
	assert_int_equal(hog_run(&c, "--version"), 0);
	assert_int_equal(strncmp(c.text, "oomhog ", 7), 0);
	assert_int_equal(hog_run(&c, ""), READY_EXIT_USAGE);
}

static void the_last_word(void **state)
{
	struct hog_child c;

	(void)state;
	if (!have_hog())
		skip();
	assert_int_equal(hog_run(&c, "anon --size 3MiB"), 0);
	assert_int_equal(strncmp(c.text, "oomhog anon: 3 MiB of 3 MiB resident in ", 40), 0);
	assert_int_equal(hog_run(&c, "anon --size 5000 --json"), 0);
	assert_int_equal(strncmp(c.text, "{\"kind\":\"anon\",\"pid\":", 21), 0);
	assert_non_null(strstr(c.text, "\"result\":\"ready\",\"bytes\":8192,\"asked_bytes\":8192"));
	assert_int_equal(hog_run(&c, "shm --type tmpfs --path /proc --size 1MiB"),
			 READY_EXIT_REFUSED);
	assert_int_equal(strncmp(c.text, "oomhog shm: /proc: ", 19), 0);
}

/* At least so long: never a bound from above. */
static void stairs_take_their_time(void **state)
{
	static const char *const rows[] = {
		"anon --size 8MiB --stairs 4:50ms --json",
		"leak --size 8MiB --stairs 4:50ms --json",
		"fork --size 8MiB --stairs 4:50ms --json",
	};
	struct hog_child c;

	(void)state;
	if (!have_hog())
		skip();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *at;

		assert_int_equal(hog_run(&c, rows[i]), 0);
		at = strstr(c.text, "\"seconds\":");
		assert_non_null(at);
		assert_true(strtod(at + 10, NULL) >= 0.15);
	}
}

/* Ready is said at the level; the rest comes at the signal, however late or early. */
static void a_stall_ends_at_a_signal(void **state)
{
	static const char *const rows[] = { "anon --size 16MiB --stall 25 --hold 0 --ready-fd 9",
					    "anon --size 16MiB --stall 25 --hold 0 --ready-fd 9 "
					    "--json --rate 1GiB",
					    "leak --size 16MiB --stall 25 --hold 0 --ready-fd 9" };
	struct hog_child c;

	(void)state;
	if (!have_hog())
		skip();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct ready_word w;

		hog_start(&c, rows[i], NULL);
		w = hog_ready(&c);
		assert_int_equal(w.what, READY_YES);
		assert_true(w.bytes >= MiB(4) && w.bytes < MiB(5));
		assert_int_equal(waitpid(c.pid, NULL, WNOHANG), 0);
		kill(c.pid, SIGUSR1);
		assert_int_equal(hog_wait(&c), 0);
	}
}

static void with_ready_fd_it_is_quiet(void **state)
{
	struct hog_child c;

	(void)state;
	if (!have_hog())
		skip();
	hog_start(&c, "anon --size 1MiB --ready-fd 9 --hold 0", NULL);
	assert_int_equal(hog_ready(&c).bytes, MiB(1));
	assert_int_equal(hog_wait(&c), 0);
	assert_string_equal(c.text, "");
	hog_start(&c, "anon --size 1MiB --ready-fd 9 --hold 0 -v", NULL);
	assert_int_equal(hog_ready(&c).bytes, MiB(1));
	assert_int_equal(hog_wait(&c), 0);
	assert_non_null(strstr(c.text, "1 MiB of 1 MiB resident"));
}

static void sigterm_ends_the_hold(void **state)
{
	struct hog_child c;

	(void)state;
	if (!have_hog())
		skip();
	hog_start(&c, "anon --size 1MiB --ready-fd 9", NULL);
	assert_int_equal(hog_ready(&c).what, READY_YES);
	assert_int_equal(waitpid(c.pid, NULL, WNOHANG), 0); /* it holds */
	assert_int_equal(hog_end(&c, SIGTERM), 0);
	hog_start(&c, "anon --size 1MiB --ready-fd 9 --hold 1ms", NULL);
	assert_int_equal(hog_wait(&c), 0);
}

static void nobody_listens(void **state)
{
	struct hog_child c;

	(void)state;
	if (!have_hog())
		skip();
	hog_start(&c, "anon --size 1MiB --ready-fd 77", NULL); /* not open */
	assert_int_equal(hog_wait(&c), READY_EXIT_REFUSED);
}

static void name_adj_and_policy_are_the_kernels(void **state)
{
	char text[65536];
	struct hog_child c;

	(void)state;
	if (!have_hog())
		skip();
	hog_start(&c, "anon --size 1MiB --ready-fd 9 --name hog,1 --oom-score-adj 700", NULL);
	assert_int_equal(hog_ready(&c).what, READY_YES);
	hog_proc(&c, "comm", text, sizeof(text));
	assert_string_equal(text, "hog,1\n");
	hog_proc(&c, "oom_score_adj", text, sizeof(text));
	assert_string_equal(text, "700\n");
	hog_end(&c, SIGKILL);
	if (access("/proc/self/numa_maps", R_OK) < 0) {
		print_message("skip: this kernel has no NUMA\n");
		skip();
	}
	hog_start(&c, "anon --size 1MiB --ready-fd 9 --mempolicy bind:0", NULL);
	assert_int_equal(hog_ready(&c).what, READY_YES);
	hog_proc(&c, "numa_maps", text, sizeof(text));
	hog_end(&c, SIGKILL);
	assert_non_null(strstr(text, " bind:0 "));
	assert_null(strstr(text, " default "));
	hog_start(&c, "anon --size 1MiB --ready-fd 9 --mempolicy bind:0,1022", NULL);
	assert_int_equal(hog_ready(&c).what, READY_POLICY);
	assert_int_equal(hog_wait(&c), READY_EXIT_REFUSED);
}

static void adj_is_inherited_or_set(void **state)
{
	const struct hog_how how = { .has_adj = true, .adj = 300, .no_caps = true };
	struct hog_child c;
	struct ready_word w;
	char text[32];

	(void)state;
	if (!have_hog())
		skip();
	hog_start(&c, "anon --size 1MiB --ready-fd 9", &how);
	assert_int_equal(hog_ready(&c).what, READY_YES);
	hog_proc(&c, "oom_score_adj", text, sizeof(text));
	assert_string_equal(text, "300\n");
	hog_end(&c, SIGKILL);
	/* Below the floor without the capability: refused, and never run at another adj. */
	hog_start(&c, "anon --size 1MiB --ready-fd 9 --oom-score-adj -1000", &how);
	w = hog_ready(&c);
	assert_int_equal(w.what, READY_ADJ);
	assert_string_equal(w.errno_name, "EACCES");
	assert_int_equal(hog_wait(&c), READY_EXIT_REFUSED);
}

/* A parent between us and the hog dies; the pipe it had inherited ends only when the hog is gone.
 */
static void dies_with_its_parent(void **state)
{
	char program[1024], c;
	int alive[2], ready[2];
	pid_t parent;

	(void)state;
	if (!have_hog())
		skip();
	assert_true(hog_program(program, sizeof(program)));
	assert_int_equal(pipe(alive), 0);
	assert_int_equal(pipe(ready), 0);
	parent = fork();
	if (!parent) {
		if (!fork()) {
			dup2(ready[1], READY_FD);
			execl(program, "oomhog", "anon", "--size", "1MiB", "--ready-fd", "9",
			      "--die-with-parent", NULL);
			_exit(98);
		}
		close(ready[1]);
		if (read(ready[0], &c, 1) == 1) /* it is ready */
			raise(SIGKILL);
		_exit(97);
	}
	close(alive[1]);
	close(ready[0]);
	close(ready[1]);
	assert_int_equal(read(alive[0], &c, 1), 0);
	assert_int_equal(waitpid(parent, NULL, 0), parent);
	close(alive[0]);
}

/* A lower bound by the definition of a rate: a slow machine cannot break it. */
static void not_faster_than_its_rate(void **state)
{
	struct hog_child c;
	char *seconds;

	(void)state;
	if (!have_hog())
		skip();
	assert_int_equal(hog_run(&c, "anon --size 2MiB --rate 10MiB/s --json"), 0);
	seconds = strstr(c.text, "\"seconds\":");
	assert_non_null(seconds);
	assert_true(strtod(seconds + 10, NULL) >= 0.2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_lines_end_with_2_and_one_line),
		cmocka_unit_test(help_names_every_option),
		cmocka_unit_test(the_last_word),
		cmocka_unit_test(stairs_take_their_time),
		cmocka_unit_test(a_stall_ends_at_a_signal),
		cmocka_unit_test(with_ready_fd_it_is_quiet),
		cmocka_unit_test(sigterm_ends_the_hold),
		cmocka_unit_test(nobody_listens),
		cmocka_unit_test(name_adj_and_policy_are_the_kernels),
		cmocka_unit_test(adj_is_inherited_or_set),
		cmocka_unit_test(dies_with_its_parent),
		cmocka_unit_test(not_faster_than_its_rate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
