// SPDX-License-Identifier: MIT
/*
 * Which cases share an arena. On this host there is one. In VMs: cases of equal shape share a boot,
 * and a guest that is gone or not as it was is replaced.
 */
#include "harness/arena.h"
#include "harness/runner.h"
#include "lib/fs.h"

#include <sys/stat.h>

static bool wants_version(const struct run_options *o, const struct oom_case *c,
			  enum cgroup_version v)
{
	return v == CGROUP_V1 ? o->v1 && c->needs.v1 : o->v2 && c->needs.v2;
}

int run_host(struct run *r, struct fail *f)
{
	struct run_target t = { .kernel = "host", .accel = "host", .speed = r->opt->timeout_mul };
	struct arena *a;
	struct machine m = { 0 };
	int root, err = arena_host_open(r->guardian, r->oomhog, &a, f);

	if (err)
		return err;
	root = fs_root_open("/");
	err = pace_init_host(&r->pace, root);
	cleanup_close(&root);
	if (err)
		err = fail_errno(f, err, "read this host's kernel log");
	if (!err)
		err = a->facts(a, &m, f);
	str_copy(t.release, sizeof(t.release), m.release);
	for (unsigned int rep = 0; !err && rep < r->opt->repeat; rep++) {
		for (size_t i = 0; !err && i < r->nr_cases && !r->stop; i++) {
			/* A host has the memory controller on one version: that one counts. */
			t.cgroup = m.memcg_v2 ? CGROUP_V2 : CGROUP_V1;
			if (!wants_version(r->opt, r->cases[i], t.cgroup))
				err = run_report_unplayed(r, &t, r->cases[i], rep, VERDICT_SKIP,
							  "this host's memory controller is on the "
							  "other cgroup version",
							  f);
			else if (!a->usable(a))
				err = run_report_unplayed(r, &t, r->cases[i], rep, VERDICT_BROKEN,
							  "an earlier case changed this host and "
							  "it could not be put back",
							  f);
			else
				err = run_case(r, a, &t, r->cases[i], rep, f);
			r->stop |= arena_interrupted();
		}
	}
	pace_done(&r->pace);
	a->close(a);
	return err;
}

static struct vm_shape shape_of(const struct oom_case *c, enum cgroup_version v)
{
	struct vm_shape s = { .memory_bytes = c->needs.memory_bytes,
			      .nr_nodes = c->needs.nr_nodes,
			      .nr_cpus = 1,
			      .swap_bytes = c->needs.swap_bytes,
			      .swap_kind = c->needs.swap_kind,
			      .log_buf_bytes = c->needs.log_buf_bytes,
			      .cgroup = v };

	str_copy(s.cmdline, sizeof(s.cmdline), c->needs.cmdline);
	return s;
}

static bool same_shape(const struct vm_shape *a, const struct vm_shape *b)
{
	return a->memory_bytes == b->memory_bytes && a->nr_nodes == b->nr_nodes &&
	       a->swap_bytes == b->swap_bytes && a->swap_kind == b->swap_kind &&
	       a->log_buf_bytes == b->log_buf_bytes && a->cgroup == b->cgroup &&
	       str_eq(a->cmdline, b->cmdline);
}

struct boots { /* the guest that is up, if one is, and what is needed for the next */
	struct run *run;
	const struct kernel *kernel;
	const char *asked; /* as --kernel named it: a path, where kernel->spec is a name */
	struct vm_shape shape;
	struct arena *arena;
	unsigned int nr_boots;
	struct machine seen; /* facts of this kernel and cgroup version, once a guest was up */
	bool has_seen;
	char initrd[600];
	enum vm_accel accel;
};

static int boot(struct boots *b, struct fail *f)
{
	char dir[700], size[32];
	struct vm_config cfg = { .kernel = b->kernel,
				 .shape = b->shape,
				 .accel = b->accel,
				 .initrd = b->initrd,
				 .dir = dir };
	int err = results_boot_dir(b->run->results, b->kernel->spec, b->shape.cgroup, b->nr_boots++,
				   dir, sizeof(dir), f);

	if (err)
		return err;
	report_progress(b->run->report, "booting %s (%s, %s, %u node%s)", b->kernel->spec,
			cgroup_version_name(b->shape.cgroup),
			bytes_format(b->shape.memory_bytes, size, sizeof(size)), b->shape.nr_nodes,
			b->shape.nr_nodes == 1 ? "" : "s");
	pace_init(&b->run->pace); /* a new kernel, a new budget of reports */
	err = arena_vm_open(&cfg, &b->arena, f);
	if (!err)
		err = b->arena->facts(b->arena, &b->seen, f);
	b->has_seen = !err;
	return err;
}

static void put_down(struct boots *b)
{
	if (b->arena)
		b->arena->close(b->arena);
	b->arena = NULL;
}

