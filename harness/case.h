/* SPDX-License-Identifier: MIT */
/*
 * struct oom_case: what a case file says, after its grammar, units and cross-references were
 * checked. One struct, one owner. cases/README.md is the grammar for people; harness/schema.c the
 * table.
 */
#ifndef OOM_HARNESS_CASE_H
#define OOM_HARNESS_CASE_H

#include "harness/case_tasks.h"
#include "lib/base.h"
#include "lib/cgroup_mounts.h"
#include "lib/units.h"

#define CASE_NAME_LEN 64
#define CASE_PATH_LEN 192 /* of a cgroup below our own root, "" is that root */

enum oom_scope { SCOPE_MEMCG, SCOPE_GLOBAL, SCOPE_NODE, SCOPE_PANIC };

struct where { /* 1-based; for messages "file:line:column: " */
	const char *file;
	int line, column;
};

/* "when: {kernel: '>= 5.9', cgroup: v1}": a row that holds only there. All zero: always. */
struct case_when {
	enum cgroup_version cgroup; /* 0: any */
	char op[3];		    /* "" "<" "<=" ">" ">=" "=" */
	unsigned int major, minor;
};

enum claim_truth { CLAIM_CONFIRMED, CLAIM_REFUTED };

/* "truth: [{if: {kernel: '>= 5.9'}, is: refuted}, {is: confirmed}]": the first that holds counts. */
struct case_truth {
	struct case_when when;
	enum claim_truth is;
};

/* A sysctl ("vm.panic_on_oom"), a cgroup file ("memory.max") or a path below /sys. */
struct case_setting {
	char name[128];
	char value[256]; /* as written to the file; a size is in bytes unless it is a percentage */
	struct size_spec size;
	bool is_size;
	struct where where;
};

struct case_cgroup {
	char path[CASE_PATH_LEN]; /* "box/child", relative, no "..", parents come first */
	struct case_setting *settings;
	size_t nr_settings;
	struct where where;
};

struct case_worker {
	char name[16]; /* also its comm */
	char kind[16]; /* a KIND of oomhog */
	struct size_spec size;
	char cgroup[CASE_PATH_LEN];
	int oom_score_adj;
	int uid, nice;	    /* 0: as the harness */
	char mempolicy[64]; /* "bind:1", "" for none */
	char rate[32];	    /* bytes a second, "" for as fast as it goes */
	char **extra_args;  /* `args: [--dirty, ...]`: further oomhog options */
	size_t nr_extra_args;
	struct where where;
};

enum step_op {
	STEP_START,	 /* spawn, wait until the memory is resident */
	STEP_TRIGGER,	 /* spawn, do not wait: this is what brings on the OOM */
	STEP_WAIT_OOM,	 /* until `count` kills were seen in the kernel log */
	STEP_WAIT_DEATH, /* until the worker is gone */
	STEP_WAIT_READY, /* until the (triggered) worker is ready */
	STEP_KILL,	 /* our own SIGKILL to a worker */
	STEP_SET,	 /* write a cgroup file */
	STEP_SYSRQ,	 /* a letter to /proc/sysrq-trigger (VM only) */
	STEP_KMSG,	 /* `count` lines of noise into the kernel log (VM only) */
	STEP_READ,	 /* a kernel file: what it says is recorded and judged */
	STEP_WRITE,	 /* `setting.value` into a kernel file */
	STEP_WAIT_FILE,	 /* until a kernel file says what is wanted */
	STEP_WAIT_QUIET, /* `count` ms in which nobody dies */
	STEP_WAIT_EVENT, /* until the eventfd of `cgroup` fires */
	STEP_EVENTFD,	 /* registers one for a file of `cgroup` (v1) */
	STEP_SIGNAL,	 /* signal `count` to a worker */
	STEP_MOVE,	 /* `worker` into `cgroup` */
	STEP_REMOVE,	 /* rmdir `cgroup` once nobody lives in it */
};

struct range { /* inclusive; INT64_MIN, INT64_MAX: open */
	int64_t lo, hi;
};

enum file_place { FILE_NONE, FILE_OF_CGROUP, FILE_OF_WORKER, FILE_AT_PATH };

/* A kernel file that a step reads or writes; the cgroup or worker is the step's. */
struct case_file {
	enum file_place place;
	char name[128]; /* "memory.current"; "oom_score" of /proc/PID; "/proc/sys/vm/oom_kill" */
	char key[40];	/* of the line that counts, "" for the whole */
};

/* What it must say: a number (of bytes where sizes are written) or a text. */
struct case_want {
	bool is_range;
	struct range range;
	char text[64]; /* the value, or its first word */
};

struct case_step {
	enum step_op op;
	char worker[CASE_TASK_LEN]; /* "NAME/N" only for STEP_WAIT_DEATH */
	char cgroup[CASE_PATH_LEN];
	struct case_setting setting;
	uint64_t count;
	char letter;
	uint64_t timeout_ms; /* 0: the case's */
	struct case_file file;
	struct case_want want;
	char errno_name[24]; /* "EBUSY": it must fail so; "": it must not fail */
	uint32_t uid;	     /* who writes; 0: the player itself */
	char measure[32];    /* the figure that a wait gives, less its "_us"; "": none */
	struct where where;
};

