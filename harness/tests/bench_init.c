// SPDX-License-Identifier: MIT
/*
 * PID 1 of a guest that does nothing: says "up" on the console and powers off. With "floor" on the command
 * line it first does, some times, the least that a memcg OOM takes (fork, fill, be killed, wait) and says
 * how long that was: "floor_us 310000". 80 MiB of limit, 100 MiB of hog, as memcg-child-limit has them.
 */
#include "lib/base.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#define BOX    "/sys/fs/cgroup/box"
#define LIMIT  "83886080"
#define HOG    MiB(100)
#define ROUNDS 5

static void put(const char *file, const char *text)
{
	int fd __close = open(file, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		printf("%s: %s\n", file, strerror(errno));
}

static unsigned long long now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (unsigned long long)t.tv_sec * 1000000 + (unsigned long long)t.tv_nsec / 1000;
}

static void hog(void)
{
	char *p = mmap(NULL, HOG, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	put(BOX "/cgroup.procs", "0");
	for (size_t at = 0; p != MAP_FAILED && at < HOG; at += 4096)
		((volatile char *)p)[at] = 1;
	_exit(1); /* it should not have come to this */
}

static void floor_of_an_oom(void)
{
	unsigned long long from = now_us();
	pid_t pid = fork();
	int status = 0;

	if (pid == 0)
		hog();
	waitpid(pid, &status, 0);
	if (WIFSIGNALED(status))
		printf("floor_us %llu\n", now_us() - from);
	else
		printf("the hog was not killed\n");
}

int main(void)
{
	char line[2048] = "";
	int fd;

	mkdir("/proc", 0755);
	mount("proc", "/proc", "proc", 0, NULL);
	fd = open("/proc/cmdline", O_RDONLY);
	if (fd >= 0 && read(fd, line, sizeof(line) - 1) > 0 && strstr(line, " floor")) {
		mkdir("/sys", 0755);
		mount("sysfs", "/sys", "sysfs", 0, NULL);
		mount("cgroup2", "/sys/fs/cgroup", "cgroup2", 0, NULL);
		put("/sys/fs/cgroup/cgroup.subtree_control", "+memory");
		mkdir(BOX, 0755);
		put(BOX "/memory.max", LIMIT);
		for (int i = 0; i < ROUNDS; i++)
			floor_of_an_oom();
	}
	printf("\nup\n");
	fflush(stdout);
	reboot(RB_POWER_OFF);
	return 0;
}
