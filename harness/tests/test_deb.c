// SPDX-License-Identifier: MIT
/* Which apt sources are Debian's, what they become with other suites, and which package is chosen.
 */
#include "harness/deb.h"
#include "harness/folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static const struct deb_family next = { "next", "sid forky", "" };
static const struct deb_family old = { "bullseye", "bullseye bullseye-updates",
				       "bullseye-security" };

static void assert_text(struct deb_sources *s, const struct deb_family *fam, const char *wanted)
{
	char *text __free = deb_sources_text(s, fam);

	assert_non_null(text);
	assert_string_equal(text, wanted);
}

static void deb822(void **state)
{
	static const char text[] = "# a comment\n"
				   "Types: deb deb-src\n"
				   "URIs: http://mirror.example/debian\n"
				   "Suites: bookworm bookworm-updates\n"
				   "Components: main contrib\n"
				   "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n"
				   "\n\n"
				   "types: deb\n"
				   "uris: http://mirror.example/debian-security\n"
				   "suites: bookworm-security\n"
				   "components: main\n"
				   "trusted: yes\n";
	struct deb_sources s = {};

	(void)state;
	assert_int_equal(deb_sources_parse_deb822(text, &s), 0);
	assert_int_equal(s.nr, 2);
	assert_true(s.source[0].archive && !s.source[0].security);
	assert_true(s.source[1].security && !s.source[1].archive);
	assert_text(&s, &old,
		    "Types: deb\nURIs: http://mirror.example/debian\n"
		    "Suites: bullseye bullseye-updates \nComponents: main\n"
		    "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n\n"
		    "Types: deb\nURIs: http://mirror.example/debian-security\n"
		    "Suites:  bullseye-security\nComponents: main\ntrusted: yes\n\n");
	assert_text(&s, &next,
		    "Types: deb\nURIs: http://mirror.example/debian\nSuites: sid forky \n"
		    "Components: main\n"
		    "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n\n");
	deb_sources_free(&s);
}

/* A key inside the file is a field of many lines; it goes along whole. */
static void deb822_with_a_key_inside(void **state)
{
	static const char text[] = "Types: deb\nURIs: http://m.example/d\nSuites: trixie\n"
				   "Components: main\n"
				   "Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mQINB\n"
				   " -----END PGP PUBLIC KEY BLOCK-----\n";
	struct deb_sources s = {};

	(void)state;
	assert_int_equal(deb_sources_parse_deb822(text, &s), 0);
	assert_int_equal(s.nr, 1);
	assert_string_equal(s.source[0].options,
			    "Signed-By:\n"
			    " -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mQINB\n"
			    " -----END PGP PUBLIC KEY BLOCK-----\n");
	deb_sources_free(&s);
}

static void what_is_not_debian(void **state)
{
	static const char deb822_text[] =
		"Types: deb-src\nURIs: http://m/d\nSuites: trixie\nComponents: main\n\n"
		"Enabled: no\nTypes: deb\nURIs: http://m/d\nSuites: trixie\nComponents: main\n\n"
		"Types: deb\nURIs: http://m/d\nSuites: nodistro\nComponents: main\n\n"
		"Types: deb\nURIs: http://m/d\nSuites: bookworm-pgdg\nComponents: main\n\n"
		"Types: deb\nURIs: cdrom:[x]/\nSuites: bookworm\nComponents: main\n\n"
		"Types: deb\nSuites: \n\nnonsense\n:\n\n\n";
	static const char list_text[] = "# deb http://m/d bookworm main\n"
					"deb-src http://m/d bookworm main\n"
					"deb http://m/docker bookworm stable\n"
					"deb http://m/sdk cloud-sdk-bookworm main\n"
					"deb http://m/d jammy main\n"
					"deb [signed-by=/k\n"
					"deb\n"
					"deb http://m/d ./\n";
	struct deb_sources s = {};

	(void)state;
	assert_int_equal(deb_sources_parse_deb822(deb822_text, &s), 0);
	assert_int_equal(s.nr, 0);
	assert_int_equal(deb_sources_parse_list(list_text, &s), 0);
	assert_int_equal(s.nr, 0);
	assert_int_equal(deb_sources_parse_deb822("", &s), 0);
	assert_int_equal(deb_sources_parse_list("", &s), 0);
	deb_sources_free(&s);
}