enum expect_kind {
	EXPECT_VICTIMS, /* names, in the order of the kills */
	EXPECT_VICTIMS_ANY_ORDER,
	EXPECT_SURVIVORS,    /* names: alive when all steps are done */
	EXPECT_NO_OOM,	     /* no OOM report, no kill */
	EXPECT_ENOMEM,	     /* names: workers that were told ENOMEM and exited so */
	EXPECT_CONSTRAINT,   /* text */
	EXPECT_OOM_MEMCG,    /* text: a cgroup path of the case */
	EXPECT_TASK_MEMCG,   /* text */
	EXPECT_NODEMASK,     /* text */
	EXPECT_MEMS_ALLOWED, /* text */
	EXPECT_LIMIT,	     /* range, kB: "memory: limit" of the report */
	EXPECT_USAGE,	     /* range, kB: "memory: usage" */
	EXPECT_COUNTER,	     /* subject: cgroup, file: memory.events, key: oom_kill; range */
	EXPECT_VMSTAT,	     /* key: oom_kill; range of the change */
	EXPECT_NODE_FREE,  /* key: node id; range, kB: MemFree of the node right after the steps */
	EXPECT_ZONE_BELOW, /* text: "min" "low" "high": some zone of the report has free below it */
	EXPECT_TASK_DUMP,  /* text: "true" "false": the report has its task table */
	EXPECT_MODEL,	   /* text: "agrees", or why the model may differ */
	EXPECT_PANIC,	   /* text: what the panic must say */
	EXPECT_SWAP_USAGE, /* range, kB: swap in use as the report tells */
	EXPECT_FIGURE,	   /* key: a measured figure; range of us, or of kB for a worker's */
	EXPECT_RANK,	   /* names: in the order of their points, by the first report */
	EXPECT_SAME_POINTS, /* names: equal there */
	EXPECT_TAKEN_ALONG, /* names: killed because they share the mm of a victim */
};

struct case_expect {
	enum expect_kind kind;
	char subject[CASE_PATH_LEN];
	char file[40];
	char key[48]; /* of what one report says: "report 2", "" for the first */
	char text[CASE_PATH_LEN];
	char (*names)[CASE_TASK_LEN]; /* workers, or "NAME/N" */
	size_t nr_names;
	struct range range;
	bool dropped; /* `key: ~` under a when: no longer expected */
	struct case_when when;
	struct where where;
};

enum swap_kind { SWAP_DISK, SWAP_ZRAM };

struct case_needs {
	bool v1, v2;	       /* cgroup versions it makes sense on; both by default */
	bool hybrid;	       /* v1 with a cgroup2 beside it that lacks the memory controller */
	uint64_t memory_bytes; /* of the guest; default 512 MiB */
	unsigned int nr_nodes; /* default 1; memory is split evenly */
	uint64_t swap_bytes;   /* default 0 */
	enum swap_kind swap_kind;
	uint64_t disk_bytes;	/* a plain disk, not beside a swap disk; default 0 */
	uint32_t features;	/* bits of machine_feature_names[] */
	char cgroup_files[256]; /* v2 names, blank-separated */
	char programs[256];	/* of this host, blank-separated */
	uint64_t log_buf_bytes; /* log_buf_len=; default 4 MiB */
	char cmdline[256];	/* further kernel options */
	unsigned int kernel_major, kernel_minor; /* `kernel: '>= 5.14'`; 0: any */
	bool kernel_before;			 /* '< 6.13' */
};

struct oom_case {
	char *file;
	char name[CASE_NAME_LEN];  /* [a-z0-9-]+, the file's basename */
	char theme[CASE_NAME_LEN]; /* the folder it is in: "memcg"; "" if the path names none */
	char *summary, *why;
	char *claim, *claim_source; /* NULL if it proves no claim */
	struct case_truth *truths;  /* what the case shows of it; the last always holds */
	size_t nr_truths;
	char **tags;
	size_t nr_tags;
	enum oom_scope scope;
	uint64_t timeout_ms; /* of a wait, before the machine's speed scales it */
	struct case_needs needs;
	struct case_setting *sysctls;
	size_t nr_sysctls;
	struct case_setting *sysfs;
	size_t nr_sysfs;
	char mount[128]; /* further mount options of cgroup2, "a,b" */
	struct case_cgroup *cgroups;
	size_t nr_cgroups;
	struct case_worker *workers;
	size_t nr_workers;
	struct case_step *steps;
	size_t nr_steps;
	struct case_expect *expects;
	size_t nr_expects;
};

/*
 * Reads one file. 0, or -EINVAL with messages "file:line:column: what, and what was expected\n" in
 * `messages` (malloc'd; all mistakes of one pass, one a line), or -errno.
 */
int case_load(const char *file, struct oom_case **ret, char **messages);
/* The same from memory; `file` is for messages and the check of the case's name. */
int case_parse(const char *file, const char *text, size_t len, struct oom_case **ret,
	       char **messages);
void case_free(struct oom_case *c);
/* May a case write this sysctl? Its name is well-formed, and below vm., kernel. or fs. */
bool case_sysctl_ok(const char *name);
/* In the scene, in place of a value it has. 0 or -ENOMEM. */
int case_set_sysctl(struct oom_case *c, const char *name, const char *value);

/* Does this row hold on this kernel and cgroup version? An unparsable release matches only
 * "always". */
bool case_when_holds(const struct case_when *w, enum cgroup_version cg, const char *release);

/*
 * What a case that passed there shows of its claim. False if it has none, or the release is none
 * ("") and the answer depends on it.
 */
bool case_truth_on(const struct oom_case *c, enum cgroup_version cg, const char *release,
		   enum claim_truth *ret);
const char *claim_truth_name(enum claim_truth truth); /* "confirmed" "refuted" */
/* Does it write below /proc/sys or /sys, which nobody puts back? */
bool case_spoils_guest(const struct oom_case *c);

const char *scope_name(enum oom_scope scope);		/* "memcg" "global" "node" "panic" */
const char *cgroup_version_name(enum cgroup_version v); /* "v1" "v2" */

#endif
