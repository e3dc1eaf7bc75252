// SPDX-License-Identifier: MIT
/*
 * Swap in the guest: an NVMe disk (built into Debian's cloud kernels, modules elsewhere) or zram (a
 * module everywhere) that gets a swap header here, because mkswap is not in the initramfs. Or the same
 * disk, left as it is.
 */
#include "harness/child.h"
#include "harness/guest.h"
#include "lib/fs.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/swap.h>
#include <sys/syscall.h>

#define DISK	     "/dev/nvme0n1"
#define ZRAM	     "/dev/zram0"
#define DISK_WAIT_MS 20000
#define MODULES_MAX  32

/* include/linux/swap.h union swap_header, its "info" form at 1024 bytes into the first page. */
struct swap_info {
	uint32_t version, last_page, nr_badpages;
	uint8_t uuid[16], volume[16];
};

static int write_header(int fd, uint64_t bytes)
{
	size_t page = sysconf(_SC_PAGESIZE);
	char *buf __free = calloc(1, page);
	struct swap_info info = { .version = 1, .last_page = bytes / page - 1 };

	if (!buf)
		return -ENOMEM;
	memcpy(buf + 1024, &info, sizeof(info));
	memcpy(buf + page - 10, "SWAPSPACE2", 10);
	if (pwrite(fd, buf, page, 0) != (ssize_t)page || fsync(fd))
		return -errno;
	return 0;
}

static bool load_module(const char *name)
{
	char path[300];
	int fd __close = -1;

	snprintf(path, sizeof(path), "/modules/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd >= 0 && !syscall(SYS_finit_module, fd, "", 0);
}

/* Without modules.dep: go round until nothing more loads. Those that need others come later. */
static void load_modules(bool nvme)
{
	DIR *dir = opendir("/modules");
	char names[MODULES_MAX][64];
	size_t nr = 0, before;
	struct dirent *d;

	if (!dir)
		return;
	while ((d = readdir(dir)) && nr < MODULES_MAX)
		if (d->d_name[0] != '.' && str_starts(d->d_name, "nvme") == nvme &&
		    str_copy(names[nr], sizeof(names[nr]), d->d_name))
			nr++;
	closedir(dir);
	do {
		before = nr;
		for (size_t i = 0; i < nr;) {
			if (load_module(names[i]))
				memmove(names[i], names[--nr], sizeof(names[i]));
			else
				i++;
		}
	} while (nr && nr < before);
	for (size_t i = 0; i < nr; i++)
		fprintf(stderr, "oomlab: module %s does not load\n", names[i]);
}

/* Disks are probed in the background; the node's creation is what we wait for. */
static int wait_for_disk(void)
{
	int64_t until = now_ms() + DISK_WAIT_MS;
	int watch __close = inotify_init1(IN_CLOEXEC);
	char events[4096];

	if (watch < 0 || inotify_add_watch(watch, "/dev", IN_CREATE) < 0)
		return -errno;
	while (access(DISK, F_OK)) {
		struct pollfd p = { .fd = watch, .events = POLLIN };
		int n = poll(&p, 1, max(until - now_ms(), (int64_t)0));

		if (n == 0)
			return -ENODEV;
		if (n > 0 && read(watch, events, sizeof(events)) < 0)
			return -errno;
	}
	return 0;
}

static int swap_on(const char *device)
{
	int fd __close = open(device, O_RDWR | O_CLOEXEC);
	uint64_t bytes;
	int err;

	if (fd < 0 || ioctl(fd, BLKGETSIZE64, &bytes))
		return -errno;
	err = write_header(fd, bytes);
	if (err)
		return err;
	return swapon(device, 0) ? -errno : 0;
}

static int zram_on(uint64_t bytes)
{
	int err;

	load_modules(false);
	if (access(ZRAM, F_OK))
		return -ENODEV;
	err = fs_writef(AT_FDCWD, "sys/block/zram0/disksize", "%llu", (unsigned long long)bytes);
	return err ?: swap_on(ZRAM);
}

int guest_swap_on(void)
{
	uint64_t zram_bytes = guest_cmdline_u64("oomlab.zram=");
	bool swap = guest_cmdline_has("oomlab.swap=1");
	int err = zram_bytes ? zram_on(zram_bytes) : 0;

	if (err || !(swap || guest_cmdline_has("oomlab.disk=1")))
		return err;
	load_modules(true);
	err = wait_for_disk();
	return err || !swap ? err : swap_on(DISK);
}
