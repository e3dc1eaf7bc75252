// SPDX-License-Identifier: MIT
/* A guest from its start to its hello, and the talk with it. See vm.h. */
#include "harness/accel.h"
#include "harness/arena.h"
#include "harness/child.h"
#include "harness/load.h"
#include "harness/vm_internal.h"

#include <limits.h>
#include <sys/stat.h>

#define BOOT_TCG_MS 60000
#define BOOT_KVM_MS 30000

static int boot_deadline(const struct vm_config *cfg, enum vm_accel accel)
{
	double ms = accel == ACCEL_KVM ? BOOT_KVM_MS : BOOT_TCG_MS;

	if (cfg->boot_timeout_ms)
		return cfg->boot_timeout_ms;
	ms *= load_factor(1) * (cfg->patience > 0 ? cfg->patience : 1);
	return ms < 1 ? 1 : (int)min(ms, (double)(INT_MAX / 2));
}

static bool line_is(const char *line, const char *type)
{
	char start[40];

	snprintf(start, sizeof(start), "{\"t\":\"%s\"", type);
	return str_starts(line, start);
}

/* Until the agent's hello. -EIO: the guest or QEMU ended before. */
static int wait_hello(struct vm *vm, int deadline_ms, struct fail *f)
{
	int64_t until = now_ms() + deadline_ms;
	struct vm_console c;
	const char *text;
	char *line;
	ssize_t n;

	do {
		int left_ms = (int)max(until - now_ms(), (int64_t)0);

		/* A signal that came while QEMU was started ends no wait by itself. */
		n = arena_interrupted() ? -EINTR : channel_recv(&vm->line, left_ms, &line);
	} while (n >= 0 && !line_is(line, "hello"));
	if (n >= 0) {
		vm->hello_seen = true;
		vm->hello = strdup(line);
		return vm->hello ? 0 : fail_errno(f, -ENOMEM, "hello");
	}
	if (n == -ETIMEDOUT) {
		vm_console_read(vm->console, &c);
		return fail_set(f, -ETIMEDOUT, "the guest said no hello within %d ms%s%s",
				deadline_ms, c.last[0] ? "; last console line: " : "", c.last);
	}
	if (n == -EINTR)
		return fail_errno(f, -EINTR, "boot a guest");
	vm->line_gone = true;
	vm_outcome(vm, &text);
	return fail_set(f, -EIO, "before the guest's hello: %s", text);
}

struct vm *vm_new(const struct vm_config *cfg, enum vm_accel accel, struct fail *f)
{
	struct vm *vm = calloc(1, sizeof(*vm));

	if (!vm) {
		fail_errno(f, -ENOMEM, "start a guest");
		return NULL;
	}
	vm->line.fd = vm->qmp.fd = -1;
	vm->accel = accel;
	if (str_copy(vm->dir, sizeof(vm->dir), cfg->dir))
		return vm;
	fail_set(f, -ENAMETOOLONG, "%s: path too long", cfg->dir);
	free(vm);
	return NULL;
}

static int start_once(const struct vm_config *cfg, enum vm_accel accel, struct vm **ret,
		      struct fail *f)
{
	struct vm *vm = vm_new(cfg, accel, f);
	int err;

	if (!vm)
		return f->err;
	err = vm_spawn(vm, cfg, false, f);
	err = err ?: wait_hello(vm, boot_deadline(cfg, accel), f);
	if (err) {
		vm_free(vm);
		return err;
	}
	if (vm->disk[0])
		unlink(vm->disk); /* QEMU holds it open; nothing is left if we are killed */
	*ret = vm;
	return 0;
}

/* The console of a boot that failed stays beside the one that follows; `failed` false: none is
 * left. */
static void keep_console(const char *dir, bool failed)
{
	char from[512], to[520];

	if ((size_t)snprintf(from, sizeof(from), "%s/console.log", dir) < sizeof(from) &&
	    (size_t)snprintf(to, sizeof(to), "%s/console-1.log", dir) < sizeof(to)) {
		unlink(to);
		if (failed)
			rename(from, to);
	}
}

/*
 * A boot that panics before the agent runs is tried once more: nothing of a case has run yet, so it
 * says nothing about the kernel's OOM killer, and QEMU's TCG is known to crash guests at random
 * (kernels.c).
 */
int vm_start(const struct vm_config *cfg, struct vm **ret, struct fail *f)
{
	enum vm_accel accel = cfg->accel;
	struct fail first, second;
	char why[256];
	int err;

	if (accel == ACCEL_AUTO)
		accel = vm_accel_probe(cfg->kernel, cfg->initrd, why, sizeof(why));
	keep_console(cfg->dir, false);
	err = start_once(cfg, accel, ret, &first);
	if (err != -EIO || access(cfg->initrd, R_OK)) {
		*f = first;
		return err;
	}
	keep_console(cfg->dir, true);
	err = start_once(cfg, accel, ret, &second);
	if (err)
		return fail_set(f, err, "%s (tried twice)", second.where);
	snprintf((*ret)->note, sizeof((*ret)->note), "a boot was tried again; %.400s", first.where);
	return 0;
}

int vm_send(struct vm *vm, const char *json, size_t len)
{
	return channel_send(&vm->line, json, len);
}

ssize_t vm_recv(struct vm *vm, int timeout_ms, char **ret)
{
	ssize_t n = channel_recv(&vm->line, timeout_ms, ret);

	if (n >= 0 && line_is(*ret, "bye"))
		vm->bye_seen = true;
	if (n == -EPIPE)
		vm->line_gone = true;
	return n;
}

const char *vm_hello(const struct vm *vm)
{
	return vm->hello;
}

const char *vm_note(const struct vm *vm)
{
	return vm->note;
}

enum vm_accel vm_accel_used(const struct vm *vm)
{
	return vm->accel;
}

pid_t vm_pid(const struct vm *vm)
{
	return vm->pid;
}

off_t vm_console_offset(const struct vm *vm)
{
	struct stat st;

	return stat(vm->console, &st) ? 0 : st.st_size;
}
