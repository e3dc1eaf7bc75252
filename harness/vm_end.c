// SPDX-License-Identifier: MIT
/* How a guest ends: by itself (what was it?), declared hung, or asked to. See vm.h. */
#include "harness/child.h"
#include "harness/folder.h"
#include "harness/vm_internal.h"

#include <poll.h>
#include <signal.h>
#include <sys/inotify.h>

#define EXIT_MS	   20000 /* from the end of the line to the end of QEMU */
#define NMI_MS	   20000
#define OFF_MS	   20000
#define HMP_MS	   2000
#define HOLD_MS	   20	 /* a key */
#define SILENCE_MS 700	 /* the console's, when a dump is over */
#define DUMP_MS	   10000 /* one dump, at most */

/*
 * What QEMU said last; a line with its name before advice without:
 *   qemu-system-x86_64: unsupported machine type
 *   Use -machine help to list supported machines
 */
static void last_words(const char *file, char *buf, size_t len)
{
	FILE *in __fclose = fopen(file, "re");
	char line[VM_LINE_MAX];
	bool named = false;

	buf[0] = '\0';
	while (in && fgets(line, sizeof(line), in)) {
		line[strcspn(line, "\n")] = '\0';
		if (!line[0] || (named && !str_starts(line, "qemu")))
			continue;
		named = str_starts(line, "qemu");
		str_copy(buf, len, line);
	}
}

static void decode(struct vm *vm)
{
	char said[VM_LINE_MAX];
	struct vm_console c;
	struct vm_end e;

	qmp_drain(&vm->qmp);
	vm_console_read(vm->console, &c);
	last_words(vm->qemu_log, said, sizeof(said));
	e = (struct vm_end){ .hello = vm->hello_seen,
			     .bye = vm->bye_seen,
			     .declared_hung = vm->declared_hung,
			     .status = vm->status,
			     .shutdown = vm->qmp.shutdown,
			     .panic = c.panic,
			     .last = c.last,
			     .qemu_said = said };
	vm->outcome = vm_decode(&e, vm->text, sizeof(vm->text));
}

enum vm_outcome vm_outcome(struct vm *vm, const char **text)
{
	if (vm->outcome == VM_NONE) {
		/* A line that ended means a QEMU that is about to end. */
		if (!vm_reap(vm, vm->line_gone ? EXIT_MS : 0)) {
			if (text)
				*text = "running";
			return VM_RUNNING;
		}
		decode(vm);
	}
	if (text)
		*text = vm->text;
	return vm->outcome;
}

/* Until the console has been silent for a while. */
static void wait_silence(struct vm *vm)
{
	int64_t until = now_ms() + DUMP_MS;
	int watch __close = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	char events[4096];

	if (watch < 0 || inotify_add_watch(watch, vm->console, IN_MODIFY) < 0)
		return;
	while (now_ms() < until) {
		struct pollfd p = { .fd = watch, .events = POLLIN };

		if (poll(&p, 1, SILENCE_MS) <= 0 || read(watch, events, sizeof(events)) < 0)
			return;
	}
}

/*
 * By the keyboard every guest has: all levels to the console, who is blocked, memory, all tasks. An
 * answer comes from an interrupt, so also of a kernel whose processes do not run any more.
 */
static bool dump_by_sysrq(struct vm *vm)
{
	static const char letters[] = "8wmt";
	off_t from = vm_console_offset(vm);
	char keys[40];

	for (const char *l = letters; *l; l++) {
		snprintf(keys, sizeof(keys), "sendkey alt-sysrq-%c %d", *l, HOLD_MS);
		if (qmp_command(&vm->qmp, keys, true, HMP_MS, NULL))
			return false;
		wait_silence(vm);
	}
	return vm_console_find_last(vm, from, "sysrq: Show State") > from;
}

/* Registers, then an NMI: a kernel that still lives panics, with its log, on the console. */
static void collect_evidence(struct vm *vm)
{
	char *registers __free = NULL;
	char path[512];
	struct fail f;

	if (qmp_command(&vm->qmp, "info registers -a", true, HMP_MS, &registers))
		return; /* QEMU itself hangs */
	snprintf(path, sizeof(path), "%s/registers.txt", vm->dir);
	if (registers)
		folder_write(path, registers, &f);
	if (dump_by_sysrq(vm)) {
		size_t len = strlen(vm->text);

		snprintf(vm->text + len, sizeof(vm->text) - len,
			 "; its tasks stand in console.log");
	}
	if (!qmp_command(&vm->qmp, "inject-nmi", false, HMP_MS, NULL))
		vm_reap(vm, NMI_MS);
}

void vm_declare_hung(struct vm *vm)
{
	struct vm_console c;
	struct vm_end e = { .declared_hung = true, .shutdown = "", .panic = "", .qemu_said = "" };

	if (vm->outcome != VM_NONE || vm_reap(vm, 0))
		return; /* it has an end of its own */
	vm->declared_hung = true;
	vm_console_read(vm->console, &c); /* before the NMI writes there */
	e.last = c.last;
	vm->outcome = vm_decode(&e, vm->text, sizeof(vm->text));
	if (!*c.panic) /* else it has said its last, and waits for kernel.panic */
		collect_evidence(vm);
	vm_kill(vm);
}

/* Reads on until the guest is gone, so that its last lines do not block it. */
static void ask_off(struct vm *vm)
{
	static const char off[] = "{\"do\":\"off\"}";
	int64_t until = now_ms() + OFF_MS;
	char *line;
	ssize_t n = vm_send(vm, off, sizeof(off) - 1);

	while (n >= 0 || n == -EINTR)
		n = vm_recv(vm, (int)max(until - now_ms(), (int64_t)0), &line);
	if (n == -EPIPE)
		vm_reap(vm, EXIT_MS);
}

void vm_stop(struct vm *vm)
{
	if (!vm)
		return;
	if (vm_outcome(vm, NULL) == VM_RUNNING)
		ask_off(vm);
	vm_free(vm);
}
