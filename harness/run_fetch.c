// SPDX-License-Identifier: MIT
/* The kernels of a run, had before anything is played. */
#include "harness/arena.h"
#include "harness/runner.h"

/* Fetching can take a minute: what is being done is said, also where no terminal shows progress. */
static void say(const char *line)
{
	fprintf(stderr, "oomlab: %s\n", line);
}

int run_get_kernels(struct run *r, struct fail *f)
{
	r->kernels = calloc(r->opt->nr_kernels, sizeof(*r->kernels));
	if (!r->kernels)
		return fail_errno(f, -ENOMEM, "list the kernels");
	for (size_t i = 0; i < r->opt->nr_kernels && !arena_interrupted(); i++) {
		struct run_kernel *k = &r->kernels[i];
		struct fail why = { 0 };

		k->spec = r->opt->kernels[i];
		k->err = kernel_get(k->spec, say, &k->kernel, &why);
		if (k->err == -EINVAL || k->err == -ENOENT)
			return fail_set(f, -EINVAL, "--kernel: %s", why.where);
		str_copy(k->why, sizeof(k->why), why.where);
	}
	return 0;
}
