// SPDX-License-Identifier: MIT
/* Another program as a worker: what it inherits, what it is called, what is said of it. */
#include "workloads/tests/hog.h"

#include <glob.h>
#include <poll.h>

/* Links of that name in directories as exec.c makes them. */
static size_t links_left(const char *comm)
{
	static const char *const dirs[] = { "/dev/shm", "/tmp" };
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		char pattern[128];
		glob_t g;

		snprintf(pattern, sizeof(pattern), "%s/oomhog-*/%s", dirs[i], comm);
		if (glob(pattern, 0, NULL, &g) == 0) {
			n += g.gl_pathc;
			globfree(&g);
		}
	}
	return n;
}

/* Its adj and its name are ours, and "{}" is the size. '_' is a blank here, so no file has one. */
static void the_program_stands_in(void **state)
{
	struct ready_word w;
	struct hog_child c;

	(void)state;
	if (!have_hog())
		skip();
	hog_start(&c,
		  "exec --size 1MiB --name standin --oom-score-adj 300 --ready-fd 9 -- sh -c "
		  "read_x_</proc/$$/comm;_echo_$x_$0;_exit_7 size={}b",
		  NULL);
	w = hog_ready(&c);
	assert_int_equal(w.what, READY_YES);
	assert_int_equal(w.bytes, 0);
	assert_int_equal(hog_wait(&c), 7);
	assert_string_equal(c.text, "standin size=1048576b\n");
}

static void it_inherits_what_was_asked_for(void **state)
{
	struct hog_child c;
	char text[32];

	(void)state;
	if (!have_hog())
		skip();
	/* One of our own kind: its ready line proves that exec(2) is over. */
	hog_start(&c,
		  "exec --size 1MiB --oom-score-adj 300 --arg=/proc/self/exe --arg=anon "
		  "--arg=--size={} --arg=--ready-fd=9",
		  NULL);
	assert_int_equal(hog_ready(&c).bytes, MiB(1));
	hog_proc(&c, "oom_score_adj", text, sizeof(text));
	assert_int_equal(strtol(text, NULL, 10), 300);
	assert_int_equal(hog_end(&c, SIGTERM), 0);
}

static void what_cannot_be_started(void **state)
{
	static const struct {
		const char *args;
		int rc;
		const char *word;
	} rows[] = {
		{ "exec --size 1MiB", READY_EXIT_USAGE, "a command is missing" },
		{ "exec --size 1MiB --", READY_EXIT_USAGE, "a command is missing" },
		{ "exec --size 1MiB sleep 1", READY_EXIT_USAGE, "'sleep' is no option" },
		{ "anon --size 1MiB -- sleep 1", READY_EXIT_USAGE, "no option '--'" },
		{ "exec --size 1MiB -- no-such-program", READY_EXIT_REFUSED, "No such file" },
		{ "exec --size 1MiB --name x -- /etc/passwd", READY_EXIT_REFUSED,
		  "Permission denied" },
	};
	struct hog_child c;

	(void)state;
	if (!have_hog())
		skip();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(hog_run(&c, rows[i].args), rows[i].rc);
		if (!strstr(c.text, rows[i].word))
			fail_msg("%s: %s", rows[i].args, c.text);
	}
	hog_start(&c, "exec --size 1MiB --ready-fd 9 -- no-such-program", NULL);
	assert_int_equal(hog_ready(&c).what, READY_FILE);
	assert_int_equal(hog_wait(&c), READY_EXIT_REFUSED);
}

/* The program itself sees its link; the cleaner is nobody's child, so its end is looked for. */
static void no_link_is_left(void **state)
{
	struct hog_child c;
	char args[128], comm[16];

	(void)state;
	if (!have_hog())
		skip();
	snprintf(comm, sizeof(comm), "lnk%d", (int)getpid());
	snprintf(args, sizeof(args), "exec --size 1MiB --name %s -- cat /proc/self/comm", comm);
	assert_int_equal(hog_run(&c, args), 0);
	assert_int_equal(strncmp(c.text, comm, strlen(comm)), 0);
	for (int i = 0; i < 6000 && links_left(comm); i++)
		poll(NULL, 0, 10);
	assert_int_equal(links_left(comm), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_program_stands_in),
		cmocka_unit_test(it_inherits_what_was_asked_for),
		cmocka_unit_test(what_cannot_be_started),
		cmocka_unit_test(no_link_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
