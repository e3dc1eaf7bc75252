// SPDX-License-Identifier: MIT
/* `oomlab kernels`: the kernels at hand, and getting one. */
#include "harness/cmd.h"
#include "harness/kernels.h"
#include "harness/kernels_cache.h"
#include "lib/jsonw.h"
#include "lib/units.h"

#include <getopt.h>
#include <sys/stat.h>

static const char help[] =
	"usage: oomlab kernels [list] [--json]      kernels in the cache\n"
	"       oomlab kernels get KERNEL...        fetch what is missing, print each image\n"
	"\n"
	"KERNEL is debian:6.1, debian:6.1.192, debian:latest, or a path: of a vmlinuz, bzImage or\n"
	"vmlinux, of a kernel's build tree, or of a package (.deb, .rpm, .pkg.tar.zst). Debian's "
	"come through a private apt state made from this machine's own sources; "
	"no\n"
	"package of this machine is installed or changed. The cache is $OOMLAB_CACHE, else the "
	"folder\n"
	"'kernels' beside this program, or ~/.cache/oomlab for an installed one.\n"
	"\n"
	"  -u, --update   with get: fetch a newer package of that name if there is one\n"
	"      --json     one JSON object a line\n"
	"  -h, --help\n";

struct listing {
	bool json;
	unsigned int nr;
};

static uint64_t file_bytes(const char *path)
{
	struct stat st;

	return *path && !stat(path, &st) ? (uint64_t)st.st_size : 0;
}

static void print_json(const struct kernel *k)
{
	char buf[4096];
	struct jsonw w;
	ssize_t n;

	jsonw_init(&w, buf, sizeof(buf));
	jsonw_object(&w, NULL);
	jsonw_str(&w, "spec", k->spec);
	jsonw_str(&w, "release", k->release);
	jsonw_str(&w, "package", k->package);
	jsonw_str(&w, "image", k->image);
	jsonw_str(&w, "vmlinuz", k->vmlinuz);
	jsonw_str(&w, "config", k->config[0] ? k->config : NULL);
	jsonw_str(&w, "modules", k->modules[0] ? k->modules : NULL);
	jsonw_u64(&w, "image_bytes", file_bytes(k->image));
	n = jsonw_finish(&w);
	printf("%.*s\n", (int)max(n, (ssize_t)0), buf);
}

static void print_one(void *ctx, const struct kernel *k)
{
	struct listing *l = ctx;
	char size[32];

	l->nr++;
	if (l->json) {
		print_json(k);
		return;
	}
	printf("%-14s %-32s %-10s %s\n", k->spec, k->release,
	       bytes_format(file_bytes(k->image), size, sizeof(size)), k->package);
}

static int list(bool json)
{
	struct listing l = { .json = json };
	char cache[400];
	struct fail f;
	int err = kernels_cache_dir(cache, sizeof(cache), &f);

	if (err) {
		fprintf(stderr, "oomlab: %s\n", f.where);
		return EXIT_BROKEN;
	}
	kernels_cache_each(cache, print_one, &l);
	if (!l.nr && !json)
		fprintf(stderr,
			"no kernel in %s yet: 'oomlab kernels get debian:6.1' fetches one\n",
			cache);
	return EXIT_PASSED;
}

static void progress(const char *line)
{
	fprintf(stderr, "%s\n", line);
}

static int get(char **specs, int n, bool update, bool json)
{
	int status = EXIT_PASSED;

	if (!n)
		return usage_error("kernels get: name a kernel, as debian:6.1 or a path");
	for (int i = 0; i < n; i++) {
		struct kernel k;
		struct fail f = {};
		int err = update ? kernel_refresh(specs[i], progress, &k, &f)
				 : kernel_get(specs[i], progress, &k, &f);

		if (err) {
			fprintf(stderr, "oomlab: %s: %s\n", specs[i], f.where);
			status = max(status, (int)(err == -EINVAL ? EXIT_USAGE : EXIT_BROKEN));
		} else if (json) {
			print_json(&k);
		} else {
			printf("%s\n", k.image);
		}
	}
	return status;
}

int cmd_kernels(int argc, char **argv)
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "json", no_argument, NULL, 'j' },
		{ "update", no_argument, NULL, 'u' },
		{},
	};
	bool json = false, update = false;
	int c;

	while ((c = getopt_long(argc, argv, "hu", options, NULL)) != -1) {
		switch (c) {
		case 'h':
			fputs(help, stdout);
			return EXIT_PASSED;
		case 'j':
			json = true;
			break;
		case 'u':
			update = true;
			break;
		default: /* getopt has said what */
			return EXIT_USAGE;
		}
	}
	if (optind == argc || (str_eq(argv[optind], "list") && optind + 1 == argc))
		return list(json);
	if (str_eq(argv[optind], "get"))
		return get(argv + optind + 1, argc - optind - 1, update, json);
	if (str_eq(argv[optind], "list"))
		return usage_error("kernels list: takes no argument, '%s' is one",
				   argv[optind + 1]);
	return usage_error("kernels: no '%s'; there are 'list' and 'get KERNEL...'", argv[optind]);
}
