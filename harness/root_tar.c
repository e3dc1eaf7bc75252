// SPDX-License-Identifier: MIT
/* The names of a tarball, made into a tree. See root_tar.h. */
#include "harness/root_tar.h"
#include "harness/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <ctype.h>
#include <limits.h>
#include <sys/stat.h>

#define NAMES_MAX  1000000
#define TEXT_MAX   MiB(256)
#define HARD_CHAIN 40

struct reading {
	struct root_tar *t;
	size_t room;
	uint64_t text_bytes;
	char last_implied[PATH_MAX];
};

bool root_is_tar(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static void pass_over(struct root_tar *t, const char *name, const char *why)
{
	int n;

	if (t->nr_bad++)
		return;
	n = snprintf(t->first_bad, sizeof(t->first_bad), "'%.200s' %s", name, why);
	for (int i = 0; i < n && t->first_bad[i]; i++)
		if (!isprint((unsigned char)t->first_bad[i]))
			t->first_bad[i] = '?';
}

/* "/./etc//x" to "etc/x" in buf of PATH_MAX bytes. Or why not. */
static const char *normalise(const char *name, char *buf)
{
	size_t at = 0;

	while (*name) {
		size_t n = strcspn(name, "/");

		if (n == 2 && str_starts(name, ".."))
			return "has a .. in it";
		if (n > NAME_MAX || at + n + 2 > PATH_MAX)
			return "is too long a name";
		if (n && !(n == 1 && *name == '.')) {
			if (at)
				buf[at++] = '/';
			memcpy(buf + at, name, n);
			at += n;
		}
		name += n + (name[n] == '/');
	}
	buf[at] = '\0';
	return NULL;
}

static int add(struct reading *r, struct tar_node n, const char *path, const char *link,
	       struct fail *f)
{
	struct root_tar *t = r->t;

	if (t->nr == r->room) {
		size_t room = r->room ? 2 * r->room : 1024;
		struct tar_node *bigger = reallocarray(t->nodes, room, sizeof(*bigger));

		if (!bigger)
			return fail_errno(f, -ENOMEM, "%s", t->file);
		t->nodes = bigger;
		r->room = room;
	}
	n.path = strdup(path);
	n.link = link ? strdup(link) : NULL;
	if (!n.path || (link && !n.link)) {
		free(n.path);
		return fail_errno(f, -ENOMEM, "%s", t->file);
	}
	r->text_bytes += strlen(path) + (link ? strlen(link) : 0);
	t->nodes[t->nr++] = n;
	if (t->nr > NAMES_MAX || r->text_bytes > TEXT_MAX)
		return fail_set(f, -EFBIG, "%s: more than a million names, or 256 MiB of them",
				t->file);
	return 0;
}

static enum tar_kind kind_of(struct archive_entry *e)
{
	switch (archive_entry_filetype(e)) {
	case AE_IFDIR:
		return TAR_DIR;
	case AE_IFREG:
		return TAR_FILE;
	case AE_IFLNK:
		return TAR_LINK;
	default:
		return TAR_OTHER;
	}
}

/* A name that is not ASCII has no form in this locale where the archive says that it is UTF-8. */
static const char *name_of(struct archive_entry *e)
{
	return archive_entry_pathname(e) ?: archive_entry_pathname_utf8(e) ?: "";
}

static int add_entry(struct reading *r, struct archive_entry *e, uint32_t nr, struct fail *f)
{
	const char *hard = archive_entry_hardlink(e) ?: archive_entry_hardlink_utf8(e);
	const char *soft = archive_entry_symlink(e) ?: archive_entry_symlink_utf8(e);
	struct tar_node n = { .nr = nr, .kind = kind_of(e), .mode = archive_entry_perm(e) };
	char path[PATH_MAX], target[PATH_MAX];
	const char *name = name_of(e), *why = normalise(name, path);

	if (!why && hard) {
		n.kind = TAR_FILE;
		why = normalise(hard, target);
	} else if (!why && n.kind == TAR_LINK &&
		   (!soft || !*soft || !str_copy(target, sizeof(target), soft))) {
		why = "is a link to nowhere";
	}
	if (why) {
		pass_over(r->t, name, why);
		return 0;
	}
	if (hard &&
	    str_eq(path, target)) /* GNU tar's way to say that it was told of a file twice */
		return 0;
	r->t->nr_absolute += *name == '/';
	if (n.kind == TAR_FILE && !hard)
		n.bytes = (uint64_t)max(archive_entry_size(e), (la_int64_t)0);
	return *path ? add(r, n, path, hard || n.kind == TAR_LINK ? target : NULL, f) : 0;
}

static int read_headers(struct reading *r, struct fail *f)
{
	struct root_tar *t = r->t;
	struct archive *a = NULL;
	struct archive_entry *e;
	int err = archive_open_tar(t->file, &a, f), got;

	for (uint32_t nr = 0; !err; nr++) {
		got = archive_next_header(a, &e, t->file, f);
		if (got <= 0) {
			err = got;
			break;
		}
		err = add_entry(r, e, nr, f);
	}
	archive_read_free(a);
	return err;
}

static int by_path(const void *a, const void *b)
{
	const struct tar_node *x = a, *y = b;
	int order = strcmp(x->path, y->path);

	return order ? order : (x->nr > y->nr) - (x->nr < y->nr);
}

/* Of one name the last in the archive is what is there. */
static void sort(struct root_tar *t)
{
	size_t kept = 0;

	if (t->nr)
		qsort(t->nodes, t->nr, sizeof(*t->nodes), by_path);
	for (size_t i = 0; i < t->nr; i++) {
		if (i + 1 < t->nr && str_eq(t->nodes[i].path, t->nodes[i + 1].path)) {
			free(t->nodes[i].path);
			free(t->nodes[i].link);
		} else {
			t->nodes[kept++] = t->nodes[i];
		}
	}
	t->nr = kept;
}

/* Folders without a header of their own. */
static int add_implied(struct reading *r, struct fail *f)
{
	size_t nr = r->t->nr;
	int err = 0;

	for (size_t i = 0; !err && i < nr; i++) {
		char path[PATH_MAX], *slash;

		str_copy(path, sizeof(path), r->t->nodes[i].path);
		while (!err && (slash = strrchr(path, '/'))) {
			const struct root_tar sorted = { .nodes = r->t->nodes, .nr = nr };

			*slash = '\0';
			if (root_tar_node(&sorted, path) || str_eq(path, r->last_implied))
				break;
			str_copy(r->last_implied, sizeof(r->last_implied), path);
			err = add(r,
				  (struct tar_node){
					  .kind = TAR_DIR, .mode = 0755, .nr = TAR_IMPLIED },
				  path, NULL, f);
		}
	}
	if (r->t->nr > nr)
		sort(r->t);
	return err;
}

/* What is below a link or a file is nowhere. Parents sort before what is in them. */
static void check_parents(struct root_tar *t)
{
	for (size_t i = 0; i < t->nr; i++) {
		struct tar_node *n = &t->nodes[i], *parent;
		char path[PATH_MAX], *slash;

		str_copy(path, sizeof(path), n->path);
		slash = strrchr(path, '/');
		if (!slash)
			continue;
		*slash = '\0';
		parent = root_tar_node(t, path);
		if (parent && parent->kind == TAR_DIR)
			continue;
		n->bad = true;
		pass_over(t, n->path,
			  parent && parent->kind == TAR_LINK ? "goes through a link"
							     : "is in no folder");
	}
}

/* A hard link names at last its file; one to a symbolic link is another such link. */
static int check_hard_link(struct root_tar *t, struct tar_node *n, struct fail *f)
{
	struct tar_node *to = n;
	char *link;

	for (int i = 0; to && to->kind == TAR_FILE && to->link && i < HARD_CHAIN; i++)
		to = root_tar_node(t, to->link);
	if (!to || to->kind == TAR_DIR || to->kind == TAR_OTHER ||
	    (to->kind == TAR_FILE && to->link)) {
		n->bad = true;
		pass_over(t, n->path, "is a hard link to no file in the archive");
		return 0;
	}
	link = strdup(to->kind == TAR_LINK ? to->link : to->path);
	if (!link)
		return fail_errno(f, -ENOMEM, "%s", t->file);
	free(n->link);
	n->link = link;
	n->kind = to->kind;
	to->nr_links++;
	return 0;
}

static int check_is_root(const struct root_tar *t, struct fail *f)
{
	const struct tar_node *etc = root_tar_node(t, "etc"), *usr = root_tar_node(t, "usr");

	if (etc || usr)
		return 0;
	if (root_tar_node(t, "manifest.json") || root_tar_node(t, "oci-layout"))
		return fail_set(f, -EINVAL,
				"%s: the archive of a container image, and not of a root: "
				"'docker export' of a container of it gives one",
				t->file);
	return fail_set(f, -EINVAL, "%s: neither etc nor usr at its top, so no root", t->file);
}

int root_tar_read(const char *file, struct root_tar *t, struct fail *f)
{
	struct reading *r __free = calloc(1, sizeof(*r));
	int err;

	*t = (struct root_tar){ .file = strdup(file) };
	if (!r || !t->file)
		return fail_errno(f, -ENOMEM, "%s", file);
	r->t = t;
	err = read_headers(r, f);
	if (err)
		return err;
	sort(t);
	err = add_implied(r, f);
	if (err)
		return err;
	check_parents(t);
	for (size_t i = 0; !err && i < t->nr; i++)
		if (!t->nodes[i].bad && t->nodes[i].kind == TAR_FILE && t->nodes[i].link)
			err = check_hard_link(t, &t->nodes[i], f);
	return err ?: check_is_root(t, f);
}

void root_tar_free(struct root_tar *t)
{
	for (size_t i = 0; i < t->nr; i++) {
		free(t->nodes[i].path);
		free(t->nodes[i].link);
		free(t->nodes[i].text);
	}
	free(t->nodes);
	free(t->file);
	*t = (struct root_tar){ 0 };
}
