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

/* The files of one folder; takes `from` over. */
static int copy_files(int from, const char *to, struct fail *f)
{
	int to_dir __close = open(to, O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fdopendir(from);
	struct dirent *d;
	int err = to_dir < 0 || !dir ? -errno : 0;

	while (!err && (d = readdir(dir)))
		if (d->d_name[0] != '.')
			err = copy_file(from, to_dir, d->d_name);
	if (dir)
		closedir(dir);
	else
		close(from);
	return err ? fail_errno(f, err, "copy to %s", to) : 0;
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

/* A kernel's config and name, once: shards have them alike. */
static int copy_kernel(const struct part *p, const json_t *o, const struct results *to,
		       struct fail *f)
{
	static const char *const names[] = { "kernel.json", "config" };
	char kernel[RESULTS_PATH_LEN], made[2 * RESULTS_PATH_LEN];
	int from __close = -1, to_dir __close = -1;

	str_copy(kernel, sizeof(kernel), text_of(o, "dir"));
	kernel[strcspn(kernel, "/")] = '\0';
	if (!*kernel)
		return 0;
	from = folder_open_below(p->path, kernel);
	snprintf(made, sizeof(made), "%s/%s", results_dir(to), kernel);
	to_dir = open(made, O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; from >= 0 && to_dir >= 0 && i < ARRAY_SIZE(names); i++) {
		int err = copy_file(from, to_dir, names[i]);

		if (err && err != -EEXIST && err != -ENOENT)
			return fail_errno(f, err, "copy %s to %s", names[i], made);
	}
	return 0;
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
	if (!err)
		err = copy_kernel(p, o, to, f);
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
	size_t i;

	json_array_foreach (cases, i, o) {
		int err = merge_case(p, o, to, &why);

		if (err)
			return fail_set(f, err, "%s: case %zu: %.400s", p->path, i + 1, why.where);
	}
	return 0;
}