static void one_line_style(void **state)
{
	static const char text[] = "deb http://m.example/debian/ bookworm main contrib # ours\n"
				   " deb\t[arch=amd64 signed-by=/k.gpg trusted=yes] "
				   "http://s.example/x bookworm-security "
				   "main\n"
				   "deb http://o.example/x stretch/updates main\n"
				   "deb http://o.example/x buster/updates main";
	struct deb_sources s = {};

	(void)state;
	assert_int_equal(deb_sources_parse_list(text, &s), 0);
	assert_int_equal(s.nr, 3);
	assert_string_equal(s.source[0].uris, "http://m.example/debian/");
	assert_string_equal(s.source[0].options, "");
	assert_string_equal(s.source[1].options, "signed-by: /k.gpg\ntrusted: yes\n");
	assert_true(s.source[1].security);
	assert_true(s.source[2].security);
	deb_sources_free(&s);
}

static void more_sources_than_there_is_room(void **state)
{
	struct deb_sources s = {};
	int err = 0;

	(void)state;
	for (int i = 0; i <= DEB_SOURCES_MAX && !err; i++)
		err = deb_sources_parse_list("deb http://m/d sid main\n", &s);
	assert_int_equal(err, -E2BIG);
	assert_int_equal(s.nr, DEB_SOURCES_MAX);
	deb_sources_free(&s);
}

static void sources_of_a_machine(void **state)
{
	char dir[] = "/tmp/oomlab-test-XXXXXX", path[200];
	struct deb_sources s = {};
	struct fail f = {};

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(deb_sources_read(dir, &s, &f), -ENOENT); /* it has none at all */
	snprintf(path, sizeof(path), "%s/sources.list.d", dir);
	assert_int_equal(folder_make(path, &f), 0);
	snprintf(path, sizeof(path), "%s/sources.list.d/a.list.save", dir);
	assert_int_equal(folder_write(path, "deb http://m/d sid main\n", &f), 0);
	assert_int_equal(deb_sources_read(dir, &s, &f), -ENOENT); /* apt does not read that one */
	assert_non_null(strstr(f.where, "path"));
	snprintf(path, sizeof(path), "%s/sources.list.d/b.sources", dir);
	assert_int_equal(
		folder_write(path, "Types: deb\nURIs: http://m/d\nSuites: sid\nComponents: main\n",
			     &f),
		0);
	snprintf(path, sizeof(path), "%s/sources.list", dir);
	assert_int_equal(folder_write(path, "deb http://m/e sid main\n", &f), 0);
	assert_int_equal(deb_sources_read(dir, &s, &f), 0);
	assert_int_equal(s.nr, 2);
	deb_sources_free(&s);
	assert_int_equal(folder_remove(dir), 0);
}

static void versions(void **state)
{
	static const char *const ascending[] = {
		"5.10.223-1", "6.1.176-1",	   "6.1.192-1",
		"6.1.192-2",  "6.12.95-1~bpo12+1", "6.12.117-1~deb12u1",
		"6.12.117-1", "7.2.13-1",	   "7.3~rc7-1~exp1",
		"7.3-1",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ascending); i++)
		for (size_t k = 0; k < ARRAY_SIZE(ascending); k++) {
			int d = deb_version_cmp(ascending[i], ascending[k]);

			assert_int_equal((d > 0) - (d < 0), (i > k) - (i < k));
		}
	assert_true(deb_version_in("6.1.192-2", "6.1"));
	assert_true(deb_version_in("6.1.192-2", "6.1.192"));
	assert_true(deb_version_in("7.3~rc7-1~exp1", "7.3"));
	assert_true(deb_version_in("6.1", "6.1"));
	assert_false(deb_version_in("6.12.1-1", "6.1"));
	assert_false(deb_version_in("6.1.192-2", "6.1.19"));
}

static void flavours(void **state)
{
	(void)state;
	assert_true(deb_image_is("linux-image-6.1.0-56-cloud-amd64", "cloud-amd64"));
	assert_false(deb_image_is("linux-image-6.1.0-56-cloud-amd64", "amd64"));
	assert_true(deb_image_is("linux-image-6.1.0-56-amd64", "amd64"));
	assert_true(deb_image_is("linux-image-7.2.13+deb14-cloud-amd64", "cloud-amd64"));
	assert_true(deb_image_is("linux-image-6.1.0-0.deb11.52-amd64", "amd64"));
	assert_false(deb_image_is("linux-image-6.1.0-56-rt-amd64", "amd64"));
	assert_false(deb_image_is("linux-image-6.1.0-56-amd64-unsigned", "amd64"));
	assert_false(deb_image_is("linux-image-6.1.0-56-amd64-dbg", "amd64"));
	assert_false(deb_image_is("linux-image-amd64", "amd64"));
	assert_false(deb_image_is("linux-image-cloud-amd64", "cloud-amd64"));
	assert_false(deb_image_is("linux-headers-6.1.0-56-amd64", "amd64"));
	assert_false(deb_image_is("", "amd64"));
}

