// SPDX-License-Identifier: MIT
#include "harness/programs.h"
#include "harness/child.h"
#include "harness/initramfs.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#define ITEMS_MAX 256
#define PATH_LEN  512
#define LDD_MS	  20000
#define NAMES_LEN 256

struct pack {
	struct initramfs_item items[ITEMS_MAX];
	char paths[ITEMS_MAX][PATH_LEN], from[ITEMS_MAX][PATH_LEN];
	size_t nr;
};

bool program_name_ok(const char *name)
{
	for (const char *p = name; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr("._+-", *p))
			return false;
	return *name && *name != '.' && *name != '-';
}

static int add(struct pack *p, const char *path, mode_t mode, const char *from, struct fail *f)
{
	for (size_t i = 0; i < p->nr; i++)
		if (str_eq(p->paths[i], path))
			return 0;
	if (p->nr == ITEMS_MAX || !str_copy(p->paths[p->nr], PATH_LEN, path) ||
	    !str_copy(p->from[p->nr], PATH_LEN, from ?: ""))
		return fail_set(f, -E2BIG, "programs for a guest: %.200s is too much", path);
	p->items[p->nr] = (struct initramfs_item){ p->paths[p->nr], mode,
						   from ? p->from[p->nr] : NULL, 0, NULL };
	p->nr++;
	return 0;
}

/* A file at the path it has here, and the folders above it. */
static int add_library(struct pack *p, const char *path, struct fail *f)
{
	char dir[PATH_LEN];
	int err = 0;

	for (const char *end = strchr(path + 1, '/'); !err && end; end = strchr(end + 1, '/')) {
		snprintf(dir, sizeof(dir), "%.*s", (int)(end - path - 1), path + 1);
		err = add(p, dir, S_IFDIR | 0755, NULL, f);
	}
	return err ?: add(p, path + 1, S_IFREG | 0755, path, f);
}

/*
 * "	libnuma.so.1 => /lib/x86_64-linux-gnu/libnuma.so.1 (0x00007f0ceba33000)"
 * "	/lib64/ld-linux-x86-64.so.2 (0x00007f0ceba5b000)"
 */
static int add_libraries(struct pack *p, const char *program, struct fail *f)
{
	const char *const argv[] = { "ldd", program, NULL };
	char *text __free = NULL, *rest, *line;
	struct child_run r = { .argv = argv, .out = &text, .deadline_ms = LDD_MS };
	int status, err = child_run(&r, &status, f);

	if (err || status) /* of a static program it says so, and fails */
		return err;
	rest = text;
	while (!err && (line = strsep(&rest, "\n"))) {
		char *path = strchr(line, '/'), *end = path ? strstr(path, " (0x") : NULL;

		if (!end)
			continue;
		*end = '\0';
		err = add_library(p, path, f);
	}
	return err;
}

static int add_program(struct pack *p, const char *name, struct fail *f)
{
	char found[PATH_LEN], path[PATH_LEN];
	int err;

	if (child_which(name, found, sizeof(found)))
		return 0;
	snprintf(path, sizeof(path), PROGRAMS_DIR "/%s", name);
	err = add(p, path, S_IFREG | 0755, found, f);
	return err ?: add_libraries(p, found, f);
}

int programs_pack(const char *file, const char *names, struct fail *f)
{
	struct pack *p __free = calloc(1, sizeof(*p));
	char list[NAMES_LEN], *rest = list, *name;
	int err = p ? 0 : fail_errno(f, -ENOMEM, "programs for a guest");

	str_copy(list, sizeof(list), names);
	err = err ?: add(p, PROGRAMS_DIR, S_IFDIR | 0755, NULL, f);
	while (!err && (name = strsep(&rest, " ")))
		err = add_program(p, name, f);
	return err ?: initramfs_pack(file, p->items, p->nr, f);
}

void programs_read(int root, char *buf, size_t len)
{
	int fd = openat(root, PROGRAMS_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *d;
	size_t used = 0;

	buf[0] = '\0';
	while (dir && (d = readdir(dir)))
		if (program_name_ok(d->d_name) && used + strlen(d->d_name) + 2 < len)
			used += (size_t)snprintf(buf + used, len - used, "%s%s", used ? " " : "",
						 d->d_name);
	if (dir)
		closedir(dir);
	else if (fd >= 0)
		close(fd);
}
