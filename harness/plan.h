/* SPDX-License-Identifier: MIT */
/*
 * struct plan: one case, resolved for one kernel and cgroup version: no percentages, no `when`,
 * argument vectors ready to exec. It goes to the player as one JSON line and stands first in the
 * evidence, so that judging needs nothing else.
 */
#ifndef OOM_HARNESS_PLAN_H
#define OOM_HARNESS_PLAN_H

#include "harness/case.h"
#include "harness/machine.h"
#include "lib/badness.h"
#include "lib/fail.h"
#include <jansson.h>

struct plan_worker {
	char name[16];
	char cgroup[CASE_PATH_LEN];
	int oom_score_adj;
	int uid, nice; /* 0: as the player */
	uint64_t bytes;
	char **argv; /* argv[0] is "oomhog"; NULL-terminated */
	size_t nr_argv;
	bool locked_out; /* its policy or cpuset bars it from the OOM's nodemask: no candidate */
};

struct plan_prediction {
	bool known;
	char victim[16]; /* worker's name */
	int64_t points;
	char runner_up[16];   /* "" if there is none */
	int64_t margin_pages; /* OOM_ABSENT without a runner-up */
	int64_t noise_pages;  /* what rss counters may be off by on this kernel and CPU count */
	int64_t totalpages;
};

struct plan {
	char name[CASE_NAME_LEN];
	char kernel[64]; /* as the user named it, "host" on this host */
	char run_id[32]; /* names our cgroup root: "oomlab-<run_id>" */
	enum cgroup_version cgroup;
	enum oom_scope scope;
	uint64_t timeout_ms; /* of a wait, scaled */
	uint64_t sample_ms;  /* of the timeline; 0: none */
	struct case_setting *sysctls;
	size_t nr_sysctls;
	struct case_setting *sysfs; /* whole paths */
	size_t nr_sysfs;
	char mount[128];	     /* further mount options of cgroup2, "a,b"; "" for none */
	struct case_cgroup *cgroups; /* sizes resolved: value is what is written */
	size_t nr_cgroups;
	struct plan_worker *workers;
	size_t nr_workers;
	struct case_step *steps;
	size_t nr_steps;
	struct case_expect *expects; /* only those that hold here */
	size_t nr_expects;
	unsigned int nr_kills;		   /* how many the expectations name; 0 with no_oom */
	struct plan_prediction prediction; /* of the first kill */
};

/*
 * Has this kernel the controllers the case needs, whatever the machine's shape? 0, or -EOPNOTSUPP with
 * the reason.
 */
int plan_check_controllers(const struct oom_case *c, const struct machine *m,
			   enum cgroup_version cg, struct fail *f);

/*
 * Resolves. 0; -EINVAL with the reason in f (a size above RAM, a margin within noise, ...:
 * refused); -EOPNOTSUPP with the reason: to be skipped here.
 */
int plan_make(const struct oom_case *c, const struct machine *m, enum cgroup_version cg,
	      struct plan **ret, struct fail *f);
void plan_free(struct plan *p);

int plan_write(const struct plan *p, struct jsonw *w);			    /* one object */
int plan_write_key(const struct plan *p, struct jsonw *w, const char *key); /* as a member */
/* Trusts nothing: names, paths, references and lengths are checked. 0, -EBADMSG with what is wrong.
 */
int plan_parse(const json_t *object, struct plan **ret, struct fail *f);

/* The worker of a task: itself, or the parent of "NAME/N", which has so many children; NULL. */
const struct plan_worker *plan_task(const struct plan *p, const char *task);
/* Worker by name, NULL. */
const struct plan_worker *plan_worker(const struct plan *p, const char *name);

#endif
