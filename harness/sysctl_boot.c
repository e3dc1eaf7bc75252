// SPDX-License-Identifier: MIT
/* The defaults of a kernel, asked of a guest that was booted without any option of ours. */
#include "harness/folder.h"
#include "harness/paths.h"
#include "harness/sysctl_table.h"

#include <jansson.h>

#define ANSWER_MS 60000

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

static int boot_in(const char *dir, const struct kernel *k, bool larger, struct sysctl_table *t,
		   struct fail *f)
{
	char oomlab[512], oomhog[512], initrd[600];
	struct vm_config cfg = { .kernel = k,
				 .shape = { .memory_bytes = larger ? GiB(1) : MiB(512),
					    .nr_nodes = larger ? 2 : 1,
					    .nr_cpus = larger ? 2 : 1,
					    .cgroup = CGROUP_V2,
					    .plain = true },
				 .initrd = initrd,
				 .dir = dir };
	struct vm *vm;
	int err = paths_programs(oomlab, oomhog, sizeof(oomlab));

	snprintf(initrd, sizeof(initrd), "%s/initramfs.cpio", dir);
	if (err)
		return fail_errno(f, err, "no oomhog beside %s: build it with 'make'", oomlab);
	err = initramfs_write(initrd, oomlab, oomhog, f);
	if (!err)
		err = vm_start(&cfg, &vm, f);
	if (err)
		return err;
	err = ask(vm, t, f);
	vm_stop(vm);
	return err;
}

int sysctl_table_boot(const struct kernel *k, bool larger, struct sysctl_table *ret, struct fail *f)
{
	const char *tmp = getenv("TMPDIR");
	char dir[400];
	int err;

	*ret = (struct sysctl_table){ 0 };
	snprintf(dir, sizeof(dir), "%s/oomlab-sysctl.XXXXXX", tmp && *tmp ? tmp : "/tmp");
	if (!mkdtemp(dir))
		return fail_errno(f, -errno, "%s", dir);
	sysctl_table_name(k->spec, ret->kernel, sizeof(ret->kernel));
	err = boot_in(dir, k, larger, ret, f);
	folder_remove(dir);
	if (err)
		sysctl_table_free(ret);
	return err;
}
