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
	uint64_t log_buf_bytes;
	enum cgroup_version cgroup;
	char cmdline[256];
};

struct vm_config {
	const struct kernel *kernel;
	struct vm_shape shape;
	enum vm_accel accel;
	const char *initrd;	      /* path, made by initramfs_write() */
	const char *dir;	      /* existing; gets console.log */
	unsigned int boot_timeout_ms; /* until the agent's hello; 0: default */
};

struct vm;

/* Starts QEMU and waits for the agent's hello line (its machine facts). 0 or -errno with f. */
int vm_start(const struct vm_config *cfg, struct vm **ret, struct fail *f);
/* One JSON line to the agent; 0 or -errno. */
int vm_send(struct vm *vm, const char *json, size_t len);
/*
 * The agent's next line (valid until the next call): its length; -ETIMEDOUT; -EPIPE when the guest is
 * gone (vm_outcome() then says how).
 */
ssize_t vm_recv(struct vm *vm, int timeout_ms, char **ret);
/* The hello line's JSON text. */
const char *vm_hello(const struct vm *vm);
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
