// SPDX-License-Identifier: MIT
/* oomlab sysctl VERB: options, and where settings come from. */
#include "harness/root_tar.h"
#include "harness/sysctl_cmd.h"
#include "lib/fs.h"

#include <ctype.h>
#include <getopt.h>

static const char help[] =
	"usage: oomlab sysctl show --root ROOT|--host [--boot] [--all] [--json] [FILE ...]\n"
	"       oomlab sysctl check PROFILE --root ROOT|--host [--boot] [--kernel K[,K...]]\n"
	"                     [--prove [--results DIR]] [--json] [FILE ...]\n"
	"       oomlab sysctl drift [--json] [KERNEL ...]\n"
	"       oomlab sysctl golden --kernel K[,K...] [--out DIR]\n\n"
	"  show            what a distribution's root sets, in the order of systemd-sysctl, each "
	"with its\n"
	"                  file and line and what it overrode; FILEs below the root are read last\n"
	"  check           holds that against a profile: a file, or a name of cases/profiles\n"
	"  drift           the defaults that are not the same in all kernels of the stored tables\n"
	"  golden          boots kernels and stores their defaults\n\n"
	"  --root ROOT     a folder with etc/sysctl.d, usr/lib/sysctl.d, ..., or a tarball of "
	"one,\n"
	"                  also packed by gzip, xz, zstd or bzip2, of which nothing is unpacked\n"
	"  --host          the running kernel instead\n"
	"  --boot          boots the root with its own init (systemd) in a guest, and takes what "
	"that\n"
	"                  has set where it is not what the files say\n"
	"  --all           all sysctls, not only those that bear on memory\n"
	"  --kernel K      debian:6.1, or the path of a kernel; with check, whose defaults hold "
	"where no\n"
	"                  file sets a value (else those that all stored tables have)\n"
	"  --prove         plays the cases behind each promise in a guest of each kernel that has "
	"these\n"
	"                  values, over what the cases set themselves (default debian:6.1)\n"
	"  --results DIR   where those plays are kept (default results)\n"
	"  --out DIR       where tables go (default cases/profiles/defaults)\n"
	"  --json          one JSON object\n\n"
	"exit status: 0, 1 a value differs or a promise is broken, 2 usage or a bad file, 3 "
	"broken,\n             130 interrupted\n";

static const struct verb {
	const char *name;
	int (*run)(const struct sysctl_args *a);
} verbs[] = {
	{ "check", sysctl_check },
	{ "drift", sysctl_drift },
	{ "golden", sysctl_golden },
	{ "show", sysctl_show },
};

static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (str_eq(verbs[i].name, name))
			return &verbs[i];
	return NULL;
}

enum {
	OPT_ROOT = 256,
	OPT_HOST,
	OPT_ALL,
	OPT_JSON,
	OPT_KERNEL,
	OPT_OUT,
	OPT_PROVE,
	OPT_RESULTS,
	OPT_BOOT
};

