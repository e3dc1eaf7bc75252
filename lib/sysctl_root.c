// SPDX-License-Identifier: MIT
#include "lib/sysctl_root.h"

#include <limits.h>

#define FILES_MAX 4096

/* Of one name the folder that comes first hides the others. */
static const char *const dirs[] = { "/etc/sysctl.d", "/run/sysctl.d", "/usr/local/lib/sysctl.d",
				    "/usr/lib/sysctl.d", "/lib/sysctl.d" };

struct found { /* NAME.conf in one of the folders */
	char *name;
	size_t dir;
};

struct finding {
	const struct sysctl_source *src;
	struct sysctl_conf *conf;
	struct found *files;
	size_t nr, dir;
	struct sysctl_id seen[ARRAY_SIZE(dirs)]; /* those that were read: /lib may be /usr/lib */
	size_t nr_seen;
};

static bool is_same(const struct sysctl_id *a, const struct sysctl_id *b)
{
	return a->dev == b->dev && a->ino == b->ino;
}

/* Whatever it is: also a folder of that name hides others, and is then not read. */
static int keep_conf(void *to, const char *name)
{
	size_t n = strlen(name);
	struct finding *f = to;
	struct found *bigger;

	if (name[0] == '.' || n < 6 || n > NAME_MAX || !str_eq(name + n - 5, ".conf"))
		return 0;
	if (f->nr == FILES_MAX)
		return -E2BIG;
	bigger = reallocarray(f->files, f->nr + 1, sizeof(*bigger));
	if (!bigger)
		return -ENOMEM;
	f->files = bigger;
	f->files[f->nr] = (struct found){ strdup(name), f->dir };
	return f->files[f->nr].name ? (f->nr++, 0) : -ENOMEM;
}

/* Nothing to note and go on from: what is said then would be of a part only. */
static bool is_fatal(int err)
{
	return err == -ENOMEM || err == -E2BIG || err == -EOVERFLOW;
}

static const char *why_not(int err)
{
	return err == -EFBIG	? "is larger than 16 MiB, not read"
	       : err == -EBADF	? "is no regular file, not read"
	       : err == -EISDIR ? "is a folder, not read"
	       : err == -ENOENT ? "leads to no file of this root"
				: strerror(-err);
}

/* `routine`: nothing to worry about, sysctl.d(5) provides for it. */
static int note(struct sysctl_conf *c, const char *path, const char *text, bool routine)
{
	ssize_t i = sysctl_conf_add_file(c, path, text);

	if (i < 0)
		return (int)i;
	c->files[i].routine = routine;
	return 0;
}

/* As systemd does, a folder that cannot be read is passed over. */
static int find_in(struct finding *f, const char *dir)
{
	struct sysctl_id id;
	int err = f->src->id(f->src->ctx, dir, &id);

	for (size_t i = 0; !err && i < f->nr_seen; i++)
		if (is_same(&f->seen[i], &id))
			return 0;
	if (!err) {
		f->seen[f->nr_seen++] = id;
		err = f->src->each(f->src->ctx, dir, keep_conf, f);
	}
	if (err == -ENOENT)
		return 0;
	return err && !is_fatal(err) ? note(f->conf, dir, strerror(-err), false) : err;
}

static int by_name(const void *a, const void *b)
{
	const struct found *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : (x->dir > y->dir) - (x->dir < y->dir);
}

static int read_file(const struct sysctl_source *src, const char *path, struct sysctl_conf *c,
		     bool quotes)
{
	char *text __free = NULL;
	struct sysctl_id id;
	ssize_t file;
	size_t len;
	int err = src->id(src->ctx, path, &id);

	err = err ?: src->read(src->ctx, path, &text, &len);
	if (err)
		return err;
	file = sysctl_conf_add_file(c, path, NULL);
	if (file < 0)
		return (int)file;
	c->files[file].dev = id.dev;
	c->files[file].ino = id.ino;
	return sysctl_conf_read(c, (size_t)file, text, len, quotes);
}

/* Whether or not this root has a /dev/null. */
static bool is_mask(const struct sysctl_source *src, const char *path)
{
	char target[16];

	return src->link(src->ctx, path, target, sizeof(target)) == 0 &&
	       str_eq(target, "/dev/null");
}

static int read_found(struct finding *f, const struct found *at, const struct found *hidden_by)
{
	char path[300], text[320];
	int err;

	snprintf(path, sizeof(path), "%s/%s", dirs[at->dir], at->name);
	if (hidden_by) {
		snprintf(text, sizeof(text), "hidden by %s/%s", dirs[hidden_by->dir],
			 hidden_by->name);
		return note(f->conf, path, text, true);
	}
	if (is_mask(f->src, path))
		return note(f->conf, path, "is a link to /dev/null: none of this name is read",
			    true);
	err = read_file(f->src, path, f->conf, false);
	return err && !is_fatal(err) ? note(f->conf, path, why_not(err), false) : err;
}

