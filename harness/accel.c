// SPDX-License-Identifier: MIT
/*
 * Is KVM to be trusted? Not because /dev/kvm opens: there are hosts where every guest then hangs
 * before its first line. So a guest must have said hello on it, once for each boot of the host and
 * QEMU; the result is kept in the cache.
 */
#include "harness/accel.h"
#include "harness/folder.h"
#include "harness/kernels_cache.h"
#include "harness/qemu.h"
#include "harness/vm_internal.h"
#include "lib/fs.h"

#include <jansson.h>

#define PROBE_MS 10000

static const char *const names[] = {
	[ACCEL_AUTO] = "auto", [ACCEL_KVM] = "kvm", [ACCEL_TCG] = "tcg"
};

const char *accel_name(enum vm_accel a)
{
	return names[a];
}

int accel_parse(const char *name, enum vm_accel *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (str_eq(name, names[i])) {
			*ret = i;
			return 0;
		}
	return -EINVAL;
}

struct verdict {
	char key[160]; /* boot id of the host and version of QEMU */
	char cache[400], file[440];
	enum vm_accel accel;
	char why[256];
};

static int verdict_key(struct verdict *v, struct fail *f)
{
	int root __close = -1;
	char boot[64];
	struct qemu q;
	int err = kernels_cache_dir(v->cache, sizeof(v->cache), f);

	err = err ?: qemu_find(&q, f);
	if (err)
		return err;
	root = fs_root_open("/");
	if (fs_read_line(root, "proc/sys/kernel/random/boot_id", boot, sizeof(boot)) < 0)
		return fail_set(f, -EIO, "no boot_id in /proc");
	snprintf(v->key, sizeof(v->key), "%s %s", boot, q.version);
	snprintf(v->file, sizeof(v->file), "%s/accel.json", v->cache);
	return 0;
}

/* {"key":"cc3f4c1e-... 7.2.22 (Debian ...)","accel":"tcg","why":"..."} */
static int verdict_load(struct verdict *v)
{
	json_error_t e;
	json_t *o = json_load_file(v->file, 0, &e);
	const char *key, *accel, *why;
	int err = -ENOENT;

	if (o && !json_unpack(o, "{s:s, s:s, s:s}", "key", &key, "accel", &accel, "why", &why) &&
	    str_eq(key, v->key) && !accel_parse(accel, &v->accel)) {
		str_copy(v->why, sizeof(v->why), why);
		err = 0;
	}
	json_decref(o);
	return err;
}

static void verdict_save(const struct verdict *v)
{
	char buf[1024];
	struct fail f;
	struct jsonw w;
	ssize_t n;

	jsonw_init(&w, buf, sizeof(buf) - 1);
	jsonw_object(&w, NULL);
	jsonw_str(&w, "key", v->key);
	jsonw_str(&w, "accel", accel_name(v->accel));
	jsonw_str(&w, "why", v->why);
	n = jsonw_finish(&w);
	if (n < 0)
		return;
	buf[n] = '\0';
	folder_write(v->file, buf, &f); /* not kept: the next run probes again */
}

static void probe_boot(struct verdict *v, const struct kernel *kernel, const char *initrd)
{
	struct vm_config cfg = { .kernel = kernel,
				 .accel = ACCEL_KVM,
				 .initrd = initrd,
				 .boot_timeout_ms = PROBE_MS,
				 .shape = { .memory_bytes = MiB(256),
					    .nr_nodes = 1,
					    .nr_cpus = 1,
					    .cgroup = CGROUP_V2 } };
	char dir[440];
	struct vm *vm;
	struct fail f;
	int err;

	snprintf(dir, sizeof(dir), "%s/accel-probe", v->cache);
	cfg.dir = dir;
	err = folder_make(dir, &f);
	err = err ?: vm_start(&cfg, &vm, &f);
	if (err) {
		v->accel = ACCEL_TCG;
		snprintf(v->why, sizeof(v->why), "a trial guest on /dev/kvm: %.200s", f.where);
		return;
	}
	v->accel = ACCEL_KVM;
	str_copy(v->why, sizeof(v->why), "a trial guest said hello");
	vm_stop(vm);
}

static enum vm_accel asked_for(char *why, size_t len)
{
	enum vm_accel a = ACCEL_AUTO;
	const char *env = getenv("OOMLAB_ACCEL");

	if (env && *env && accel_parse(env, &a))
		fprintf(stderr, "oomlab: OOMLAB_ACCEL=%s means nothing: kvm, tcg or auto\n", env);
	else if (a != ACCEL_AUTO)
		snprintf(why, len, "OOMLAB_ACCEL=%s", env);
	return a;
}

enum vm_accel vm_accel_probe(const struct kernel *kernel, const char *initrd, char *why, size_t len)
{
	enum vm_accel asked = asked_for(why, len);
	struct verdict v = {};
	int lock __close = -1;
	struct fail f;

	if (asked != ACCEL_AUTO)
		return asked;
	if (access("/dev/kvm", R_OK | W_OK)) {
		snprintf(why, len, "/dev/kvm: %s", strerror(errno));
		return ACCEL_TCG;
	}
	if (verdict_key(&v, &f)) {
		str_copy(why, len, f.where);
		return ACCEL_TCG;
	}
	lock = kernels_cache_lock(v.cache, NULL, &f); /* one probe at a time */
	if (verdict_load(&v)) {
		probe_boot(&v, kernel, initrd);
		verdict_save(&v);
	}
	str_copy(why, len, v.why);
	return v.accel;
}

int accel_cached(enum vm_accel *ret, char *why, size_t len)
{
	struct verdict v = {};
	struct fail f;

	if (verdict_key(&v, &f) || verdict_load(&v))
		return -ENOENT;
	*ret = v.accel;
	str_copy(why, len, v.why);
	return 0;
}

static void take_kernel(void *ctx, const struct kernel *k)
{
	*(struct kernel *)ctx = *k;
}

int accel_try(enum vm_accel *ret, char *why, size_t len)
{
	char cache[400], initrd[480];
	struct kernel k = {};
	struct fail f;
	int err = kernels_cache_dir(cache, sizeof(cache), &f);

	if (!err)
		kernels_cache_each(cache, take_kernel, &k);
	if (err || !k.image[0])
		return -ENOENT;
	snprintf(initrd, sizeof(initrd), "%s/accel-probe", cache);
	err = folder_make(initrd, &f);
	if (err)
		return err;
	snprintf(initrd, sizeof(initrd), "%s/accel-probe/initramfs.cpio", cache);
	/* It only has to say hello: no workload is started. */
	err = initramfs_write(initrd, "/proc/self/exe", "/dev/null", &f);
	if (err)
		return err;
	*ret = vm_accel_probe(&k, initrd, why, len);
	return 0;
}
