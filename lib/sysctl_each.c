// SPDX-License-Identifier: MIT
/* All of /proc/sys. */
#include "lib/fs.h"
#include "lib/sysctl.h"
#include "lib/sysctl_root.h"

#include <dirent.h>
#include <fcntl.h>

#define DEPTH_MAX 10

struct names {
	char **list;
	size_t nr;
};

static int keep(struct names *n, const char *dir, const char *name)
{
	char **bigger = reallocarray(n->list, n->nr + 1, sizeof(*bigger));

	if (!bigger)
		return -ENOMEM;
	n->list = bigger;
	if (asprintf(&n->list[n->nr], "%s%s%s", dir, *dir ? "." : "", name) < 0)
		return -ENOMEM;
	n->nr++;
	return 0;
}

/* Names with a dot of their own (net.ipv4.conf.eth0.5) are no memory's, and are left out. */
static int collect(struct names *n, int at, const char *dir, const char *prefix, int depth)
{
	int fd __close = openat(at, dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), err = 0;
	const struct dirent *e;
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (!d)
		return -errno;
	while (!err && (e = readdir(d))) {
		char *name __free = NULL;

		if (strchr(e->d_name, '.'))
			continue;
		if (e->d_type != DT_DIR) {
			err = keep(n, prefix, e->d_name);
			continue;
		}
		if (asprintf(&name, "%s%s%s", prefix, *prefix ? "." : "", e->d_name) < 0)
			err = -ENOMEM;
		else if (depth < DEPTH_MAX)
			err = collect(n, fd, e->d_name, name, depth + 1);
	}
	take_fd(&fd);
	closedir(d);
	return err;
}

int sysctl_each(int root, int (*each)(void *ctx, const char *name, const char *value), void *ctx)
{
	struct names n = { 0 };
	int err = collect(&n, root, "proc/sys", "", 0);

	if (n.nr)
		qsort(n.list, n.nr, sizeof(*n.list), str_order);
	for (size_t i = 0; i < n.nr; i++) {
		char value[4096];

		if (!err && sysctl_name_ok(n.list[i]))
			err = each(ctx, n.list[i],
				   sysctl_get(root, n.list[i], value, sizeof(value)) < 0 ? NULL
											 : value);
		free(n.list[i]);
	}
	free(n.list);
	return err;
}
