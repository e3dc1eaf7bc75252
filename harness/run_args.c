// SPDX-License-Identifier: MIT
/* The options of `oomlab run`. */
#include "harness/cmd.h"
#include "harness/paths.h"
#include "harness/run_args.h"
#include "harness/shard.h"
#include "lib/proc.h"
#include "lib/units.h"

#include <getopt.h>
#include <limits.h>
#include <time.h>

const char run_help[] =
	"usage: oomlab run [options] [CASE|DIR|GLOB ...]\n\n"
	"  --kernel K[,K...]   debian:6.1, debian:latest, or a vmlinuz/bzImage/vmlinux (default "
	"debian:6.1)\n"
	"  --cgroup v1|v2|all  cgroup version (default: v2 in a VM, what there is on the host)\n"
	"  --on vm|host        where to play (default vm); on the host only cases of scope memcg\n"
	"  --accel auto|kvm|tcg\n"
	"  -j, --jobs N        so many guests at a time (default: one less than CPUs), as memory "
	"allows\n"
	"  --cold              boot guests; do not restore each case's from a saved one\n"
	"  -k EXPR             only cases whose name has EXPR in it\n"
	"  --tag T             only cases with this tag\n"
	"  --repeat N          play each case N times\n"
	"  --until-fail        play all again, round after round, until one does not pass; at most "
	"--repeat\n"
	"                      rounds. Skipped cases are in the first round only\n"
	"  --exit-style plain|bisect\n"
	"                      bisect, for 'git bisect run': 0 good, 1 bad, 125 cannot tell (does "
	"not "
	"boot,\n"
	"                      broken, all skipped), 128 a mistake in the command\n"
	"  --bad-at K          with bisect: bad is what fails K of its repeats (default 1)\n"
	"  --fail-fast         stop at the first case that does not pass\n"
	"  --shuffle[=SEED]    in another order\n"
	"  --shard I/N         only the I-th of N parts, which take about the same time; auto: as "
	"GitLab or\n"
	"                      Slurm count them, auto/N: as Kubernetes does\n"
	"  --timings RESULTS   an earlier run, that tells how long cases take\n"
	"  --results DIR       where runs are kept (default results)\n"
	"  --format F[=FILE]   html, json, junit, ktap (default), lava, ltp, tap or text;\n"
	"                      repeatable, one without a FILE\n"
	"  --sample TIME       look at memory so often while a case plays (default 50ms; 0: "
	"never)\n"
	"  --sysctl NAME=VALUE\n"
	"                      written over what the cases have; repeatable\n"
	"  --timeout-mul X     every deadline times X\n"
	"  --dry-run           check the case files and list what would be played\n"
	"  -v, --verbose       every check of every case\n\n"
	"exit status: 0 all passed, 1 a case failed, 2 usage or a bad case file, 3 broken\n";

enum {
	OPT_KERNEL = 256,
	OPT_CGROUP,
	OPT_ON,
	OPT_ACCEL,
	OPT_TAG,
	OPT_REPEAT,
	OPT_UNTIL_FAIL,
	OPT_FAIL_FAST,
	OPT_SHUFFLE,
	OPT_SHARD,
	OPT_TIMINGS,
	OPT_RESULTS,
	OPT_FORMAT,
	OPT_SYSCTL,
	OPT_TIMEOUT_MUL,
	OPT_DRY_RUN,
	OPT_EXIT_STYLE,
	OPT_BAD_AT,
	OPT_COLD,
	OPT_SAMPLE,
};