static const char madison[] = "linux-image-6.1.0-50-cloud-amd64 |  6.1.176-1 | http://m/debian "
			      "bookworm/main amd64 Packages\n"
			      "linux-image-6.1.0-56-cloud-amd64 |  6.1.192-2 | "
			      "http://m/debian-security x/main amd64 Packages\n"
			      "linux-image-6.1.0-55-cloud-amd64 |  6.1.192-1 | "
			      "http://m/debian-security x/main amd64 Packages\n"
			      "linux-image-6.12.1-amd64 | 6.12.1-1 | x\n"
			      "linux-image-7.3-cloud-amd64 | 7.3~rc7-1~exp1 | http://m/debian "
			      "experimental/main amd64 Packages\n"
			      "linux-image-6.9;rm-cloud-amd64 | 6.99-1 | x\n"
			      "linux-image-6.9.1-cloud-amd64 | ../../6.99-1 | x\n"
			      "linux-image-6.9.1-cloud-amd64\n"
			      "|||\n";

static void choice(void **state)
{
	struct deb_wanted w = { "6.1", "cloud-amd64" };
	struct deb_package p = {};

	(void)state;
	assert_int_equal(deb_choose(madison, &w, &p), 0);
	assert_string_equal(p.name, "linux-image-6.1.0-56-cloud-amd64");
	assert_string_equal(p.version, "6.1.192-2");
	w.series = "6.1.176";
	assert_int_equal(deb_choose(madison, &w, &p), 0);
	assert_string_equal(p.version, "6.1.176-1");
	w.series = NULL; /* the newest, and no release candidate */
	assert_int_equal(deb_choose(madison, &w, &p), 0);
	assert_string_equal(p.version, "6.1.192-2");
	w.series = "7.3"; /* which may be asked for by name */
	assert_int_equal(deb_choose(madison, &w, &p), 0);
	w.series = "6.9"; /* names and versions no Debian has */
	assert_int_equal(deb_choose(madison, &w, &p), -ENOENT);
	w.series = "6.99";
	assert_int_equal(deb_choose(madison, &w, &p), -ENOENT);
	assert_int_equal(deb_choose("", &w, &p), -ENOENT);
}

static void dependencies(void **state)
{
	static const char show[] =
		"Package: linux-image-7.2.13+deb14-cloud-amd64\n"
		"Pre-Depends: linux-binary-no (= 1)\n"
		"Depends: dracut | initramfs-tools (>= 0.120), linux-base-7.2-x (= 7.2.13-1), "
		"linux-binary-7.2-x (= 7.2.13-1), linux-base-9, linux-base-8 (>= 1), kmod\n"
		"Breaks: linux-base-7 (= 1)\n";
	struct deb_package p[4];

	(void)state;
	assert_int_equal(deb_depends(show, "linux-binary- linux-base-", p, 4), 2);
	assert_string_equal(p[0].name, "linux-base-7.2-x");
	assert_string_equal(p[1].name, "linux-binary-7.2-x");
	assert_string_equal(p[1].version, "7.2.13-1");
	assert_int_equal(deb_depends(show, "linux-binary-", p, 4), 1);
	assert_int_equal(deb_depends(show, "linux-binary- linux-base-", p, 1), 1);
	assert_int_equal(deb_depends("Package: x\n", "linux-base-", p, 4), 0);
	assert_int_equal(deb_depends("Depends: linux-base-1 (= 1", "linux-base-", p, 4), 1);
	assert_int_equal(deb_depends("Depends: ", "linux-base-", p, 4), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(deb822),
		cmocka_unit_test(deb822_with_a_key_inside),
		cmocka_unit_test(what_is_not_debian),
		cmocka_unit_test(one_line_style),
		cmocka_unit_test(more_sources_than_there_is_room),
		cmocka_unit_test(sources_of_a_machine),
		cmocka_unit_test(versions),
		cmocka_unit_test(flavours),
		cmocka_unit_test(choice),
		cmocka_unit_test(dependencies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
