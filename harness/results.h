/* SPDX-License-Identifier: MIT */
/*
 * results/<run>/: where a run leaves what it found (results/README.md draws it). results.json is
 * complete after every case (of thousands, soon after), so that a run that is killed has told what it
 * knew; it is replaced in one step and never seen half written.
 */
#ifndef OOM_HARNESS_RESULTS_H
#define OOM_HARNESS_RESULTS_H

#include "harness/report.h"
#include "lib/fail.h"

#define RESULTS_SCHEMA	 1
#define RESULTS_PATH_LEN 1024

struct results;

/*
 * Makes <base>/<UTC stamp>/ ("20261121T071802Z", "-2" behind it if that is taken) and points
 * <base>/latest to it. `command` is the user's command line, `qemu` its version ("" without VMs).
 * 0 or -errno with f.
 */
int results_open(const char *base, const char *command, const char *qemu, struct results **ret,
		 struct fail *f);
const struct run_facts *results_facts(const struct results *r);
/* How many plays there will be, and which of how many shards this is (1/1: the whole). */
void results_plan(struct results *r, size_t nr_plays, unsigned int shard, unsigned int nr_shards);
/* The order is a shuffled one: its seed. */
void results_shuffled(struct results *r, unsigned int seed);
/* What its guests took, and all of it. */
void results_guests(struct results *r, const struct guest_stats *guests, uint64_t elapsed_ms);
const char *results_dir(const struct results *r);    /* "<base>/<run>" */
const char *results_run_id(const struct results *r); /* "20261121T071802Z" */
/* Makes <dir>/<kernel>/<cgroup>/<case>[.rN]/ and returns its path in buf. 0 or -errno with f. */
int results_case_dir(const struct results *r, const struct case_result *c, char *buf, size_t len,
		     struct fail *f);
/* Makes <dir>/<kernel>/<cgroup>/boot-N/. */
int results_boot_dir(const struct results *r, const char *kernel, enum cgroup_version cgroup,
		     unsigned int boot, char *buf, size_t len, struct fail *f);
/* Keeps a kernel's config and what is known of it (kernel.json) beside its cases. 0 or -errno with f. */
struct kernel;
int results_keep_kernel(const struct results *r, const struct kernel *k, struct fail *f);
/* The same for anything else that is kept beside a kernel's cases. */
int results_sub_dir(const struct results *r, const char *kernel, enum cgroup_version cgroup,
		    const char *name, char *buf, size_t len, struct fail *f);
/*
 * Adds one case as JSON that an earlier run wrote; results_finish() writes it. `c`: its name, kernel,
 * cgroup version, repeat and verdict. 0 or -ENOMEM.
 */
int results_add_json(struct results *r, const char *json, const struct case_result *c);
/* Adds one case and writes results.json anew, or with one of the next, where that takes long. */
int results_add(struct results *r, const struct case_result *c, struct fail *f);
/* Writes it for the last time; `whole`: as finished, nothing of what was to be is missing. */
int results_finish(struct results *r, bool whole, struct fail *f);
void results_free(struct results *r);

/*
 * results.json piece by piece, for whoever writes one (schema: harness/doc/results.schema.json):
 * the document's head up to its open array of cases, and one case; jsonw_finish() ends it. Folders
 * of cases are told relative to `dir`, the run's own.
 */
struct tally;
void results_json_head(struct jsonw *w, const struct run_facts *facts, const size_t *counts,
		       const struct tally *tally);
void results_json_case(struct jsonw *w, const char *dir, const struct case_result *c);

/* kmsg.log beside the evidence: "[   12.345678] text", what the kernel said after our mark. */
int results_write_kmsg(const char *case_dir, const struct evidence *e, struct fail *f);

/*
 * What an earlier run left: the cases of its results.json in their order, or, where there is none
 * (the run was killed at once, or it is just a folder), every evidence.jsonl below, sorted by path.
 */
struct stored_case {
	char *evidence; /* path of its evidence.jsonl, NULL if it was never played */
	char *name, *theme, *kernel, *release, *accel, *reason, *reproduce;
	char *claim, *claim_source, *claim_truth; /* "" if it proves none */
	enum cgroup_version cgroup; /* 0: only its evidence knows, as all of the above but accel */
	unsigned int repeat;
	enum verdict verdict; /* as the run had it */
	bool has_verdict;
	uint64_t duration_ms;
	struct judgement judgement; /* its checks, as the run had them; may have none */
	struct plan_prediction prediction;
	struct ev_figure *figures;
	size_t nr_figures;
	struct timing timing;
};

/* `path`: a run's folder, or one evidence.jsonl. 0, -EBADMSG or -errno with f. */
int results_read(const char *path, struct stored_case **ret, size_t *nr, struct fail *f);
/* As the run told it, to be told again. `buf` gets its folder; both must outlive what is returned. */
struct case_result stored_result(const struct stored_case *s, char *buf, size_t len);
/* What its results.json says of the run itself; all empty where there is none. */
void results_read_facts(const char *path, struct run_facts *ret);
void stored_free(struct stored_case *cases, size_t nr);

#endif
