// SPDX-License-Identifier: MIT
/*
 * The sysctls of a root that is a tarball. They are read twice: at first nothing but names, to learn which
 * files are wanted, and then those.
 */
#include "harness/root_tar.h"
#include "lib/sysctl_root.h"

#include <archive.h>

#define ALL_MAX MiB(256)

struct source {
	struct root_tar *tar;
	bool loaded;
};

static int id(void *ctx, const char *path, struct sysctl_id *ret)
{
	const struct source *s = ctx;
	int err;
	const struct tar_node *n = root_tar_find(s->tar, path, true, &err);

	if (!n)
		return err;
	*ret = (struct sysctl_id){ .ino = *n->path ? (uint64_t)(n - s->tar->nodes) + 1 : 0 };
	return 0;
}

static int each(void *ctx, const char *dir, int (*found)(void *to, const char *name), void *to)
{
	const struct source *s = ctx;
	int err;
	const struct tar_node *n = root_tar_find(s->tar, dir, true, &err);
	char *below __free = NULL;

	if (!n || n->kind != TAR_DIR)
		return n ? -ENOTDIR : err;
	if (asprintf(&below, "%s%s", n->path, *n->path ? "/" : "") < 0)
		return -ENOMEM;
	for (size_t i = root_tar_from(s->tar, below); !err && i < s->tar->nr; i++) {
		const char *name = s->tar->nodes[i].path;

		if (!str_starts(name, below))
			break;
		name += strlen(below);
		if (*name && !strchr(name, '/') && !s->tar->nodes[i].bad)
			err = found(to, name);
	}
	return err;
}

static int read_text(void *ctx, const char *path, char **text, size_t *len)
{
	const struct source *s = ctx;
	int err;
	struct tar_node *n = root_tar_find(s->tar, path, true, &err);

	if (!n)
		return err;
	if (n->kind != TAR_FILE)
		return n->kind == TAR_DIR ? -EISDIR : -EBADF;
	if (n->bytes > SYSCTL_FILE_MAX)
		return -EFBIG;
	n->wanted = true;
	*len = s->loaded && n->text ? n->bytes : 0;
	*text = malloc(*len + 1);
	if (!*text)
		return -ENOMEM;
	if (*len)
		memcpy(*text, n->text, *len);
	(*text)[*len] = '\0';
	return 0;
}

static int read_link(void *ctx, const char *path, char *buf, size_t len)
{
	const struct source *s = ctx;
	int err;
	const struct tar_node *n = root_tar_find(s->tar, path, false, &err);

	if (!n || n->kind != TAR_LINK)
		return n ? -EINVAL : err;
	str_copy(buf, len, n->link);
	return 0;
}

static int load(void *ctx, struct tar_node *n, struct archive *a, struct fail *f)
{
	const struct root_tar *t = ctx;
	uint64_t have = 0;
	la_ssize_t got = 0;

	n->text = malloc(n->bytes + 1);
	if (!n->text)
		return fail_errno(f, -ENOMEM, "%s", t->file);
	while (have < n->bytes && (got = archive_read_data(a, n->text + have, n->bytes - have)) > 0)
		have += (uint64_t)got;
	if (have < n->bytes)
		return fail_set(f, -EBADMSG, "%s: /%s: %s", t->file, n->path,
				archive_error_string(a) ?: "cut short");
	return 0;
}

static int load_wanted(struct root_tar *t, struct fail *f)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < t->nr; i++)
		bytes += t->nodes[i].wanted ? t->nodes[i].bytes : 0;
	if (bytes > ALL_MAX)
		return fail_set(f, -EFBIG, "%s: more than 256 MiB in its sysctl.d folders",
				t->file);
	return root_tar_walk(t, load, t, f);
}

static int read_settings(const struct sysctl_source *src, char **named, size_t nr_named,
			 struct sysctl_conf *c, struct fail *f)
{
	int err = sysctl_root_read(src, c, f);

	for (size_t i = 0; !err && i < nr_named; i++)
		err = sysctl_root_read_file(src, named[i], c, f);
	return err;
}

static int note(const struct root_tar *t, struct sysctl_conf *c)
{
	char text[400];
	ssize_t bad = 0, absolute = 0;

	snprintf(text, sizeof(text), "%zu name%s passed over%s: %s", t->nr_bad,
		 t->nr_bad == 1 ? " is" : "s are", t->nr_bad == 1 ? "" : ", the first",
		 t->first_bad);
	if (t->nr_bad)
		bad = sysctl_conf_add_file(c, t->file, text);
	snprintf(text, sizeof(text), "%zu absolute name%s taken as below the root", t->nr_absolute,
		 t->nr_absolute == 1 ? " is" : "s are");
	if (t->nr_absolute && bad >= 0)
		absolute = sysctl_conf_add_file(c, t->file, text);
	return bad < 0 || absolute < 0 ? -ENOMEM : 0;
}

int root_tar_settings(const char *file, char **named, size_t nr_named, struct sysctl_conf *c,
		      struct fail *f)
{
	struct root_tar t;
	struct source s = { .tar = &t };
	const struct sysctl_source src = { &s, id, each, read_text, read_link };
	struct sysctl_conf unread = { 0 };
	int err = root_tar_read(file, &t, f);

	err = err ?: read_settings(&src, named, nr_named, &unread, f);
	sysctl_conf_free(&unread);
	err = err ?: load_wanted(&t, f);
	s.loaded = true;
	err = err ?: read_settings(&src, named, nr_named, c, f);
	if (!err && note(&t, c) < 0)
		err = fail_errno(f, -ENOMEM, "%s", file);
	root_tar_free(&t);
	return err;
}
