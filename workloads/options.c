// SPDX-License-Identifier: MIT
#include "workloads/options.h"

#include <limits.h>

struct hog_options hog_options;

#define O	    (&hog_options)
#define CHUNK_BYTES MiB(4)

static int set_size(const struct option_row *row, const char *text, struct fail *f)
{
	int err = size_parse(text, &O->size);

	(void)row;
	if (err)
		return fail_set(f, -EINVAL,
				"--size '%s': %s; write 80MiB, 4096, '50%% of MemTotal', "
				"'50%% of limit', '90%% of node 1 free' ...",
				text, err == -ERANGE ? "too large (or 0 %)" : "no size");
	O->has_size = true;
	return 0;
}

/* "4:500ms": four steps, half a second between two. */
static int set_stairs(const struct option_row *row, const char *text, struct fail *f)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	(void)row;
	if (text[0] < '1' || text[0] > '9' || n > 1000000 || *end != ':' ||
	    duration_parse_ms(end + 1, &O->stair_ms) < 0)
		return fail_set(f, -EINVAL, "--stairs '%s': steps and a time are due, as 4:500ms",
				text);
	O->stairs = n;
	return 0;
}

static int set_hold(const struct option_row *row, const char *text, struct fail *f)
{
	(void)row;
	O->has_hold = true;
	O->hold_ms = HOG_FOREVER;
	if (str_eq(text, "forever") || duration_parse_ms(text, &O->hold_ms) == 0)
		return 0;
	return fail_set(f, -EINVAL, "--hold '%s': a time as 10s, 500ms, 2min, or 'forever' is due",
			text);
}

static int set_adj(const struct option_row *row, const char *text, struct fail *f)
{
	O->has_adj = true;
	return option_adj(row, text, f);
}

static int set_policy(const struct option_row *row, const char *text, struct fail *f)
{
	(void)row;
	if (mempolicy_parse(text, &O->policy) < 0)
		return fail_set(f, -EINVAL,
				"--mempolicy '%s': bind:NODES, preferred:NODE, interleave:NODES, "
				"preferred-many:NODES, weighted-interleave:NODES, local or default "
				"is due, NODES as 0,2-3",
				text);
	O->has_policy = true;
	return 0;
}

static int set_cgroup(const struct option_row *row, const char *text, struct fail *f)
{
	if (text[0] != '/')
		return fail_set(f, -EINVAL,
				"--cgroup '%s': the absolute path of a cgroup's directory is due",
				text);
	if (O->nr_cgroups == HOG_CGROUPS_MAX)
		return fail_set(f, -EINVAL, "--%s: more than %d times", row->name, HOG_CGROUPS_MAX);
	O->cgroups[O->nr_cgroups++] = text;
	return 0;
}

static int set_comm(const struct option_row *row, const char *text, struct fail *f)
{
	if (strlen(text) > 15)
		return fail_set(f, -EINVAL, "--name '%.32s': 15 bytes at most (the kernel's comm)",
				text);
	return option_string(row, text, f);
}

static const char *const fills[] = { "auto", "populate", "copy", "touch", NULL };

const struct option_row common_options[] = {
	{ "size", "SIZE",
	  "how much: 80MiB, '50% of MemTotal|MemAvailable|node N [free]|limit|swap'", set_size,
	  NULL, NULL, 0, 0 },
	{ "mempolicy", "MODE[:NODES]", "task policy: bind:1, preferred:0, interleave:0-1, local",
	  set_policy, NULL, NULL, 0, 0 },
	{ "oom-score-adj", "N", "-1000 ... 1000, set and read back", set_adj, &O->oom_score_adj,
	  NULL, 0, 0 },
	{ "cgroup", "DIR", "join this cgroup (v1 or v2) first; may be given again", set_cgroup,
	  NULL, NULL, 0, 0 },
	{ "name", "COMM", "what the kernel log calls it (comm), 15 bytes at most", set_comm,
	  &O->comm, NULL, 0, 0 },
	{ "rate", "BYTES/s", "not faster than this", option_bytes, &O->rate_bytes, NULL, 1,
	  INT64_MAX },
	{ "stairs", "N:TIME", "in N equal steps, with TIME between two", set_stairs, NULL, NULL, 0,
	  0 },
	{ "stall", "PERCENT", "say ready at so much of it, and go on at SIGUSR1", option_u64,
	  &O->stall_percent, NULL, 1, 99 },
	{ "hold", "TIME|forever",
	  "keep it so long, or until SIGTERM (default: 0; with --ready-fd: forever)", set_hold,
	  NULL, NULL, 0, 0 },
	{ "ready-fd", "FD",
	  "say 'ready BYTES' or 'failed WHAT BYTES ERRNO TEXT' there, be quiet else", option_u64,
	  &O->ready_fd, NULL, 0, INT_MAX },
	{ "thp", NULL, "ask for huge pages (default: none, so that sizes are exact)", option_flag,
	  &O->thp, NULL, 0, 0 },
	{ "threads", "N", "that many fill it (default: 1 below 256 MiB, else up to 4)", option_u64,
	  &O->threads, NULL, 1, 64 },
	{ "chunk", "BYTES", "ask the kernel for so much at a time", option_bytes, &O->chunk_bytes,
	  NULL, 4096, GiB(1) },
	{ "fill", "auto|populate|copy|touch",
	  "how pages come: madvise, read(2) into them, or user page faults", option_choice,
	  &O->fill, fills, 0, 0 },
	{ "die-with-parent", NULL, "SIGKILL when the parent is gone", option_flag,
	  &O->die_with_parent, NULL, 0, 0 },
	{ "json", NULL, "the last word as one JSON object", option_flag, &O->json, NULL, 0, 0 },
	{ "verbose", NULL, "speak also with --ready-fd", option_flag, &O->verbose, NULL, 0, 0 },
	{ "help", NULL, "this", option_flag, &O->help, NULL, 0, 0 },
	{ NULL, NULL, NULL, NULL, NULL, NULL, 0, 0 },
};

int hog_options_parse(int argc, char **argv, const struct workload *kind, struct fail *f)
{
	const struct option_row *const tables[] = { common_options, kind->options, NULL };
	int err;

	*O = (struct hog_options){ .ready_fd = UINT64_MAX, .chunk_bytes = CHUNK_BYTES };
	for (int i = 1; kind->takes_command && i < argc; i++) {
		if (str_eq(argv[i], "--")) {
			O->command = argv + i + 1;
			argc = i;
		}
	}
	err = options_parse(argc, argv, tables, f);
	if (err || O->help)
		return err;
	if (!O->has_size)
		return fail_set(f, -EINVAL,
				"--size SIZE is missing (80MiB, '50%% of MemTotal' ...)");
	if (O->stall_percent && kind->in_children)
		return fail_set(f, -EINVAL, "--stall is not for %s: other processes fill it",
				kind->name);
	if (!O->has_hold)
		O->hold_ms = O->ready_fd == UINT64_MAX ? 0 : HOG_FOREVER;
	return 0;
}
