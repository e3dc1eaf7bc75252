// SPDX-License-Identifier: MIT
/* Choosing among packages, from the words of apt-cache. Pure functions over text. */
#include "harness/deb.h"

#include <ctype.h>

/* Order of one character: '~' before the end, the end before letters, letters before the rest. */
static int order(int c)
{
	if (c == '~')
		return -1;
	if (!c || isdigit(c))
		return 0;
	return isalpha(c) ? c : c + 256;
}

int deb_version_cmp(const char *a, const char *b)
{
	while (*a || *b) {
		unsigned long x, y;

		while ((*a && !isdigit(*a)) || (*b && !isdigit(*b))) {
			int d = order(*a) - order(*b);

			if (d)
				return d;
			a++;
			b++;
		}
		x = strtoul(a, (char **)&a, 10);
		y = strtoul(b, (char **)&b, 10);
		if (x != y)
			return x < y ? -1 : 1;
	}
	return 0;
}

bool deb_version_in(const char *version, const char *series)
{
	size_t n = strlen(series);

	return !strncmp(version, series, n) && !isdigit(version[n]) && !isalpha(version[n]);
}

static bool ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), k = strlen(end);

	return n >= k && str_eq(s + n - k, end);
}

bool deb_image_is(const char *name, const char *flavour)
{
	static const char prefix[] = "linux-image-";
	char suffix[40];
	const char *rest;

	if (!str_starts(name, prefix) || !isdigit(name[sizeof(prefix) - 1]))
		return false;
	snprintf(suffix, sizeof(suffix), "-%s", flavour);
	if (!ends_with(name, suffix))
		return false;
	/* What stands before the flavour is a version: no letters after a '-', as in "-cloud",
	 * "-rt". */
	rest = name + strlen(name) - strlen(suffix);
	while (*--rest != '-')
		;
	return isdigit(rest[1]);
}

/* Only characters Debian allows: such a name may become an argument and part of a path. */
static bool take_token(const char *from, size_t len, const char *more, char *to, size_t room)
{
	while (len && isspace(from[0])) {
		from++;
		len--;
	}
	while (len && isspace(from[len - 1]))
		len--;
	if (!len || len >= room || !isalnum(from[0]))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!isalnum(from[i]) && !strchr(more, from[i]))
			return false;
	memcpy(to, from, len);
	to[len] = '\0';
	return true;
}

static bool take_package(const char *name, size_t name_len, const char *version, size_t version_len,
			 struct deb_package *ret)
{
	return take_token(name, name_len, "+-.", ret->name, sizeof(ret->name)) &&
	       take_token(version, version_len, "+-.~:", ret->version, sizeof(ret->version));
}

static bool is_wanted(const struct deb_package *p, const struct deb_wanted *w)
{
	if (!deb_image_is(p->name, w->flavour))
		return false;
	return w->series ? deb_version_in(p->version, w->series) : !strstr(p->version, "~rc");
}

/* linux-image-6.1.0-56-cloud-amd64 |  6.1.192-2 | http://... bookworm-security/main amd64 Packages
 */
int deb_choose(const char *madison, const struct deb_wanted *w, struct deb_package *ret)
{
	bool found = false;

	while (*madison) {
		size_t line = strcspn(madison, "\n"), name = strcspn(madison, "|\n");
		const char *version = madison + name + (madison[name] == '|');
		struct deb_package p;

		if (madison[name] == '|' &&
		    take_package(madison, name, version, strcspn(version, "|\n"), &p) &&
		    is_wanted(&p, w) && (!found || deb_version_cmp(p.version, ret->version) > 0)) {
			*ret = p;
			found = true;
		}
		madison += line + (madison[line] == '\n');
	}
	return found ? 0 : -ENOENT;
}

static bool has_prefix(const char *name, const char *prefixes)
{
	while (*prefixes) {
		size_t n = strcspn(prefixes, " ");

		if (n && !strncmp(name, prefixes, n))
			return true;
		prefixes += n + (prefixes[n] == ' ');
	}
	return false;
}

/* Depends: kmod, linux-base-7.2.13+deb14-cloud-amd64 (= 7.2.13-1), dracut | initramfs-tools (>=
 * 0.120) */
size_t deb_depends(const char *show, const char *prefixes, struct deb_package *ret, size_t max)
{
	static const char field[] = "\nDepends: ";
	const char *at = str_starts(show, field + 1) ? show - 1 : strstr(show, field);
	size_t nr = 0;

	if (!at)
		return 0;
	at += sizeof(field) - 1;
	while (*at && *at != '\n' && nr < max) {
		size_t item = strcspn(at, ",|\n"), name = strcspn(at, " (,|\n");
		const char *eq = at + name + strspn(at + name, " ");

		if (str_starts(eq, "(= ") && has_prefix(at, prefixes) &&
		    take_package(at, name, eq + 3, strcspn(eq + 3, ")\n"), &ret[nr]))
			nr++;
		at += item;
		at += strspn(at, ",| ");
	}
	return nr;
}
