// SPDX-License-Identifier: MIT
/*
 * One shard's cases into the merged run. Its results.json may come from anywhere: folders are opened below
 * the shard's own, no link is followed, and where things go is decided here.
 */
#include "harness/folder.h"
#include "harness/merge.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

/* Each name in a folder, but for those with a dot in front; takes `fd` over. 0, -errno, or what `one` returned. */
static int each_name(int fd, int (*one)(void *ctx, int fd, const char *name), void *ctx)
{
	DIR *dir = fdopendir(fd);
	struct dirent *d;
	int err = 0;

	if (!dir) {
		err = -errno;
		close(fd);
		return err;
	}
	do {
		errno = 0;
		d = readdir(dir);
		if (!d)
			err = -errno;
		else if (d->d_name[0] != '.')
			err = one(ctx, fd, d->d_name);
	} while (d && !err);
	closedir(dir);
	return err;
}

static int copy_file(int from_dir, int to_dir, const char *name)
{
	int from __close = openat(from_dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	int to __close = -1;
	struct stat st;
	ssize_t n;

	if (from < 0 || fstat(from, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return 0; /* nothing of ours */
	to = openat(to_dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (to < 0)
		return -errno;
	while ((n = sendfile(to, from, NULL, MiB(64))) > 0)
		;
	return n < 0 ? -errno : 0;
}

static int copy_to(void *ctx, int fd, const char *name)
{
	return copy_file(fd, *(const int *)ctx, name);
}

/* The files of one folder; takes `from` over. */
static int copy_files(int from, const char *to, struct fail *f)
{
	int to_dir __close = open(to, O_DIRECTORY | O_CLOEXEC);
	int err;

	if (to_dir < 0) {
		err = -errno;
		close(from);
	} else {
		err = each_name(from, copy_to, &to_dir);
	}
	return err ? fail_errno(f, err, "copy to %s", to) : 0;
}

static int open_folder(int fd, const char *name)
{
	int folder = openat(fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

	return folder < 0 ? -errno : folder;
}

static const char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

/* A new folder in the run for what the case left, and its name in the case's JSON. */
static int copy_evidence(const struct part *p, json_t *o, struct results *to, struct fail *f)
{
	const char *dir = text_of(o, "dir"), *name = strrchr(dir, '/');
	enum cgroup_version v = str_eq(text_of(o, "cgroup"), "v1") ? CGROUP_V1 : CGROUP_V2;
	char made[RESULTS_PATH_LEN];
	int from, err;

	if (!*dir)
		return 0;
	from = folder_open_below(p->path, dir);
	if (from < 0)
		return fail_errno(f, from, "%s/%s", p->path, dir);
	err = results_sub_dir(to, text_of(o, "kernel"), v, name ? name + 1 : dir, made,
			      sizeof(made), f);
	if (err) {
		close(from);
		return err;
	}
	json_object_set_new(o, "dir", json_string(made + strlen(results_dir(to)) + 1));
	return copy_files(from, made, f);
}

struct boots { /* of one kernel and cgroup version */
	const struct results *to;
	const char *kernel;
	enum cgroup_version cgroup;
};

static int copy_boot(void *ctx, int fd, const char *name)
{
	const struct boots *b = ctx;
	char made[RESULTS_PATH_LEN];
	struct fail f;
	int from, err;

	if (!str_starts(name, "boot-"))
		return 0;
	from = open_folder(fd, name);
	if (from < 0)
		return from;
	err = results_sub_dir(b->to, b->kernel, b->cgroup, name, made, sizeof(made), &f);
	if (!err)
		return copy_files(from, made, &f);
	close(from);
	return err;
}

/* A kernel's config and name, once, for shards have them alike; and what its guests said while they booted. */
static int copy_kernel(void *ctx, int fd, const char *name)
{
	static const char *const names[] = { "kernel.json", "config" };
	struct boots b = { .to = ctx, .kernel = name };
	int from __close = open_folder(fd, name), to __close = -1;
	char made[RESULTS_PATH_LEN + 256];
	int err = 0;

	if (from < 0 || faccessat(from, "kernel.json", F_OK, 0))
		return 0;
	snprintf(made, sizeof(made), "%s/%s", results_dir(b.to), name);
	if (mkdir(made, 0777) && errno != EEXIST)
		return -errno;
	to = open(made, O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (to < 0)
		return -errno;
	for (size_t i = 0; !err && i < ARRAY_SIZE(names); i++) {
		err = copy_file(from, to, names[i]);
		err = err == -EEXIST || err == -ENOENT ? 0 : err;
	}
	for (b.cgroup = CGROUP_V1; !err && b.cgroup <= CGROUP_V2; b.cgroup++) {
		int version = open_folder(from, cgroup_version_name(b.cgroup));

		err = version < 0 ? 0 : each_name(version, copy_boot, &b);
	}
	return err;
}

static int verdict_of(const json_t *o, enum verdict *ret)
{
	for (int v = VERDICT_PASS; v <= VERDICT_BROKEN; v++) {
		if (!str_eq(text_of(o, "verdict"), verdict_name(v)))
			continue;
		*ret = v;
		return 0;
	}
	return -EBADMSG;
}

static int merge_case(const struct part *p, json_t *o, struct results *to, struct fail *f)
{
	struct case_result c = { .name = text_of(o, "case"), .kernel = text_of(o, "kernel") };
	char *json __free = NULL;
	int err = verdict_of(o, &c.verdict);

	if (err || !*c.name || !*c.kernel)
		return fail_set(f, -EBADMSG, "a case without name, kernel or verdict");
	c.cgroup = str_eq(text_of(o, "cgroup"), "v1") ? CGROUP_V1 : CGROUP_V2;
	err = copy_evidence(p, o, to, f);
	if (err)
		return err;
	json = json_dumps(o, JSON_COMPACT);
	return json && results_add_json(to, json, &c) == 0 ? 0
							   : fail_errno(f, -ENOMEM, "%s", p->path);
}

int part_merge(const struct part *p, struct results *to, struct fail *f)
{
	json_t *cases = json_object_get(p->doc, "cases"), *o;
	struct fail why = { 0 };
	int err, folder;
	size_t i;

	json_array_foreach (cases, i, o) {
		err = merge_case(p, o, to, &why);
		if (err)
			return fail_set(f, err, "%s: case %zu: %.400s", p->path, i + 1, why.where);
	}
	folder = open(p->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	err = folder < 0 ? -errno : each_name(folder, copy_kernel, to);
	return err ? fail_errno(f, err, "copy the kernels of %s", p->path) : 0;
}