static int parse(int argc, char **argv, struct sysctl_args *a)
{
	static const struct option options[] = { { "root", required_argument, NULL, OPT_ROOT },
						 { "host", no_argument, NULL, OPT_HOST },
						 { "all", no_argument, NULL, OPT_ALL },
						 { "json", no_argument, NULL, OPT_JSON },
						 { "kernel", required_argument, NULL, OPT_KERNEL },
						 { "boot", no_argument, NULL, OPT_BOOT },
						 { "prove", no_argument, NULL, OPT_PROVE },
						 { "results", required_argument, NULL,
						   OPT_RESULTS },
						 { "out", required_argument, NULL, OPT_OUT },
						 { "help", no_argument, NULL, 'h' },
						 { 0 } };
	int opt;

	*a = (struct sysctl_args){ .results = "results" };
	while ((opt = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (opt == OPT_ROOT)
			a->root = optarg;
		if (opt == OPT_KERNEL)
			a->kernels = optarg;
		if (opt == OPT_OUT)
			a->out = optarg;
		if (opt == OPT_RESULTS)
			a->results = optarg;
		a->prove |= opt == OPT_PROVE;
		a->boot |= opt == OPT_BOOT;
		a->host |= opt == OPT_HOST;
		a->all |= opt == OPT_ALL;
		a->json |= opt == OPT_JSON;
		a->help |= opt == 'h';
		if (opt == '?')
			return EXIT_USAGE; /* getopt has said what */
	}
	a->words = argv + optind;
	a->nr_words = (size_t)(argc - optind);
	return 0;
}

int cmd_sysctl(int argc, char **argv)
{
	struct sysctl_args a;
	const struct verb *v;
	int err = parse(argc, argv, &a);

	if (err)
		return err;
	if (a.help) {
		fputs(help, stdout);
		return EXIT_PASSED;
	}
	if (!a.nr_words)
		return usage_error("sysctl: a verb was expected ('oomlab sysctl --help')");
	v = find_verb(a.words[0]);
	if (!v)
		return usage_error("sysctl: no verb '%s' ('oomlab sysctl --help' lists them)",
				   a.words[0]);
	a.words++;
	a.nr_words--;
	return v->run(&a);
}

static int keep_running(void *ctx, const char *name, const char *value)
{
	char path[128];

	str_copy(path, sizeof(path), name);
	for (char *p = path; *p; p++)
		if (*p == '.')
			*p = '/';
	return value ? sysctl_conf_assign(ctx, 0, 0, path, value, false) : 0;
}

static int read_host(struct sysctl_conf *c)
{
	int root __close = fs_root_open("/");
	ssize_t file = sysctl_conf_add_file(c, "/proc/sys", NULL);
	int err = root < 0 ? root : file < 0 ? (int)file : sysctl_each(root, keep_running, c);

	return err ? usage_error("/proc/sys: %s", strerror(-err)) : 0;
}

static int read_folder(const char *dir, char **files, size_t nr_files, struct sysctl_conf *c)
{
	int root __close = *dir ? fs_root_open(dir) : -ENOENT, err;
	struct sysctl_source src = sysctl_folder(&root);
	struct fail f = { 0 };

	if (root < 0)
		return usage_error("--root '%s': %s", dir,
				   root == -ENOTDIR ? "neither a folder nor a tarball"
						    : strerror(-root));
	err = sysctl_root_read(&src, c, &f);
	for (size_t i = 0; !err && i < nr_files; i++)
		err = sysctl_root_read_file(&src, files[i], c, &f);
	return err ? usage_error("--root %s: %s", dir, f.where) : 0;
}

int sysctl_settings(const struct sysctl_args *a, char **files, size_t nr_files,
		    struct sysctl_conf *c)
{
	struct fail f = { 0 };
	int err;

	if (!a->root == !a->host)
		return usage_error("sysctl: one of --root ROOT and --host was expected");
	if (a->boot && a->host)
		return usage_error("sysctl: --boot is for a --root");
	if (a->host)
		return nr_files ? usage_error("sysctl: --host has no FILE, as '%s'", files[0])
				: read_host(c);
	if (!root_is_tar(a->root))
		err = read_folder(a->root, files, nr_files, c);
	else
		err = root_tar_settings(a->root, files, nr_files, c, &f)
			      ? usage_error("--root: %s", f.where)
			      : 0;
	if (err)
		return err;
	err = sysctl_conf_settle(c);
	if (err)
		return usage_error("--root %s: %s", a->root, strerror(-err));
	return a->boot ? sysctl_own_boot(a, c) : 0;
}

int sysctl_put(FILE *f, const char *text)
{
	int n = 0;

	for (; *text; text++, n++)
		fputc(*text == '\t' ? ' ' : isprint((unsigned char)*text) ? *text : '?', f);
	return n;
}

const char *sysctl_place(const struct sysctl_conf *c, const struct sysctl_assign *a, char *buf,
			 size_t len)
{
	if (a->by)
		snprintf(buf, len, "%s:%u, which sets %s", c->files[a->file].path, a->line,
			 a->by->name);
	else if (a->line)
		snprintf(buf, len, "%s:%u", c->files[a->file].path, a->line);
	else
		str_copy(buf, len, c->files[a->file].path);
	return buf;
}

int sysctl_to_stdout(void *ctx, const char *text, size_t len)
{
	(void)ctx;
	return fwrite(text, 1, len, stdout) == len ? 0 : -EIO;
}
