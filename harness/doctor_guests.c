// SPDX-License-Identifier: MIT
/* What guests need: QEMU, KVM, kernels and where they come from. */
#include "harness/accel.h"
#include "harness/child.h"
#include "harness/deb.h"
#include "harness/doctor.h"
#include "harness/kernels_cache.h"
#include "harness/qemu.h"

void doctor_qemu(struct doctor_finding *d)
{
	struct fail f;
	struct qemu q;

	if (qemu_find(&q, &f)) {
		d->state = DOCTOR_NO;
		str_copy(d->found, sizeof(d->found), f.where);
		str_copy(d->consequence, sizeof(d->consequence),
			 "no case can be run in a guest; only memcg cases, with --on host");
		return;
	}
	snprintf(d->found, sizeof(d->found), "%s %s", q.path, q.version);
	if (q.major < 10)
		str_copy(d->consequence, sizeof(d->consequence),
			 "debian:6.12 is the generic kernel: the cloud one crashes at random on "
			 "QEMU "
			 "before 10 without KVM");
}

void doctor_kvm(struct doctor_finding *d)
{
	static const char slow[] =
		"guests are emulated (TCG): a boot takes 2 to 3 s, and everything "
		"in them is several times slower";
	const char *env = getenv("OOMLAB_ACCEL");
	enum vm_accel accel;
	char why[256];

	d->state = DOCTOR_NOTE;
	if (env && *env && !str_eq(env, "auto")) {
		snprintf(d->found, sizeof(d->found), "not asked: OOMLAB_ACCEL=%s", env);
	} else if (access("/dev/kvm", R_OK | W_OK)) {
		snprintf(d->found, sizeof(d->found), "/dev/kvm: %s", strerror(errno));
		str_copy(d->consequence, sizeof(d->consequence), slow);
	} else if (accel_cached(&accel, why, sizeof(why)) && accel_try(&accel, why, sizeof(why))) {
		str_copy(d->found, sizeof(d->found), "/dev/kvm opens; not tried yet with a guest");
		str_copy(d->consequence, sizeof(d->consequence),
			 "the first run boots a trial guest and falls back to TCG after 10 s");
	} else {
		str_copy(d->found, sizeof(d->found), why);
		d->state = accel == ACCEL_KVM ? DOCTOR_OK : DOCTOR_NOTE;
		if (accel != ACCEL_KVM)
			str_copy(d->consequence, sizeof(d->consequence), slow);
	}
}

void doctor_apt(struct doctor_finding *d)
{
	struct deb_sources s = {};
	unsigned int archive = 0, security = 0;
	char path[256];
	struct fail f;

	if (child_which("apt-get", path, sizeof(path))) {
		d->state = DOCTOR_NOTE;
		str_copy(d->found, sizeof(d->found), "no apt-get here");
	} else if (deb_sources_read("/etc/apt", &s, &f)) {
		d->state = DOCTOR_NOTE;
		str_copy(d->found, sizeof(d->found), f.where);
	}
	for (size_t i = 0; i < s.nr; i++) {
		archive += s.source[i].archive;
		security += s.source[i].security;
	}
	deb_sources_free(&s);
	if (d->state == DOCTOR_OK)
		snprintf(d->found, sizeof(d->found), "%u serve Debian, %u its security suites",
			 archive, security);
	else
		str_copy(d->consequence, sizeof(d->consequence),
			 "kernels that are not in the cache must be named by the path of an image");
}

static void add_kernel(void *ctx, const struct kernel *k)
{
	struct doctor_finding *d = ctx;

	doctor_add(d->found, sizeof(d->found), "%s (%s)", k->spec, k->release);
}

void doctor_kernels(struct doctor_finding *d)
{
	char cache[400];
	struct fail f;

	if (kernels_cache_dir(cache, sizeof(cache), &f)) {
		d->state = DOCTOR_NO;
		str_copy(d->found, sizeof(d->found), f.where);
		str_copy(d->consequence, sizeof(d->consequence),
			 "no kernel can be kept: set OOMLAB_CACHE to a folder that can be written");
		return;
	}
	kernels_cache_each(cache, add_kernel, d);
	if (d->found[0])
		return;
	d->state = DOCTOR_NOTE;
	snprintf(d->found, sizeof(d->found), "none in %s", cache);
	str_copy(d->consequence, sizeof(d->consequence),
		 "the first run fetches one (20 to 110 MB)");
}
