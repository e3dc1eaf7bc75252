// SPDX-License-Identifier: MIT
/* See guest.h. What fails here is a fact of this kernel, which the hello line then tells. */
#include "harness/guest.h"
#include "lib/fs.h"
#include "lib/proc.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <termios.h>

struct mount_row {
	const char *only; /* word of the command line it depends on; NULL: always */
	const char *type, *at, *options;
	bool may_fail; /* 6.12 has no v1 memory controller: EINVAL */
};

static const struct mount_row mounts[] = {
	{ NULL, "proc", "/proc", NULL, false },
	{ NULL, "sysfs", "/sys", NULL, false },
	{ NULL, "devtmpfs", "/dev", NULL, false },
	{ NULL, "tmpfs", "/run", "mode=0755", false },
	{ NULL, "tmpfs", "/tmp", "mode=1777", false },
	{ "oomlab.cgroup=v2", "cgroup2", "/sys/fs/cgroup", NULL, true },
	{ "oomlab.cgroup=v1", "tmpfs", "/sys/fs/cgroup", "mode=0755", false },
	{ "oomlab.cgroup=v1", "cgroup", "/sys/fs/cgroup/memory", "memory", true },
	{ "oomlab.cgroup=v1", "cgroup", "/sys/fs/cgroup/cpuset", "cpuset", true },
	{ "oomlab.hybrid=1", "cgroup2", "/sys/fs/cgroup/unified", NULL, false },
};

/* Calls found() for each word of the command line, until it says true. */
static bool each_word(bool (*found)(const char *word, const char *option, uint64_t *ret),
		      const char *option, uint64_t *ret)
{
	char line[2048], *word, *rest = line;
	ssize_t n = fs_read_line(AT_FDCWD, "proc/cmdline", line, sizeof(line));

	while (n > 0 && (word = strsep(&rest, " ")))
		if (found(word, option, ret))
			return true;
	return false;
}

static bool is_word(const char *word, const char *option, uint64_t *ret)
{
	(void)ret;
	return str_eq(word, option);
}

static bool has_number(const char *word, const char *option, uint64_t *ret)
{
	if (!str_starts(word, option))
		return false;
	*ret = strtoull(word + strlen(option), NULL, 10);
	return true;
}

bool guest_cmdline_has(const char *option)
{
	return each_word(is_word, option, NULL);
}

uint64_t guest_cmdline_u64(const char *option)
{
	uint64_t n = 0;

	each_word(has_number, option, &n);
	return n;
}

void guest_make_cgroup(void)
{
	fs_write(AT_FDCWD, "sys/fs/cgroup/cgroup.subtree_control", "+memory");
	if (fs_exists(AT_FDCWD, "sys/fs/cgroup/memory"))
		mkdir("/sys/fs/cgroup/memory/facts", 0755);
	else if (fs_exists(AT_FDCWD, "sys/fs/cgroup/cgroup.procs"))
		mkdir("/sys/fs/cgroup/facts", 0755);
}

void guest_mount(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(mounts); i++) {
		const struct mount_row *m = &mounts[i];

		if (m->only && !guest_cmdline_has(m->only))
			continue;
		mkdir(m->at, 0755);
		if (!mount(m->type, m->at, m->type, 0, m->options))
			continue;
		if (m->may_fail)
			rmdir(m->at); /* no hierarchy: no folder that looks like one */
		else
			fprintf(stderr, "oomlab: mount %s: %s\n", m->at, strerror(errno));
	}
}

void guest_protect(void)
{
	int err = proc_oom_score_adj_set(0, -1000);

	if (err)
		fprintf(stderr, "oomlab: oom_score_adj: %s\n", strerror(-err));
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		fprintf(stderr, "oomlab: mlockall: %s\n", strerror(errno));
	/* The command line asked for it, but Debian's sysctls are not applied here to undo it. */
	fs_write(AT_FDCWD, "proc/sys/kernel/printk_devkmsg", "on");
}

int guest_open_serial(const char *device)
{
	int fd __close = open(device, O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct termios t;

	if (fd < 0 || tcgetattr(fd, &t))
		return -errno;
	cfmakeraw(&t);
	t.c_cflag |= CLOCAL | CREAD;
	cfsetspeed(&t, B115200);
	if (tcsetattr(fd, TCSANOW, &t))
		return -errno;
	return take_fd(&fd);
}
