/* SPDX-License-Identifier: MIT */
/*
 * One QEMU guest: started from an argument vector, its console kept in a file, one line channel to the
 * agent (PID 1, this same program) on a second serial port, QMP for what became of it.
 */
#ifndef OOM_HARNESS_VM_H
#define OOM_HARNESS_VM_H

#include "harness/evidence.h"
#include "harness/kernels.h"
#include "lib/fail.h"

enum vm_accel { ACCEL_AUTO, ACCEL_KVM, ACCEL_TCG };

struct vm_shape { /* guests of equal shape and cgroup version can play one another's cases */
	uint64_t memory_bytes;
	unsigned int nr_nodes, nr_cpus;
	uint64_t swap_bytes;
	enum swap_kind swap_kind;
	uint64_t disk_bytes; /* a plain disk, if swap has none */
	bool hybrid;	     /* a cgroup2 beside v1 */
	uint64_t log_buf_bytes;
	enum cgroup_version cgroup;
	char cmdline[256];
	char programs[256]; /* of this host, blank-separated */
	bool plain; /* no kernel option of ours that a sysctl shows; a panic is then a hang */
};

#define VM_NODES_MAX 16
#define VM_HELLO_MAX 8192

/*
 * The saved moment of a guest that said hello: its memory and its devices' state, in files that have
 * no name, so that nothing is left of them whoever is killed. Guests restored from it have a private
 * copy each and run on from there. Lies in memory that is shared with processes we fork.
 */
struct vm_template {
	int ram[VM_NODES_MAX]; /* a file a node */
	unsigned int nr_ram;
	int state;
	bool saved;
	enum vm_accel accel;
	char hello[VM_HELLO_MAX];
};

/* The disk a guest of this shape has, for swap or plain; 0: none. QEMU cannot save one. */
uint64_t vm_disk_bytes(const struct vm_shape *s);

struct vm_config {
	const struct kernel *kernel;
	struct vm_shape shape;
	enum vm_accel accel;
	const char *initrd;		    /* path, made by initramfs_write() */
	const char *dir;		    /* existing; gets console.log */
	unsigned int boot_timeout_ms;	    /* until the agent's hello; 0: default */
	double patience;		    /* factor on the default: --timeout-mul; 0: 1 */
	const struct vm_template *template; /* memory lies in its files; NULL: QEMU's own */
};

struct vm;

/* Starts QEMU and waits for the agent's hello line (its machine facts). 0 or -errno with f. */
int vm_start(const struct vm_config *cfg, struct vm **ret, struct fail *f);
/* Files for guests of this shape; 0 or -errno with f. `dir`: where they go if memory is short. */
int vm_template_make(const struct vm_shape *shape, const char *dir, struct vm_template **ret,
		     struct fail *f);
/* Saves a guest that was started with this template and that just said hello. It is of no use then. */
int vm_template_save(struct vm *vm, struct vm_template *t, struct fail *f);
void vm_template_free(struct vm_template *t);
/* What the template's memory takes on this host. */
uint64_t vm_template_bytes(const struct vm_template *t);
/* A guest that goes on where cfg->template was saved; it has said hello. 0 or -errno with f. */
int vm_restore(const struct vm_config *cfg, struct vm **ret, struct fail *f);
/* One JSON line to the agent; 0 or -errno. */
int vm_send(struct vm *vm, const char *json, size_t len);
/*
 * The agent's next line (valid until the next call): its length; -ETIMEDOUT; -EPIPE when the guest is
 * gone (vm_outcome() then says how).
 */
ssize_t vm_recv(struct vm *vm, int timeout_ms, char **ret);
/* The hello line's JSON text. */
const char *vm_hello(const struct vm *vm);
/* What went wrong before it came up: a first boot that failed; "". */
const char *vm_note(const struct vm *vm);
enum vm_accel vm_accel_used(const struct vm *vm);
pid_t vm_pid(const struct vm *vm);
/* Where the console log ends now: a case's own console lines begin there. */
off_t vm_console_offset(const struct vm *vm);
/*
 * Where the last line with `text` begins at or behind `from`; `from` if there is none. A panic replays
 * the whole kernel log on the console: behind the last mark of a case stand its own lines, once.
 */
off_t vm_console_find_last(const struct vm *vm, off_t from, const char *text);
/*
 * What became of it: VM_RUNNING while it runs. *text (valid until vm_stop()) is the panic's line, the
 * last console line of a hang, or QEMU's own last words.
 */
enum vm_outcome vm_outcome(struct vm *vm, const char **text);
/* Declares it hung: collects what can be had, ends it; vm_outcome() is VM_HUNG. */
void vm_declare_hung(struct vm *vm);
/* Ends and reaps QEMU at once, frees: for a guest that nothing is left to be learnt of. */
void vm_discard(struct vm *vm);
/* Asks the agent to power off (if it runs), waits a bounded time, ends and reaps QEMU, frees. */
void vm_stop(struct vm *vm);

/*
 * KVM or TCG for this machine: /dev/kvm is trusted only after a probe boot of `kernel` said hello
 * within its deadline. Cached for this boot of the host. *why says why not KVM.
 */
enum vm_accel vm_accel_probe(const struct kernel *kernel, const char *initrd, char *why,
			     size_t len);

/* newc archive with /init (this program), /oomhog, /dev/console and the mount points. 0 or -errno. */
int initramfs_write(const char *file, const char *oomlab, const char *oomhog, struct fail *f);

#endif
