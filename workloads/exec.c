// SPDX-License-Identifier: MIT
/*
 * Any program in the place of a worker: adj, cgroup, policy and parent as asked for, then exec(2).
 * "ready" is said just before, of no bytes: what the program takes, and when, is its own affair.
 * The kernel's name for it is the last part of the path it is started by, so --name is a link.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include "workloads/options.h"
#include "workloads/say.h"

#define ARGS_MAX 64

static const char *args[ARGS_MAX + 1];
static size_t nr_args;

static int add_arg(const struct option_row *row, const char *text, struct fail *f)
{
	if (nr_args == ARGS_MAX)
		return fail_set(f, -EINVAL, "--%s: more than %d words", row->name, ARGS_MAX);
	args[nr_args++] = text;
	return 0;
}

static const struct option_row options[] = {
	{ "arg", "WORD", "a word of the command, as behind '--'; '{}' in it is the size in bytes",
	  add_arg, NULL, NULL, 0, 0 },
	{ NULL, NULL, NULL, NULL, NULL, NULL, 0, 0 },
};

/* "--vm-bytes={}" becomes "--vm-bytes=83886080". */
static char *fill_in(const char *word, uint64_t bytes)
{
	const char *hole = strstr(word, "{}");
	char *text = NULL;

	if (!hole)
		return strdup(word);
	if (asprintf(&text, "%.*s%llu%s", (int)(hole - word), word, (unsigned long long)bytes,
		     hole + 2) < 0)
		return NULL;
	return text;
}

/* As execvp(3) finds it, but before "ready" is said. */
static int find_program(const char *name, char *ret, size_t len)
{
	const char *dirs = getenv("PATH") ?: "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";

	if (strchr(name, '/'))
		return !str_copy(ret, len, name) ? -ENAMETOOLONG
		       : access(ret, X_OK) < 0	 ? -errno
						 : 0;
	for (const char *end; *dirs; dirs = *end ? end + 1 : end) {
		end = dirs + strcspn(dirs, ":");
		if ((size_t)snprintf(ret, len, "%.*s/%s", (int)(end - dirs), dirs, name) < len &&
		    access(ret, X_OK) == 0)
			return 0;
	}
	return -ENOENT;
}

/* Takes the link away when exec(2) has closed the pipe's other end; nobody's child by then. */
__attribute__((noreturn)) static void cleaner(int fd, const char *link, const char *dir)
{
	char c;

	for (int other = 0; other < 256; other++)
		if (other != fd)
			close(other);
	while (read(fd, &c, 1) < 0 && errno == EINTR)
		;
	unlink(link);
	rmdir(dir);
	_exit(0);
}

static int start_cleaner(const char *link, const char *dir)
{
	int fds[2], err = pipe2(fds, O_CLOEXEC) < 0 ? -errno : 0;
	pid_t pid = err ? -1 : fork();

	if (pid < 0)
		return err ? err : -errno;
	if (!pid) {
		close(fds[1]);
		if (fork() == 0)
			cleaner(fds[0], link, dir);
		_exit(0);
	}
	close(fds[0]);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return 0;
}

/* In a directory of its own a link can have any name. */
static int name_link(const char *program, const char *comm, char *ret, size_t len)
{
	char shm[] = "/dev/shm/oomhog-XXXXXX", tmp[] = "/tmp/oomhog-XXXXXX", real[4096];
	char *dir = mkdtemp(shm) ?: mkdtemp(tmp);
	int err = 0;

	if (!dir || !realpath(program, real))
		return -errno;
	snprintf(ret, len, "%s/%s", dir, comm);
	if (symlink(real, ret) < 0 || (err = start_cleaner(ret, dir)) < 0) {
		err = err ? err : -errno;
		unlink(ret);
		rmdir(dir);
	}
	return err;
}

static enum ready_what refuse(struct hog *h, int err)
{
	fail_errno(&h->fail, err, "%.200s", args[0]);
	return READY_FILE;
}

static enum ready_what exec_run(struct hog *h)
{
	char program[4096], *argv[ARGS_MAX + 1] = { NULL };
	int err;

	for (char **word = h->opt.command; word && *word; word++)
		if (add_arg(options, *word, &h->fail) < 0)
			return READY_USAGE;
	if (!nr_args) {
		fail_set(&h->fail, -EINVAL, "a command is missing: ... -- COMMAND ARG...");
		return READY_USAGE;
	}
	for (size_t i = 0; i < nr_args; i++)
		if (!(argv[i] = fill_in(args[i], h->bytes)))
			return refuse(h, -ENOMEM);
	err = find_program(argv[0], program, sizeof(program));
	if (!err && h->opt.comm)
		err = name_link(program, h->opt.comm, program, sizeof(program));
	if (err)
		return refuse(h, err);
	h->start_ns = h->end_ns = now_ns();
	/* stdout is the program's, unless a word of ours was asked for. */
	if ((h->opt.json || h->opt.ready_fd != UINT64_MAX) &&
	    say_result(h, READY_YES) != READY_EXIT_DONE)
		_exit(READY_EXIT_REFUSED);
	signal(SIGPIPE, SIG_DFL);
	execv(program, argv);
	h->opt.ready_fd = UINT64_MAX; /* that line has been said */
	return refuse(h, -errno);
}

const struct workload workload_exec = {
	.name = "exec",
	.in_children = true,
	.help = "any program: oomhog exec --size SIZE [options] -- COMMAND ARG...",
	.takes_command = true,
	.options = options,
	.run = exec_run,
};
