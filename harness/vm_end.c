// SPDX-License-Identifier: MIT
/* How a guest ends: by itself (what was it?), declared hung, or asked to. See vm.h. */
#include "harness/child.h"
#include "harness/folder.h"
#include "harness/vm_internal.h"

#include <signal.h>

#define EXIT_MS 20000 /* from the end of the line to the end of QEMU */
#define NMI_MS	20000
#define OFF_MS	20000
#define HMP_MS	2000

/* The last line of a small text file. */
static void last_line(const char *file, char *buf, size_t len)
{
	FILE *in __fclose = fopen(file, "re");
	char line[VM_LINE_MAX];

	buf[0] = '\0';
	while (in && fgets(line, sizeof(line), in)) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0])
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
	last_line(vm->qemu_log, said, sizeof(said));
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
