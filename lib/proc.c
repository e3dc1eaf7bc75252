// SPDX-License-Identifier: MIT
#include "lib/proc.h"
#include "lib/fs.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

uint64_t proc_now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int proc_pidfd_open(pid_t pid)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	return fd < 0 ? -errno : fd;
}

int proc_pidfd_signal(int pidfd, int signal)
{
	return syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0) < 0 ? -errno : 0;
}

int proc_pidfd_wait_gone(int pidfd, uint64_t deadline_us)
{
	struct pollfd p = { .fd = pidfd, .events = POLLIN };

	for (;;) {
		uint64_t now = proc_now_us();
		int n = poll(&p, 1, now < deadline_us ? (int)((deadline_us - now) / 1000 + 1) : 0);

		if (n > 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return -errno;
		if (proc_now_us() >= deadline_us)
			return -ETIMEDOUT;
	}
}

int proc_reap(pid_t pid, int *code, int *signal)
{
	int status;
	pid_t got = waitpid(pid, &status, WNOHANG);

	if (got < 0)
		return -errno;
	if (got == 0)
		return -EAGAIN;
	*code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	*signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	return 0;
}

static const char *proc_name(char *buf, size_t len, pid_t pid, const char *file)
{
	if (pid)
		snprintf(buf, len, "proc/%d/%s", pid, file);
	else
		snprintf(buf, len, "proc/self/%s", file);
	return buf;
}

int proc_oom_score_adj_get(pid_t pid, int *ret)
{
	int root __close = fs_root_open("/");
	char name[64], text[32];
	ssize_t n = root;

	if (root >= 0)
		n = fs_read_line(root, proc_name(name, sizeof(name), pid, "oom_score_adj"), text,
				 sizeof(text));
	if (n < 0)
		return (int)n;
	*ret = (int)strtol(text, NULL, 10);
	return 0;
}

int proc_oom_score_adj_set(pid_t pid, int adj)
{
	int root __close = fs_root_open("/");
	char name[64];
	int seen, err;

	if (root < 0)
		return root;
	err = fs_writef(root, proc_name(name, sizeof(name), pid, "oom_score_adj"), "%d", adj);
	if (!err)
		err = proc_oom_score_adj_get(pid, &seen);
	return err ? err : seen == adj ? 0 : -EIO;
}

int proc_memory_parse(const char *status, struct proc_memory *ret)
{
	int err = text_key_u64(status, "VmRSS", &ret->rss_kb);

	if (!err)
		err = text_key_u64(status, "VmPTE", &ret->pgtables_kb);
	if (!err && text_key_u64(status, "VmSwap", &ret->swap_kb) < 0)
		ret->swap_kb = 0; /* a kernel without swap has no such line */
	return err;
}

int proc_memory_read(pid_t pid, struct proc_memory *ret)
{
	int root __close = fs_root_open("/");
	char name[64], text[8192];
	ssize_t n = root;

	if (root >= 0)
		n = fs_read(root, proc_name(name, sizeof(name), pid, "status"), text, sizeof(text));
	return n < 0 ? (int)n : proc_memory_parse(text, ret);
}
