// SPDX-License-Identifier: MIT
#include "lib/proc_list.h"
#include "lib/fs.h"

#include <dirent.h>
#include <fcntl.h>

#define PROC_PID_INIT_INO 4026531836u /* include/linux/proc_ns.h */

bool proc_is_first_namespace(int root)
{
	char text[64] = "";
	unsigned int ino;

	if (readlinkat(root, "proc/self/ns/pid", text, sizeof(text) - 1) < 0)
		return true; /* a kernel without them, or it is not for us to know */
	return sscanf(text, "pid:[%u]", &ino) != 1 || ino == PROC_PID_INIT_INO;
}

/* "State:\tZ (zombie)", "Uid:\t1000\t0\t0\t0": real, effective, ... */
static void read_status(const char *status, struct proc_info *p)
{
	const char *state = strstr(status, "\nState:\t"), *uid = strstr(status, "\nUid:\t");
	unsigned int effective;

	p->root = uid && sscanf(uid, "\nUid:\t%*u\t%u", &effective) == 1 && effective == 0;
	if (proc_memory_parse(status, &p->memory) == 0)
		return;
	/* Without an mm: it has exited, or is the kernel's own. */
	p->memory = (struct proc_memory){ 0 };
	p->kind = state && (state[8] == 'Z' || state[8] == 'X') ? PROC_ZOMBIE : PROC_KERNEL_THREAD;
}

int proc_info_read(int root, pid_t pid, struct proc_info *ret)
{
	struct proc_info p = { .pid = pid };
	char name[64], text[8192], *end;
	ssize_t n;

	snprintf(name, sizeof(name), "proc/%d/oom_score_adj", (int)pid);
	n = fs_read_line(root, name, text, sizeof(text));
	if (n < 0)
		return (int)n;
	p.oom_score_adj = (int)strtol(text, &end, 10);
	if (end == text || *end)
		return -EBADMSG;
	snprintf(name, sizeof(name), "proc/%d/comm", (int)pid);
	n = fs_read_line(root, name, text, sizeof(text));
	if (n < 0)
		return (int)n;
	str_copy(p.comm, sizeof(p.comm), text);
	snprintf(name, sizeof(name), "proc/%d/status", (int)pid);
	n = fs_read(root, name, text, sizeof(text));
	if (n < 0)
		return (int)n;
	read_status(text, &p);
	if (pid == 1 && p.kind == PROC_USER && proc_is_first_namespace(root))
		p.kind = PROC_INIT;
	*ret = p;
	return 0;
}

int proc_list_of(int root, const pid_t *pids, size_t nr_pids, struct proc_info **ret, size_t *nr)
{
	struct proc_info *list = calloc(nr_pids + 1, sizeof(*list));
	size_t n = 0;

	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < nr_pids; i++) {
		int err = proc_info_read(root, pids[i], &list[n]);

		if (!err) {
			n++;
		} else if (err != -ENOENT && err != -ESRCH) {
			free(list);
			return err;
		}
	}
	*ret = list;
	*nr = n;
	return 0;
}

static int by_pid(const void *a, const void *b)
{
	pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;

	return (x > y) - (x < y);
}

int proc_list_all(int root, struct proc_info **ret, size_t *nr)
{
	int fd = openat(root, "proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	pid_t *pids __free = NULL;
	struct dirent *d;
	size_t n = 0;

	if (!dir)
		return -errno;
	while ((d = readdir(dir))) {
		pid_t *more, pid = (pid_t)strtol(d->d_name, NULL, 10);

		if (pid <= 0 || strspn(d->d_name, "0123456789") != strlen(d->d_name))
			continue;
		more = reallocarray(pids, n + 1, sizeof(*pids));
		if (!more) {
			closedir(dir);
			return -ENOMEM;
		}
		pids = more;
		pids[n++] = pid;
	}
	closedir(dir);
	if (n)
		qsort(pids, n, sizeof(*pids), by_pid);
	return proc_list_of(root, pids, n, ret, nr);
}