/* procps reads it, systemd-sysctl only where a link in sysctl.d leads there, as Debian's 99-sysctl.conf. */
static int note_sysctl_conf(const struct sysctl_source *src, struct sysctl_conf *c)
{
	static const char path[] = "/etc/sysctl.conf";
	struct sysctl_conf its = { 0 };
	struct sysctl_id id;
	char text[120];
	int err = src->id(src->ctx, path, &id);

	for (size_t i = 0; !err && i < c->nr_files; i++)
		if (c->files[i].read && c->files[i].dev == id.dev && c->files[i].ino == id.ino)
			return 0;
	err = err ?: read_file(src, path, &its, false);
	snprintf(text, sizeof(text),
		 "is not read: no link in sysctl.d leads there; it has %zu setting%s",
		 its.nr_assigns, its.nr_assigns == 1 ? "" : "s");
	if (!err && its.nr_assigns)
		err = note(c, path, text, false);
	sysctl_conf_free(&its);
	return is_fatal(err) ? err : 0;
}

/*
 * systemd-sysctl.service: LoadCredential=sysctl.extra, which is looked for in these (since 252); now
 * ImportCredential=, which takes encrypted ones as well (since 254).
 */
static int read_credential(const struct sysctl_source *src, struct sysctl_conf *c)
{
	static const char *const stores[] = { "/etc/credstore", "/run/credstore",
					      "/usr/local/lib/credstore", "/usr/lib/credstore" };
	struct sysctl_id id;
	char path[64];
	int err = -ENOENT;

	for (size_t i = 0; i < ARRAY_SIZE(stores); i++) {
		snprintf(path, sizeof(path), "%s.encrypted/sysctl.extra", stores[i]);
		if (src->id(src->ctx, path, &id) == 0 &&
		    note(c, path, "is encrypted, not read", false) < 0)
			return -ENOMEM;
	}
	for (size_t i = 0; err == -ENOENT && i < ARRAY_SIZE(stores); i++) {
		snprintf(path, sizeof(path), "%s/sysctl.extra", stores[i]);
		err = read_file(src, path, c, false);
	}
	if (!err || err == -ENOENT || is_fatal(err))
		return err == -ENOENT ? 0 : err;
	return note(c, path, why_not(err), false);
}

static int find_dropin(void *to, const char *name)
{
	size_t n = strlen(name);

	*(bool *)to |= n > 5 && str_eq(name + n - 5, ".conf");
	return 0;
}

/* Is the service that reads all this masked, or told to do something else (SUSE reads a file of /boot too)? */
static int note_service(const struct sysctl_source *src, struct sysctl_conf *c)
{
	static const char *const units[] = { "/etc", "/run", "/usr/local/lib", "/usr/lib", "/lib" };
	struct sysctl_id id = { 0 }, before = { 0 };
	int err = 0;

	for (size_t i = 0; !err && i < ARRAY_SIZE(units); i++) {
		bool dropin = false;
		char path[80];

		if (i && src->id(src->ctx, units[i], &id) == 0 && is_same(&id, &before))
			continue; /* /lib is /usr/lib */
		before = id;
		snprintf(path, sizeof(path), "%s/systemd/system/systemd-sysctl.service", units[i]);
		if (is_mask(src, path))
			err = note(c, path,
				   "is a link to /dev/null: no file here is applied at boot",
				   false);
		str_copy(path + strlen(path), sizeof(path) - strlen(path), ".d");
		src->each(src->ctx, path, find_dropin, &dropin);
		if (!err && dropin)
			err = note(c, path, "may have systemd-sysctl do more: not read", false);
	}
	return err;
}

int sysctl_root_read(const struct sysctl_source *src, struct sysctl_conf *c, struct fail *f)
{
	struct finding found = { .src = src, .conf = c };
	size_t first = 0;
	int err = 0;

	for (size_t i = 0; !err && i < ARRAY_SIZE(dirs); i++) {
		found.dir = i;
		err = find_in(&found, dirs[i]);
	}
	if (found.nr)
		qsort(found.files, found.nr, sizeof(*found.files), by_name);
	for (size_t i = 0; !err && i < found.nr; i++) {
		if (!str_eq(found.files[i].name, found.files[first].name))
			first = i;
		err = read_found(&found, &found.files[i], first == i ? NULL : &found.files[first]);
	}
	err = err ?: read_credential(src, c);
	err = err ?: note_sysctl_conf(src, c);
	err = err ?: note_service(src, c);
	for (size_t i = 0; i < found.nr; i++)
		free(found.files[i].name);
	free(found.files);
	if (err == -E2BIG)
		return fail_set(f, err, "more than %d files in the sysctl.d folders", FILES_MAX);
	if (err == -EOVERFLOW)
		return fail_set(f, err, "more than %d settings in the sysctl.d folders",
				SYSCTL_ASSIGNS_MAX);
	return err ? fail_errno(f, err, "the sysctl.d folders") : 0;
}

int sysctl_root_read_file(const struct sysctl_source *src, const char *path, struct sysctl_conf *c,
			  struct fail *f)
{
	int err = read_file(src, path, c, true);

	return err == -EFBIG || err == -EBADF ? fail_set(f, err, "%s %s", path, why_not(err))
	       : err			      ? fail_errno(f, err, "%s", path)
					      : 0;
}
