// SPDX-License-Identifier: MIT
/* Kinds of more than one task: who has the memory, who dies with whom, and what is said of it. */
#include "workloads/tests/hog.h"

#include <dirent.h>
#include <poll.h>
#include <sys/syscall.h>

/* The pids of a process's children; returns how many. */
static size_t children_of(const struct hog_child *c, pid_t *ret, size_t max)
{
	char text[1024], name[64], *save = NULL;
	size_t n = 0;

	snprintf(name, sizeof(name), "task/%d/children", (int)c->pid);
	hog_proc(c, name, text, sizeof(text));
	for (char *w = strtok_r(text, " ", &save); w && n < max; w = strtok_r(NULL, " ", &save))
		ret[n++] = (pid_t)strtol(w, NULL, 10);
	return n;
}

static bool have_children_file(void)
{
	if (access("/proc/thread-self/children", R_OK) == 0)
		return true;
	print_message("skip: this kernel does not list children (CONFIG_PROC_CHILDREN)\n");
	return false;
}

static uint64_t rss_anon_kb(pid_t pid)
{
	const struct hog_child c = { .pid = pid };

	return hog_status(&c, "RssAnon");
}

static int adj_of(pid_t pid)
{
	const struct hog_child c = { .pid = pid };
	char text[32];

	hog_proc(&c, "oom_score_adj", text, sizeof(text));
	return (int)strtol(text, NULL, 10);
}

/* What it says of its tasks, before it is ready; then that it is. */
static struct ready_word ready_after(const struct hog_child *c, enum ready_what what, pid_t *ret,
				     size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		struct ready_word w = hog_says(c);

		assert_int_equal(w.what, what);
		if (what == READY_CHILD)
			assert_int_equal(w.child, i + 1);
		ret[i] = w.pid;
	}
	return hog_says(c);
}

/* Gone, as far as we can see it: a zombie of init's is gone too. */
static void wait_until_gone(int pidfd)
{
	struct pollfd p = { .fd = pidfd, .events = POLLIN };

	assert_int_equal(poll(&p, 1, 60000), 1);
	close(pidfd);
}

static int pidfd_of(pid_t pid)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	assert_true(fd >= 0);
	return fd;
}

static void children_share_out_the_size(void **state)
{
	struct hog_child c;
	pid_t pids[8], told[3];
	int gone[3];

	(void)state;
	if (!have_hog() || !have_children_file())
		skip();
	hog_start(&c,
		  "fork --size 16MiB --children 3 --parent-size 4MiB --child-adj 500 --ready-fd 9",
		  NULL);
	assert_int_equal(ready_after(&c, READY_CHILD, told, 3).bytes, MiB(16));
	assert_int_equal(children_of(&c, pids, ARRAY_SIZE(pids)), 3);
	assert_memory_equal(pids, told, sizeof(told));
	assert_in_range(rss_anon_kb(c.pid), 4096, 4096 + 1024);
	assert_int_equal(adj_of(c.pid), adj_of(getpid()));
	for (size_t i = 0; i < 3; i++) {
		assert_in_range(rss_anon_kb(pids[i]), 4096, 4096 + 1024);
		assert_int_equal(adj_of(pids[i]), 500);
		gone[i] = pidfd_of(pids[i]);
	}
	assert_int_equal(hog_end(&c, SIGKILL), -SIGKILL);
	for (size_t i = 0; i < 3; i++)
		wait_until_gone(gone[i]);
}

/* A child that is killed later does not end its parent, which tells how it ended. */
static void a_child_that_ends_is_told(void **state)
{
	struct ready_word w;
	struct hog_child c;
	pid_t told[2];

	(void)state;
	if (!have_hog())
		skip();
	hog_start(&c, "fork --size 8MiB --ready-fd 9", NULL);
	assert_int_equal(ready_after(&c, READY_CHILD, told, 2).what, READY_YES);
	for (unsigned int i = 2; i-- > 0;) {
		kill(told[i], i ? SIGKILL : SIGTERM);
		w = hog_says(&c);
		assert_int_equal(w.what, READY_GONE);
		assert_int_equal(w.child, i + 1);
		assert_int_equal(w.code, -1);
		assert_int_equal(w.signal, i ? SIGKILL : SIGTERM);
	}
	assert_int_equal(hog_end(&c, SIGTERM), 0);
}

static void a_child_that_gets_nothing_is_a_failure(void **state)
{
	const struct hog_how how = { .address_space = MiB(64) };
	struct ready_word w;
	struct hog_child c;
	pid_t told[2];

	(void)state;
	if (!have_hog())
		skip();
	hog_start(&c, "fork --size 256MiB --ready-fd 9", &how);
	w = ready_after(&c, READY_CHILD, told, 2);
	while (w.what == READY_GONE)
		w = hog_says(&c);
	assert_int_equal(w.what, READY_ENOMEM);
	assert_string_equal(w.errno_name, "ENOMEM");
	assert_int_equal(strncmp(w.text, "child ", 6), 0);
	assert_int_equal(hog_wait(&c), READY_EXIT_ENOMEM);
	assert_int_equal(hog_run(&c, "fork --size 8KiB --children 3"), READY_EXIT_USAGE);
	assert_non_null(strstr(c.text, "not a page for each child"));
	/* The parts together keep to one size, and the sum is told. */
	assert_int_equal(hog_run(&c, "fork --size 12KiB --children 3 --json"), 0);
	assert_non_null(strstr(c.text, "\"bytes\":12288"));
}

