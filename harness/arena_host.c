// SPDX-License-Identifier: MIT
/*
 * This host as an arena. Each play runs in a child: a player that crashes or hangs costs one
 * verdict, and what it changed the guardian knows.
 */
#include "harness/arena.h"
#include "harness/guard.h"
#include "harness/player.h"
#include "harness/stage.h"
#include "lib/fs.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define STOP_LEAST_MS 15000u /* for a player that was asked to stop */

struct arena_host {
	struct arena arena;
	int root, guardian;
	bool over;     /* a dead player's changes could not be undone: nothing is played on them */
	int oomhog_fd; /* kept: a program that is built anew meanwhile is not ours */
	char oomhog[40]; /* /proc/self/fd/N of it */
};

static int host_facts(struct arena *a, struct machine *ret, struct fail *f)
{
	struct arena_host *h = (struct arena_host *)a;
	int err = machine_read(h->root, ret);

	return err ? fail_errno(f, err, "measure this host") : 0;
}

static int write_line(void *ctx, const char *json, size_t len)
{
	int fd = *(int *)ctx;

	while (len) {
		ssize_t n = write(fd, json, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		json += n;
		len -= (size_t)n;
	}
	return write(fd, "\n", 1) == 1 ? 0 : -errno;
}

static void on_term(int sig)
{
	(void)sig;
	watch_stop();
}

static void player_process(struct arena_host *h, const char *plan_json, size_t len, int out,
			   pid_t parent)
{
	struct player p = { .root = h->root,
			    .guardian = h->guardian,
			    .oomhog = h->oomhog,
			    .sink = { write_line, &out } };
	struct plan *plan;
	struct fail f = { 0 };
	json_t *json;
	int err;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	signal(SIGINT, SIG_IGN); /* Ctrl-C is the driver's: it asks us to stop in order */
	signal(SIGTERM, on_term);
	mlockall(MCL_CURRENT | MCL_FUTURE); /* best effort: we are not in the memcg that runs out */
	json = json_loadb(plan_json, len, 0, NULL);
	err = plan_parse(json, &plan, &f);
	if (err)
		fprintf(stderr, "oomlab: player: %s\n", f.where);
	else
		err = player_run(&p, plan);
	_exit(err ? 1 : 0);
}

/* Copies what the player says until it closes the pipe. 0, or -ETIMEDOUT. */
static int copy_evidence(int in, pid_t pid, unsigned int deadline_ms, FILE *evidence)
{
	uint64_t deadline_us = proc_now_us() + (uint64_t)deadline_ms * 1000;
	bool asked = false;
	char buf[16384];

	for (;;) {
		struct pollfd p = { .fd = in, .events = POLLIN };
		uint64_t now = proc_now_us();
		int n = poll(&p, 1, now < deadline_us ? (int)((deadline_us - now) / 1000) + 1 : 0);

		if (arena_interrupted() && !asked) {
			asked = true;
			kill(pid, SIGTERM);
			deadline_us = proc_now_us() +
				      max(deadline_ms / 2, STOP_LEAST_MS) * UINT64_C(1000);
			continue;
		}
		if (n == 0)
			return -ETIMEDOUT;
		if (n > 0) {
			ssize_t got = read(in, buf, sizeof(buf));

			if (got <= 0)
				return 0;
			fwrite(buf, 1, (size_t)got, evidence);
			fflush(evidence); /* what is known stays known, should we be killed */
		}
	}
}

/* A player that did not come to its end restored nothing: the next case must not meet that. */
static void note_end(struct arena_host *h, bool late, int status, FILE *evidence)
{
	const char *what = late			 ? "the player did not end before its deadline"
			   : WIFSIGNALED(status) ? "the player was killed"
						 : "the player could not do, or not tell, it all";

	if (!late && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return;
	arena_note(evidence, "broken", "what", what);
	if (guard_undo_now(h->guardian) < 0)
		h->over = true;
}

static int host_play(struct arena *a, const struct arena_play *p, struct fail *f)
{
	struct arena_host *h = (struct arena_host *)a;
	pid_t parent = getpid(), pid;
	int fds[2], status = 0, err;

	fflush(NULL);
	if (pipe2(fds, O_CLOEXEC) < 0)
		return fail_errno(f, -errno, "player: pipe");
	pid = fork();
	if (pid < 0) {
		close(fds[0]);
		close(fds[1]);
		return fail_errno(f, -errno, "player: fork");
	}
	if (pid == 0) {
		close(fds[0]);
		player_process(h, p->plan_json, p->len, fds[1], parent);
	}
	close(fds[1]);
	err = copy_evidence(fds[0], pid, p->deadline_ms, p->evidence);
	close(fds[0]);
	if (err)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	note_end(h, err != 0, status, p->evidence);
	return 0;
}

static bool host_usable(struct arena *a)
{
	return !((struct arena_host *)a)->over;
}

static void host_close(struct arena *a)
{
	struct arena_host *h = (struct arena_host *)a;

	close(h->root);
	close(h->oomhog_fd);
	free(h);
}

int arena_host_open(int guardian, const char *oomhog, struct arena **ret, struct fail *f)
{
	int root __close = fs_root_open("/");
	int fd __close = open(oomhog, O_PATH | O_CLOEXEC);
	struct arena_host *h;

	if (root < 0)
		return fail_errno(f, root, "open /");
	if (fd < 0)
		return fail_errno(f, -errno, "open %s", oomhog);
	h = calloc(1, sizeof(*h));
	if (!h)
		return fail_errno(f, -ENOMEM, "open this host");
	h->arena = (struct arena){ host_facts, host_play, host_usable, host_close };
	h->guardian = guardian;
	h->root = take_fd(&root);
	h->oomhog_fd = take_fd(&fd);
	snprintf(h->oomhog, sizeof(h->oomhog), "/proc/self/fd/%d", h->oomhog_fd);
	*ret = &h->arena;
	return 0;
}
