// SPDX-License-Identifier: MIT
/* The tree of a tarball: finding in it, and going through its contents. See root_tar.h. */
#include "harness/archive.h"
#include "harness/root_tar.h"

#include <archive.h>
#include <archive_entry.h>
#include <limits.h>

#define LINKS_MAX 40 /* as the kernel's MAXSYMLINKS */

size_t root_tar_from(const struct root_tar *t, const char *path)
{
	size_t lo = 0, hi = t->nr;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (strcmp(t->nodes[mid].path, path) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

struct tar_node *root_tar_node(const struct root_tar *t, const char *path)
{
	size_t i = root_tar_from(t, path);

	return i < t->nr && str_eq(t->nodes[i].path, path) && !t->nodes[i].bad ? &t->nodes[i]
									       : NULL;
}

static struct tar_node top = { .path = (char *)"", .kind = TAR_DIR, .mode = 0755 };

struct walk {
	char at[PATH_MAX];	 /* the folder we stand in */
	char left[2 * PATH_MAX]; /* of the path, still to be walked */
	unsigned int links;
};

/* The link's target comes before what is left of the path. */
static int follow(struct walk *w, const char *target)
{
	char rest[PATH_MAX];

	if (++w->links > LINKS_MAX)
		return -ELOOP;
	if (!str_copy(rest, sizeof(rest), w->left))
		return -ENAMETOOLONG;
	snprintf(w->left, sizeof(w->left), "%s/%s", target, rest);
	if (*target == '/')
		w->at[0] = '\0';
	return 0;
}

static void walk_up(struct walk *w)
{
	char *slash = strrchr(w->at, '/');

	*(slash ? slash : w->at) = '\0';
}

/* One part of the path: *n is what has that name. */
static int step(const struct root_tar *t, struct walk *w, const char *name, bool last_too,
		struct tar_node **n)
{
	char path[PATH_MAX];
	bool last = !w->left[strspn(w->left, "/")];

	if ((*n)->kind != TAR_DIR)
		return -ENOTDIR;
	if (!*name || str_eq(name, "."))
		return 0;
	if (str_eq(name, "..")) {
		walk_up(w);
		*n = *w->at ? root_tar_node(t, w->at) : &top;
		return *n ? 0 : -ENOENT;
	}
	if ((size_t)snprintf(path, sizeof(path), "%s%s%s", w->at, *w->at ? "/" : "", name) >=
	    sizeof(path))
		return -ENAMETOOLONG;
	*n = root_tar_node(t, path);
	if (!*n)
		return -ENOENT;
	if ((*n)->kind == TAR_LINK && (!last || last_too)) {
		int err = follow(w, (*n)->link);

		*n = *w->at ? root_tar_node(t, w->at) : &top;
		return err;
	}
	str_copy(w->at, sizeof(w->at), path);
	return 0;
}

struct tar_node *root_tar_find(const struct root_tar *t, const char *path, bool follow_last,
			       int *err)
{
	struct walk *w __free = calloc(1, sizeof(*w));
	struct tar_node *n = &top;

	*err = !w ? -ENOMEM : str_copy(w->left, PATH_MAX, path) ? 0 : -ENAMETOOLONG;
	while (!*err && w->left[0]) {
		size_t len = strcspn(w->left, "/"), skip = len + (w->left[len] == '/');
		char part[PATH_MAX];

		if (len >= sizeof(part)) {
			*err = -ENAMETOOLONG;
			break;
		}
		memcpy(part, w->left, len);
		part[len] = '\0';
		memmove(w->left, w->left + skip, strlen(w->left + skip) + 1);
		*err = step(t, w, part, follow_last, &n);
	}
	if (!*err && n->kind == TAR_FILE && n->link)
		n = root_tar_node(t, n->link);
	if (!*err && !n)
		*err = -ENOENT;
	return *err ? NULL : n;
}

static int by_nr(const void *a, const void *b)
{
	const struct tar_node *x = *(struct tar_node *const *)a, *y = *(struct tar_node *const *)b;

	return (x->nr > y->nr) - (x->nr < y->nr);
}

/* In the archive's order. */
static struct tar_node **in_order(struct root_tar *t, size_t *nr)
{
	struct tar_node **list = calloc(t->nr + 1, sizeof(const void *));

	*nr = 0;
	for (size_t i = 0; list && i < t->nr; i++)
		if (t->nodes[i].wanted)
			list[(*nr)++] = &t->nodes[i];
	if (*nr)
		qsort(list, *nr, sizeof(*list), by_nr);
	return list;
}

int root_tar_walk(struct root_tar *t,
		  int (*each)(void *ctx, struct tar_node *n, struct archive *a, struct fail *f),
		  void *ctx, struct fail *f)
{
	struct tar_node **list __free = NULL;
	struct archive *a = NULL;
	struct archive_entry *e;
	size_t nr, next = 0;
	int err = archive_open_tar(t->file, &a, f);

	list = in_order(t, &nr);
	if (!err && !list)
		err = fail_errno(f, -ENOMEM, "%s", t->file);
	for (uint32_t i = 0; !err && next < nr; i++) {
		int got = archive_next_header(a, &e, t->file, f);

		if (got <= 0) /* it had more when its headers were read */
			err = got ?: fail_set(f, -EBADMSG, "%s: it was changed", t->file);
		else if (list[next]->nr == i)
			err = each(ctx, list[next++], a, f);
	}
	archive_read_free(a);
	return err;
}