static const struct option options[] = {
	{ "kernel", required_argument, NULL, OPT_KERNEL },
	{ "cgroup", required_argument, NULL, OPT_CGROUP },
	{ "on", required_argument, NULL, OPT_ON },
	{ "accel", required_argument, NULL, OPT_ACCEL },
	{ "tag", required_argument, NULL, OPT_TAG },
	{ "repeat", required_argument, NULL, OPT_REPEAT },
	{ "until-fail", no_argument, NULL, OPT_UNTIL_FAIL },
	{ "fail-fast", no_argument, NULL, OPT_FAIL_FAST },
	{ "shuffle", optional_argument, NULL, OPT_SHUFFLE },
	{ "shard", required_argument, NULL, OPT_SHARD },
	{ "timings", required_argument, NULL, OPT_TIMINGS },
	{ "results", required_argument, NULL, OPT_RESULTS },
	{ "format", required_argument, NULL, OPT_FORMAT },
	{ "sample", required_argument, NULL, OPT_SAMPLE },
	{ "sysctl", required_argument, NULL, OPT_SYSCTL },
	{ "timeout-mul", required_argument, NULL, OPT_TIMEOUT_MUL },
	{ "dry-run", no_argument, NULL, OPT_DRY_RUN },
	{ "exit-style", required_argument, NULL, OPT_EXIT_STYLE },
	{ "bad-at", required_argument, NULL, OPT_BAD_AT },
	{ "jobs", required_argument, NULL, 'j' },
	{ "cold", no_argument, NULL, OPT_COLD },
	{ "verbose", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

#define COUNT_MAX 1000000u

static int parse_count(const char *text, const char *ends, unsigned int most, unsigned int *ret)
{
	char *end;
	unsigned long v = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end != *ends || v > most)
		return -EINVAL;
	*ret = (unsigned int)v;
	return 0;
}

static int add_kernels(struct run_options *o, char *list)
{
	char *spec;

	while ((spec = strsep(&list, ","))) {
		if (!*spec || strlen(spec) > 500)
			return usage_error("--kernel: an empty or overlong name in the list");
		if (o->nr_kernels == RUN_KERNELS_MAX)
			return usage_error("--kernel: more than %d kernels", RUN_KERNELS_MAX);
		o->kernels[o->nr_kernels++] = spec;
	}
	return 0;
}

static int set_cgroup(struct run_options *o, const char *v)
{
	o->v1 = str_eq(v, "v1") || str_eq(v, "all");
	o->v2 = str_eq(v, "v2") || str_eq(v, "all");
	return o->v1 || o->v2 ? 0 : usage_error("--cgroup %s: v1, v2 or all was expected", v);
}

static int set_accel(struct run_options *o, const char *v)
{
	static const char *const names[] = {
		[ACCEL_AUTO] = "auto", [ACCEL_KVM] = "kvm", [ACCEL_TCG] = "tcg"
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (str_eq(v, names[i])) {
			o->accel = (enum vm_accel)i;
			return 0;
		}
	}
	return usage_error("--accel %s: auto, kvm or tcg was expected", v);
}

static int set_shard(struct run_options *o, const char *v)
{
	struct fail f;

	return shard_parse(v, &o->shard, &o->nr_shards, &f) ? usage_error("%s", f.where) : 0;
}

static int set_exit_style(struct run_args *a, const char *v)
{
	a->exit_style = str_eq(v, "bisect") ? EXIT_STYLE_BISECT : EXIT_STYLE_PLAIN;
	return a->exit_style || str_eq(v, "plain")
		       ? 0
		       : usage_error("--exit-style %s: plain or bisect was expected", v);
}

static int set_number(struct run_args *a, int opt, const char *v)
{
	char *end;

	if (opt == OPT_TIMEOUT_MUL) {
		a->run.timeout_mul = strtod(v, &end);
		if (*end || !(a->run.timeout_mul > 0 && a->run.timeout_mul <= 1000))
			return usage_error(
				"--timeout-mul %s: a number above 0, at most 1000, was expected",
				v);
	} else if (opt == OPT_REPEAT) {
		if (parse_count(v, "", COUNT_MAX, &a->run.repeat) < 0 || !a->run.repeat)
			return usage_error("--repeat %s: a number from 1 was expected", v);
	} else if (opt == OPT_BAD_AT) {
		if (parse_count(v, "", COUNT_MAX, &a->bad_at) < 0 || !a->bad_at)
			return usage_error("--bad-at %s: a number from 1 was expected", v);
	} else if (opt == 'j') {
		if (parse_count(v, "", COUNT_MAX, &a->run.jobs) < 0 || !a->run.jobs)
			return usage_error("--jobs %s: a number from 1 was expected", v);
	} else {
		a->run.shuffle = true;
		a->run.seed = (unsigned int)proc_now_us();
		if (v && parse_count(v, "", UINT_MAX, &a->run.seed) < 0)
			return usage_error("--shuffle=%s: a number was expected", v);
	}
	return 0;
}

static int set_sample(struct run_args *a, const char *v)
{
	if (duration_parse_ms(v, &a->run.sample_ms) < 0 || a->run.sample_ms > 3600000)
		return usage_error("--sample %s: a time of at most 1h, as 50ms, was expected", v);
	return 0;
}

static int set_format(struct run_args *a, const char *v)
{
	struct fail f;

	return report_output_add(&a->outputs, v, &f) ? usage_error("%s", f.where) : 0;
}

static int set_option(struct run_args *a, int opt, char *v)
{
	switch (opt) {
	case OPT_KERNEL:
		return add_kernels(&a->run, v);
	case OPT_CGROUP:
		return set_cgroup(&a->run, v);
	case OPT_ON:
		a->run.on_host = str_eq(v, "host");
		return a->run.on_host || str_eq(v, "vm")
			       ? 0
			       : usage_error("--on %s: vm or host was expected", v);
	case OPT_ACCEL:
		return set_accel(&a->run, v);
	case OPT_SHARD:
		return set_shard(&a->run, v);
	case OPT_EXIT_STYLE:
		return set_exit_style(a, v);
	case OPT_REPEAT:
	case OPT_BAD_AT:
	case 'j':
	case OPT_SHUFFLE:
	case OPT_TIMEOUT_MUL:
		return set_number(a, opt, v);
	case OPT_SYSCTL:
		return run_sysctl_add(&a->run, v);
	case OPT_FORMAT:
		return set_format(a, v);
	case OPT_SAMPLE:
		return set_sample(a, v);
	case OPT_TAG:
		a->tag = v;
		break;
	case 'k':
		a->filter = v;
		break;
	case OPT_RESULTS:
		if (!*v)
			return usage_error("--results: a folder was expected");
		a->run.results = v;
		break;
	case OPT_TIMINGS:
		a->run.timings = v;
		break;
	case OPT_FAIL_FAST:
		a->run.fail_fast = true;
		break;
	case OPT_UNTIL_FAIL:
		a->run.until_fail = true;
		break;
	case OPT_DRY_RUN:
		a->run.dry_run = true;
		break;
	case OPT_COLD:
		a->run.cold = true;
		break;
	case 'v':
		a->verbose = true;
		break;
	case 'h':
		a->help = true;
		break;
	default:
		return EXIT_USAGE; /* getopt has said what */
	}
	return 0;
}

static void keep_command(struct run_options *o, int argc, char **argv)
{
	size_t at = 0;

	for (int i = 0; i < argc && at < sizeof(o->command); i++)
		at += (size_t)snprintf(o->command + at, sizeof(o->command) - at, "%s%s",
				       i ? " " : "", argv[i]);
}

static bool installed(void)
{
	char share[PATH_MAX];

	return paths_share("", share, sizeof(share));
}

/* A guest that waits for a processor is slow, and with some QEMUs not even sound: one is left free. */
static unsigned int default_jobs(void)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	return cpus > 2 ? (unsigned int)cpus - 1 : 1;
}