/* Plays one case in the guest that is up, or a new one. A guest that cannot be had is a BROKEN case. */
static int play_in_guest(struct boots *b, const struct oom_case *c, unsigned int rep,
			 struct fail *f)
{
	struct run_target t = { .kernel = b->kernel->spec,
				.asked = b->asked,
				.cgroup = b->shape.cgroup,
				.accel = "none",
				.speed = b->run->opt->timeout_mul };
	struct fail why = { 0 };
	int err = 0;

	str_copy(t.release, sizeof(t.release), b->kernel->release);
	/* No boot for what this kernel is known to lack. */
	if (b->has_seen && plan_check_controllers(c, &b->seen, b->shape.cgroup, &why) < 0)
		return run_report_unplayed(b->run, &t, c, rep, VERDICT_SKIP, why.where, f);
	if (b->arena && !b->arena->usable(b->arena))
		put_down(b);
	if (!b->arena)
		err = boot(b, &why);
	if (!err) {
		t.accel = arena_vm_accel(b->arena) == ACCEL_KVM ? "kvm" : "tcg";
		report_progress(b->run->report, "%s on %s %s", c->name, b->kernel->spec,
				cgroup_version_name(b->shape.cgroup));
		err = run_case(b->run, b->arena, &t, c, rep, &why);
		if (case_spoils_guest(c))
			put_down(b); /* nobody puts back what it wrote */
	}
	return err ? run_report_unplayed(b->run, &t, c, rep, VERDICT_BROKEN, why.where, f) : 0;
}

/* All cases of one shape, all repeats, in as few boots as their manners allow. */
static int run_shape(struct boots *b, bool *done, struct fail *f)
{
	struct run *r = b->run;
	int err = 0;

	for (unsigned int rep = 0; !err && rep < r->opt->repeat; rep++) {
		for (size_t i = 0; !err && i < r->nr_cases && !r->stop; i++) {
			struct vm_shape s = shape_of(r->cases[i], b->shape.cgroup);

			if (!wants_version(r->opt, r->cases[i], b->shape.cgroup) ||
			    !same_shape(&s, &b->shape))
				continue;
			done[i] = true;
			err = play_in_guest(b, r->cases[i], rep, f);
			r->stop |= arena_interrupted();
		}
	}
	put_down(b);
	return err;
}

static int run_kernel(struct boots *b, enum cgroup_version v, struct fail *f)
{
	struct run *r = b->run;
	bool *done __free = calloc(r->nr_cases, sizeof(*done));
	int err = 0;

	if (!done)
		return fail_errno(f, -ENOMEM, "plan the boots");
	b->has_seen = false;
	for (size_t i = 0; !err && i < r->nr_cases && !r->stop; i++) {
		if (done[i] || !wants_version(r->opt, r->cases[i], v))
			continue;
		b->shape = shape_of(r->cases[i], v);
		err = run_shape(b, done, f);
	}
	return err;
}

/* A kernel that cannot be had breaks its cases, not the others'. */
static int report_no_kernel(struct run *r, const struct run_kernel *k, struct fail *f)
{
	const enum cgroup_version versions[] = { CGROUP_V1, CGROUP_V2 };
	int err = 0;

	for (size_t v = 0; v < ARRAY_SIZE(versions); v++) {
		struct run_target t = { .kernel = k->spec, .cgroup = versions[v], .accel = "none" };

		for (size_t i = 0; !err && i < r->nr_cases; i++)
			if (wants_version(r->opt, r->cases[i], versions[v]))
				err = run_report_unplayed(r, &t, r->cases[i], 0, VERDICT_BROKEN,
							  k->why, f);
	}
	return err;
}

int run_kernels(struct run *r, struct fail *f)
{
	struct boots b = { .run = r, .accel = r->opt->accel };
	int err;

	snprintf(b.initrd, sizeof(b.initrd), "%s/initramfs.cpio", results_dir(r->results));
	err = initramfs_write(b.initrd, r->oomlab, r->oomhog, f);
	for (size_t i = 0; !err && i < r->opt->nr_kernels && !r->stop; i++) {
		struct run_kernel *k = &r->kernels[i];
		char not_kvm[256];

		if (k->err) {
			err = report_no_kernel(r, k, f);
			continue;
		}
		b.asked = k->spec;
		b.kernel = &k->kernel;
		b.nr_boots = 0;
		if (r->opt->accel == ACCEL_AUTO)
			b.accel = vm_accel_probe(b.kernel, b.initrd, not_kvm, sizeof(not_kvm));
		err = run_kernel(&b, CGROUP_V2, f);
		if (!err)
			err = run_kernel(&b, CGROUP_V1, f);
	}
	unlink(b.initrd);
	return err;
}
