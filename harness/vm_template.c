// SPDX-License-Identifier: MIT
/*
 * Boot once, go on from there many times. The first guest's memory is a shared file; QEMU's
 * migration then writes only the devices' state (x-ignore-shared: 0.3 MB), and each guest restored
 * from it maps the memory privately. What QEMU calls "VM templating" (docs/system/vm-templating).
 */
#include "harness/vm_internal.h"
#include "lib/fs.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define QMP_MS	     10000
#define MIGRATION_MS 30000

/* Memory is the place for it, as long as it is there; else a file of the run's own disk. */
static int nameless_file(const char *dir, uint64_t bytes, struct fail *f)
{
	int root __close = fs_root_open("/");
	uint64_t available_kb = 0;
	int fd __close = -1;

	if (root >= 0)
		fs_key_u64(root, "proc/meminfo", "MemAvailable", &available_kb);
	fd = bytes / 1024 < available_kb / 4 ? memfd_create("oomlab template", MFD_CLOEXEC)
					     : open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, bytes))
		return fail_errno(f, -errno, "a file for a template");
	return take_fd(&fd);
}

int vm_template_make(const struct vm_shape *shape, const char *dir, struct vm_template **ret,
		     struct fail *f)
{
	struct vm_template *t =
		mmap(NULL, sizeof(*t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	unsigned int nodes = max(shape->nr_nodes, 1U);

	if (t == MAP_FAILED)
		return fail_errno(f, -errno, "make a template");
	t->state = nodes > VM_NODES_MAX ? fail_set(f, -E2BIG, "a template of %u nodes", nodes)
					: nameless_file(dir, 0, f);
	while (t->state >= 0 && t->nr_ram < nodes) {
		int fd = nameless_file(dir, vm_node_kb(shape) * 1024, f);

		if (fd < 0)
			break;
		t->ram[t->nr_ram++] = fd;
	}
	if (t->state < 0 || t->nr_ram < nodes) {
		vm_template_free(t);
		return f->err;
	}
	*ret = t;
	return 0;
}

void vm_template_free(struct vm_template *t)
{
	if (!t)
		return;
	cleanup_close(&t->state);
	while (t->nr_ram)
		close(t->ram[--t->nr_ram]);
	munmap(t, sizeof(*t));
}

uint64_t vm_template_bytes(const struct vm_template *t)
{
	uint64_t bytes = 0;
	struct stat st;

	for (unsigned int i = 0; i < t->nr_ram; i++)
		if (!fstat(t->ram[i], &st))
			bytes += (uint64_t)st.st_blocks * 512;
	return bytes;
}

static int said_no(struct vm *vm, const char *what, int err, struct fail *f)
{
	const char *text;

	if (err == -EIO)
		return fail_set(f, err, "%s: %s", what, vm->qmp.error);
	if (err != -EPIPE)
		return fail_errno(f, err, "%s", what);
	vm->line_gone = true;
	vm_outcome(vm, &text);
	return fail_set(f, -EIO, "%s: %s", what, text);
}

static int set_capabilities(struct vm *vm)
{
	return qmp_execute(&vm->qmp, "migrate-set-capabilities",
			   "{\"capabilities\":[{\"capability\":\"events\",\"state\":true},"
			   "{\"capability\":\"x-ignore-shared\",\"state\":true}]}",
			   QMP_MS, NULL);
}

/* The state's file by its number in QEMU, which inherited it; each opening has an offset of its own. */
static int migrate(struct vm *vm, const char *command, char direction, int state)
{
	char arguments[100];
	int err = set_capabilities(vm);

	snprintf(arguments, sizeof(arguments), "{\"uri\":\"exec:cat %c/proc/%d/fd/%d\"}", direction,
		 (int)vm->pid, state);
	err = err ?: qmp_execute(&vm->qmp, command, arguments, QMP_MS, NULL);
	return err ?: qmp_wait_migration(&vm->qmp, MIGRATION_MS);
}

int vm_template_save(struct vm *vm, struct vm_template *t, struct fail *f)
{
	struct stat st;
	int err = qmp_command(&vm->qmp, "stop", false, QMP_MS, NULL);

	err = err ?: migrate(vm, "migrate", '>', t->state);
	if (err)
		return said_no(vm, "save a template", err, f);
	if (fstat(t->state, &st) || !st.st_size)
		return fail_set(f, -EIO, "save a template: QEMU wrote nothing");
	if (!str_copy(t->hello, sizeof(t->hello), vm->hello))
		return fail_errno(f, -E2BIG, "save a template: the guest's hello");
	t->accel = vm->accel;
	t->saved = true;
	return 0;
}

int vm_restore(const struct vm_config *cfg, struct vm **ret, struct fail *f)
{
	struct vm *vm = vm_new(cfg, cfg->template->accel, f);
	int err;

	if (!vm)
		return f->err;
	err = vm_spawn(vm, cfg, true, f);
	if (err) {
		vm_discard(vm);
		return err;
	}
	err = migrate(vm, "migrate-incoming", '<', cfg->template->state);
	err = err ?: qmp_command(&vm->qmp, "cont", false, QMP_MS, NULL);
	if (err)
		said_no(vm, "restore a guest", err, f);
	vm->hello = err ? NULL : strdup(cfg->template->hello);
	if (!vm->hello) {
		vm_discard(vm);
		return err ? f->err : fail_errno(f, -ENOMEM, "restore a guest");
	}
	vm->hello_seen = true;
	*ret = vm;
	return 0;
}
