/* SPDX-License-Identifier: MIT */
/* The insides of harness/vm.h, cut into pure parts (arguments, console, decoder) and the process.
 */
#ifndef OOM_HARNESS_VM_INTERNAL_H
#define OOM_HARNESS_VM_INTERNAL_H

#include "harness/channel.h"
#include "harness/qmp.h"
#include "harness/vm.h"

/* --- vm_args.c: QEMU's argument vector. Pure. */
#define VM_ARGS_MAX 160

struct vm_args {
	const char *argv[VM_ARGS_MAX];
	size_t nr;
	size_t used;
	char text[24576]; /* where the strings lie */
	int err;
};

struct vm_paths { /* files and inherited fds of one guest */
	const char *qemu, *initrd, *console, *disk;
	int data_fd, qmp_fd;
	bool restore; /* of cfg->template: memory is a private copy, the state comes over QMP */
};

/* 0, -E2BIG, -EINVAL (a shape no machine has). `tsc_khz` 0: not told to the guest. */
int vm_args_make(struct vm_args *a, const struct vm_config *cfg, enum vm_accel accel,
		 const struct vm_paths *p, unsigned int tsc_khz, struct fail *f);
/* What one of the nodes of this shape has. */
uint64_t vm_node_kb(const struct vm_shape *s);
/* The host's TSC, measured; 0 where there is none. */
unsigned int vm_tsc_khz(void);

/* --- vm_console.c: what the console file says. */
#define VM_LINE_MAX 400

struct vm_console {
	char panic[VM_LINE_MAX]; /* "Kernel panic - not syncing: ...", "" without one */
	char last[VM_LINE_MAX];	 /* the last line that is not blank */
};

void vm_console_scan(const char *text, size_t len, struct vm_console *ret); /* pure */
/* Pure: where the last line with `what` begins in text, -1 if none has it. */
ssize_t vm_console_last_with(const char *text, size_t len, const char *what);
int vm_console_read(const char *file, struct vm_console *ret);

/* --- vm_decode.c: what became of a guest. Pure. */
struct vm_end {
	bool hello, bye, declared_hung;
	int status;		  /* of waitpid(2) */
	const char *shutdown;	  /* QMP's reason, "" without one */
	const char *panic, *last; /* of the console */
	const char *qemu_said;	  /* the last line of its stderr */
};

enum vm_outcome vm_decode(const struct vm_end *e, char *text, size_t len);

/* --- vm.c, vm_end.c */
struct vm {
	pid_t pid;
	bool reaped, hello_seen, bye_seen, line_gone, declared_hung;
	int status;
	enum vm_accel accel;
	enum vm_outcome outcome; /* VM_NONE until it is known */
	struct qmp qmp;
	struct channel line;
	char console[512], qemu_log[512], disk[512], initrd[512], dir[480];
	char *hello;
	char text[VM_LINE_MAX + 100];
	char note[VM_LINE_MAX + 200];
};

/* --- vm.c */
struct vm *vm_new(const struct vm_config *cfg, enum vm_accel accel, struct fail *f);

/* --- vm_process.c: the fork, and its end. */
int vm_spawn(struct vm *vm, const struct vm_config *cfg, bool restore, struct fail *f);
/* Reaps it if it ends within the deadline. */
bool vm_reap(struct vm *vm, int deadline_ms);
/* quit over QMP, then SIGKILL; reaps. */
void vm_kill(struct vm *vm);
void vm_free(struct vm *vm);

#endif
