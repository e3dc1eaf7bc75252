/* SPDX-License-Identifier: MIT */
/*
 * A run: cases x kernels x cgroup versions, grouped into arenas, played, judged, reported.
 */
#ifndef OOM_HARNESS_RUNNER_H
#define OOM_HARNESS_RUNNER_H

#include "harness/case.h"
#include "harness/pace.h"
#include "harness/report.h"
#include "harness/results.h"
#include "harness/vm.h"

#define RUN_KERNELS_MAX 32
#define RUN_SYSCTLS_MAX 128

struct run_sysctl { /* written over what the scene of each case has */
	char name[64], value[256];
};

struct run_options {
	char *kernels[RUN_KERNELS_MAX]; /* specs */
	size_t nr_kernels;
	bool v1, v2; /* cgroup versions asked for */
	bool on_host;
	unsigned int repeat;	       /* >= 1 */
	bool until_fail;	       /* all cases a round, until one fails */
	unsigned int jobs;	       /* guests at a time, >= 1 */
	bool cold;		       /* cases of a shape share a boot; none is restored */
	unsigned int shard, nr_shards; /* 1-based; 1/1 */
	const char *timings;	       /* results of an earlier run; NULL */
	bool fail_fast, shuffle, dry_run;
	unsigned int seed;
	double timeout_mul;
	uint64_t sample_ms; /* between samples of the timeline; 0: none */
	enum vm_accel accel;
	struct run_sysctl sysctls[RUN_SYSCTLS_MAX];
	size_t nr_sysctls;
	const char *results;   /* folder of runs */
	char command[1024];    /* as the user gave it */
	const char *reproduce; /* head of a reproduce command: "./run.sh run" */
};

struct run_kernel { /* one that was asked for: had, or not */
	const char *spec;
	struct kernel kernel;
	int err;
	char why[512];
};

struct run {
	const struct run_options *opt;
	struct oom_case **cases;
	size_t nr_cases;
	uint64_t *case_ms;	    /* expected of each, all its plays (of one round); estimate.h */
	struct run_kernel *kernels; /* run_get_kernels() */
	struct report *report;
	struct results *results;
	char oomlab[512], oomhog[512]; /* our two programs */
	int guardian;
	unsigned int nr_plays;
	struct pace pace;
	size_t nr_reports;    /* OOM reports of the case judged last */
	enum verdict verdict; /* of the result that was told last */
	struct guest_stats guests;
	bool stop; /* --fail-fast struck, or we were interrupted */
	/* A play writes its evidence to that file now; NULL: nobody wants to know. */
	void (*on_play)(void *ctx, const char *evidence);
	void *on_play_ctx;
	void (*on_result)(void *ctx, const struct case_result *res); /* NULL: nobody else listens */
	void *on_result_ctx;
};

/*
 * 0 if this host may play all cases; else says why not, and how to play the case in a VM of `kernel`,
 * and gives EXIT_USAGE.
 */
int run_refuse_on_host(const struct run *r, const char *kernel);

/* "vm.panic_on_oom=1" of --sysctl. Tells what is wrong and gives EXIT_USAGE, or 0. */
int run_sysctl_add(struct run_options *o, const char *text);
/* Puts them into the scenes of all cases. 0 or -ENOMEM. */
int run_sysctl_apply(const struct run *r);

/*
 * Gets all kernels before anything is played. One that is none is the user's mistake: -EINVAL with f.
 * One that cannot be had now (no network) breaks its own cases later, and no others.
 */
int run_get_kernels(struct run *r, struct fail *f);

/* Is the case to be played on this cgroup version? */
bool run_wants_version(const struct run_options *o, const struct oom_case *c,
		       enum cgroup_version v);
/* How often it is played, with all kernels, versions and repeats (in one round). */
size_t run_nr_plays(const struct run_options *o, const struct oom_case *c);
/* Plays everything. The report has been told of each result. 0, or -errno with f when it could not go on. */
int run_host(struct run *r, struct fail *f);
int run_kernels(struct run *r, struct fail *f);

/* Below the summary: "claims: 40 confirmed, 14 refuted, ..."; nothing if no case here has a claim. */
void run_tell_claims(const struct run *r);

struct arena;
struct run_target {
	const char *kernel; /* spec, or "host" */
	const char *asked;  /* as --kernel named it; NULL: as `kernel` */
	char release[80];
	enum cgroup_version cgroup;
	const char *accel;   /* "kvm" "tcg" "host" */
	unsigned int repeat; /* from 0 */
	double speed;	     /* factor on deadlines: --timeout-mul */
};
/* What a play leaves to be judged. Flat: it is handed from process to process. */
struct run_played {
	bool is_played;
	enum verdict verdict; /* if it was not played: SKIP or BROKEN, and why */
	char reason[600];
	char dir[RESULTS_PATH_LEN]; /* of its evidence */
	char release[80], accel[8];
	uint64_t duration_ms;
};
/* Plays one case in an arena. 0, or -errno with f when it could not be: ret says so as BROKEN. */
int run_play(struct run *r, struct arena *a, const struct run_target *t, const struct oom_case *c,
	     struct run_played *ret, struct fail *f);
/* Judges and reports. 0, or -errno when results could not be written. */
int run_judge(struct run *r, const struct run_target *t, const struct oom_case *c,
	      const struct run_played *p, struct fail *f);
/* Reports a case that could not be played at all. */
int run_report_unplayed(struct run *r, const struct run_target *t, const struct oom_case *c,
			enum verdict v, const char *reason, struct fail *f);

#endif