int run_args_parse(int argc, char **argv, struct run_args *a)
{
	int opt, err;

	*a = (struct run_args){ .run = { .shard = 1,
					 .nr_shards = 1,
					 .timeout_mul = 1,
					 .sample_ms = 50,
					 .jobs = default_jobs(),
					 .results = "results",
					 .accel = ACCEL_AUTO,
					 .reproduce = installed() ? "oomlab run" : "./run.sh run" },
				.bad_at = 1 };
	keep_command(&a->run, argc, argv);
	optind = 1;
	while ((opt = getopt_long(argc, argv, "k:j:vh", options, NULL)) >= 0) {
		err = set_option(a, opt, optarg);
		if (err)
			return err;
	}
	a->names = argv + optind;
	a->nr_names = (size_t)(argc - optind);
	if (!a->run.repeat)
		a->run.repeat = a->run.until_fail ? UINT_MAX : 1;
	if (a->bad_at > a->run.repeat)
		return usage_error("--bad-at %u: of --repeat %u repeats no more can fail",
				   a->bad_at, a->run.repeat);
	if (a->bad_at > 1 && (a->run.fail_fast || a->run.until_fail))
		return usage_error("--bad-at %u: --%s ends at the first that fails", a->bad_at,
				   a->run.fail_fast ? "fail-fast" : "until-fail");
	if (!a->run.v1 && !a->run.v2) {
		a->run.v2 = true;
		a->run.v1 = a->run.on_host;
	}
	if (a->run.on_host && (a->run.nr_kernels || a->run.accel != ACCEL_AUTO))
		return usage_error(
			"--on host: plays this machine's kernel; --kernel and --accel are for "
			"guests");
	if (!a->run.nr_kernels)
		a->run.kernels[a->run.nr_kernels++] = (char *)RUN_DEFAULT_KERNEL;
	return 0;
}
