// SPDX-License-Identifier: MIT
/*
 * Fetching one Debian kernel: find the package in a family of suites, download it and, where the
 * image is only a name for other packages (7.2's linux-binary-*, linux-base-*), those.
 */
#include "harness/archive.h"
#include "harness/folder.h"
#include "harness/image.h"
#include "harness/kernels_cache.h"
#include "harness/modules.h"

#include <sys/stat.h>

#define LISTS_MAX_AGE_S (24 * 3600)
#define PACKAGES_MAX	8

/* Newest first: the order in which they are asked for a series that no row of `homes` names. */
static const struct deb_family families[] = {
	{ "next", "sid forky experimental trixie-backports", "" },
	{ "trixie", "trixie trixie-updates trixie-backports", "trixie-security" },
	{ "bookworm", "bookworm bookworm-updates bookworm-backports", "bookworm-security" },
	{ "bullseye", "bullseye bullseye-updates bullseye-backports", "bullseye-security" },
};

/* Where a series lives for years; saves fetching the lists of the other families. */
static const struct {
	const char *series, *family;
} homes[] = {
	{ "5.10", "bullseye" }, { "6.1", "bookworm" }, { "6.12", "trixie" },
	{ "6.16", "trixie" },	{ "6.17", "trixie" },  { "6.18", "trixie" },
	{ "6.19", "trixie" },	{ "7.0", "trixie" },   { "7.1", "trixie" },
};

struct fetch {
	const char *cache;
	struct deb_wanted wanted;
	void (*progress)(const char *line);
	struct deb_state state;
	struct deb_package found;
	char part[480]; /* folder being filled */
};

static int look_in(struct fetch *x, const struct deb_family *fam, struct fail *f)
{
	bool updated = false;
	int err = deb_state_open(&x->state, x->cache, fam, f);

	if (err)
		return err;
	for (;;) {
		if (deb_state_age_s(&x->state) <= LISTS_MAX_AGE_S || updated) {
			err = deb_state_find(&x->state, &x->wanted, &x->found, f);
			if (err != -ENODATA || updated)
				return err;
		}
		kernels_say(x->progress, "fetching the package lists of %s", fam->suites);
		err = deb_state_update(&x->state, f);
		if (err)
			return err;
		updated = true;
	}
}

/* A family that cannot be asked does not hide another that has the kernel. */
static int find_package(struct fetch *x, struct fail *f)
{
	const char *home = NULL, *series = x->wanted.series ?: "";
	struct fail first = {};

	for (size_t i = 0; i < ARRAY_SIZE(homes); i++)
		if (deb_version_in(series, homes[i].series))
			home = homes[i].family;
	for (size_t i = 0; i < 2 * ARRAY_SIZE(families); i++) {
		const struct deb_family *fam = &families[i % ARRAY_SIZE(families)];
		bool home_pass = i < ARRAY_SIZE(families);
		int err;

		if (home_pass != (home && str_eq(home, fam->name)))
			continue;
		err = look_in(x, fam, f);
		if (!err)
			return 0;
		if (err != -ENODATA && !first.err)
			first = *f;
	}
	if (!first.err)
		return fail_set(
			f, -EINVAL,
			"no Debian suite at hand has a kernel %s: 'oomlab kernels list' shows "
			"those here; or name one by its path",
			series);
	*f = first;
	return f->err;
}

struct pieces {
	char vmlinuz[512], config[512];
	struct deb_package queue[PACKAGES_MAX];
	size_t nr, done;
};

static bool have(const char *path)
{
	return !access(path, R_OK);
}

static void enqueue(struct pieces *p, const struct deb_package *more)
{
	for (size_t i = 0; i < p->nr; i++)
		if (str_eq(p->queue[i].name, more->name))
			return;
	if (p->nr < PACKAGES_MAX)
		p->queue[p->nr++] = *more;
}

/* Takes what is of use from one package and queues those that have the rest. */
static int fetch_one(struct fetch *x, struct pieces *p, const struct deb_package *d, struct fail *f)
{
	struct deb_package more[PACKAGES_MAX];
	const char *prefixes;
	char deb[640];
	ssize_t n = 0;
	int err;

	kernels_say(x->progress, "downloading %s %s", d->name, d->version);
	err = deb_state_download(&x->state, d, x->part, deb, sizeof(deb), f);
	err = err ?: kernels_unpack(deb, x->part, f);
	if (err)
		return err;
	unlink(deb);
	prefixes = have(p->vmlinuz) ? "linux-base-"
				    : "linux-binary- linux-image- linux-modules- linux-base-";
	if (!have(p->vmlinuz) || !have(p->config))
		n = deb_state_depends(&x->state, d, prefixes, more, ARRAY_SIZE(more), f);
	for (ssize_t i = 0; i < n; i++)
		enqueue(p, &more[i]);
	return n < 0 ? n : 0;
}

static int fetch_pieces(struct fetch *x, struct kernel *k, struct fail *f)
{
	struct pieces p = { .nr = 1 };
	int err = 0;

	p.queue[0] = x->found;
	snprintf(p.vmlinuz, sizeof(p.vmlinuz), "%s/vmlinuz", x->part);
	snprintf(p.config, sizeof(p.config), "%s/config", x->part);
	/* Where modules are a package of their own, it is in the queue by now. */
	while (!err && p.done < p.nr &&
	       !(have(p.vmlinuz) && have(p.config) && modules_have(x->part, "zram")))
		err = fetch_one(x, &p, &p.queue[p.done++], f);
	if (err)
		return err;
	if (!have(p.vmlinuz))
		return fail_set(f, -EIO, "neither %s nor the packages it depends on hold a vmlinuz",
				x->found.name);
	return kernels_prepare(x->part, x->progress, k, f);
}

/* Renames the filled folder into place; an older one of the same version was not whole. */
static int install(struct fetch *x, const char *folder, const char *link, struct fail *f)
{
	char path[600];

	snprintf(path, sizeof(path), "%s/%s", x->cache, folder);
	folder_remove(path);
	if (rename(x->part, path))
		return fail_errno(f, -errno, "rename %s", x->part);
	return kernels_cache_link(x->cache, link, folder, f);
}

int kernels_fetch(const char *cache, const char *series, const char *flavour, const char *link,
		  void (*progress)(const char *line), struct fail *f)
{
	struct fetch x = { .cache = cache, .progress = progress, .wanted = { series, flavour } };
	char folder[200], path[600];
	struct kernel k = {};
	int err = find_package(&x, f);

	if (err)
		return err;
	snprintf(folder, sizeof(folder), "%s_%s", x.found.name, x.found.version);
	snprintf(path, sizeof(path), "%s/%s", cache, folder);
	if (!kernels_cache_load(path, &k, f) && !k.stale) /* under another name */
		return kernels_cache_link(cache, link, folder, f);
	snprintf(x.part, sizeof(x.part), "%s/.part", cache); /* ours: we hold the lock */
	folder_remove(x.part);
	err = folder_make(x.part, f);
	snprintf(k.package, sizeof(k.package), "%.80s %.40s", x.found.name, x.found.version);
	err = err ?: fetch_pieces(&x, &k, f);
	err = err ?: kernels_cache_describe(x.part, &k, f);
	err = err ?: install(&x, folder, link, f);
	if (err)
		folder_remove(x.part);
	deb_state_trim(&x.state);
	return err;
}
