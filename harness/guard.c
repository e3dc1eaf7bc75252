// SPDX-License-Identifier: MIT
#include "harness/guard.h"
#include "harness/arena.h"
#include "lib/fs.h"
#include "lib/memcg.h"
#include "lib/proc.h"
#include "lib/sysctl.h"

#include <fcntl.h>
#include <sys/file.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define UNDO_DEADLINE_MS 4000
#define DEBTS_MAX	 64

enum debt_kind { DEBT_SYSCTL, DEBT_CGROUP_V1, DEBT_CGROUP_V2, DEBT_CLEAN, DEBT_UNDO };

struct debt { /* one message; SOCK_SEQPACKET keeps them apart */
	enum debt_kind kind;
	unsigned int nr; /* DEBT_CLEAN: so many of the newest are paid */
	char name[104];
	char value[256];
};

static int tell(int fd, const struct debt *d)
{
	if (fd < 0)
		return 0;
	return send(fd, d, sizeof(*d), MSG_NOSIGNAL) == sizeof(*d) ? 0 : -errno;
}

int guard_tell_sysctl(int fd, const char *name, const char *old_value)
{
	struct debt d = { .kind = DEBT_SYSCTL };

	if (!str_copy(d.name, sizeof(d.name), name) ||
	    !str_copy(d.value, sizeof(d.value), old_value))
		return -ENAMETOOLONG;
	return tell(fd, &d);
}

int guard_tell_cgroup(int fd, enum cgroup_version version, const char *name)
{
	struct debt d = { .kind = version == CGROUP_V1 ? DEBT_CGROUP_V1 : DEBT_CGROUP_V2 };

	return str_copy(d.name, sizeof(d.name), name) ? tell(fd, &d) : -ENAMETOOLONG;
}

int guard_tell_clean(int fd, unsigned int nr)
{
	return nr ? tell(fd, &(struct debt){ .kind = DEBT_CLEAN, .nr = nr }) : 0;
}

int guard_undo_now(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int failed = 0, err = tell(fd, &(struct debt){ .kind = DEBT_UNDO });

	if (err || fd < 0)
		return err;
	while ((err = poll(&p, 1, 2 * UNDO_DEADLINE_MS)) < 0 && errno == EINTR)
		;
	if (err <= 0)
		return err < 0 ? -errno : -ETIMEDOUT;
	if (recv(fd, &failed, sizeof(failed), 0) != sizeof(failed))
		return -EPIPE;
	return failed ? -EIO : 0;
}

static int undo(int root, const struct cgroup_mounts *mounts, const struct debt *d)
{
	switch (d->kind) {
	case DEBT_SYSCTL:
		return sysctl_set(root, d->name, d->value);
	case DEBT_CGROUP_V1:
		return memcg_destroy(root, mounts, CGROUP_V1, d->name, UNDO_DEADLINE_MS);
	case DEBT_CGROUP_V2:
		return memcg_destroy(root, mounts, CGROUP_V2, d->name, UNDO_DEADLINE_MS);
	case DEBT_CLEAN:
	case DEBT_UNDO:
		break;
	}
	return 0;
}

/* The newest first: a sysctl told twice ends with its oldest value. Returns what could not be
 * undone. */
static int undo_all(const struct debt *debts, size_t n)
{
	int root __close = fs_root_open("/");
	struct cgroup_mounts mounts = { 0 };
	int failed = 0;

	if (root < 0 || cgroup_mounts_read(root, &mounts) < 0)
		return n > 0;
	while (n--) {
		int err = undo(root, &mounts, &debts[n]);

		if (!err)
			continue;
		failed++;
		fprintf(stderr, "oomlab: guardian could not undo %s %s: %s\n",
			debts[n].kind == DEBT_SYSCTL ? "sysctl" : "cgroup", debts[n].name,
			strerror(-err));
	}
	return failed;
}

static void guardian_main(int fd)
{
	static struct debt debts[DEBTS_MAX];
	struct debt d;
	size_t n = 0; /* also those beyond what the table holds */
	ssize_t got;
	int failed;

	setsid(); /* no Ctrl-C of the terminal is for us */
	prctl(PR_SET_NAME, "oomlab-guard");
	for (int sig = 1; sig < 32; sig++)
		if (sig != SIGCHLD)
			signal(sig, SIG_IGN);
	for (;;) {
		got = recv(fd, &d, sizeof(d), 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got != sizeof(d))
			break;
		d.name[sizeof(d.name) - 1] = d.value[sizeof(d.value) - 1] = '\0';
		if (d.kind == DEBT_CLEAN) {
			n -= min((size_t)d.nr, n);
		} else if (d.kind == DEBT_UNDO) {
			failed = undo_all(debts, min(n, (size_t)DEBTS_MAX));
			n = failed ? n : 0; /* what failed is tried once more at the end */
			(void)!send(fd, &failed, sizeof(failed), MSG_NOSIGNAL);
		} else if (n++ < DEBTS_MAX) {
			debts[n - 1] = d;
		} else {
			fprintf(stderr, "oomlab: guardian cannot remember %s\n", d.name);
		}
	}
	_exit(undo_all(debts, min(n, (size_t)DEBTS_MAX)) ? 1 : 0);
}

/*
 * One run at a time changes this host: of two, the second would take the first one's sysctl for the old
 * value and put that back. The guardian shares the lock, so that it outlives a driver that is killed.
 */
static int lock_host(int *fd, struct fail *f)
{
	*fd = open("/run/oomlab.lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (*fd < 0)
		return errno == EACCES || errno == ENOENT || errno == EROFS
			       ? 0 /* who may not write there may not change a sysctl */
			       : fail_errno(f, -errno, "/run/oomlab.lock");
	if (flock(*fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	fputs("oomlab: waiting for another run on this host\n", stderr);
	while (flock(*fd, LOCK_EX) < 0)
		if (errno != EINTR || arena_interrupted())
			return fail_errno(f, -errno, "wait for another run on this host");
	return 0;
}

int guard_start(struct guard *g, struct fail *f)
{
	int fds[2], lock __close = -1, err = lock_host(&lock, f);
	pid_t pid;

	if (err)
		return err;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return fail_errno(f, -errno, "guardian: socketpair");
	pid = fork();
	if (pid < 0)
		return fail_errno(f, -errno, "guardian: fork");
	if (pid == 0) {
		close(fds[0]);
		guardian_main(fds[1]);
	}
	close(fds[1]);
	*g = (struct guard){ .fd = fds[0], .pid = pid, .lock = take_fd(&lock) };
	return 0;
}

int guard_stop(struct guard *g)
{
	int status = 0, err = 0;

	if (g->fd < 0)
		return 0;
	close(g->fd);
	g->fd = -1;
	while (!err && waitpid(g->pid, &status, 0) < 0)
		err = errno == EINTR ? 0 : -errno;
	cleanup_close(&g->lock);
	g->lock = -1;
	if (err)
		return err;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EIO;
}