static size_t threads_of(const struct hog_child *c)
{
	char name[64];
	size_t n = 0;
	DIR *d;

	snprintf(name, sizeof(name), "/proc/%d/task", (int)c->pid);
	d = opendir(name);
	assert_non_null(d);
	for (struct dirent *e = readdir(d); e; e = readdir(d))
		n += e->d_name[0] != '.';
	closedir(d);
	return n;
}

static void threads_stay(void **state)
{
	struct hog_child c;

	(void)state;
	if (!have_hog())
		skip();
	hog_start(&c, "threads --size 8MiB --threads 5 --ready-fd 9", NULL);
	assert_int_equal(hog_ready(&c).bytes, MiB(8));
	assert_int_equal(threads_of(&c), 6);
	assert_in_range(hog_status(&c, "RssAnon"), 8192, 8192 + 2048);
	assert_int_equal(hog_end(&c, SIGTERM), 0);
}

static void a_leader_exits_and_the_others_hold(void **state)
{
	struct hog_child c;
	char text[512];
	pid_t told[3];

	(void)state;
	if (!have_hog())
		skip();
	hog_start(&c, "threads --size 8MiB --threads 3 --leader-exits --ready-fd 9", NULL);
	assert_int_equal(ready_after(&c, READY_TID, told, 3).bytes, MiB(8));
	for (size_t i = 0; i < 3; i++) {
		snprintf(text, sizeof(text), "/proc/%d/task/%d", (int)c.pid, (int)told[i]);
		assert_int_equal(access(text, F_OK), 0);
		assert_int_not_equal(told[i], c.pid);
	}
	hog_proc(&c, "stat", text, sizeof(text));
	assert_int_equal(strrchr(text, ')')[2], 'Z');
	assert_int_equal(threads_of(&c), 4);
	assert_int_equal(hog_end(&c, SIGTERM), 0);
}

static void two_processes_have_one_mm(void **state)
{
	struct hog_child c;
	pid_t child, told;
	int gone;

	(void)state;
	if (!have_hog() || !have_children_file())
		skip();
	hog_start(&c, "shared-mm --size 8MiB --ready-fd 9", NULL);
	assert_int_equal(ready_after(&c, READY_CHILD, &told, 1).bytes, MiB(8));
	assert_int_equal(children_of(&c, &child, 1), 1);
	assert_int_equal(child, told);
	assert_in_range(rss_anon_kb(c.pid), 8192, 8192 + 1536);
	assert_int_equal(rss_anon_kb(child), rss_anon_kb(c.pid));
	gone = pidfd_of(child);
	assert_int_equal(hog_end(&c, SIGTERM), 0);
	wait_until_gone(gone);
}

static void a_vforked_child_has_its_own_adj(void **state)
{
	struct hog_child c;
	pid_t child, told;
	int gone;

	(void)state;
	if (!have_hog() || !have_children_file())
		skip();
	hog_start(&c, "shared-mm --vfork --child-adj 400 --size 8MiB --ready-fd 9", NULL);
	assert_int_equal(ready_after(&c, READY_CHILD, &told, 1).bytes, MiB(8));
	assert_int_equal(children_of(&c, &child, 1), 1);
	assert_int_equal(child, told);
	assert_int_equal(adj_of(child), 400);
	assert_int_equal(adj_of(c.pid), adj_of(getpid()));
	assert_in_range(rss_anon_kb(child), 8192, 8192 + 1536);
	gone = pidfd_of(child);
	assert_int_equal(hog_end(&c, SIGKILL), -SIGKILL);
	wait_until_gone(gone);
	hog_start(&c, "shared-mm --vfork --size 8MiB --ready-fd 9", NULL);
	assert_int_equal(ready_after(&c, READY_CHILD, &told, 1).what, READY_YES);
	kill(told, SIGTERM);
	assert_int_equal(hog_says(&c).what, READY_GONE);
	assert_int_equal(hog_wait(&c), 0);
}

/* Its parent's end leaves a child that stays; the test must end it then. */
static void a_child_may_stay(void **state)
{
	struct pollfd p = { .events = POLLIN };
	struct hog_child c;
	pid_t told;

	(void)state;
	if (!have_hog())
		skip();
	hog_start(&c, "shared-mm --child-stays --size 8MiB --ready-fd 9", NULL);
	assert_int_equal(ready_after(&c, READY_CHILD, &told, 1).bytes, MiB(8));
	p.fd = pidfd_of(told);
	kill(c.pid, SIGKILL);
	assert_int_equal(waitpid(c.pid, NULL, 0), c.pid);
	assert_int_equal(poll(&p, 1, 0), 0);
	kill(told, SIGKILL);
	wait_until_gone(p.fd);
	close(c.words);
	close(c.ready);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(children_share_out_the_size),
		cmocka_unit_test(a_child_that_ends_is_told),
		cmocka_unit_test(a_child_that_gets_nothing_is_a_failure),
		cmocka_unit_test(threads_stay),
		cmocka_unit_test(a_leader_exits_and_the_others_hold),
		cmocka_unit_test(two_processes_have_one_mm),
		cmocka_unit_test(a_vforked_child_has_its_own_adj),
		cmocka_unit_test(a_child_may_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
