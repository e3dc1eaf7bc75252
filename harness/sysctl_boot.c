// SPDX-License-Identifier: MIT
/* The defaults of a kernel, asked of a guest that was booted without any option of ours. */
#include "harness/arena.h"
#include "harness/folder.h"
#include "harness/paths.h"
#include "harness/root_pack.h"
#include "harness/sysctl_table.h"

#include <jansson.h>

#define ANSWER_MS    60000
#define ROOT_BOOT_MS 300000 /* a whole user space, emulated on a busy host */

static int add_row(struct sysctl_table *t, const json_t *o)
{
	const char *name = json_string_value(json_object_get(o, "name"));
	const char *value = json_string_value(json_object_get(o, "value"));
	struct sysctl_default *bigger;

	if (!name)
		return -EBADMSG;
	bigger = reallocarray(t->rows, t->nr + 1, sizeof(*bigger));
	if (!bigger)
		return -ENOMEM;
	t->rows = bigger;
	t->rows[t->nr] =
		(struct sysctl_default){ strdup(name), value ? strdup(value) : NULL, false };
	t->nr++;
	return t->rows[t->nr - 1].name && (!value || t->rows[t->nr - 1].value) ? 0 : -ENOMEM;
}

/* One line: 1 when it was the last, 0, or -errno. */
static int take_line(struct sysctl_table *t, const char *line, size_t len)
{
	json_t *o = json_loadb(line, len, 0, NULL);
	const char *type = json_string_value(json_object_get(o, "t"));
	int ret = 0;

	if (!type || str_eq(type, "broken"))
		ret = -EBADMSG;
	else if (str_eq(type, "done"))
		ret = 1;
	else if (str_eq(type, "sysctl"))
		ret = add_row(t, o);
	json_decref(o);
	return ret;
}

static int ask(struct vm *vm, struct sysctl_table *t, struct fail *f)
{
	static const char order[] = "{\"do\":\"sysctls\"}";
	int ret = vm_send(vm, order, strlen(order));

	while (!ret) {
		char *line;
		ssize_t n = vm_recv(vm, ANSWER_MS, &line);

		ret = n < 0 ? (int)n : take_line(t, line, (size_t)n);
	}
	return ret < 0 ? fail_errno(f, ret, "ask the guest for its sysctls") : 0;
}

static int ask_guest(const struct vm_config *cfg, struct sysctl_table *t, struct fail *f)
{
	struct vm *vm;
	int err = vm_start(cfg, &vm, f);

	if (err)
		return err;
	err = arena_interrupted() ? fail_errno(f, -EINTR, "ask the guest for its sysctls")
				  : ask(vm, t, f);
	vm_stop(vm);
	return err;
}

static int boot_bare(struct vm_config *cfg, const char *initrd, bool larger, struct sysctl_table *t,
		     struct fail *f)
{
	char oomlab[512], oomhog[512];
	int err = paths_programs(oomlab, oomhog, sizeof(oomlab));

	cfg->shape.memory_bytes = larger ? GiB(1) : MiB(512);
	cfg->shape.nr_nodes = cfg->shape.nr_cpus = larger ? 2 : 1;
	if (err)
		return fail_errno(f, err, "no oomhog beside %s: build it with 'make'", oomlab);
	err = initramfs_write(initrd, oomlab, oomhog, f);
	return err ?: ask_guest(cfg, t, f);
}

static int boot_root(struct vm_config *cfg, const char *initrd, const char *root,
		     struct sysctl_table *t, struct fail *f)
{
	uint64_t bytes = 0;
	int err = root_pack(root, cfg->dir, initrd, &bytes, f);

	/* The archive, what it becomes, and the rest. */
	cfg->shape.memory_bytes = MiB(512) + 2 * (bytes / MiB(1) + 1) * MiB(1);
	str_copy(cfg->shape.cmdline, sizeof(cfg->shape.cmdline), ROOT_PACK_CMDLINE);
	cfg->boot_timeout_ms = ROOT_BOOT_MS;
	return err ?: ask_guest(cfg, t, f);
}

int sysctl_table_boot(const struct kernel *k, const char *root, bool larger,
		      struct sysctl_table *ret, struct fail *f)
{
	const char *tmp = getenv("TMPDIR");
	char dir[400], initrd[500];
	struct vm_config cfg = {
		.kernel = k,
		.shape = { .nr_nodes = 1, .nr_cpus = 1, .cgroup = CGROUP_V2, .plain = true },
		.initrd = initrd,
		.dir = dir,
	};
	int err;

	*ret = (struct sysctl_table){ 0 };
	snprintf(dir, sizeof(dir), "%s/oomlab-sysctl.XXXXXX", tmp && *tmp ? tmp : "/tmp");
	arena_catch_signals(); /* so that the folder goes whatever ends us */
	if (!mkdtemp(dir))
		return fail_errno(f, -errno, "%s", dir);
	snprintf(initrd, sizeof(initrd), "%s/initramfs.cpio", dir);
	sysctl_table_name(k->spec, ret->kernel, sizeof(ret->kernel));
	err = root ? boot_root(&cfg, initrd, root, ret, f)
		   : boot_bare(&cfg, initrd, larger, ret, f);
	folder_remove(dir);
	if (err)
		sysctl_table_free(ret);
	return err;
}
