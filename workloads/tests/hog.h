/* SPDX-License-Identifier: MIT */
/*
 * Starting the real oomhog from a test, with all its mouths in pipes. Functions stand in the header
 * because a test program is one object file.
 */
#ifndef OOM_WORKLOADS_TESTS_HOG_H
#define OOM_WORKLOADS_TESTS_HOG_H

#include <fcntl.h>
#include <linux/capability.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "lib/base.h"
#include "lib/fs.h"
#include "lib/ready.h"

#define READY_FD 9 /* what "--ready-fd 9" in a test's arguments means */

struct hog_child {
	pid_t pid;
	int words; /* its stdout and stderr */
	int ready; /* its --ready-fd */
	char text[4096];
};

struct hog_how { /* set in the child before exec; all zero: nothing */
	rlim_t address_space, memlock, stack;
	bool no_caps; /* neither CAP_IPC_LOCK nor CAP_SYS_RESOURCE */
	bool has_adj;
	int adj; /* the oom_score_adj that it inherits */
};

/* The program lies beside this test in the build directory; a sanitizer build has none. */
static bool hog_program(char *buf, size_t len)
{
	char self[512];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *cut;

	assert_true(n > 0);
	self[n] = '\0';
	cut = strstr(self, "/workloads/tests/");
	assert_non_null(cut);
	*cut = '\0';
	if ((size_t)snprintf(buf, len, "%s/oomhog", self) < len && access(buf, X_OK) == 0)
		return true;
	print_message("skip: no oomhog in %s (a sanitizer build has no static programs)\n", self);
	return false;
}

static bool have_hog(void)
{
	char path[1024];

	return hog_program(path, sizeof(path));
}

/* Splits at blanks; '_' stands for a blank inside a word. */
static void hog_split(char *text, char **argv, size_t max)
{
	char *save = NULL;
	size_t n = 1;

	for (char *w = strtok_r(text, " ", &save); w && n + 1 < max;
	     w = strtok_r(NULL, " ", &save)) {
		for (char *p = strchr(w, '_'); p; p = strchr(p, '_'))
			*p = ' ';
		argv[n++] = w;
	}
	argv[n] = NULL;
}

static void hog_child_prepare(const struct hog_how *how)
{
	const struct rlimit as = { how->address_space, how->address_space };
	const struct rlimit stack = { how->stack, how->stack };
	const struct rlimit lock = { how->memlock, how->memlock };

	prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails leaves no hog behind */
	if (how->has_adj) {
		int root = fs_root_open("");

		if (fs_writef(root, "proc/self/oom_score_adj", "%d", how->adj) < 0)
			_exit(99);
		close(root);
	}
	if (how->no_caps) { /* not root: EPERM, and there is nothing to drop */
		prctl(PR_CAPBSET_DROP, CAP_IPC_LOCK);
		prctl(PR_CAPBSET_DROP, CAP_SYS_RESOURCE);
	}
	if (how->address_space)
		setrlimit(RLIMIT_AS, &as);
	if (how->stack)
		setrlimit(RLIMIT_STACK, &stack);
	if (how->memlock)
		setrlimit(RLIMIT_MEMLOCK, &lock);
}

static void hog_start(struct hog_child *c, const char *args, const struct hog_how *how)
{
	static const struct hog_how nothing;
	char program[1024], text[1024], *argv[40] = { "oomhog" };
	int words[2], ready[2];

	assert_true(hog_program(program, sizeof(program)));
	assert_true(str_copy(text, sizeof(text), args));
	hog_split(text, argv, ARRAY_SIZE(argv));
	assert_int_equal(pipe2(words, O_CLOEXEC), 0);
	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	*c = (struct hog_child){ .pid = fork(), .words = words[0], .ready = ready[0] };
	assert_true(c->pid >= 0);
	if (!c->pid) {
		hog_child_prepare(how ? how : &nothing);
		dup2(words[1], 1);
		dup2(words[1], 2);
		if (strstr(args, "--ready-fd"))
			dup2(ready[1], READY_FD);
		execv(program, argv);
		_exit(98);
	}
	close(words[1]);
	close(ready[1]);
}

static ssize_t read_all(int fd, char *buf, size_t len)
{
	size_t have = 0;
	ssize_t n;

	while (have + 1 < len && (n = read(fd, buf + have, len - 1 - have)) > 0)
		have += (size_t)n;
	buf[have] = '\0';
	return (ssize_t)have;
}

/* The next word of its --ready-fd, behind figures. */
static struct ready_word hog_says(const struct hog_child *c)
{
	char line[READY_LINE_MAX], name[READY_FIGURE_LEN];
	struct ready_word w = { 0 };
	uint64_t value;

	do {
		size_t n = 0;

		while (n + 1 < sizeof(line) && read(c->ready, line + n, 1) == 1 &&
		       line[n++] != '\n')
			;
		line[n] = '\0';
	} while (ready_parse_figure(line, name, &value) == 0);
	if (ready_parse(line, &w) < 0)
		fail_msg("'%s' is no line of the ready protocol", line);
	return w;
}

/* Its one line; that the pipe then ends proves that there is no second one. */
static struct ready_word hog_ready(struct hog_child *c)
{
	struct ready_word w = hog_says(c);
	char rest;

	assert_int_equal(read(c->ready, &rest, 1), 0);
	return w;
}

/* Its exit status, or minus the signal; its words are in c->text. */
static int hog_wait(struct hog_child *c)
{
	int status;

	read_all(c->words, c->text, sizeof(c->text));
	assert_int_equal(waitpid(c->pid, &status, 0), c->pid);
	close(c->words);
	close(c->ready);
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static int hog_end(struct hog_child *c, int signal)
{
	kill(c->pid, signal);
	return hog_wait(c);
}

static inline int hog_run(struct hog_child *c, const char *args)
{
	hog_start(c, args, NULL);
	return hog_wait(c);
}

/* A file of its /proc directory, NUL-terminated in buf. */
static inline void hog_proc(const struct hog_child *c, const char *file, char *buf, size_t len)
{
	int root __close = fs_root_open("/proc");
	char name[128];

	snprintf(name, sizeof(name), "%d/%s", (int)c->pid, file);
	assert_true(fs_read(root, name, buf, len) >= 0);
}

/* A number of its status ("RssAnon": kB). */
static inline uint64_t hog_status(const struct hog_child *c, const char *key)
{
	char text[8192];
	uint64_t v = 0;

	hog_proc(c, "status", text, sizeof(text));
	assert_int_equal(text_key_u64(text, key, &v), 0);
	return v;
}

#endif
