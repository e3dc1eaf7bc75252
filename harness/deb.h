/* SPDX-License-Identifier: MIT */
/*
 * Debian packages without touching this machine's package state: apt-get and apt-cache with a state
 * directory of our own, whose sources are this machine's Debian sources with other suites in them.
 */
#ifndef OOM_HARNESS_DEB_H
#define OOM_HARNESS_DEB_H

#include "lib/base.h"
#include "lib/fail.h"

/* Suites fetched together. One private apt state each, so that one kernel costs one release's
 * lists. */
struct deb_family {
	const char *name;
	const char *suites;	     /* of the archive, blank-separated */
	const char *security_suites; /* of the security archive, "" for none */
};

/* One place of this machine's apt sources that serves Debian. Values as in a .sources file. */
struct deb_source {
	char *uris;
	char *options; /* whole lines, "Signed-By: ...\nTrusted: yes\n"; may be "" */
	bool archive, security;
};

#define DEB_SOURCES_MAX 16

struct deb_sources {
	struct deb_source source[DEB_SOURCES_MAX];
	size_t nr;
};

/* Pure: the text of a .sources file (deb822), and of a .list file. 0, -ENOMEM, -E2BIG. */
int deb_sources_parse_deb822(const char *text, struct deb_sources *ret);
int deb_sources_parse_list(const char *text, struct deb_sources *ret);
/* Reads sources.list and sources.list.d below `etc_apt`. -ENOENT with f if none serves Debian. */
int deb_sources_read(const char *etc_apt, struct deb_sources *ret, struct fail *f);
/* The same places with the suites of a family, as the text of a .sources file; malloc'd or NULL. */
char *deb_sources_text(const struct deb_sources *s, const struct deb_family *fam);
void deb_sources_free(struct deb_sources *s);

struct deb_package {
	char name[96], version[64];
};

struct deb_wanted {
	const char *series;  /* "6.1", "6.1.192", NULL: the newest that is no release candidate */
	const char *flavour; /* "cloud-amd64", "amd64" */
};

/* Debian's order of versions: <0, 0, >0. */
int deb_version_cmp(const char *a, const char *b);
/* Does a version ("6.1.192-2", "7.3~rc7-1~exp1") belong to a series ("6.1")? */
bool deb_version_in(const char *version, const char *series);
/* "linux-image-6.1.0-56-cloud-amd64" is of flavour "cloud-amd64", not of "amd64"; debug, unsigned:
 * none. */
bool deb_image_is(const char *name, const char *flavour);
/* Pure: the newest wanted package in the output of `apt-cache madison`. 0 or -ENOENT. */
int deb_choose(const char *madison, const struct deb_wanted *w, struct deb_package *ret);
/*
 * Pure: packages a `Depends:` line of `apt-cache show` names with "(= version)" and one of the
 * blank-separated prefixes; returns how many were written to `ret`.
 */
size_t deb_depends(const char *show, const char *prefixes, struct deb_package *ret, size_t max);

struct deb_state {
	char dir[400];
	char conf[440], log[440];
};

/* Makes or reuses the private state of a family under `cache`. */
int deb_state_open(struct deb_state *s, const char *cache, const struct deb_family *fam,
		   struct fail *f);
/* Seconds since its lists were fetched; INT64_MAX: never. */
int64_t deb_state_age_s(const struct deb_state *s);
int deb_state_update(const struct deb_state *s, struct fail *f);
/* 0, -ENODATA: this family has no such kernel, or -errno with f. */
int deb_state_find(const struct deb_state *s, const struct deb_wanted *w, struct deb_package *ret,
		   struct fail *f);
/* Up to `max` dependencies, as deb_depends(); -errno with f. */
ssize_t deb_state_depends(const struct deb_state *s, const struct deb_package *p,
			  const char *prefixes, struct deb_package *ret, size_t max,
			  struct fail *f);
/* Downloads one .deb (its sum checked by apt) into `dir`; its path in *path. */
int deb_state_download(const struct deb_state *s, const struct deb_package *p, const char *dir,
		       char *path, size_t len, struct fail *f);
/* Removes what apt can make again from the lists (100 MB). */
void deb_state_trim(const struct deb_state *s);

#endif
